package disclosure

import (
	"errors"
	"fmt"
	"slices"
)

// ErrTooLarge is returned for a table that is too large for it to be tried in about a minute
// whether suppression protects it, and that has no groups left to make it coarser by.
var ErrTooLarge = errors.New("table too large to be proven safe")

// provable is how many published cells a table may have that is no network, so that hiding
// cells and auditing what is left takes less than a minute.
const provable = 6000

// provable says whether it is worth trying to protect the table as it is. Tables of two
// dimensions with one hierarchy at most are networks, which are audited at once.
func (s *system) provable() bool {
	hierarchies := 0
	for _, d := range s.dims {
		hierarchies += min(d.groups, 1)
	}
	return len(s.dims) <= 2 && hierarchies <= 1 || len(s.cells) <= provable
}

// coarser returns the table with the lowest level of groups in place of its codes, in the
// dimension in which that joins most codes, and that dimension; −1 if there are no groups.
func (t Table) coarser() (Table, int) {
	widest, most := -1, 0
	for d, dim := range t.Dimensions {
		if n := len(dim.lowest()); n > most {
			widest, most = d, n
		}
	}
	if widest < 0 {
		return t, widest
	}
	return t.join(widest), widest
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
