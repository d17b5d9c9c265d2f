package disclosure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ErrTable is wrapped by every error about a table that cannot be protected
// because its description contradicts itself.
var ErrTable = errors.New("invalid table")

// A Table is a set of inner counts and a description of the sums of them that
// are published. Sums that share inner cells are protected together, whether
// they stand in one table, in overlapping hierarchies or in linked tables.
type Table struct {
	Dimensions []Dimension

	// Views are the crossings that are published. Each names the dimensions it
	// crosses; the others stand at their total. None means one view of all.
	Views [][]string

	// Cells are the inner cells, in any order. A combination of codes that is
	// not listed is empty by definition and known to be so (nobody of 0 to 6
	// years holds an adult's subscription). List a cell with count 0 where
	// the emptiness itself may have to be protected.
	Cells []Cell
}

// A Dimension is one classification of the inner cells. Its codes are those of
// the cells, those of its groups, and its total.
type Dimension struct {
	Name  string
	Total string // the code of the sum over all codes
	// Groups are the published sums below the total. They may be nested and
	// they may overlap: two hierarchies over the same codes are two sets of
	// groups in one dimension.
	Groups []Group
}

// A Group is the sum of codes or of other groups of its dimension.
type Group struct {
	Code  string
	Parts []string
}

// A Cell is one inner cell: a code for each dimension and a number of persons.
type Cell struct {
	Codes []string
	Count int64
	// Before is the value that an earlier release published for this cell, nil
	// if none did. Cells that an earlier release did not list were published
	// as 0 by it.
	Before *int64
}

// system is a table worked out: the published cells as sets of inner cells.
type system struct {
	dims   []dimension
	inner  []int     // the table's cells in key order, as indices into Table.Cells
	keys   [][]int32 // inner position → a code index for each dimension
	counts []int64   // by position in inner
	of     [][]int32 // inner position → published cells that hold it, ascending
	cells  []sumCell // in key order
}

type sumCell struct {
	key   []int32 // a code index for each dimension
	parts []int32 // inner positions, ascending
	count int64
}

// dimension holds codes by index: 0 the total, then the groups, then the leaves.
type dimension struct {
	codes  []string
	groups int
	up     [][]int32 // leaf (index − 1 − groups) → every code that holds it, itself included
}

func newSystem(t Table) (*system, error) {
	s := &system{}
	if len(t.Dimensions) == 0 {
		return nil, fmt.Errorf("%w: it has no dimension", ErrTable)
	}
	for d := range t.Dimensions {
		dim, err := newDimension(t, d)
		if err != nil {
			return nil, err
		}
		s.dims = append(s.dims, dim)
	}
	views, err := viewMasks(t)
	if err != nil {
		return nil, err
	}
	keys, err := s.order(t)
	if err != nil {
		return nil, err
	}
	s.keys = keys
	s.sum(t, keys, views)
	return s, nil
}

func newDimension(t Table, d int) (dimension, error) {
	in := t.Dimensions[d]
	fail := func(format string, args ...any) (dimension, error) {
		return dimension{}, fmt.Errorf("%w: dimension %q: %s", ErrTable, in.Name, fmt.Sprintf(format, args...))
	}
	index := map[string]int32{in.Total: 0}
	out := dimension{codes: []string{in.Total}, groups: len(in.Groups)}
	for _, g := range in.Groups {
		if _, dup := index[g.Code]; dup {
			return fail("code %q is defined twice", g.Code)
		}
		if len(g.Parts) == 0 {
			return fail("group %q has no parts", g.Code)
		}
		index[g.Code] = int32(len(out.codes))
		out.codes = append(out.codes, g.Code)
	}
	var leaves []string
	leaf := func(code string) {
		if _, known := index[code]; !known {
			index[code] = -1
			leaves = append(leaves, code)
		}
	}
	for _, c := range t.Cells {
		if len(c.Codes) != len(t.Dimensions) {
			return fail("a cell has %d codes for %d dimensions", len(c.Codes), len(t.Dimensions))
		}
		if i, known := index[c.Codes[d]]; known && i >= 0 {
			return fail("a cell has code %q, which is a sum", c.Codes[d])
		}
		leaf(c.Codes[d])
	}
	for _, g := range in.Groups {
		for _, p := range g.Parts {
			leaf(p)
		}
	}
	slices.Sort(leaves)
	for _, code := range leaves {
		index[code] = int32(len(out.codes))
		out.codes = append(out.codes, code)
	}
	if err := out.nest(in.Groups, index); err != nil {
		return fail("%v", err)
	}
	return out, nil
}

// nest fills up, and refuses groups that count a code twice or contain themselves.
func (d *dimension) nest(groups []Group, index map[string]int32) error {
	first := int32(1 + d.groups)
	d.up = make([][]int32, len(d.codes)-int(first))
	for g := int32(1); g < first; g++ {
		leaves, err := d.expand(groups, index, g, 1)
		if err != nil {
			return err
		}
		slices.Sort(leaves)
		if len(slices.Compact(slices.Clone(leaves))) < len(leaves) {
			return fmt.Errorf("group %q counts a code twice", d.codes[g])
		}
		for _, l := range leaves {
			d.up[l-first] = append(d.up[l-first], g)
		}
	}
	for i := range d.up {
		d.up[i] = append([]int32{0}, append(d.up[i], first+int32(i))...)
	}
	return nil
}

