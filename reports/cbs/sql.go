package cbs

import (
	"fmt"
	"strings"

	"peil/pipeline/engine"
)

func literal(s string) string { return engine.Literal(s) }

// columnsSQL is the list of the record's fields for a SELECT.
func (d Delivery) columnsSQL() string {
	l := d.Layout
	columns := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		empty := literal(l.empty(f))
		if l.Quoting != "always" { // an empty text would be written as two quotes, an absent one as nothing
			empty = "nullif(" + empty + ", '')"
		}
		columns[i] = "coalesce(" + values[f.Value](d, f) + ", " + empty + ") AS " + engine.Ident(f.Name)
	}
	return strings.Join(columns, ",\n    ")
}

func (d Delivery) dateSQL(column string) string {
	return "strftime(" + column + ", " + literal(dateForms[d.Layout.Date].sql) + ")"
}

func (d Delivery) additionSQL() string {
	return "nullif(concat_ws(" + literal(d.Layout.AdditionJoinedBy) + ", p.house_letter, p.house_addition), '')"
}

func (f Field) codesSQL(column string) string {
	return fmt.Sprintf("CASE %s WHEN 'M' THEN %s WHEN 'F' THEN %s WHEN 'X' THEN %s END",
		column, literal(f.Codes["M"]), literal(f.Codes["F"]), literal(f.Codes["X"]))
}

// lineSQL is the whole line as one text: DuckDB looks at every letter of every field that it
// writes, and what comes from the data is digits, capitals and hyphens.
func (d Delivery) lineSQL() string {
	l := d.Layout
	var parts []string
	for i, f := range l.Fields {
		v := "coalesce(" + values[f.Value](d, f) + ", " + literal(l.empty(f)) + ")"
		quoted := `'"', replace(` + v + `, '"', '""'), '"'`
		if i > 0 {
			parts = append(parts, literal(l.Separator))
		}
		switch {
		case l.Quoting == "always":
			v = quoted
		case l.Quoting == "needed" && l.special(f):
			v = "CASE WHEN contains(" + v + ", " + literal(l.Separator) + ") OR contains(" + v + `, '"') THEN concat(` + quoted + ") ELSE " + v + " END"
		}
		parts = append(parts, v)
	}
	return "concat(" + strings.Join(parts, ", ") + ") AS " + engine.Ident(l.heading())
}

// special says whether a text of the layout that may stand in the field could need quotes.
func (l *Layout) special(f Field) bool {
	texts := l.empty(f) + l.AdditionJoinedBy
	for _, c := range f.Codes {
		texts += c
	}
	return strings.ContainsAny(texts, l.Separator+`"`)
}

// heading is the line of the names.
func (l *Layout) heading() string {
	names := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		names[i] = f.Name
		if l.Quoting == "always" || l.Quoting == "needed" && strings.ContainsAny(f.Name, l.Separator+`"`) {
			names[i] = `"` + strings.ReplaceAll(f.Name, `"`, `""`) + `"`
		}
	}
	return strings.Join(names, l.Separator)
}

// copyFormat are the options of DuckDB's COPY for whole lines.
func (l *Layout) copyFormat() string {
	return fmt.Sprintf("FORMAT csv, HEADER %t, DELIMITER %s, NULLSTR '', QUOTE '', ESCAPE ''", l.Heading, literal(l.Separator))
}
