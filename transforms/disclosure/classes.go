package disclosure

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// recoder evaluates nodes: it generalises all tuples to a node's levels and
// counts who would be in a class that is too small or too uniform.
//
// A tuple is one packed key, a bit field for each attribute, so that generalising
// is a few table look-ups. Tuples are ordered by the attribute with most values. A
// block of tuples between two values of it at the node's level holds whole
// classes, so that its table fits a cache, and a node that suppresses too
// much is given up after the first blocks.
type recoder struct {
	quasi []*Hierarchy
	model Model
	cap   int64 // persons who may be suppressed
	lead  int   // the attribute that tuples are ordered by

	keys   []uint64
	weight []int32
	tuple  []int32       // position → tuple
	person []int32       // position → who it is about; nil where nobody has several tuples
	needs  []need        // distinct counts that a class must reach
	start  []int32       // code of the leading attribute → first position
	shift  []uint        // attribute → its bit field
	fields []field       // attributes whose look-ups are made in one
	cost   [][]float64   // attribute → level → loss of everyone at that level
	pen    [][][]float64 // attribute → level → code → further loss of suppressing one person

	classes classTable
	pairs   classTable
	bad     []bool // class of the block → fails the model
}

// A field is a run of attributes read from the key at once.
type field struct {
	from, to int // attributes
	shift    uint
	bits     uint
	lut      []uint64
}

// A need is a column of which every class must hold enough different values.
type need struct {
	codes   []int32 // by position
	least   float64 // distinct values, or their effective number with entropy
	entropy bool
	person  bool // the column says who; the values are counted as persons
}

// fieldBits keeps a look-up table in the innermost cache.
const fieldBits = 11

func newRecoder(m *Microdata, model Model, which []int32) (*recoder, error) {
	r := &recoder{quasi: m.Quasi, model: model, shift: make([]uint, len(m.Quasi))}
	used := uint(0)
	for a := len(m.Quasi) - 1; a >= 0; a-- {
		n := len(m.Quasi[a].up[0])
		width := uint(bits.Len(uint(n - 1)))
		r.shift[a] = used
		used += width
		if n > len(m.Quasi[r.lead].up[0]) {
			r.lead = a
		}
	}
	if used > 63 {
		return nil, fmt.Errorf("%w: the quasi-identifiers need %d bits together, 63 is the most; begin them at a coarser level", ErrMicrodata, used)
	}
	r.makeFields(used)
	r.load(m, which)
	r.price(m)
	return r, nil
}

func (r *recoder) makeFields(used uint) {
	top := used
	for a := range r.quasi {
		width := top - r.shift[a]
		if n := len(r.fields); n > 0 && r.fields[n-1].bits+width <= fieldBits {
			f := &r.fields[n-1]
			f.to, f.shift, f.bits = a+1, r.shift[a], f.bits+width
		} else {
			r.fields = append(r.fields, field{from: a, to: a + 1, shift: r.shift[a], bits: width})
		}
		top = r.shift[a]
	}
	for i := range r.fields {
		r.fields[i].lut = make([]uint64, 1<<r.fields[i].bits)
	}
}

// load packs the tuples and orders them by the leading attribute (a counting sort).
func (r *recoder) load(m *Microdata, which []int32) {
	lead := m.Values[r.lead]
	r.start = make([]int32, len(r.quasi[r.lead].up[0])+1)
	for _, i := range which {
		r.start[lead[i]+1]++
	}
	for c := 1; c < len(r.start); c++ {
		r.start[c] += r.start[c-1]
	}
	next := append([]int32(nil), r.start...)
	r.keys, r.weight, r.tuple = make([]uint64, len(which)), make([]int32, len(which)), make([]int32, len(which))
	for _, i := range which {
		pos := next[lead[i]]
		next[lead[i]]++
		for a := range m.Values {
			r.keys[pos] |= uint64(m.Values[a][i]) << r.shift[a]
		}
		r.weight[pos], r.tuple[pos] = int32(m.persons(int(i))), i
	}
	ordered := func(col []int32) []int32 {
		codes := make([]int32, len(which))
		for pos, i := range r.tuple {
			codes[pos] = col[i]
		}
		return codes
	}
	if m.Person != nil {
		r.person = ordered(m.Person)
		r.needs = append(r.needs, need{codes: r.person, least: float64(r.model.K), person: true})
	}
	for s, d := range r.model.Diversity {
		if d.L > 1 {
			r.needs = append(r.needs, need{codes: ordered(m.Sensitive[s]), least: d.L, entropy: d.Entropy})
		}
	}
}

// price works out what each level costs everyone, and what suppressing one person
// adds to that. Both metrics are defined as ARX defines them, so that results compare.
func (r *recoder) price(m *Microdata) {
	weights := r.model.Weights
	if weights == nil {
		weights = slices.Repeat([]float64{1}, len(r.quasi))
	}
	var n, sum float64
	for _, w := range r.weight {
		n += float64(w)
	}
	for _, w := range weights {
		sum += w
	}
	r.cost, r.pen = make([][]float64, len(r.quasi)), make([][][]float64, len(r.quasi))
	for a, h := range r.quasi {
		persons := make([]float64, len(h.up[0]))
		for pos, i := range r.tuple {
			persons[m.Values[a][i]] += float64(r.weight[pos])
		}
		values, top := float64(len(h.up[0])), float64(h.Levels()-1)
		for level := range h.Levels() {
			var cost float64
			pen := make([]float64, len(h.labels[level]))
			switch {
			case r.model.Metric == Precision && top > 0:
				cost = float64(level) / top
				for c := range pen {
					pen[c] = (1 - cost) / n
				}
			case r.model.Metric == Loss && values > 1:
				for code, p := range persons {
					cost += p * h.share[level][h.up[level][code]]
				}
				cost = (cost - n/values) / (n - n/values)
				for c := range pen {
					pen[c] = (1 - h.share[level][c]) / (n - n/values)
				}
			}
			for c := range pen {
				pen[c] *= weights[a] / sum
			}
			r.cost[a] = append(r.cost[a], cost*weights[a]/sum)
			r.pen[a] = append(r.pen[a], pen)
		}
	}
}

