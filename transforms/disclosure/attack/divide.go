package attack

import (
	"fmt"
	"math"
	"slices"
)

// part is a set of unknowns that no equation links to another part.
type part struct {
	cells     []int // index in Problem.Cells
	low, high []int64
	rows      []row
	with      [][]int32 // unknown → rows with it
	targets   []int32
	cell      []Cell // unknown → the cell as it was given
	found     []bounds
	solution  []int64 // the first that was found, nil before
}

type row struct {
	terms []term
	sum   int64
}

type term struct {
	x      int32 // unknown
	factor int64
}

// divide narrows all bounds by what single equations say, takes out the cells
// that are known then, and separates the rest into parts. For cells outside every
// part that holds a target it returns what is known.
func divide(p Problem) ([]*part, []bounds, error) {
	whole, err := newPart(p)
	if err != nil {
		return nil, nil, err
	}
	if !whole.narrow(whole.low, whole.high, nil) {
		return nil, nil, ErrContradiction
	}
	known := make([]bounds, len(p.Cells))
	for i := range known {
		known[i] = bounds{low: whole.low[i], high: whole.high[i], least: math.MaxInt64, most: math.MinInt64}
		if whole.low[i] == whole.high[i] || len(whole.with[i]) == 0 {
			known[i].least, known[i].most = whole.low[i], whole.high[i]
		}
	}
	return whole.split(p), known, nil
}

func newPart(p Problem) (*part, error) {
	w := &part{low: make([]int64, len(p.Cells)), high: make([]int64, len(p.Cells)), with: make([][]int32, len(p.Cells))}
	for i, c := range p.Cells {
		if c.Low > c.High {
			return nil, fmt.Errorf("%w: cell %s lies from %d to %d", ErrContradiction, c.Name, c.Low, c.High)
		}
		if c.Low < -farthest || c.High > farthest && c.High != Unbounded {
			return nil, fmt.Errorf("cell %s lies from %d to %d; that is too large to reckon with", c.Name, c.Low, c.High)
		}
		w.low[i], w.high[i] = c.Low, c.High
	}
	for e, eq := range p.Equations {
		r := row{sum: eq.Sum}
		factor := map[int]int64{}
		for _, t := range eq.Terms {
			if t.Cell < 0 || t.Cell >= len(p.Cells) {
				return nil, fmt.Errorf("equation %d names cell %d of %d", e, t.Cell, len(p.Cells))
			}
			factor[t.Cell] += t.Factor
		}
		for cell, f := range factor {
			if f != 0 {
				r.terms = append(r.terms, term{int32(cell), f})
			}
		}
		slices.SortFunc(r.terms, func(a, b term) int { return int(a.x - b.x) })
		for _, t := range r.terms {
			w.with[t.x] = append(w.with[t.x], int32(e))
		}
		w.rows = append(w.rows, r)
	}
	return w, nil
}

// split returns the parts that hold a cell with a width.
func (w *part) split(p Problem) []*part {
	number := make([]int32, len(w.low)) // cell → unknown in its part
	seen := make([]bool, len(w.low))
	rowSeen := make([]bool, len(w.rows))
	var parts []*part
	for first := range w.low {
		if seen[first] || w.low[first] == w.high[first] || len(w.with[first]) == 0 {
			continue
		}
		c := &part{cells: []int{first}}
		seen[first] = true
		var rows []int32
		for k := 0; k < len(c.cells); k++ {
			for _, e := range w.with[c.cells[k]] {
				if rowSeen[e] {
					continue
				}
				rowSeen[e] = true
				rows = append(rows, e)
				for _, t := range w.rows[e].terms {
					if !seen[t.x] && w.low[t.x] != w.high[t.x] {
						seen[t.x] = true
						c.cells = append(c.cells, int(t.x))
					}
				}
			}
		}
		slices.Sort(c.cells)
		slices.Sort(rows)
		for i, cell := range c.cells {
			number[cell] = int32(i)
			c.low, c.high = append(c.low, w.low[cell]), append(c.high, w.high[cell])
			c.found = append(c.found, bounds{w.low[cell], w.high[cell], math.MaxInt64, math.MinInt64})
			c.cell = append(c.cell, p.Cells[cell])
			if p.Cells[cell].Width > 0 {
				c.targets = append(c.targets, int32(i))
			}
		}
		if len(c.targets) > 0 {
			c.take(w, rows, number)
			parts = append(parts, c)
		}
	}
	return parts
}

// take copies equations, with what is known moved to the right-hand side.
func (c *part) take(w *part, rows []int32, number []int32) {
	c.with = make([][]int32, len(c.cells))
	for _, e := range rows {
		r := row{sum: w.rows[e].sum}
		for _, t := range w.rows[e].terms {
			if w.low[t.x] == w.high[t.x] {
				r.sum -= t.factor * w.low[t.x]
				continue
			}
			r.terms = append(r.terms, term{number[t.x], t.factor})
			c.with[number[t.x]] = append(c.with[number[t.x]], int32(len(c.rows)))
		}
		c.rows = append(c.rows, r)
	}
}

