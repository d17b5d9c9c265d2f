package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	idPattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,59}$`)
	keyPattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	filePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// Validate reports the first thing in the document that cannot be rendered: a
// ragged row, a value that does not fit its column, a chart without its table,
// an ID used twice. The writers call it; a report's own tests may too.
func (d *Document) Validate() error {
	if _, ok := wordsOf[d.Language]; !ok {
		return fmt.Errorf("render document %q: language %q is neither nl nor en", d.Title, d.Language)
	}
	if d.Edition != Internal && d.Edition != Public && d.Edition != Reference {
		return fmt.Errorf("render document %q: edition %q is neither internal, public nor reference", d.Title, d.Edition)
	}
	if d.Title == "" {
		return fmt.Errorf("render document: title is empty")
	}
	if d.Made.IsZero() {
		return fmt.Errorf("render document %q: the time it was made is missing", d.Title)
	}
	if err := validFiles(d.Files); err != nil {
		return fmt.Errorf("render document %q: %w", d.Title, err)
	}
	for _, k := range d.KeyFigures {
		if !k.Value.fits(k.Kind) {
			return fmt.Errorf("render key figure %q: value %s does not fit its kind", k.Label, k.Value)
		}
	}
	seen := make(map[string]bool)
	claim := func(id string) error {
		if !idPattern.MatchString(id) {
			return fmt.Errorf("id %q is not a letter followed by at most 59 letters, digits or hyphens", id)
		}
		if seen[id] {
			return fmt.Errorf("id %q is used twice", id)
		}
		seen[id] = true
		return nil
	}
	for i := range d.Sections {
		if err := d.Sections[i].validate(claim); err != nil {
			return err
		}
	}
	return nil
}

func (s *Section) validate(claim func(string) error) error {
	if err := claim(s.ID); err != nil {
		return fmt.Errorf("render section %q: %w", s.Title, err)
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		if err := claim(t.ID); err != nil {
			return fmt.Errorf("render table %q: %w", t.Title, err)
		}
		if err := t.validate(); err != nil {
			return err
		}
	}
	for i := range s.Charts {
		c := &s.Charts[i]
		err := claim(c.ID)
		if err == nil {
			err = c.validate(s.table(c.Table))
		}
		if err == nil {
			_, err = c.read(s.table(c.Table))
		}
		if err != nil {
			return fmt.Errorf("render chart %q: %w", c.ID, err)
		}
	}
	return nil
}

func (s *Section) table(id string) *Table {
	for i := range s.Tables {
		if s.Tables[i].ID == id {
			return &s.Tables[i]
		}
	}
	return nil
}

func (t *Table) validate() error {
	if len(t.Columns) == 0 {
		return fmt.Errorf("render table %q: it has no columns", t.ID)
	}
	keys := make(map[string]bool)
	for _, c := range t.Columns {
		if !keyPattern.MatchString(c.Key) || c.Key == statusKey || keys[c.Key] {
			return fmt.Errorf("render table %q: column key %q is reserved, used twice, or not lower case letters, digits and underscores", t.ID, c.Key)
		}
		keys[c.Key] = true
	}
	for i, row := range t.Rows {
		if err := t.validRow(row); err != nil {
			return fmt.Errorf("render table %q, row %d: %w", t.ID, i+1, err)
		}
	}
	if t.Total != nil {
		if err := t.validRow(t.withoutBlanks(t.Total)); err != nil {
			return fmt.Errorf("render table %q, total: %w", t.ID, err)
		}
	}
	if err := validFiles(t.Files); err != nil {
		return fmt.Errorf("render table %q: %w", t.ID, err)
	}
	return nil
}

// withoutBlanks hides the empty texts of a total, which fit any column.
func (t *Table) withoutBlanks(total []Value) []Value {
	out := slices.Clone(total)
	for i, v := range out {
		if v == Text("") {
			out[i] = NotAvailable()
		}
	}
	return out
}

// validRow names the column, never the value: a cell may hold a figure that
// has no place in a message.
func (t *Table) validRow(row []Value) error {
	if len(row) != len(t.Columns) {
		return fmt.Errorf("%d cells for %d columns", len(row), len(t.Columns))
	}
	for i, v := range row {
		if !v.fits(t.Columns[i].Kind) {
			return fmt.Errorf("the value of column %q does not fit its kind", t.Columns[i].Key)
		}
	}
	return nil
}

func (t *Table) column(key string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == key })
}

func (c *Chart) validate(t *Table) error {
	if t == nil {
		return fmt.Errorf("table %q is not in its section", c.Table)
	}
	for _, key := range append([]string{c.X}, c.Y...) {
		if t.column(key) < 0 {
			return fmt.Errorf("table %q has no column %q", t.ID, key)
		}
	}
	for _, key := range c.Y {
		if !t.Columns[t.column(key)].Kind.figure() {
			return fmt.Errorf("column %q holds no numbers to draw", key)
		}
	}
	if c.By != "" && (t.column(c.By) < 0 || t.Columns[t.column(c.By)].Kind != KindText) {
		return fmt.Errorf("table %q has no text column %q", t.ID, c.By)
	}
	switch {
	case len(c.Y) == 0:
		return fmt.Errorf("it draws no column")
	case len(c.Y) > 1 && (c.Kind == TileMap || c.By != "" && c.Kind != SmallMultiples):
		return fmt.Errorf("it can draw one column only, not %s", strings.Join(c.Y, ", "))
	case len(c.Y) > maxSeries:
		return fmt.Errorf("%d series are more than the %d that can be told apart", len(c.Y), maxSeries)
	case c.Kind == SmallMultiples && c.By == "":
		return fmt.Errorf("small multiples need a column to divide by")
	case c.Kind == TileMap && (c.By != "" || t.Columns[t.column(c.X)].Kind != KindText):
		return fmt.Errorf("a tile map needs a text column of PC4 areas and no division")
	}
	return nil
}

func validFiles(names []string) error {
	for _, n := range names {
		if !filePattern.MatchString(n) {
			return fmt.Errorf("file name %q is not a plain name beside the page", n)
		}
	}
	return nil
}
