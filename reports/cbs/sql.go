package cbs

import (
	"cmp"
	"fmt"
	"strings"

	"peil/pipeline/engine"
)

func literal(s string) string { return engine.Literal(s) }

// columnsSQL is the list of the record's fields for a SELECT; NULL where one is empty.
func (d Delivery) columnsSQL() string {
	columns := make([]string, len(d.Layout.Fields))
	for i, f := range d.Layout.Fields {
		columns[i] = "nullif(concat(" + d.valueSQL(f) + "), '') AS " + engine.Ident(f.Name)
	}
	return strings.Join(columns, ",\n    ")
}

// valueSQL is the texts that a field is joined of, or what stands for none.
func (d Delivery) valueSQL(f Field) string {
	v, empty := values[f.Value](d, f), d.Layout.empty(f)
	if empty == "" || f.Codes != nil {
		return v
	}
	return "coalesce(nullif(concat(" + v + "), ''), " + literal(empty) + ")"
}

// constant is the value of a field that is the same in every line.
func (d Delivery) constant(f Field) (value string, same bool) {
	switch f.Value {
	case "isil":
		return d.About.ISIL, true
	case "peildatum":
		return d.Peildatum.Format(dateForms[d.Layout.Date].goForm), true
	}
	return "", false
}

func (d Delivery) constantSQL(f Field) string {
	value, _ := d.constant(f)
	return literal(value)
}

// dateSQL writes digits alone as a number, which takes less time: years have four of them.
func (d Delivery) dateSQL(column string) string {
	if d.Layout.Date == "YYYYMMDD" {
		return fmt.Sprintf("CAST(year(%[1]s) * 10000 + month(%[1]s) * 100 + day(%[1]s) AS VARCHAR)", column)
	}
	return "strftime(" + column + ", " + literal(dateForms[d.Layout.Date].sql) + ")"
}

func (d Delivery) additionSQL() string {
	if d.Layout.AdditionJoinedBy == "" {
		return "p.house_letter, p.house_addition"
	}
	return "concat_ws(" + literal(d.Layout.AdditionJoinedBy) + ", p.house_letter, p.house_addition)"
}

// codesSQL is the code of a sex, each as a function has it.
func (d Delivery) codesSQL(f Field, column string, as func(code string) string) string {
	sql := "CASE " + column
	for _, sex := range []string{"M", "F", "X"} {
		sql += " WHEN " + literal(sex) + " THEN " + literal(as(f.Codes[sex]))
	}
	return sql + " ELSE " + literal(as(d.Layout.empty(f))) + " END"
}

// lineSQL is the whole line as one text: DuckDB looks at every letter of every field that it
// writes, and what comes from the data is digits, capitals and hyphens. Nothing is done a line
// that need not be: constants stand together, and what is absent adds nothing to a text.
func (d Delivery) lineSQL() string {
	l := d.Layout
	var parts []string
	constant := ""
	add := func(sql string) {
		if constant != "" {
			parts = append(parts, literal(constant))
		}
		parts, constant = append(parts, sql), ""
	}
	for i, f := range l.Fields {
		after := l.Separator
		if i == len(l.Fields)-1 {
			after = l.beforeLF()
		}
		value, same := d.constant(f)
		v := d.valueSQL(f)
		one := "concat(" + v + ")"
		quoted := "replace(" + one + `, '"', '""')`
		switch {
		case same:
			constant += l.quoted(cmp.Or(value, l.empty(f)))
		case f.Codes != nil:
			before := constant
			constant = ""
			add(d.codesSQL(f, "p.sex", func(code string) string { return before + l.quoted(code) + after }))
			continue
		case l.Quoting == "always":
			constant += `"`
			add(quoted)
			constant += `"`
		case l.Quoting == "needed" && strings.ContainsAny(l.empty(f)+l.AdditionJoinedBy, l.Separator+`"`):
			add("CASE WHEN contains(" + one + ", " + literal(l.Separator) + ") OR contains(" + one + `, '"') THEN concat('"', ` + quoted + `, '"') ELSE ` + one + " END")
		default:
			add(v)
		}
		constant += after
	}
	if constant != "" {
		parts = append(parts, literal(constant))
	}
	return "concat(" + strings.Join(parts, ", ") + ") AS " + engine.Ident(l.heading())
}

// heading is the line of the names.
func (l *Layout) heading() string {
	names := make([]string, len(l.Fields))
	for i, f := range l.Fields {
		names[i] = l.quoted(f.Name)
	}
	return strings.Join(names, l.Separator) + l.beforeLF()
}

// quoted is a text that is the same in every line as it stands there.
func (l *Layout) quoted(text string) string {
	if l.Quoting == "always" || l.Quoting == "needed" && strings.ContainsAny(text, l.Separator+`"`) {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

// beforeLF is what a line ends in before the LF that DuckDB writes.
func (l *Layout) beforeLF() string {
	if l.LineEnd == "crlf" {
		return "\r"
	}
	return ""
}

// copyFormat are the options of DuckDB's COPY for whole lines.
func (l *Layout) copyFormat() string {
	return fmt.Sprintf("FORMAT csv, HEADER %t, DELIMITER %s, NULLSTR '', QUOTE '', ESCAPE ''", l.Heading, literal(l.Separator))
}
