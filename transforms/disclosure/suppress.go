package disclosure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"peil/transforms/disclosure/attack"
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
	// Table is what was protected: the table that was given, or one with codes
	// joined to their groups.
	Table Table
	// Coarsened is how many levels of groups each dimension lost by that.
	Coarsened []int
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

// effort is how much work auditing may take in all, in the unit of [attack.Auditor]: well
// below a minute. Every try with coarser codes has half of what is left.
const effort = 4e9

// Suppress hides the cells that the rule names, and then so many others that no
// cell of the rule is a linear combination of shown ones, taking the whole
// system of margins, hierarchies and linked tables together: cells are shown
// from empty and large to small, unless a primary one could be computed then
// (Gaussian elimination). Where the hidden parts of a shown sum hold fewer than
// Threshold − 1 persons together, another part is hidden as well.
//
// It then has the attack package audit the result together with everything else
// that is known: earlier releases, other tables of the same figure. As long as a
// primary cell is not proven safe, it hides cells around which persons could have
// moved unseen. If that does not prove the table safe, or would take too long, the
// dimension with most codes loses a level of them, and all begins again.
//
// The report is that of the last audit. If it still finds a cell exposed, nothing
// may be published. Shown cells are exact.
func Suppress(ctx context.Context, t Table, rule Rule, figure string, known ...attack.Table) (*Suppressed, *attack.Report, error) {
	if rule.Threshold < 2 {
		return nil, nil, fmt.Errorf("suppress table: threshold %d protects nothing; it must be 2 or more", rule.Threshold)
	}
	lost := make([]int, len(t.Dimensions))
	left := effort
	for {
		s, err := newSystem(t)
		if err != nil {
			return nil, nil, fmt.Errorf("suppress table: %w", err)
		}
		var out *Suppressed
		var report *attack.Report
		if s.provable() {
			left /= 2
			if out, report, err = s.suppress(ctx, t, rule, left, figure, known); err != nil {
				return nil, nil, fmt.Errorf("suppress table: %w", err)
			}
			out.Coarsened = lost
			if len(report.Exposed()) == 0 {
				return out, report, nil
			}
		}
		coarser, d := t.coarser()
		switch {
		case d >= 0:
			t = coarser
			lost[d]++
		case out == nil:
			return nil, nil, fmt.Errorf("suppress table: %w: %d cells, %d at most, and no groups to join codes to", ErrTooLarge, len(s.cells), provable)
		default:
			return out, report, nil
		}
	}
}

