package attack

import (
	"context"
	"errors"
	"math"
	"strings"
)

// Unbounded is the upper bound of a cell of which a reader knows none.
const Unbounded int64 = math.MaxInt64

// ErrContradiction is returned when no counts fit everything that is published.
// The description of the tables is wrong then, or a figure was revised between
// two releases that were given as one.
var ErrContradiction = errors.New("published figures contradict each other")

// A Problem is everything a reader knows: bounds of cells and equations between
// them. It may be extended by hand.
type Problem struct {
	Cells     []Cell
	Equations []Equation
}

// A Cell is an unknown whole number from Low to High, both included.
type Cell struct {
	Name      string
	Low, High int64
	// Width is how far apart the lowest and the highest possible count must
	// stay; 0 if the cell needs no protection. Width 1 means: not exactly known.
	Width int64
	// Change says that the cell is a change between two releases: it needs no
	// protection if it is known to be 0 or known to be larger than Width.
	Change bool
}

// An Equation says that the terms add up to Sum.
type Equation struct {
	Terms []Term
	Sum   int64
}

// A Term is a cell, by its index in Problem.Cells, times a factor.
type Term struct {
	Cell   int
	Factor int64
}

// Verdict is what the audit found out about a cell.
type Verdict int

const (
	NotProven Verdict = iota // within the effort spent; counts as unsafe
	Unsafe                   // the interval is narrower than the width asked for
	Safe                     // two possible solutions lie at least the width apart
)

func (v Verdict) String() string {
	return [...]string{"not proven", "unsafe", "safe"}[v]
}

// A Finding is what a reader can know about one protected cell.
type Finding struct {
	Cell int // index in Problem.Cells
	// No possible count lies outside Low and High. Exact says that both can
	// occur; otherwise the true interval may be narrower.
	Low, High int64
	Exact     bool
	// Apart is how far two possible counts that were found lie apart, −1 if none were.
	// The interval is no narrower.
	Apart   int64
	Verdict Verdict
}

// Report has a finding for each cell with a width, in the problem's order.
type Report struct {
	Findings []Finding
}

// Exposed returns the findings that must keep the tables from being published:
// all that are not safe.
func (r *Report) Exposed() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Verdict != Safe {
			out = append(out, f)
		}
	}
	return out
}

// Audit bounds every cell that has a width.
//
// Parts of the problem that are networks (two-dimensional tables, one of the
// dimensions possibly a hierarchy) are solved exactly by maximum flow. Others are
// bounded by linear programming; the bounds are rounded inward, and a part with
// few unknowns is searched completely. In a part with many, a cell is left alone as
// soon as it is proven safe. The effort is limited by counting steps, not time, so
// that the same problem always gives the same report.
func Audit(ctx context.Context, p Problem) (*Report, error) {
	return (&Auditor{Effort: maxWork}).Audit(ctx, p)
}

// feasible is [ErrContradiction] if the search for a flow finds that no counts fit all that is
// published. It says nothing of parts that are no networks.
func feasible(p Problem) error {
	parts, _, err := divide(p)
	if err != nil {
		return err
	}
	for _, c := range parts {
		if g := c.network(); g != nil && !g.start() {
			return ErrContradiction
		}
	}
	return nil
}

// distance is high − low, −1 if there is no interval.
func distance(low, high int64) int64 {
	switch {
	case low > high:
		return -1
	case high == Unbounded:
		return Unbounded
	}
	return high - low
}

// bounds are what is known about a cell: nothing lies outside low and high, and
// least and most occur in whole-number solutions that were checked.
type bounds struct {
	low, high   int64
	least, most int64
}

func (b bounds) verdict(c Cell) Verdict {
	switch {
	case distance(b.least, b.most) >= c.Width:
		return Safe
	case c.Change && (b.low == 0 && b.high == 0 || b.low > c.Width || b.high < -c.Width):
		return Safe
	case distance(b.low, b.high) < c.Width:
		return Unsafe
	}
	return NotProven
}

// Differences adds, for every cell that is published for both figures, the change
// from one to the other as a cell to be protected. Two releases of the same table
// are joined under two figures for this.
func (p *Problem) Differences(before, after string, width int64) {
	index := map[string]int{}
	for i, c := range p.Cells {
		index[c.Name] = i
	}
	for b, c := range p.Cells {
		place, ok := strings.CutPrefix(c.Name, before+": ")
		if !ok {
			continue
		}
		a, ok := index[after+": "+place]
		if !ok {
			continue
		}
		p.Equations = append(p.Equations, Equation{Terms: []Term{{a, 1}, {b, -1}, {len(p.Cells), -1}}})
		p.Cells = append(p.Cells, Cell{
			Name: after + " less " + before + ": " + place,
			Low:  -farthest, High: Unbounded, Width: width, Change: true,
		})
	}
}

// farthest is beyond every count there is: the lowest value a cell may be given.
const farthest = 1 << 50
