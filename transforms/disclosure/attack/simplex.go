package attack

import (
	"context"
	"fmt"
	"math"
	"slices"
)

const (
	eps       = 1e-9 // what counts as zero
	smallest  = 1e-7 // smallest pivot
	slack     = 1e-6 // by how much a bound is relaxed before it is rounded inward
	stalled   = 40   // pivots without progress before the rule that cannot cycle
	maxMatrix = 1 << 24
	maxWork   = 2e10 // matrix elements touched in one part
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
	work      float64
}

// program bounds the targets by linear programming.
func (c *part) program(ctx context.Context) error {
	if float64(len(c.rows))*float64(len(c.cells)) > maxMatrix {
		return nil // nothing proven beyond what single equations say
	}
	p := newProgram(c)
	if !p.feasible() {
		if p.work > maxWork {
			return nil
		}
		return ErrContradiction
	}
	p.note()
	for _, x := range c.targets {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("search linear programs: %w", err)
		}
		f := &c.found[x]
		if p.extreme(x, 1) {
			f.high = min(f.high, int64(math.Floor(p.x[x]+slack)))
		}
		if p.extreme(x, -1) {
			f.low = max(f.low, int64(math.Ceil(p.x[x]-slack)))
		}
	}
	c.search()
	return nil
}

// newProgram brings the equations into the form above by elimination, and drops
// those that follow from others.
func newProgram(c *part) *program {
	n := len(c.cells)
	p := &program{part: c, x: make([]float64, n), row: slices.Repeat([]int32{-1}, n)}
	p.reach = 1 << 20
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
	}
	var rhs []float64
	for _, r := range c.rows {
		row := make([]float64, n)
		for _, t := range r.terms {
			row[t.x] = float64(t.factor)
		}
		p.a, rhs = append(p.a, row), append(rhs, float64(r.sum))
	}
	p.eliminate(rhs)
	for i := range p.a {
		p.x[p.basic[i]] = rhs[i]
		for j, v := range p.a[i] {
			if v != 0 && p.row[j] < 0 {
				p.x[p.basic[i]] -= v * p.x[j]
			}
		}
	}
	return p
}

// eliminate makes one unknown of each row basic, the one that fewest rows have.
func (p *program) eliminate(rhs []float64) {
	holders := make([]int, len(p.x))
	for _, row := range p.a {
		for j, v := range row {
			if v != 0 {
				holders[j]++
			}
		}
	}
	kept := 0
	for i := range p.a {
		best := -1
		for j, v := range p.a[i] {
			if math.Abs(v) > smallest && (best < 0 || holders[j] < holders[best]) {
				best = j
			}
		}
		if best < 0 {
			continue
		}
		p.a[kept], p.a[i] = p.a[i], p.a[kept]
		rhs[kept], rhs[i] = rhs[i], rhs[kept]
		scale := p.a[kept][best]
		for j := range p.a[kept] {
			p.a[kept][j] /= scale
		}
		rhs[kept] /= scale
		for k := range p.a {
			if f := p.a[k][best]; k != kept && f != 0 {
				subtract(p.a[k], p.a[kept], f)
				p.a[k][best] = 0
				rhs[k] -= f * rhs[kept]
			}
		}
		p.basic, p.row[best] = append(p.basic, int32(best)), int32(kept)
		kept++
	}
	p.a = p.a[:kept]
	for i, b := range p.basic {
		p.a[i][b] = 0 // the basic unknown's own 1 is implied
	}
}

// subtract takes f times row b from row a, and keeps whole numbers whole.
func subtract(a, b []float64, f float64) {
	for j, v := range b {
		if v == 0 {
			continue
		}
		d := a[j] - f*v
		if r := math.Round(d); math.Abs(d-r) < eps {
			d = r
		}
		a[j] = d
	}
}

// feasible moves until every basic unknown lies within its bounds.
func (p *program) feasible() bool {
	still, last := 0, math.Inf(1)
	for p.work < maxWork {
		wrong := 0.0
		gradient := make([]float64, len(p.x))
		for i, b := range p.basic {
			side := p.outside(b)
			if side == 0 {
				continue
			}
			wrong += math.Abs(p.x[b] - p.bound(b, side))
			for j, v := range p.a[i] {
				gradient[j] -= side * v
			}
		}
		p.work += float64(len(p.a)) + float64(len(p.x))
		if wrong == 0 {
			return true
		}
		if wrong < last-eps {
			still, last = 0, wrong
		} else {
			still++
		}
		enter, direction := p.enter(gradient, still > stalled)
		if enter < 0 {
			return false
		}
		p.step(enter, direction, still > stalled)
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

func (p *program) bound(x int32, side float64) float64 {
	if side < 0 {
		return p.low[x]
	}
	return p.high[x]
}

// extreme moves to the highest (sign 1) or lowest (−1) value of x. It returns
// false if that is not proven to be one: if the effort is spent, or if an unknown
// without upper bound went as far as it was let.
func (p *program) extreme(x int32, sign float64) bool {
	still, last := 0, math.Inf(-1)
	gradient := make([]float64, len(p.x))
	for p.work < maxWork {
		clear(gradient)
		if r := p.row[x]; r >= 0 {
			for j, v := range p.a[r] {
				gradient[j] = sign * v // by how much sign·x falls as j rises
			}
		} else {
			gradient[x] = -sign
		}
		p.work += float64(len(p.x))
		if v := sign * p.x[x]; v > last+eps {
			still, last = 0, v
		} else {
			still++
		}
		enter, direction := p.enter(gradient, still > stalled)
		if enter < 0 {
			p.note()
			return !p.atReach(gradient)
		}
		p.step(enter, direction, still > stalled)
	}
	return false
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
	p.work += float64(len(p.a))
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
		return p.bound(x, math.Copysign(1, speed))
	case side*speed > 0:
		return math.Inf(1)
	default:
		return p.bound(x, side)
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
	row := p.a[i]
	scale := row[enter]
	row[enter], row[leave] = 0, 1
	for j, v := range row {
		if v != 0 {
			row[j] = snap(v / scale)
		}
	}
	p.work += float64(len(row))
	for k := range p.a {
		f := p.a[k][enter]
		if k == i || f == 0 {
			continue
		}
		p.a[k][enter] = 0
		subtract(p.a[k], row, f)
		p.work += float64(len(row))
	}
	p.basic[i], p.row[enter], p.row[leave] = enter, int32(i), -1
	// The one that left stands exactly at the bound it met.
	switch x := p.x[leave]; {
	case math.Abs(x-p.low[leave]) < slack:
		p.x[leave] = p.low[leave]
	case math.Abs(x-p.high[leave]) < slack:
		p.x[leave] = p.high[leave]
	}
}

// note offers the present corner as a witness if it is one of whole numbers.
func (p *program) note() {
	whole := make([]int64, len(p.x))
	for i, v := range p.x {
		r := math.Round(v)
		if math.Abs(v-r) > slack {
			return
		}
		whole[i] = int64(r)
	}
	p.part.witness(whole)
}
