package disclosure

import (
	"container/heap"
	"fmt"
	"strings"
)

// Rounded is a protected table: additive, with no cell from 1 to base − 1.
type Rounded struct {
	Base int64
	// Inner is the rounded value of each of the table's cells, in the order of
	// Table.Cells. It is what a later release must be given as Cell.Before.
	Inner []int64
	// Cells are the published cells, ordered by dimension: total, groups as
	// given, codes sorted. Cells without any inner cell are 0 and not listed.
	Cells []RoundedCell
}

// A RoundedCell is one published cell with what it truly counts.
type RoundedCell struct {
	Codes []string
	Count int64 // true
	Value int64 // published
}

// Deviation returns the largest and the mean absolute difference between what
// is published and what is true.
func (r *Rounded) Deviation() (largest int64, mean float64) {
	for _, c := range r.Cells {
		d := max(c.Value-c.Count, c.Count-c.Value)
		largest = max(largest, d)
		mean += float64(d)
	}
	return largest, mean / float64(max(1, len(r.Cells)))
}

// Round rounds every inner cell from 1 to base − 1 down to 0 or up to base
// (small-count rounding after Langsrud and Heldal) and leaves the others as they
// are. Which go up is chosen so that the squared deviations of all published
// cells together are small. Every published cell is the sum of its rounded
// inner cells.
//
// A cell that was published before keeps the value it had as long as the true
// count lies within base of it, and then moves by whole steps of base; see
// [Following]. Base must be at least 2.
func Round(t Table, base int64) (*Rounded, error) {
	if base < 2 {
		return nil, fmt.Errorf("round table: base %d protects nothing; it must be 2 or more", base)
	}
	s, err := newSystem(t)
	if err != nil {
		return nil, fmt.Errorf("round table: %w", err)
	}
	r := &rounding{system: s, base: base, value: make([]int64, len(s.inner)), off: make([]int64, len(s.cells))}
	for pos, i := range s.inner {
		switch c := t.Cells[i]; {
		case c.Before != nil && *c.Before > 0 && *c.Before < base:
			return nil, fmt.Errorf("round table: %w: cell %s was published as %d, which base %d never gives",
				ErrTable, strings.Join(c.Codes, " | "), *c.Before, base)
		case c.Before != nil:
			r.value[pos] = Following(*c.Before, c.Count, base)
		case c.Count > 0 && c.Count < base:
			r.free = append(r.free, int32(pos))
		default:
			r.value[pos] = c.Count
		}
		for _, j := range s.of[pos] {
			r.off[j] += r.value[pos] - s.counts[pos]
		}
	}
	r.greedy()
	r.improve()
	return r.result(t), nil
}

// Following returns what to publish for a cell of count persons that an earlier
// release published as before.
//
// The value stays as long as |count − before| < base, else it moves to the
// nearest value that lies whole steps of base from before and within base of
// count. So whoever sees both releases learns the new count no closer than an
// interval of base values, and nothing about how it differs from the old one
// that is closer. The lowest value above 0 that the steps reach is kept for good: going to 0
// would tell that almost nobody is left.
func Following(before, count, base int64) int64 {
	lowest := before
	if before > base {
		lowest = base + before%base
	}
	switch {
	case count >= before+base:
		return before + (count-before)/base*base
	case count <= before-base:
		return max(lowest, before-(before-count)/base*base)
	}
	return before
}

// rounding is the search for which free cells go up.
type rounding struct {
	*system
	base  int64
	value []int64 // by inner position
	free  []int32 // positions that may be 0 or base
	off   []int64 // published cell → value − count
}

// cost is the change of the sum of squared deviations when the cell at pos
// changes by step: (off + step)² − off² = (2·off + step)·step for each cell.
func (r *rounding) cost(pos int32, step int64) int64 {
	var sum int64
	for _, j := range r.of[pos] {
		sum += 2*r.off[j] + step
	}
	return sum * step
}

func (r *rounding) move(pos int32, step int64) {
	r.value[pos] += step
	for _, j := range r.of[pos] {
		r.off[j] += step
	}
}

// greedy raises cells one at a time, always the one that helps most. Raising one
// can only make raising another less useful, so a stale cost is a lower bound
// and only the head of the queue needs to be worked out again.
func (r *rounding) greedy() {
	q := make(costQueue, 0, len(r.free))
	for _, pos := range r.free {
		q = append(q, costItem{r.cost(pos, r.base), pos})
	}
	heap.Init(&q)
	for len(q) > 0 && q[0].cost < 0 {
		now := r.cost(q[0].pos, r.base)
		if now > q[0].cost {
			q[0].cost = now
			heap.Fix(&q, 0)
			continue
		}
		r.move(q[0].pos, r.base)
		heap.Pop(&q)
	}
}

// improveWork bounds the second phase: comparisons of a raised with a lowered cell.
const improveWork = 20_000_000

// improve lowers, raises and exchanges single cells as long as that helps. An
// exchange within one published cell keeps that cell as it is, which is what
// single moves cannot do.
func (r *rounding) improve() {
	work := 0
	isFree := make([]bool, len(r.inner))
	for _, pos := range r.free {
		isFree[pos] = true
	}
	for changed := true; changed && work < improveWork; {
		changed = false
		for _, pos := range r.free {
			step := r.base
			if r.value[pos] != 0 {
				step = -r.base
			}
			if r.cost(pos, step) < 0 {
				r.move(pos, step)
				changed = true
				continue
			}
			if step < 0 && r.exchange(pos, isFree, &work) {
				changed = true
			}
		}
	}
}

// exchange lowers pos and raises the best partner that shares a published cell
// with it, if that helps.
func (r *rounding) exchange(pos int32, isFree []bool, work *int) bool {
	lower := r.cost(pos, -r.base)
	best, bestCost := int32(-1), int64(0)
	for _, j := range r.of[pos] {
		if len(r.cells[j].parts) > 1000 {
			continue // the single moves have seen to the large sums
		}
		for _, k := range r.cells[j].parts {
			if !isFree[k] || r.value[k] != 0 {
				continue
			}
			*work++
			raise := r.cost(k, r.base)
			if lower+raise-2*r.base*r.base*int64(len(r.of[pos])) >= bestCost {
				continue // not even if they shared everything
			}
			c := lower + raise - 2*r.base*r.base*int64(shared(r.of[pos], r.of[k]))
			if c < bestCost || c == bestCost && best >= 0 && k < best {
				best, bestCost = k, c
			}
		}
	}
	if best < 0 {
		return false
	}
	r.move(pos, -r.base)
	r.move(best, r.base)
	return true
}

// shared counts the common elements of two ascending lists.
func shared(a, b []int32) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}

func (r *rounding) result(t Table) *Rounded {
	out := &Rounded{Base: r.base, Inner: make([]int64, len(t.Cells))}
	for pos, i := range r.inner {
		out.Inner[i] = r.value[pos]
	}
	for j, c := range r.cells {
		out.Cells = append(out.Cells, RoundedCell{Codes: r.codes(c.key), Count: c.count, Value: c.count + r.off[j]})
	}
	return out
}

type costItem struct {
	cost int64
	pos  int32
}

// costQueue is a heap.Interface; the least cost first, then the first position.
type costQueue []costItem

func (q costQueue) Len() int      { return len(q) }
func (q costQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q costQueue) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].pos < q[j].pos
}
func (q *costQueue) Push(x any) { *q = append(*q, x.(costItem)) }
func (q *costQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
