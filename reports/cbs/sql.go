package cbs

import (
	"fmt"
	"strings"

	"peil/pipeline/engine"
)

func literal(s string) string { return engine.Literal(s) }

// columnsSQL is the list of the record's fields for a SELECT.
func (l *Layout) columnsSQL(isil string) string {
	columns := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		empty := literal(l.empty(f))
		if l.Quoting != "always" { // an empty text would be written as two quotes, an absent one as nothing
			empty = "nullif(" + empty + ", '')"
		}
		columns[i] = "coalesce(" + values[f.Value](l, f, isil) + ", " + empty + ") AS " + engine.Ident(f.Name)
	}
	return strings.Join(columns, ",\n    ")
}

func (l *Layout) dateSQL(column string) string {
	return "strftime(" + column + ", " + literal(dateForms[l.Date].sql) + ")"
}

func (l *Layout) additionSQL() string {
	return "nullif(concat_ws(" + literal(l.AdditionJoinedBy) + ", p.house_letter, p.house_addition), '')"
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

// limited is a part of a query's rows.
func limited(query string, rows, from int64) string {
	return fmt.Sprintf("%s LIMIT %d OFFSET %d", query, rows, from)
}
