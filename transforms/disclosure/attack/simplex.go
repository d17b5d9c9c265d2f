package attack

import (
	"context"
	"fmt"
	"math"
	"slices"
)

const (
	eps       = 1e-9    // what counts as zero
	smallest  = 1e-6    // smallest pivot
	slack     = 1e-6    // by how much a bound is relaxed before it is rounded inward
	stalled   = 40      // pivots without progress before the rule that cannot cycle
	fresh     = 100     // pivots after which rounding errors may matter
	maxMatrix = 1 << 24 // elements of the matrix
	maxWork   = 4e9     // elements touched in one audit
)

// program is a part as a linear program with bounded unknowns, always in the form
//
//	x[basic[i]] + Σ a[i][j]·x[j] = rhs[i]    over the unknowns j outside the basis
//
// where every unknown outside the basis stands at one of its bounds. Rows are
// stored in full but only their elements other than 0 are worked on: those of
// tables stay sparse.
type program struct {
	part      *part
	reach     float64 // stands for no upper bound: beyond all that is published
	low, high []float64
	a         [][]float64
	basic     []int32
	row       []int32 // unknown → its row, −1 outside the basis
	x         []float64
	effort    *float64 // that is left
	pivots    int      // since the matrix was last without rounding errors
	saved     *program
}

// program bounds the targets by linear programming. In a large part of which a solution is known
// this is for those that exchanges do not prove safe. Thorough says that no effort is spared
// for these.
func (c *part) program(ctx context.Context, thorough bool, effort *float64) error {
	exchanged := false
	exchange := func() error {
		exchanged = true
		return newExchanger(c, effort).prove(ctx)
	}
	if c.large() && c.solution != nil {
		if err := exchange(); err != nil || c.safe() {
			return err
		}
	}
	if float64(len(c.rows))*float64(len(c.cells)) > maxMatrix {
		return nil // nothing proven beyond what single equations say
	}
	p := newProgram(c, effort)
	if c.solution == nil && !p.feasible(true) {
		if *effort <= 0 {
			return nil
		}
		return ErrContradiction
	}
	p.note()
	p.save()
	for _, x := range c.targets {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("search linear programs: %w", err)
		}
		if c.large() && c.solution != nil && !exchanged {
			if err := exchange(); err != nil {
				return err
			}
		}
		for _, up := range []bool{false, true} {
			if !c.enough(x, up) {
				p.target(x, up, thorough)
			}
		}
	}
	c.search(effort)
	return nil
}

// target looks for how far a target can go up or down, and for a solution that takes it there.
func (p *program) target(x int32, up, thorough bool) {
	c := p.part
	if c.large() && c.solution != nil {
		for i, v := range c.solution {
			p.x[i] = float64(v) // of whatever basis: an unknown outside it need not be at a bound
		}
	}
	known := c.solution != nil
	p.bound(x, up)
	if !known || !c.large() {
		p.dive(x)
		return
	}
	if !c.enough(x, up) {
		c.reach(x, up, p.effort)
	}
	if thorough && !c.enough(x, up) {
		p.diveTo(x, up)
	}
}

// bound looks for how far a target can go up or down.
func (p *program) bound(x int32, up bool) {
	if !p.extreme(x, up) {
		return
	}
	if f := &p.part.found[x]; up {
		f.high = min(f.high, int64(math.Floor(p.x[x]+slack)))
	} else {
		f.low = max(f.low, int64(math.Ceil(p.x[x]-slack)))
	}
}

func newProgram(c *part, effort *float64) *program {
	n := len(c.cells)
	p := &program{part: c, x: make([]float64, n), reach: 1 << 20, effort: effort}
	for _, r := range c.rows {
		p.reach += math.Abs(float64(r.sum))
	}
	for i := range n {
		p.low = append(p.low, float64(c.low[i]))
		high := p.reach
		if c.high[i] != Unbounded {
			high = float64(c.high[i])
		}
		p.high = append(p.high, high)
		p.x[i] = p.low[i]
		if c.solution != nil {
			p.x[i] = float64(c.solution[i])
		}
	}
	p.eliminate()
	return p
}

