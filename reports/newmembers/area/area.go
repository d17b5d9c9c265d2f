// Package area reads what others publish about areas, to be set beside the members who live
// there: the population per postcode area, age and sex ([ReadPopulation]; table 83502NED of
// CBS StatLine), and any table with a row an area ([Table.Read]).
//
// Files are CSV as people get them: UTF-8 or Windows-1252, with or without byte order mark,
// separated by ; , tab or |, with lines of title above the headings and of source below.
// Nothing in them is about a person.
package area

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// sheet is a CSV file with its headings.
type sheet struct {
	head []string
	rows [][]string
}

// column is the place of the heading; case, blanks and signs do not matter. -1: none.
func (s *sheet) column(heading string) int {
	for i, h := range s.head {
		if plain(h) == plain(heading) {
			return i
		}
	}
	return -1
}

var signs = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// plain is a heading without what people write differently.
func plain(heading string) string { return signs.ReplaceAllString(strings.ToLower(heading), "") }

// readSheet reads a file whose headings are the first line that isHead accepts.
func readSheet(r io.Reader, isHead func([]string) bool) (*sheet, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(b) {
		if b, err = charmap.Windows1252.NewDecoder().Bytes(b); err != nil {
			return nil, err
		}
	}
	rows := csv.NewReader(bytes.NewReader(b))
	rows.Comma, rows.FieldsPerRecord = separator(b), -1
	s := &sheet{}
	for {
		row, err := rows.Read()
		switch {
		case err == io.EOF && s.head == nil:
			return nil, fmt.Errorf("no line has the headings that are needed")
		case err == io.EOF:
			return s, nil
		case err != nil:
			return nil, err
		case s.head != nil:
			s.rows = append(s.rows, row)
		case isHead(row):
			s.head = row
		}
	}
}

// separator is the sign that the first lines hold most of.
func separator(b []byte) rune {
	first := b[:min(len(b), 4096)]
	best, most := ';', 0
	for _, c := range ";,\t|" {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

var pc4 = regexp.MustCompile(`^(?:PC)?([1-9][0-9]{3})$`)

// postcode is a postcode area of four digits, or empty: files also hold totals, and areas
// of two and three digits.
func postcode(s string) string {
	if m := pc4.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return m[1]
	}
	return ""
}

// january is the first day of a year.
func january(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
