package attack

import "slices"

const (
	// smallPart is how many unknowns a part may have to be searched completely.
	smallPart = 64
	// searchSteps is how many values the search may try for one cell, fewer in
	// parts that are not small, where a step costs more.
	searchSteps = 20_000
)

// search closes, value by value, the gap that linear programming left between
// what is possible at most and what a solution was found for: it tries whether a
// solution in whole numbers exists. In a part that is not small it looks only at
// cells about which there is no verdict yet.
func (c *part) search() {
	small := len(c.cells) <= smallPart
	for _, x := range c.targets {
		f := &c.found[x]
		steps := searchSteps
		if !small {
			steps = searchSteps / 100
		}
		open := func() bool {
			return steps > 0 && f.low <= f.high && (small || f.verdict(c.cell[x]) == NotProven)
		}
		for f.high != Unbounded && f.high > f.most && open() {
			if c.impossible(x, f.high, &steps) {
				f.high--
			}
		}
		for f.low < f.least && open() {
			if c.impossible(x, f.low, &steps) {
				f.low++
			}
		}
	}
}

// impossible reports whether no solution has this value for x. If it finds one,
// the bounds of x know it; if the steps are spent first, they are below 0.
func (c *part) impossible(x int32, value int64, steps *int) bool {
	low, high := make([]int64, len(c.low)), make([]int64, len(c.low))
	for i := range low {
		// Outside the bounds found so far there is no solution either.
		low[i], high[i] = c.found[i].low, c.found[i].high
	}
	low[x], high[x] = value, value
	found, done := c.complete(low, high, []int32{x}, steps)
	return done && !found
}

// complete searches for a solution within bounds, of which those of changed are
// new; done is false if the steps were spent before all was tried.
func (c *part) complete(low, high []int64, changed []int32, steps *int) (found, done bool) {
	if *steps--; *steps < 0 {
		return false, false
	}
	if !c.narrow(low, high, changed) {
		return false, true
	}
	branch := int32(-1)
	for i := range low {
		if high[i] == Unbounded {
			return false, false
		}
		if width := high[i] - low[i]; width > 0 && (branch < 0 || width < high[branch]-low[branch]) {
			branch = int32(i)
		}
	}
	if branch < 0 {
		return c.witness(low), true
	}
	for v := low[branch]; v <= high[branch]; v++ {
		l, h := slices.Clone(low), slices.Clone(high)
		l[branch], h[branch] = v, v
		if found, done := c.complete(l, h, []int32{branch}, steps); found || !done {
			return found, done
		}
	}
	return false, true
}
