package disclosure

import "math/bits"

// classTable numbers keys in the order in which they are met and adds up their
// weights. Small key spaces are addressed directly, others hashed.
type classTable struct {
	key  []uint64 // class → key
	size []int64  // class → weight
	of   []int32  // position in the block → class

	slots  []int32 // class + 1, 0 empty
	direct bool
	shift  uint
}

// reset empties the table for at most n keys, all below combinations.
func (t *classTable) reset(n int, combinations uint64) {
	t.key, t.size, t.of = t.key[:0], t.size[:0], t.of[:0]
	width := uint(bits.Len(uint(2*n - 1)))
	t.direct = combinations <= 1<<width
	need := 1 << width
	if t.direct {
		need = int(combinations)
	}
	if cap(t.slots) < need {
		t.slots = make([]int32, need)
	} else {
		t.slots = t.slots[:need]
		clear(t.slots)
	}
	t.shift = 64 - width
}

// add counts the next tuple.
func (t *classTable) add(key uint64, weight int64) {
	at := key
	if !t.direct {
		at = key * 0x9E3779B97F4A7C15 >> t.shift
	}
	for {
		c := t.slots[at] - 1
		if c < 0 {
			break
		}
		if t.key[c] == key {
			t.size[c] += weight
			t.of = append(t.of, c)
			return
		}
		at = (at + 1) & uint64(len(t.slots)-1)
	}
	t.key, t.size = append(t.key, key), append(t.size, weight)
	t.slots[at] = int32(len(t.key))
	t.of = append(t.of, int32(len(t.key)-1))
}
