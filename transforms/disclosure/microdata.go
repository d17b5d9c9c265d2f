package disclosure

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrMicrodata is wrapped by every error about microdata that cannot be read.
var ErrMicrodata = errors.New("invalid microdata")

// Microdata are persons grouped by equal values. All columns have one length;
// a tuple is one position in them. Group in the database first: the work grows
// with the number of distinct tuples.
type Microdata struct {
	// Quasi are the hierarchies of the quasi-identifiers, Values their codes:
	// Values[a][i] is the code in Quasi[a] of tuple i.
	Quasi  []*Hierarchy
	Values [][]int32

	// Sensitive are codes, from 0, of the sensitive columns: Sensitive[s][i].
	// A tuple then holds persons who share these values as well.
	Sensitive [][]int32

	// Persons is the number of persons of each tuple; nil means 1 each.
	Persons []int64

	// Person says who each tuple is about, where one person can have several
	// tuples (loans). A group then counts its distinct persons. Nil means that
	// all persons of different tuples are different.
	Person []int32

	// Row is the tuple of each row, where FromRows made the tuples.
	Row []int32
}

// FromRows encodes rows of text, one row a person. Each row holds a value for
// each quasi-identifier and then one for each sensitive column.
func FromRows(quasi []*Hierarchy, sensitive int, rows [][]string) (Microdata, error) {
	m := Microdata{Quasi: quasi, Values: make([][]int32, len(quasi)), Sensitive: make([][]int32, sensitive)}
	seen := make([]map[string]int32, sensitive) // sensitive column → value → code
	for s := range seen {
		seen[s] = map[string]int32{}
	}
	index := map[string]int32{} // codes → tuple
	codes := make([]int32, len(quasi)+sensitive)
	var key []byte
	for i, row := range rows {
		if err := m.encode(codes, row, seen); err != nil {
			return Microdata{}, fmt.Errorf("%w: row %d: %w", ErrMicrodata, i+1, err)
		}
		key = key[:0]
		for _, c := range codes {
			key = binary.LittleEndian.AppendUint32(key, uint32(c))
		}
		t, ok := index[string(key)]
		if !ok {
			t = int32(len(m.Persons))
			index[string(key)] = t
			m.Persons = append(m.Persons, 0)
			for a := range quasi {
				m.Values[a] = append(m.Values[a], codes[a])
			}
			for s := range sensitive {
				m.Sensitive[s] = append(m.Sensitive[s], codes[len(quasi)+s])
			}
		}
		m.Persons[t]++
		m.Row = append(m.Row, t)
	}
	return m, nil
}

// encode fills codes with those of a row, and gives new sensitive values a code.
func (m *Microdata) encode(codes []int32, row []string, seen []map[string]int32) error {
	if len(row) != len(codes) {
		return fmt.Errorf("%d values, not %d", len(row), len(codes))
	}
	for a, h := range m.Quasi {
		c, ok := h.Code(row[a])
		if !ok {
			return fmt.Errorf("column %s: the hierarchy does not hold this value; add it", h.Name)
		}
		codes[a] = c
	}
	for s, value := range row[len(m.Quasi):] {
		c, ok := seen[s][value]
		if !ok {
			c = int32(len(seen[s]))
			seen[s][value] = c
		}
		codes[len(m.Quasi)+s] = c
	}
	return nil
}

// SuppressedValue is what a suppressed row reads in its quasi-identifiers.
const SuppressedValue = "*"

// Rows returns the rows that FromRows was given as they may be published: the
// quasi-identifiers generalised, those of suppressed rows replaced by
// SuppressedValue and their sensitive columns emptied. The order of rows is kept:
// sort or shuffle them before publishing if it tells who is who.
func (a *Anonymized) Rows(m Microdata, rows [][]string) [][]string {
	out := make([][]string, len(rows))
	labels := make([][]string, len(a.Classes))
	for c, class := range a.Classes {
		labels[c] = class.Labels(m.Quasi)
	}
	for i, row := range rows {
		out[i] = make([]string, 0, len(row))
		if c := a.Of[m.Row[i]]; c >= 0 {
			out[i] = append(append(out[i], labels[c]...), row[len(m.Quasi):]...)
			continue
		}
		for range m.Quasi {
			out[i] = append(out[i], SuppressedValue)
		}
		out[i] = out[i][:len(row)]
	}
	return out
}

// tuples returns how many tuples there are, or why the columns do not fit together.
func (m *Microdata) tuples() (int, error) {
	if len(m.Quasi) == 0 || len(m.Values) != len(m.Quasi) {
		return 0, fmt.Errorf("%w: %d hierarchies for %d columns", ErrMicrodata, len(m.Quasi), len(m.Values))
	}
	n := len(m.Values[0])
	check := func(what string, length int) error {
		if length != n {
			return fmt.Errorf("%w: column %s has %d tuples, the first %d", ErrMicrodata, what, length, n)
		}
		return nil
	}
	for a, col := range m.Values {
		h := m.Quasi[a]
		if err := check(h.Name, len(col)); err != nil {
			return 0, err
		}
		for _, c := range col {
			if c < 0 || int(c) >= len(h.up[0]) {
				return 0, fmt.Errorf("%w: column %s holds code %d; the hierarchy has %d values", ErrMicrodata, h.Name, c, len(h.up[0]))
			}
		}
	}
	for s, col := range m.Sensitive {
		if err := check(fmt.Sprintf("sensitive %d", s+1), len(col)); err != nil {
			return 0, err
		}
		for _, c := range col {
			if c < 0 {
				return 0, fmt.Errorf("%w: sensitive column %d holds code %d", ErrMicrodata, s+1, c)
			}
		}
	}
	if m.Persons != nil {
		if err := check("persons", len(m.Persons)); err != nil {
			return 0, err
		}
		for _, p := range m.Persons {
			if p < 1 || p > math.MaxInt32 {
				return 0, fmt.Errorf("%w: a tuple of %d persons", ErrMicrodata, p)
			}
		}
	}
	if m.Person != nil {
		return n, check("person", len(m.Person))
	}
	return n, nil
}

func (m *Microdata) persons(i int) int64 {
	if m.Persons == nil {
		return 1
	}
	return m.Persons[i]
}