// suppress hides cells of a table as it is.
func (s *system) suppress(ctx context.Context, t Table, rule Rule, effort float64, figure string, known []attack.Table) (*Suppressed, *attack.Report, error) {
	h := &hiding{system: s, rule: rule, status: make([]Status, len(s.cells)), lines: s.lines(t), at: make(map[uint64]int32, len(s.keys))}
	for pos, key := range s.keys {
		h.at[s.number(key)] = int32(pos)
	}
	h.primaries()
	auditor := attack.Auditor{Effort: effort}
	for _, c := range s.cells {
		auditor.Counts = append(auditor.Counts, c.count)
	}
	fewest, idle := len(s.cells), 0
	for {
		h.secondaries()
		out := h.result(t)
		p, err := attack.Join(append([]attack.Table{out.Attack(t, figure)}, known...)...)
		if err != nil {
			return nil, nil, err
		}
		report, err := auditor.Audit(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		exposed := report.Exposed()
		if idle++; len(exposed) < fewest {
			fewest, idle = len(exposed), 0
		}
		// The first cells of the problem are those of this table, in its order.
		if idle == patience || auditor.Effort <= 0 || !h.hideMore(exposed, idle) {
			return out, report, nil
		}
	}
}

// patience is how often Suppress hides more without effect before it gives up.
const patience = 6

func (h *hiding) result(t Table) *Suppressed {
	out := &Suppressed{Rule: h.rule, Table: t}
	for j, c := range h.cells {
		out.Cells = append(out.Cells, SuppressedCell{Codes: h.codes(c.key), Count: c.count, Status: h.status[j]})
	}
	return out
}

// A line is a published sum and the published cells that add up to it.
type line struct {
	sum   int32
	parts []int32
}

// all returns the parts and the sum.
func (l line) all() []int32 { return append(slices.Clone(l.parts), l.sum) }

// hiding is the choice of cells to hide.
type hiding struct {
	*system
	rule   Rule
	lines  []line
	status []Status
	at     map[uint64]int32 // number of a key → the inner cell with it
	sums   [][]int32        // sets of hidden cells whose sum is primary too
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
		if (x.count == 0) != (y.count == 0) {
			return cmp.Compare(x.count, y.count)
		}
		return cmp.Or(cmp.Compare(y.count, x.count), len(y.parts)-len(x.parts))
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

// hideMore hides what lets persons move around exposed cells, one by one as far as they have no
// sums with cells in common that were hidden just now: the next audit may find them safe.
// Where nothing is left to be hidden for that, it hides cells of the sums that they are in,
// twice as many each time that it was without effect. It reports whether it hid any.
func (h *hiding) hideMore(exposed []attack.Finding, idle int) bool {
	in := make([][]int32, len(h.cells)) // cell → lines with it
	for i, l := range h.lines {
		for _, j := range l.all() {
			in[j] = append(in[j], int32(i))
		}
	}
	hid, changed := false, make([]bool, len(h.lines))
	var own, beside []int32
	for _, f := range exposed {
		if f.Cell >= len(h.cells) {
			continue // a cell of another table
		}
		cell := int32(f.Cell)
		own = append(own, cell)
		if slices.ContainsFunc(in[cell], func(i int32) bool { return changed[i] }) {
			continue
		}
		cells, enough := h.boxes(cell)
		if !enough {
			beside = append(beside, cell)
		}
		for _, j := range cells {
			h.hide(j)
			hid = true
			for _, i := range in[j] {
				changed[i] = true
			}
		}
	}
	if !hid {
		beside = own // persons could have moved, but the audit does not find out how
	}
	for range 1 << idle {
		for _, cell := range beside {
			if j := h.cover(cell, in); j >= 0 {
				h.hide(j)
				hid = true
			}
		}
	}
	return hid
}

// hide hides a cell to protect others, and keeps it from being computed.
func (h *hiding) hide(j int32) {
	h.status[j] = Secondary
	h.sums = append(h.sums, []int32{j})
}

// cover returns the shown cell that best makes an exposed one more uncertain: the
// smallest that can stand in for it, else the largest there is, in the sums
// that it is in or, if all is hidden there, in those that the hidden cells are in.
func (h *hiding) cover(exposed int32, in [][]int32) int32 {
	enough := h.rule.Threshold - 1
	seen := map[int32]bool{exposed: true}
	for ring := []int32{exposed}; len(ring) > 0; {
		best := int32(-1)
		var next []int32
		for _, cell := range ring {
			for _, i := range in[cell] {
				for _, j := range h.lines[i].all() {
					switch {
					case h.status[j] != Shown && !seen[j]:
						seen[j] = true
						next = append(next, j)
					case h.status[j] != Shown || h.cells[j].count == 0:
					case best < 0 || better(h.cells[j].count, h.cells[best].count, enough):
						best = j
					}
				}
			}
		}
		if best >= 0 {
			return best
		}
		ring = next
	}
	return -1
}

// better reports whether count a hides a neighbour at less cost than count b.
func better(a, b, enough int64) bool {
	if (a >= enough) != (b >= enough) {
		return a >= enough
	}
	return (a < b) == (a >= enough) && a != b
}

// lines lists every published sum with the published cells it is made of.
func (s *system) lines(t Table) []line {
	number := make(map[uint64]int32, len(s.cells))
	for j, c := range s.cells {
		number[s.number(c.key)] = int32(j)
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
				if k, listed := number[s.number(codes)]; listed {
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