// eliminate brings the equations into the form above and drops those that follow
// from others. Each row makes one unknown basic: one that was before, else the one
// that fewest rows have. The unknowns outside the basis keep their values, the
// others follow, without the rounding errors of earlier pivots.
func (p *program) eliminate() {
	n := len(p.x)
	holders := make([]int, n)
	for j, rows := range p.part.with {
		holders[j] = len(rows)
	}
	for _, j := range p.basic {
		holders[j] = 0
	}
	p.a, p.basic, p.row = nil, nil, slices.Repeat([]int32{-1}, n)
	for _, r := range p.part.rows {
		row := make([]float64, n+1) // the last is the right-hand side
		for _, t := range r.terms {
			row[t.x] = float64(t.factor)
		}
		row[n] = float64(r.sum)
		p.a = append(p.a, row)
	}
	kept := 0
	for i, row := range p.a {
		best := -1
		for j, v := range row[:n] {
			if math.Abs(v) > smallest && (best < 0 || holders[j] < holders[best] ||
				holders[j] == holders[best] && math.Abs(v) > math.Abs(row[best])) {
				best = j
			}
		}
		if best < 0 {
			continue
		}
		p.a[kept], p.a[i] = p.a[i], p.a[kept]
		p.clear(kept, best)
		p.basic, p.row[best] = append(p.basic, int32(best)), int32(kept)
		kept++
	}
	p.a = p.a[:kept]
	p.settle()
	p.pivots = 0
	*p.effort -= float64(len(p.part.rows) * n)
}

// settle works out the values of the basic unknowns.
func (p *program) settle() {
	n := len(p.x)
	for j := range p.x {
		if p.row[j] >= 0 {
			continue
		}
		p.x[j] = p.onto(int32(j), snap(p.x[j]))
	}
	for i, b := range p.basic {
		row := p.a[i]
		row[b] = 0 // the basic unknown's own 1 is implied
		p.x[b] = row[n]
		for j, v := range row[:n] {
			if v != 0 {
				p.x[b] -= v * p.x[j]
			}
		}
		p.x[b] = snap(p.x[b])
		p.a[i] = row[:n]
	}
}

// clear makes element j of row i 1 and that of all other rows 0.
func (p *program) clear(i, j int) {
	row := p.a[i]
	scale := row[j]
	var filled []int32
	for c, v := range row {
		if v != 0 {
			row[c] = v / scale
			filled = append(filled, int32(c))
		}
	}
	row[j] = 1
	for k, other := range p.a {
		f := other[j]
		if k == i || f == 0 {
			continue
		}
		for _, c := range filled {
			d := other[c] - f*row[c]
			if d < eps && d > -eps {
				d = 0
			}
			other[c] = d
		}
		other[j] = 0
		*p.effort -= float64(len(filled))
	}
	*p.effort -= float64(len(row) + len(p.a))
}

// save keeps the program as it is, to be returned to.
func (p *program) save() {
	s := *p
	s.a = nil
	for _, row := range p.a {
		s.a = append(s.a, slices.Clone(row))
	}
	s.basic, s.row, s.x = slices.Clone(p.basic), slices.Clone(p.row), slices.Clone(p.x)
	p.saved = &s
}

func (p *program) restore() {
	for i, row := range p.saved.a {
		copy(p.a[i], row)
	}
	copy(p.basic, p.saved.basic)
	copy(p.row, p.saved.row)
	copy(p.x, p.saved.x)
	p.pivots = 0
	*p.effort -= float64(len(p.a) * len(p.x))
}

// feasible moves until every basic unknown lies within its bounds. If exact, it
// does not conclude anything from a matrix with rounding errors; else it soon
// gives up.
func (p *program) feasible(exact bool) bool {
	still, last := 0, math.Inf(1)
	gradient := make([]float64, len(p.x))
	for steps := 0; *p.effort > 0 && (exact || steps < 2*fresh); steps++ {
		wrong := 0.0
		clear(gradient)
		for i, b := range p.basic {
			side := p.outside(b)
			if side == 0 {
				continue
			}
			wrong += math.Abs(p.x[b] - p.limit(b, side))
			for j, v := range p.a[i] {
				gradient[j] -= side * v
			}
			*p.effort -= float64(len(p.x))
		}
		if wrong < last-eps {
			still, last = 0, wrong
		} else {
			still++
		}
		enter, direction := p.enter(gradient, still > stalled)
		switch {
		case p.pivots > 0 && (exact && (wrong == 0 || enter < 0) || p.pivots > 10*fresh):
			p.eliminate()
			last = math.Inf(1)
		case wrong == 0:
			return true
		case enter < 0:
			return false
		default:
			p.step(enter, direction, still > stalled)
		}
	}
	return false
}

