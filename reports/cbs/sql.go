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

// copyFormat are the options of DuckDB's COPY.
func (l *Layout) copyFormat() string {
	quote, force := `'"'`, ""
	switch l.Quoting {
	case "never":
		quote = "''"
	case "always":
		force = ", FORCE_QUOTE *"
	}
	return fmt.Sprintf("FORMAT csv, HEADER %t, DELIMITER %s, NULLSTR '', QUOTE %s, ESCAPE %s%s", l.Heading, literal(l.Separator), quote, quote, force)
}
