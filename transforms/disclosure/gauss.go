package disclosure

import "slices"

// elimination keeps which sums of inner cells a reader can compute from what is
// shown, and what is left of each protected sum after taking those out. A
// protected sum of which nothing were left could be computed.
//
// It reckons modulo a prime: the matrices are of zeros and ones, so that what
// is dependent modulo a prime this large is dependent.
type elimination struct {
	basis     []vector  // reduced by those before it, in order of arrival
	pivot     []int32   // basis vector → the inner cell that it removes
	at        []int32   // inner cell → the basis vector that removes it, −1 none
	protected []vector  // what is left of each
	holders   [][]int32 // inner cell → protected that had it at some time
	scratch   []int64   // a dense vector, all 0 between uses
}

// prime is 2³¹ − 1: products of two residues fit 64 bits.
const prime = 1<<31 - 1

// A vector is sparse, ordered by inner cell.
type vector []element

type element struct {
	cell  int32
	value int64 // 1 to prime − 1
}

func newElimination(h *hiding) *elimination {
	e := &elimination{
		at:      slices.Repeat([]int32{-1}, len(h.inner)),
		holders: make([][]int32, len(h.inner)),
		scratch: make([]int64, len(h.inner)),
	}
	for j, s := range h.status {
		if s == Primary {
			e.protect(vectorOf(h.cells[j].parts))
		}
	}
	for _, sum := range h.sums {
		var v vector
		for _, j := range sum {
			v = e.combine(v, vectorOf(h.cells[j].parts), 1)
		}
		e.protect(v)
	}
	return e
}

func vectorOf(parts []int32) vector {
	v := make(vector, len(parts))
	for i, cell := range parts {
		v[i] = element{cell, 1}
	}
	return v
}

func (e *elimination) protect(v vector) {
	for _, el := range v {
		e.holders[el.cell] = append(e.holders[el.cell], int32(len(e.protected)))
	}
	e.protected = append(e.protected, v)
}

// show adds the sum of these inner cells to what a reader knows, unless a
// protected one could be computed then; it reports whether it did.
func (e *elimination) show(parts []int32) bool {
	v := e.reduce(parts)
	if len(v) == 0 {
		return true // it could be computed already
	}
	// What removes fewest protected vectors keeps them sparse.
	pivot := 0
	for i, el := range v {
		if len(e.holders[el.cell]) < len(e.holders[v[pivot].cell]) {
			pivot = i
		}
	}
	cell := v[pivot].cell
	v = scaled(v, inverse(v[pivot].value))
	for _, p := range e.holders[cell] {
		if len(e.protected[p]) == len(v) && slices.Equal(v, scaled(e.protected[p], inverse(e.protected[p].value(cell)))) {
			return false
		}
	}
	for _, p := range e.holders[cell] {
		f := e.protected[p].value(cell)
		if f == 0 {
			continue
		}
		had := e.protected[p]
		e.protected[p] = e.combine(had, v, prime-f)
		for _, el := range e.protected[p] {
			if had.value(el.cell) == 0 && !slices.Contains(e.holders[el.cell], p) {
				e.holders[el.cell] = append(e.holders[el.cell], p)
			}
		}
	}
	e.holders[cell] = nil
	e.at[cell] = int32(len(e.basis))
	e.basis, e.pivot = append(e.basis, v), append(e.pivot, cell)
	return true
}

// reduce takes out of a sum what the basis already tells. A basis vector holds no
// cell that an earlier one removes, so that going by arrival ends.
func (e *elimination) reduce(parts []int32) vector {
	var queue []int32 // basis vectors to take out, the earliest last
	var touched []int32
	touch := func(cell int32) {
		touched = append(touched, cell)
		if b := e.at[cell]; b >= 0 {
			i, _ := slices.BinarySearchFunc(queue, b, func(q, b int32) int { return int(b - q) })
			queue = slices.Insert(queue, i, b)
		}
	}
	for _, cell := range parts {
		e.scratch[cell] = 1
		touch(cell)
	}
	for len(queue) > 0 {
		b := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		f := e.scratch[e.pivot[b]]
		if f == 0 {
			continue
		}
		for _, el := range e.basis[b] {
			old := e.scratch[el.cell]
			e.scratch[el.cell] = (old + (prime-f)*el.value) % prime
			if old == 0 {
				touch(el.cell)
			}
		}
	}
	var v vector
	slices.Sort(touched)
	for _, cell := range touched {
		if e.scratch[cell] != 0 {
			v = append(v, element{cell, e.scratch[cell]})
			e.scratch[cell] = 0
		}
	}
	return v
}

// combine returns a + f·b.
func (e *elimination) combine(a, b vector, f int64) vector {
	out := make(vector, 0, len(a)+len(b))
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case j == len(b) || i < len(a) && a[i].cell < b[j].cell:
			out = append(out, a[i])
			i++
		case i == len(a) || b[j].cell < a[i].cell:
			out = append(out, element{b[j].cell, f * b[j].value % prime})
			j++
		default:
			if v := (a[i].value + f*b[j].value) % prime; v != 0 {
				out = append(out, element{a[i].cell, v})
			}
			i, j = i+1, j+1
		}
	}
	return out
}

// value returns the element for an inner cell, 0 if there is none.
func (v vector) value(cell int32) int64 {
	i, ok := slices.BinarySearchFunc(v, cell, func(e element, cell int32) int { return int(e.cell - cell) })
	if !ok {
		return 0
	}
	return v[i].value
}

// scaled returns f·v.
func scaled(v vector, f int64) vector {
	out := make(vector, len(v))
	for i, el := range v {
		out[i] = element{el.cell, el.value * f % prime}
	}
	return out
}

// inverse returns 1/v modulo the prime: v to the power of prime − 2.
func inverse(v int64) int64 {
	out := int64(1)
	for n := prime - 2; n > 0; n >>= 1 {
		if n&1 == 1 {
			out = out * v % prime
		}
		v = v * v % prime
	}
	return out
}
