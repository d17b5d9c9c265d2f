package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// statusKey heads the last CSV column, which says of every cell that is no
// plain number why: "moved_in=not_available;new=lower_bound".
const statusKey = "cell_status"

// WriteCSV writes the rows of a table, without its total, as RFC 4180 text in
// UTF-8 without a byte order mark: a heading of column keys, dates as
// 2024-12-31, months as 2024-12, percentages as fractions, a point for the
// decimals, no grouping.
//
// A cell that is not available or protected is empty; a lower bound is the bare
// number. The column cell_status, always the last, names those cells. So every
// numeric column holds numbers only, and the columns do not depend on the data.
//
// A text that a spreadsheet would take for a formula gets an apostrophe before
// it; numbers never do.
func WriteCSV(w io.Writer, t *Table) error {
	if err := t.validate(); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	record := make([]string, len(t.Columns)+1)
	for i, c := range t.Columns {
		record[i] = c.Key
	}
	record[len(t.Columns)] = statusKey
	err := out.Write(record)
	for i := 0; i < len(t.Rows) && err == nil; i++ {
		for j, v := range t.Rows[i] {
			record[j] = v.machine()
			if v.form == formText {
				record[j] = Inert(v.text)
			}
		}
		record[len(t.Columns)] = rowStatus(t.Columns, t.Rows[i])
		err = out.Write(record)
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("write csv of table %q: %w", t.ID, err)
	}
	return nil
}

func rowStatus(columns []Column, row []Value) string {
	var parts []string
	for i, v := range row {
		if v.mark != markPlain {
			parts = append(parts, columns[i].Key+"="+statusNames[v.mark])
		}
	}
	return strings.Join(parts, ";")
}

var statusNames = map[mark]string{
	markNotAvailable: "not_available",
	markProtected:    "protected",
	markLowerBound:   "lower_bound",
}

// Inert is a text that a spreadsheet reads as text: without control characters, and with
// an apostrophe where it would be a formula (OWASP, CSV injection). The full-width signs
// are what some locales turn into the plain ones.
func Inert(s string) string {
	s = clean(s)
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// clean drops what neither XML nor a reader can take: control characters other
// than tab and line breaks, the non-characters, and what turns the direction of all that
// follows it. Broken UTF-8 becomes U+FFFD.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}
