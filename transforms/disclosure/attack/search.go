package attack

import "slices"

// searchSteps is how many values one part's complete search may try.
const searchSteps = 200_000

// search closes, value by value, the gap that linear programming left between
// what is possible at most and what a solution was found for: it tries whether a
// solution in whole numbers exists. It stops when the steps are spent.
func (c *part) search() {
	steps := searchSteps
	for _, x := range c.targets {
		f := &c.found[x]
		for f.high != Unbounded && f.high > f.most && f.low <= f.high {
			found, done := c.solution(x, f.high, &steps)
			if !done {
				return
			}
			if !found {
				f.high--
			}
		}
		for f.low < f.least && f.low <= f.high {
			found, done := c.solution(x, f.low, &steps)
			if !done {
				return
			}
			if !found {
				f.low++
			}
		}
	}
}

// solution searches for a solution in which x has the value; done is false if
// the steps were spent before all possibilities were tried.
func (c *part) solution(x int32, value int64, steps *int) (found, done bool) {
	low, high := make([]int64, len(c.low)), make([]int64, len(c.low))
	for i := range low {
		// Outside the bounds found so far there is no solution either.
		low[i], high[i] = c.found[i].low, c.found[i].high
	}
	low[x], high[x] = value, value
	return c.complete(low, high, []int32{x}, steps)
}

// complete searches within bounds, of which those of changed are new.
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
