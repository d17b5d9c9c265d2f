package area

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Table is a table with a row an area, to be shown beside membership.
type Table struct {
	Name    string // lower case letters, digits and hyphens
	Title   string
	Source  string // who published it, of when
	Columns []Column

	rows  map[string][]Value
	areas map[string]string // the area of each postcode area; nil where the rows are those themselves
	names []string          // of the areas that have a postcode area, in order
}

// Column is one of its columns.
type Column struct {
	Heading string // as the file has it
	Title   string
	Number  bool
	// Decimals of its numbers.
	Decimals int
}

// Value is a number or a text; neither is what the publisher does not tell.
type Value struct {
	Text   string
	Number float64
	Known  bool
}

// ByPostcode says whether the areas are postcode areas.
func (t *Table) ByPostcode() bool { return t.areas == nil }

// Area is the area that a postcode area belongs to; empty if to none.
func (t *Table) Area(pc4 string) string {
	if t.areas != nil {
		return t.areas[pc4]
	}
	if _, ok := t.rows[pc4]; ok {
		return pc4
	}
	return ""
}

// Areas are the areas that can hold members, in order.
func (t *Table) Areas() []string { return t.names }

// Row are the values of an area; nil where the table has none.
func (t *Table) Row(area string) []Value { return t.rows[area] }

// Read reads the columns of t, by their headings, from a file whose column key holds the
// area.
func (t *Table) Read(r io.Reader, key string) error {
	s, err := readSheet(r, func(row []string) bool { return (&sheet{head: row}).column(key) >= 0 })
	if err != nil {
		return fmt.Errorf("%w: %q", err, key)
	}
	at := s.column(key)
	places := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		if places[i] = s.column(c.Heading); places[i] < 0 {
			return fmt.Errorf("there is no column %q; there are: %s", c.Heading, strings.Join(s.head, ", "))
		}
	}
	texts := map[string][]string{}
	for _, row := range s.rows {
		name := area(row, at, len(s.head))
		if name == "" {
			continue
		}
		if texts[name] != nil {
			return fmt.Errorf("two rows are about area %q: one a row is needed", name)
		}
		for _, p := range places {
			texts[name] = append(texts[name], strings.TrimSpace(row[p]))
		}
	}
	if len(texts) == 0 {
		return fmt.Errorf("column %q holds no area", key)
	}
	t.rows = map[string][]Value{}
	for name := range texts {
		t.rows[name] = make([]Value, len(t.Columns))
		t.names = append(t.names, name)
	}
	slices.Sort(t.names)
	for i := range t.Columns {
		t.fill(i, texts)
	}
	return nil
}

// area is the key of a row; a postcode area loses what CBS writes before it.
func area(row []string, at, width int) string {
	if len(row) != width {
		return ""
	}
	if p := postcode(row[at]); p != "" {
		return p
	}
	return strings.TrimSpace(row[at])
}

// fill reads a column: numbers if all that is told are numbers.
func (t *Table) fill(column int, texts map[string][]string) {
	c := &t.Columns[column]
	c.Number = true
	any := false
	for _, row := range texts {
		if v, told := number(row[column]); told {
			any = true
			c.Number = c.Number && v.Known
			c.Decimals = max(c.Decimals, decimals(row[column]))
		}
	}
	c.Number, c.Decimals = c.Number && any, min(c.Decimals, 1)
	for name, row := range texts {
		v, told := number(row[column])
		if told && !c.Number {
			v = Value{Text: row[column], Known: true}
		}
		t.rows[name][column] = v
	}
}

// number reads a number with a point or a decimal comma. Not told are an empty cell, a lone
// point, and the negative numbers from -99990 down with which CBS says that it withholds one.
func number(s string) (v Value, told bool) {
	if s == "" || s == "." || s == "-" || s == "x" {
		return v, false
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil {
		return v, true
	}
	if f <= -99990 {
		return v, false
	}
	return Value{Number: f, Known: true}, true
}

func decimals(s string) int {
	_, fraction, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	return len(strings.TrimRight(fraction, "0"))
}

// Place reads to which area each postcode area belongs, for a table whose areas are others,
// such as wijken.
func (t *Table) Place(r io.Reader, pc4, key string) error {
	s, err := readSheet(r, func(row []string) bool {
		head := &sheet{head: row}
		return head.column(pc4) >= 0 && head.column(key) >= 0
	})
	if err != nil {
		return fmt.Errorf("%w: %q and %q", err, pc4, key)
	}
	t.areas = map[string]string{}
	used := map[string]bool{}
	for _, row := range s.rows {
		p, a := area(row, s.column(pc4), len(s.head)), area(row, s.column(key), len(s.head))
		if postcode(p) == "" || t.rows[a] == nil {
			continue // of other towns
		}
		if other := t.areas[p]; other != "" && other != a {
			return fmt.Errorf("postcode area %s is in %s and in %s: members are known by postcode area only, so choose one", p, other, a)
		}
		t.areas[p], used[a] = a, true
	}
	if len(used) == 0 {
		return fmt.Errorf("column %q names no area of the table", key)
	}
	t.names = slices.DeleteFunc(t.names, func(name string) bool { return !used[name] })
	return nil
}