// aim fills the look-up tables for a node and returns the radix of each attribute.
// A class is numbered by its codes at the node's levels as digits.
func (r *recoder) aim(levels []int) (radix []uint64, combinations uint64) {
	radix = make([]uint64, len(levels))
	combinations = 1
	for a := len(levels) - 1; a >= 0; a-- {
		radix[a] = combinations
		combinations *= uint64(len(r.quasi[a].labels[levels[a]]))
	}
	for i := range r.fields {
		f := &r.fields[i]
		// Each attribute extends the table of those before it by one digit.
		n := 1
		f.lut[0] = 0
		for a := f.from; a < f.to; a++ {
			width := f.shift + f.bits - r.shift[a] // bits from the field's top to this attribute's end
			up := r.quasi[a].up[levels[a]]
			size := 1 << width / n
			for hi := n - 1; hi >= 0; hi-- {
				base := f.lut[hi]
				for lo := range up {
					f.lut[hi*size+lo] = base + uint64(up[lo])*radix[a]
				}
			}
			n = 1 << width
		}
	}
	return radix, combinations
}

// blockTuples is how many tuples a block holds at least.
const blockTuples = 8192

// blocks calls do for consecutive ranges of positions that hold whole classes at
// the level of the leading attribute, until do returns false.
func (r *recoder) blocks(level int, do func(from, to int) bool) {
	up := r.quasi[r.lead].up[level]
	from := int32(0)
	for c := range up {
		end := r.start[c+1]
		last := c+1 == len(up)
		if !last && (up[c+1] == up[c] || end-from < blockTuples) || end == from {
			continue
		}
		if !do(int(from), int(end)) {
			return
		}
		from = end
	}
}

// evaluate returns a node's further loss by suppression, false if it suppresses
// more than the cap or loses more than the limit.
func (r *recoder) evaluate(levels []int, limit float64) (extra float64, ok bool) {
	radix, combinations := r.aim(levels)
	suppressed, ok := int64(0), true
	r.blocks(levels[r.lead], func(from, to int) bool {
		r.count(from, to, combinations)
		_, bad := r.judge(from, to)
		for c, size := range r.classes.size {
			if bad[c] {
				suppressed += size
				extra += float64(size) * r.penalty(r.classes.key[c], levels, radix)
			}
		}
		ok = suppressed <= r.cap && extra <= limit
		return ok
	})
	return extra, ok
}

func (r *recoder) penalty(class uint64, levels []int, radix []uint64) float64 {
	var sum float64
	for a, level := range levels {
		digit := class / radix[a]
		class %= radix[a]
		sum += r.pen[a][level][digit]
	}
	return sum
}

// count groups the tuples of a block into classes.
func (r *recoder) count(from, to int, combinations uint64) {
	r.classes.reset(to-from, combinations)
	weight := r.weight[from:to]
	for i, key := range r.keys[from:to] {
		class := uint64(0)
		for f := range r.fields {
			fl := &r.fields[f]
			class += fl.lut[key>>fl.shift&(1<<fl.bits-1)]
		}
		r.classes.add(class, int64(weight[i]))
	}
}

// judge returns the number of persons of each class of the block that was
// counted last, and whether it fails the model.
func (r *recoder) judge(from, to int) (persons []int64, bad []bool) {
	persons = r.classes.size
	r.bad = slices.Grow(r.bad[:0], len(persons))[:len(persons)]
	for c, size := range persons {
		r.bad[c] = size < int64(r.model.K)
	}
	for _, n := range r.needs {
		score := r.diversity(n, from, to)
		for c, s := range score {
			r.bad[c] = r.bad[c] || s < n.least-1e-9
		}
		if n.person {
			persons = make([]int64, len(score))
			for c, s := range score {
				persons[c] = int64(s)
			}
		}
	}
	return persons, r.bad
}

// diversity returns how many values of a column each class holds; with entropy,
// how many equally frequent ones would be as diverse. A value is as frequent as there are
// different persons with it: who has many rows has no more say than others.
func (r *recoder) diversity(n need, from, to int) []float64 {
	r.pairs.reset(to-from, math.MaxUint64)
	all := make([]int64, len(r.classes.size))
	seen := map[[3]int32]bool{} // class, value, person
	for i, c := range r.classes.of {
		weight := int64(r.weight[from+i])
		if n.entropy && r.person != nil {
			key := [3]int32{c, n.codes[from+i], r.person[from+i]}
			if weight = 1; seen[key] {
				weight = 0
			}
			seen[key] = true
		}
		all[c] += weight
		r.pairs.add(uint64(c)<<32|uint64(uint32(n.codes[from+i])), weight)
	}
	score := make([]float64, len(r.classes.size))
	for p, count := range r.pairs.size {
		c := r.pairs.key[p] >> 32
		if n.entropy {
			share := float64(count) / float64(all[c])
			score[c] -= share * math.Log(share)
		} else {
			score[c]++
		}
	}
	if n.entropy {
		for c, s := range score {
			score[c] = math.Exp(s)
		}
	}
	return score
}
