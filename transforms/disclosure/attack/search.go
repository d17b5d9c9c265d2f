package attack

import "slices"

const (
	// smallPart is how many unknowns a part may have to be searched completely.
	smallPart = 64
	// searchSteps is how many values the search may try for one cell, fewer in
	// parts that are not small, where a step costs more.
	searchSteps = 20_000
	fewSteps    = searchSteps / 100
)

// large says that proving the targets of a part safe has to do: bounds that are exact would
// take too long.
func (c *part) large() bool { return len(c.cells) > smallPart }

// safe says whether all targets are.
func (c *part) safe() bool {
	return !slices.ContainsFunc(c.targets, func(x int32) bool { return c.found[x].verdict(c.cell[x]) != Safe })
}

// enough says whether no more has to be found out of how far a target can go up or down: in a
// large part, if it is proven safe or a solution takes it to the goal.
func (c *part) enough(x int32, up bool) bool {
	f := c.found[x]
	switch {
	case !c.large() || f.least > f.most:
		return false
	case f.verdict(c.cell[x]) == Safe:
		return true
	case up:
		return f.most >= c.goal(x, up)
	}
	return f.least <= c.goal(x, up)
}

// goal is how far a target must go up or down to be safe, or can go at most.
func (c *part) goal(x int32, up bool) int64 {
	f, width := c.found[x], c.cell[x].Width
	if up {
		return min(f.high, f.least+width)
	}
	return max(f.low, f.most-width)
}

// reached says whether a value takes a target, of which a solution is known, to its goal.
func (c *part) reached(x int32, up bool, value float64) bool {
	switch f := c.found[x]; {
	case f.least > f.most:
		return false
	case up:
		return value >= float64(c.goal(x, up))-slack
	}
	return value <= float64(c.goal(x, up))+slack
}

// reach looks for a solution that takes a target to its goal, or finds out that there is none.
func (c *part) reach(x int32, up bool, effort *float64) {
	low, high := c.limits()
	goal := c.goal(x, up)
	if up {
		low[x] = goal
	} else {
		high[x] = goal
	}
	steps := fewSteps
	switch found, done := c.complete(low, high, []int32{x}, &steps); {
	case found || !done:
	case up:
		c.found[x].high = goal - 1
	default:
		c.found[x].low = goal + 1
	}
	*effort -= float64((fewSteps - steps) * len(c.cells))
}

// limits are the bounds found so far. Outside them there is no solution.
func (c *part) limits() (low, high []int64) {
	for _, f := range c.found {
		low, high = append(low, f.low), append(high, f.high)
	}
	return low, high
}

// search closes, value by value, the gap that linear programming left between
// what is possible at most and what a solution was found for: it tries whether a
// solution in whole numbers exists. In a part that is not small it looks only at
// cells about which there is no verdict yet.
func (c *part) search(effort *float64) {
	for _, x := range c.targets {
		f := &c.found[x]
		most := searchSteps
		if c.large() {
			most = fewSteps
		}
		steps := most
		open := func() bool {
			return steps > 0 && *effort > 0 && f.low <= f.high && (!c.large() || f.verdict(c.cell[x]) == NotProven)
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
		*effort -= float64((most - steps) * len(c.cells))
	}
}

// impossible reports whether no solution has this value for x. If it finds one,
// the bounds of x know it; if the steps are spent first, they are below 0.
func (c *part) impossible(x int32, value int64, steps *int) bool {
	low, high := c.limits()
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