// outside is −1 if x lies below its bounds, 1 above, 0 within.
func (p *program) outside(x int32) float64 {
	switch {
	case p.x[x] < p.low[x]-slack:
		return -1
	case p.x[x] > p.high[x]+slack:
		return 1
	}
	return 0
}

func (p *program) limit(x int32, side float64) float64 {
	if side < 0 {
		return p.low[x]
	}
	return p.high[x]
}

// extreme moves to the highest or lowest value of x. It returns false if that is
// not proven to be one: if the effort is spent, if an unknown without upper bound
// went as far as it was let, or if x went as far as is enough in a large part.
func (p *program) extreme(x int32, up bool) bool {
	sign := -1.0
	if up {
		sign = 1
	}
	if p.pivots > fresh {
		p.restore()
	}
	still, last := 0, math.Inf(-1)
	gradient := make([]float64, len(p.x))
	for *p.effort > 0 {
		clear(gradient)
		if r := p.row[x]; r >= 0 {
			for j, v := range p.a[r] {
				gradient[j] = sign * v // by how much sign·x falls as j rises
			}
		} else {
			gradient[x] = -sign
		}
		*p.effort -= float64(len(p.x))
		if v := sign * p.x[x]; v > last+eps {
			still, last = 0, v
		} else {
			still++
		}
		enter, direction := p.enter(gradient, still > stalled)
		switch {
		case p.pivots > 0 && (p.residual() > eps || p.pivots > 4*fresh):
			if p.eliminate(); !p.feasible(true) {
				p.restore()
				return false
			}
			last = math.Inf(-1)
		case enter < 0:
			return !p.atReach(gradient)
		case p.part.large() && p.part.reached(x, up, p.x[x]):
			return false
		default:
			p.step(enter, direction, still > stalled)
			if p.part.large() {
				p.note()
			}
		}
	}
	return false
}

// residual is by how much the present values miss the equations.
func (p *program) residual() float64 {
	worst := 0.0
	for _, r := range p.part.rows {
		sum := -float64(r.sum)
		for _, t := range r.terms {
			sum += float64(t.factor) * p.x[t.x]
		}
		worst = max(worst, math.Abs(sum))
	}
	return worst
}

// atReach reports whether the corner is only the best because an unknown without
// upper bound was not let any further.
func (p *program) atReach(gradient []float64) bool {
	for j, g := range gradient {
		if p.row[j] < 0 && math.Abs(g) > 10*eps && p.x[j] >= p.reach-slack {
			return true
		}
	}
	return false
}

// enter chooses the unknown whose move helps most, or with careful the first one
// that helps, which cannot cycle. A positive gradient is helped by a fall.
func (p *program) enter(gradient []float64, careful bool) (x int32, direction float64) {
	x = -1
	best := 10 * eps
	for j, g := range gradient {
		if p.row[j] >= 0 || math.Abs(g) <= best || p.low[j] == p.high[j] {
			continue
		}
		if g > 0 && p.x[j] <= p.low[j]+eps || g < 0 && p.x[j] >= p.high[j]-eps {
			continue
		}
		x, direction = int32(j), -math.Copysign(1, g)
		if careful {
			return x, direction
		}
		best = math.Abs(g)
	}
	return x, direction
}

