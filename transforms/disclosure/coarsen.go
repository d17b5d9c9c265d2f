package disclosure

import (
	"errors"
	"fmt"
	"slices"
)

// ErrTooLarge is returned for a table whose suppression could not be proven safe in about a
// minute, and that has no groups left to make it coarser by.
var ErrTooLarge = errors.New("table too large to be proven safe")

// provable is how many published cells a table may have that is no network, so that hiding
// cells and auditing what is left takes about a minute.
const provable = 4000

// Coarsen returns the table, its codes joined to their groups as far as needed to prove in
// about a minute that suppression protects it, and how many levels of groups each
// dimension lost. Tables of two dimensions with one hierarchy at most are networks and need
// none of it.
func Coarsen(t Table) (Table, []int, error) {
	lost := make([]int, len(t.Dimensions))
	for {
		s, err := newSystem(t)
		if err != nil {
			return t, nil, fmt.Errorf("coarsen table: %w", err)
		}
		hierarchies := 0
		for _, d := range t.Dimensions {
			hierarchies += min(len(d.Groups), 1)
		}
		if len(t.Dimensions) <= 2 && hierarchies <= 1 || len(s.cells) <= provable {
			return t, lost, nil
		}
		// The dimension with most codes to join.
		widest, most := -1, 0
		for d, dim := range t.Dimensions {
			if n := len(dim.lowest()); n > most {
				widest, most = d, n
			}
		}
		if widest < 0 {
			return t, nil, fmt.Errorf("coarsen table: %w: %d cells, %d at most, and no groups to join codes to", ErrTooLarge, len(s.cells), provable)
		}
		t = t.join(widest)
		lost[widest]++
	}
}

// lowest maps codes to the group that they are joined to: one of codes only, none of which is
// in another group.
func (d Dimension) lowest() map[string]string {
	in := map[string]int{}
	groups := map[string]bool{}
	for _, g := range d.Groups {
		groups[g.Code] = true
		for _, p := range g.Parts {
			in[p]++
		}
	}
	to := map[string]string{}
	for _, g := range d.Groups {
		if slices.ContainsFunc(g.Parts, func(p string) bool { return groups[p] || in[p] > 1 }) {
			continue
		}
		for _, p := range g.Parts {
			to[p] = g.Code
		}
	}
	return to
}

// join makes the lowest groups of a dimension its codes.
func (t Table) join(d int) Table {
	out := t
	dim := t.Dimensions[d]
	to := dim.lowest()
	joined := map[string]bool{}
	for _, group := range to {
		joined[group] = true
	}
	dim.Groups = slices.DeleteFunc(slices.Clone(dim.Groups), func(g Group) bool { return joined[g.Code] })
	out.Dimensions = slices.Clone(t.Dimensions)
	out.Dimensions[d] = dim
	out.Cells = nil
	at := map[string]int{} // codes → cell
	for _, c := range t.Cells {
		codes := slices.Clone(c.Codes)
		if group, known := to[codes[d]]; known {
			codes[d] = group
		}
		key := fmt.Sprintf("%q", codes)
		i, known := at[key]
		if !known {
			i = len(out.Cells)
			at[key] = i
			out.Cells = append(out.Cells, Cell{Codes: codes})
		}
		out.Cells[i].Count += c.Count
	}
	return out
}