// narrow tightens bounds by each equation alone until nothing changes, beginning
// with the equations of the cells in from, or all of them. It returns false if
// some cell is left without a possible value. Effort is limited: what it leaves
// undone is only slower.
func (c *part) narrow(low, high []int64, from []int32) bool {
	queued := make([]bool, len(c.rows))
	var queue []int32
	push := func(e int32) {
		if !queued[e] {
			queued[e] = true
			queue = append(queue, e)
		}
	}
	if from == nil {
		for e := range c.rows {
			push(int32(e))
		}
	}
	for _, x := range from {
		for _, e := range c.with[x] {
			push(e)
		}
	}
	for visits := 0; len(queue) > 0 && visits < 100*len(c.rows)+1000; visits++ {
		e := queue[0]
		queue = queue[1:]
		queued[e] = false
		if !c.rows[e].narrow(low, high, func(x int32) {
			for _, other := range c.with[x] {
				push(other)
			}
		}) {
			return false
		}
	}
	return true
}

// narrow tightens the bounds of the row's unknowns and reports each it changed.
func (r row) narrow(low, high []int64, changed func(x int32)) bool {
	// The least and the most that the terms can add up to. A term without a
	// bound makes one of the two infinite: it is counted instead of added.
	var least, most int64
	var noLeast, noMost int
	for _, t := range r.terms {
		lo, hi := t.span(low, high)
		if lo == -Unbounded {
			noLeast++
		} else {
			least += lo
		}
		if hi == Unbounded {
			noMost++
		} else {
			most += hi
		}
	}
	if noLeast == 0 && least > r.sum || noMost == 0 && most < r.sum {
		return false
	}
	for _, t := range r.terms {
		// What this term must be when the others add up to their most or least.
		atLeast, atMost := -Unbounded, Unbounded
		lo, hi := t.span(low, high)
		switch {
		case hi == Unbounded && noMost == 1:
			atLeast = r.sum - most
		case hi != Unbounded && noMost == 0:
			atLeast = r.sum - (most - hi)
		}
		switch {
		case lo == -Unbounded && noLeast == 1:
			atMost = r.sum - least
		case lo != -Unbounded && noLeast == 0:
			atMost = r.sum - (least - lo)
		}
		if t.factor < 0 {
			atLeast, atMost = -atMost, -atLeast
		}
		f := max(t.factor, -t.factor)
		newLow, newHigh := low[t.x], high[t.x]
		if atMost != Unbounded {
			newHigh = min(newHigh, floorDiv(atMost, f))
		}
		if atLeast != -Unbounded {
			newLow = max(newLow, -floorDiv(-atLeast, f))
		}
		if newLow > newHigh {
			return false
		}
		if newLow != low[t.x] || newHigh != high[t.x] {
			low[t.x], high[t.x] = newLow, newHigh
			changed(t.x)
		}
	}
	return true
}

// span is what the term can contribute; ±Unbounded where there is no bound.
func (t term) span(low, high []int64) (int64, int64) {
	lo, hi := t.factor*low[t.x], Unbounded
	if t.factor < 0 {
		hi = -Unbounded
	}
	if high[t.x] != Unbounded {
		hi = t.factor * high[t.x]
	}
	return min(lo, hi), max(lo, hi)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

// witness notes a set of whole numbers that a method found, if it is a solution.
func (c *part) witness(x []int64) bool {
	for i, v := range x {
		if v < c.low[i] || v > c.high[i] {
			return false
		}
	}
	for _, r := range c.rows {
		sum := int64(0)
		for _, t := range r.terms {
			sum += t.factor * x[t.x]
		}
		if sum != r.sum {
			return false
		}
	}
	for i, v := range x {
		c.found[i].least, c.found[i].most = min(c.found[i].least, v), max(c.found[i].most, v)
	}
	if c.solution == nil {
		c.solution = slices.Clone(x)
	}
	return true
}

// witnesses are solutions of which each differs little from the one before: only what
// changed is looked at. A part of a thousand sites has tens of thousands of unknowns, and as
// many solutions are noted.
type witnesses struct {
	part *part
	x    []int64 // the solution noted last
	off  []int64 // row → by how much x misses its sum; 0 between two solutions
}

// newWitnesses begins with a solution that was noted.
func newWitnesses(c *part, x []int64) *witnesses {
	return &witnesses{c, slices.Clone(x), make([]int64, len(c.rows))}
}

// follows notes x, which differs from the solution before in none but changed, if it is a
// solution.
func (w *witnesses) follows(x []int64, changed []int32) bool {
	for _, i := range changed {
		by := x[i] - w.x[i]
		w.x[i] = x[i]
		if x[i] < w.part.low[i] || x[i] > w.part.high[i] {
			return false
		}
		for _, e := range w.part.with[i] {
			w.off[e] += by * w.part.rows[e].factor(i)
		}
	}
	for _, i := range changed {
		for _, e := range w.part.with[i] {
			if w.off[e] != 0 {
				return false
			}
		}
	}
	for _, i := range changed {
		f := &w.part.found[i]
		f.least, f.most = min(f.least, x[i]), max(f.most, x[i])
	}
	return true
}