func (d *dimension) expand(groups []Group, index map[string]int32, g int32, depth int) ([]int32, error) {
	if depth > len(groups) {
		return nil, fmt.Errorf("group %q contains itself", d.codes[g])
	}
	var leaves []int32
	for _, code := range groups[g-1].Parts {
		switch p := index[code]; {
		case p == 0:
			return nil, fmt.Errorf("group %q contains the total", d.codes[g])
		case p > int32(d.groups):
			leaves = append(leaves, p)
		default:
			below, err := d.expand(groups, index, p, depth+1)
			if err != nil {
				return nil, err
			}
			leaves = append(leaves, below...)
		}
	}
	return leaves, nil
}

// viewMasks returns, for each view, which dimensions it crosses.
func viewMasks(t Table) ([][]bool, error) {
	if len(t.Views) == 0 {
		all := make([]bool, len(t.Dimensions))
		for d := range all {
			all[d] = true
		}
		return [][]bool{all}, nil
	}
	var masks [][]bool
	for _, view := range t.Views {
		mask := make([]bool, len(t.Dimensions))
		for _, name := range view {
			d := slices.IndexFunc(t.Dimensions, func(d Dimension) bool { return d.Name == name })
			if d < 0 {
				return nil, fmt.Errorf("%w: a view names dimension %q, which it has not", ErrTable, name)
			}
			mask[d] = true
		}
		masks = append(masks, mask)
	}
	return masks, nil
}

// order sorts the cells by their codes, so that nothing depends on the order in
// which they came, and returns their keys as code indices.
func (s *system) order(t Table) ([][]int32, error) {
	index := make([]map[string]int32, len(s.dims))
	combinations := 1.0
	for d, dim := range s.dims {
		index[d] = make(map[string]int32, len(dim.codes))
		for i, code := range dim.codes {
			index[d][code] = int32(i)
		}
		combinations *= float64(len(dim.codes))
	}
	if combinations > math.MaxInt64 {
		return nil, fmt.Errorf("%w: its dimensions have more combinations than can be numbered", ErrTable)
	}
	keys := make([][]int32, len(t.Cells))
	for i, c := range t.Cells {
		if c.Count < 0 || c.Before != nil && *c.Before < 0 {
			return nil, fmt.Errorf("%w: cell %s is negative", ErrTable, strings.Join(c.Codes, " | "))
		}
		keys[i] = make([]int32, len(s.dims))
		for d, code := range c.Codes {
			keys[i][d] = index[d][code]
		}
		s.inner = append(s.inner, i)
	}
	slices.SortFunc(s.inner, func(a, b int) int { return slices.Compare(keys[a], keys[b]) })
	sorted := make([][]int32, len(keys))
	for pos, i := range s.inner {
		sorted[pos] = keys[i]
		if pos > 0 && slices.Equal(sorted[pos], sorted[pos-1]) {
			return nil, fmt.Errorf("%w: cell %s is given twice", ErrTable, strings.Join(t.Cells[i].Codes, " | "))
		}
	}
	return sorted, nil
}

// sum builds every published cell that holds at least one inner cell.
func (s *system) sum(t Table, keys [][]int32, views [][]bool) {
	number := map[uint64]int32{}
	s.counts = make([]int64, len(keys))
	s.of = make([][]int32, len(keys))
	key := make([]int32, len(s.dims))
	for pos, leaf := range keys {
		s.counts[pos] = t.Cells[s.inner[pos]].Count
		for _, view := range views {
			s.above(leaf, view, key, 0, 0, func(n uint64) {
				j, known := number[n]
				if !known {
					j = int32(len(s.cells))
					number[n] = j
					s.cells = append(s.cells, sumCell{key: slices.Clone(key)})
				}
				c := &s.cells[j]
				if len(c.parts) == 0 || c.parts[len(c.parts)-1] != int32(pos) {
					c.parts = append(c.parts, int32(pos))
					c.count += s.counts[pos]
				}
			})
		}
	}
	slices.SortFunc(s.cells, func(a, b sumCell) int { return slices.Compare(a.key, b.key) })
	for j, c := range s.cells {
		for _, pos := range c.parts {
			s.of[pos] = append(s.of[pos], int32(j))
		}
	}
}

// above visits the key and number of every published cell of one view that holds leaf.
func (s *system) above(leaf []int32, view []bool, key []int32, d int, n uint64, visit func(uint64)) {
	if d == len(s.dims) {
		visit(n)
		return
	}
	dim := s.dims[d]
	up := dim.up[leaf[d]-int32(1+dim.groups)]
	if !view[d] {
		up = up[:1]
	}
	for _, code := range up {
		key[d] = code
		s.above(leaf, view, key, d+1, n*uint64(len(dim.codes))+uint64(code), visit)
	}
}

// number tells keys apart.
func (s *system) number(key []int32) uint64 {
	n := uint64(0)
	for d, code := range key {
		n = n*uint64(len(s.dims[d].codes)) + uint64(code)
	}
	return n
}

func (s *system) codes(key []int32) []string {
	out := make([]string, len(key))
	for d, code := range key {
		out[d] = s.dims[d].codes[code]
	}
	return out
}
