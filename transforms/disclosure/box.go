package disclosure

import "slices"

// maxBoxes is how many boxes are looked at for one cell.
const maxBoxes = 20_000

// A box is some inner cells that persons can move between: where one cell at a corner of it
// counts one more, its neighbours count one less, and so on. Published cells that hold as many
// corners of the one kind as of the other tell nothing of that.
type box struct {
	up, down []int32 // inner cells that rise and fall
	rises    bool    // the cell that it was sought for
	room     int64   // how far it can go
	hide     []int32 // shown cells that tell of it
}

// boxes is a search for boxes with one corner in a published cell.
type boxes struct {
	*hiding
	cell   sumCell
	sides  [][]int32 // dimension → codes outside the cell
	higher []int64   // inner cell → count after the cell rose as far as it was let
	lower  []int64   // and after it fell
	change []int32   // published cell → by how much it changes as persons move; 0 between two boxes
	hidden []bool    // published cells that are hidden, or will be
	left   int       // boxes to look at
	best   *box
}

// boxes returns shown cells to hide so that no shown sum tells whether a cell is larger or
// smaller by Threshold − 1 in all: those that change as persons move around boxes. Of all
// boxes it takes those first that hide fewest cells for what they let a cell move. Enough says
// whether they let it move that far; else there are none.
func (h *hiding) boxes(cell int32) (hide []int32, enough bool) {
	b := &boxes{
		hiding: h, cell: h.cells[cell], sides: make([][]int32, len(h.dims)), left: maxBoxes,
		higher: slices.Clone(h.counts), lower: slices.Clone(h.counts), change: make([]int32, len(h.cells)), hidden: make([]bool, len(h.cells)),
	}
	for j, status := range h.status {
		b.hidden[j] = status != Shown
	}
	for d, code := range b.cell.key {
		dim := h.dims[d]
		if code == 0 {
			continue // the cell holds all codes
		}
		for leaf, up := range dim.up {
			if !slices.Contains(up, code) {
				b.sides[d] = append(b.sides[d], int32(1+dim.groups+leaf))
			}
		}
		if len(b.sides[d]) == 0 {
			return nil, false
		}
	}
	for need := h.rule.Threshold - 1; need > 0; {
		b.best = nil
		for _, pos := range b.cell.parts {
			b.opposite(h.keys[pos], make([]int32, len(h.dims)), 0)
		}
		if b.best == nil {
			return nil, false
		}
		by := min(need, b.best.room)
		need -= by
		b.best.move(b, by)
		for _, j := range b.best.hide {
			b.hidden[j] = true
			hide = append(hide, j)
		}
	}
	return hide, true
}

// move notes that persons moved around the box.
func (m *box) move(b *boxes, by int64) {
	counts, from, to := b.higher, m.down, m.up
	if !m.rises {
		counts, from, to = b.lower, m.up, m.down
	}
	for _, pos := range from {
		counts[pos] -= by
	}
	for _, pos := range to {
		counts[pos] += by
	}
}

// opposite completes the opposite corner of a box from dimension d on.
func (b *boxes) opposite(corner, opposite []int32, d int) {
	for ; d < len(corner) && len(b.sides[d]) == 0; d++ {
		opposite[d] = corner[d]
	}
	if d == len(corner) {
		if b.left--; b.left >= 0 {
			b.consider(corner, opposite)
		}
		return
	}
	for _, code := range b.sides[d] {
		opposite[d] = code
		b.opposite(corner, opposite, d+1)
	}
}

// consider keeps the box if it is better than the best.
func (b *boxes) consider(corner, opposite []int32) {
	var m box
	if !b.corners(&m, corner, opposite, slices.Clone(corner), 0, true) {
		return
	}
	for _, m.rises = range []bool{false, true} {
		if m.room = b.room(m); m.room == 0 {
			continue
		}
		if m.hide == nil {
			m.hide = b.changed(m)
		}
		if b.best == nil || int64(len(m.hide))*b.best.room < int64(len(b.best.hide))*m.room ||
			len(m.hide) == 0 && len(b.best.hide) == 0 && m.room > b.best.room {
			kept := m
			b.best = &kept
		}
	}
}

// corners lists the corners of a box. It returns false if one of them is known to be empty.
func (b *boxes) corners(m *box, corner, opposite, at []int32, d int, up bool) bool {
	if d == len(corner) {
		pos, listed := b.at[b.number(at)]
		if up {
			m.up = append(m.up, pos)
		} else {
			m.down = append(m.down, pos)
		}
		return listed
	}
	at[d] = corner[d]
	if !b.corners(m, corner, opposite, at, d+1, up) {
		return false
	}
	if opposite[d] == corner[d] {
		return true
	}
	at[d] = opposite[d]
	return b.corners(m, corner, opposite, at, d+1, !up)
}

// room is how many persons can move, at most as many as are asked for.
func (b *boxes) room(m box) int64 {
	counts, from := b.higher, m.down
	if !m.rises {
		counts, from = b.lower, m.up
	}
	room := b.rule.Threshold - 1
	for _, pos := range from {
		room = min(room, counts[pos])
	}
	return room
}

// changed returns the shown cells that change as persons move around a box.
func (b *boxes) changed(m box) []int32 {
	touched, out := []int32{}, []int32{}
	for i, inner := range [][]int32{m.up, m.down} {
		for _, pos := range inner {
			for _, j := range b.of[pos] {
				touched = append(touched, j)
				b.change[j] += int32(1 - 2*i)
			}
		}
	}
	for _, j := range touched {
		if b.change[j] != 0 && !b.hidden[j] {
			out = append(out, j)
		}
		b.change[j] = 0
	}
	return out
}