// step moves an unknown outside the basis until it or a basic one meets a bound,
// which then leaves the basis.
func (p *program) step(enter int32, direction float64, careful bool) {
	length := p.high[enter] - p.low[enter]
	leave, pivot := -1, 0.0
	for i, b := range p.basic {
		v := p.a[i][enter]
		if math.Abs(v) < smallest {
			continue
		}
		stop := p.stop(b, -v*direction)
		if math.IsInf(stop, 1) {
			continue
		}
		t := max(0, (stop-p.x[b])/(-v*direction))
		tie := math.Abs(t-length) <= eps && leave >= 0
		if t < length-eps || leave < 0 && t < length ||
			tie && !careful && math.Abs(v) > math.Abs(pivot) || tie && careful && b < p.basic[leave] {
			length, leave, pivot = min(t, length), i, v
		}
	}
	*p.effort -= float64(len(p.a))
	for i, b := range p.basic {
		if v := p.a[i][enter]; v != 0 {
			p.x[b] = snap(p.x[b] - v*direction*length)
		}
	}
	p.x[enter] = snap(p.x[enter] + direction*length)
	if leave >= 0 {
		p.pivot(leave, enter)
	}
}

// stop is the value at which a basic unknown moving by speed meets a bound: that
// of the side it is outside of if it moves inward, infinite if it moves outward.
func (p *program) stop(x int32, speed float64) float64 {
	switch side := p.outside(x); {
	case side == 0:
		return p.limit(x, math.Copysign(1, speed))
	case side*speed > 0:
		return math.Inf(1)
	default:
		return p.limit(x, side)
	}
}

func snap(v float64) float64 {
	if r := math.Round(v); math.Abs(v-r) < eps {
		return r
	}
	return v
}

// pivot exchanges the basic unknown of a row with one outside the basis.
func (p *program) pivot(i int, enter int32) {
	leave := p.basic[i]
	p.a[i][leave] = 1
	p.clear(i, int(enter))
	p.a[i][enter] = 0
	p.basic[i], p.row[enter], p.row[leave] = enter, int32(i), -1
	p.pivots++
	// The one that left stands exactly at the bound it met.
	p.x[leave] = p.onto(leave, p.x[leave])
}

// onto returns a value of x, or the bound that it is close to.
func (p *program) onto(x int32, value float64) float64 {
	switch {
	case math.Abs(value-p.low[x]) < slack:
		return p.low[x]
	case math.Abs(value-p.high[x]) < slack:
		return p.high[x]
	}
	return value
}

// dive looks for a solution in whole numbers near the present corner, if there is
// no verdict on x yet: it fixes one unknown after the other to the whole number
// next to its value and makes the others follow.
func (p *program) dive(x int32) {
	c := p.part
	if p.note() || c.found[x].verdict(c.cell[x]) != NotProven {
		return
	}
	low, high := slices.Clone(p.low), slices.Clone(p.high)
	for !p.note() && *p.effort > 0 {
		j := p.nearlyWhole()
		v := p.x[j]
		p.low[j], p.high[j] = math.Round(v), math.Round(v)
		if p.feasible(false) {
			continue
		}
		other := math.Floor(v) + math.Ceil(v) - math.Round(v)
		p.low[j], p.high[j] = other, other
		if other < low[j] || other > high[j] || !p.feasible(false) {
			break
		}
	}
	p.low, p.high = low, high
	p.restore()
}

// diveTo looks for a solution in whole numbers near the present corner that takes x to its goal.
func (p *program) diveTo(x int32, up bool) {
	low, high := p.low[x], p.high[x]
	if goal := float64(p.part.goal(x, up)); up {
		p.low[x] = goal
	} else {
		p.high[x] = goal
	}
	if p.feasible(false) {
		p.dive(x)
	}
	p.low[x], p.high[x] = low, high
	p.restore()
}

// nearlyWhole returns the unknown that is closest to a whole number without being one.
func (p *program) nearlyWhole() int {
	best, least := -1, 1.0
	for j, v := range p.x {
		if d := math.Abs(v - math.Round(v)); d > slack && d < least {
			best, least = j, d
		}
	}
	return best
}

// note offers the present corner as a witness. It reports whether that is one of
// whole numbers, which no dive can improve.
func (p *program) note() bool {
	whole := make([]int64, len(p.x))
	for i, v := range p.x {
		r := math.Round(v)
		if math.Abs(v-r) > slack {
			return false
		}
		whole[i] = int64(r)
	}
	p.part.witness(whole)
	return true
}
