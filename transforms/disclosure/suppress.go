package disclosure

import (
	"fmt"
	"slices"
)

// A Rule says which cells of a table are disclosive by themselves.
type Rule struct {
	// Threshold hides counts from 1 to Threshold − 1.
	Threshold int64
	// Zeros hides listed cells of count 0 as well. Otherwise they are shown.
	Zeros bool
	// Groups hides the only cell that is not empty in a sum, and one of the
	// empty ones beside it: all persons in the sum are in that cell.
	Groups bool
}

// Status is what became of a published cell.
type Status int

const (
	Shown     Status = iota
	Primary          // hidden because the rule says so
	Secondary        // hidden because a primary one could be computed from it
)

// Suppressed is a table with cells hidden.
type Suppressed struct {
	Rule Rule
	// Cells are the published cells, ordered by dimension: total, groups as
	// given, codes sorted. Cells without any listed inner cell are not there.
	Cells []SuppressedCell
}

// A SuppressedCell is one published cell. Its count must not be published unless
// its status is Shown.
type SuppressedCell struct {
	Codes  []string
	Count  int64
	Status Status
}

// Suppress hides the cells that the rule names, and then so many others that no
// hidden cell of the rule is a linear combination of shown ones, taking the whole
// system of margins, hierarchies and linked tables together: cells are shown
// from empty and large to small, unless a primary one could be computed then
// (Gaussian elimination). Where the hidden parts of a shown sum hold fewer than
// Threshold − 1 persons together, another part is hidden as well.
//
// That no interval is too narrow is not guaranteed: it must be audited. The table
// is changed in no other way: shown cells are exact.
func Suppress(t Table, rule Rule) (*Suppressed, error) {
	if rule.Threshold < 2 {
		return nil, fmt.Errorf("suppress table: threshold %d protects nothing; it must be 2 or more", rule.Threshold)
	}
	s, err := newSystem(t)
	if err != nil {
		return nil, fmt.Errorf("suppress table: %w", err)
	}
	h := &hiding{system: s, rule: rule, status: make([]Status, len(s.cells))}
	h.lines = s.lines(t)
	h.primaries()
	h.secondaries()
	out := &Suppressed{Rule: rule}
	for j, c := range s.cells {
		out.Cells = append(out.Cells, SuppressedCell{Codes: s.codes(c.key), Count: c.count, Status: h.status[j]})
	}
	return out, nil
}

// A line is a published sum and the published cells that add up to it.
type line struct {
	sum   int32
	parts []int32
}

// hiding is the choice of cells to hide.
type hiding struct {
	*system
	rule   Rule
	lines  []line
	status []Status
	sums   [][]int32 // sets of hidden cells whose sum is primary too
}

func (h *hiding) primaries() {
	for j, c := range h.cells {
		if c.count < h.rule.Threshold && (c.count > 0 || h.rule.Zeros) {
			h.status[j] = Primary
		}
	}
	if !h.rule.Groups {
		return
	}
	for _, l := range h.lines {
		var full, empty []int32
		for _, j := range l.parts {
			if h.cells[j].count > 0 {
				full = append(full, j)
			} else {
				empty = append(empty, j)
			}
		}
		if len(full) == 1 && len(empty) > 0 {
			h.status[full[0]], h.status[empty[0]] = Primary, Primary
		}
	}
}

// secondaries hides until no primary cell, and no sum of hidden parts that is too
// small to hide anything, can be computed.
func (h *hiding) secondaries() {
	order := h.order()
	for {
		e := newElimination(h)
		for _, j := range order {
			if h.status[j] != Shown {
				continue
			}
			if !e.show(h.cells[j].parts) {
				h.status[j] = Secondary
			}
		}
		if !h.widen() {
			return
		}
	}
}

// order is the order in which cells are shown: empty ones, then the largest, then
// among equals those of most inner cells.
func (h *hiding) order() []int32 {
	out := make([]int32, len(h.cells))
	for j := range out {
		out[j] = int32(j)
	}
	slices.SortStableFunc(out, func(a, b int32) int {
		x, y := h.cells[a], h.cells[b]
		switch {
		case (x.count == 0) != (y.count == 0):
			if x.count == 0 {
				return -1
			}
			return 1
		case x.count != y.count:
			return int(min(1, max(-1, y.count-x.count)))
		}
		return len(y.parts) - len(x.parts)
	})
	return out
}

// widen notes the sums of hidden parts that a reader knows and that hold too few
// persons to keep any of them uncertain. It reports whether there are new ones.
func (h *hiding) widen() bool {
	known := len(h.sums)
	for _, l := range h.lines {
		if h.status[l.sum] != Shown {
			continue
		}
		var hidden []int32
		left, primary := int64(0), false
		for _, j := range l.parts {
			if h.status[j] != Shown {
				hidden = append(hidden, j)
				left += h.cells[j].count
				primary = primary || h.status[j] == Primary
			}
		}
		if primary && left < h.rule.Threshold-1 && len(hidden) < len(l.parts) {
			h.sums = append(h.sums, hidden)
		}
	}
	return len(h.sums) > known
}

// lines lists every published sum with the published cells it is made of.
func (s *system) lines(t Table) []line {
	number := make(map[uint64]int32, len(s.cells))
	key := func(codes []int32) uint64 {
		n := uint64(0)
		for d, code := range codes {
			n = n*uint64(len(s.dims[d].codes)) + uint64(code)
		}
		return n
	}
	for j, c := range s.cells {
		number[key(c.key)] = int32(j)
	}
	var out []line
	for d := range s.dims {
		parts := s.dims[d].parts(t.Dimensions[d])
		for j, c := range s.cells {
			if int(c.key[d]) >= len(parts) {
				continue
			}
			l := line{sum: int32(j)}
			codes := slices.Clone(c.key)
			for _, p := range parts[c.key[d]] {
				codes[d] = p
				if k, listed := number[key(codes)]; listed {
					l.parts = append(l.parts, k)
				}
			}
			if len(l.parts) > 0 {
				out = append(out, l)
			}
		}
	}
	return out
}

// parts returns what the total and each group are made of. The total is made of
// the outermost codes if these hold every leaf once, else of all leaves.
func (d *dimension) parts(in Dimension) [][]int32 {
	index := map[string]int32{}
	for i, code := range d.codes {
		index[code] = int32(i)
	}
	out := make([][]int32, 1+d.groups)
	inside := make([]bool, len(d.codes))
	for g, group := range in.Groups {
		for _, p := range group.Parts {
			out[g+1] = append(out[g+1], index[p])
			inside[index[p]] = true
		}
	}
	once := true
	for leaf, up := range d.up {
		outermost := 0
		for _, code := range up[1:] {
			if !inside[code] {
				outermost++
			}
		}
		once = once && outermost == 1
		out[0] = append(out[0], int32(1+d.groups+leaf))
	}
	if once {
		out[0] = nil
		for code := 1; code < len(d.codes); code++ {
			if !inside[code] {
				out[0] = append(out[0], int32(code))
			}
		}
	}
	return out
}
