package newmembers

import (
	"cmp"
	"slices"

	"peil/transforms/disclosure/attack"
)

// division divides the new members of each branch, or of the organisation, in another way
// than by age. Its small counts are rounded as those of the ages are. What the parts of a
// line then lack of the line's published number goes with the largest of them, which so is
// loose: a reader can work its value out from the others.
type division struct {
	by    string // its name in releases
	exact *breakdown
	whole bool // of the organisation: the breakdown has one place
	out   breakdown
	off   [][]int64 // by place and class: above the truth so far
	all   []int64   // by class
}

func newDivision(by string, exact *breakdown, whole bool) *division {
	d := &division{by: by, exact: exact, whole: whole, out: newBreakdown(exact.keys, len(exact.n), len(exact.n[0])),
		off: make([][]int64, len(exact.n)), all: make([]int64, len(exact.keys))}
	for b := range d.off {
		d.off[b] = make([]int64, len(exact.keys))
	}
	return d
}

// divide rounds the lines of a month.
func (r *rounder) divide(d *division, m int) {
	for b := range d.exact.n {
		place := r.place("new", d.by, b, m, "")
		var exact, published int64
		if d.whole {
			place.Site = ""
			for b := range r.flows {
				exact, published = exact+r.exact.flows[b][m].new, published+r.flows[b][m].new
			}
		} else {
			exact, published = r.exact.flows[b][m].new, r.flows[b][m].new
		}
		r.line(d, b, m, place, exact-published, published)
	}
}

// line rounds the classes of one line, the largest last. short is how far the line lies
// above what is published of it.
func (r *rounder) line(d *division, b, m int, place attack.Place, short, published int64) {
	exact, out := d.exact.n[b][m], d.out.n[b][m]
	largest, loose := r.loose(place, d.exact.keys, exact)
	rest := published
	for c, n := range exact {
		if c == largest {
			continue
		}
		place.Class = d.exact.keys[c]
		v, bound := r.follow(place, n)
		if before := r.cells[place].Value; loose[c] && max(before-n, n-before) < 2*r.base {
			v = before // it was lowered, by more than the rule allows
		}
		if !bound {
			v = nearest(n, r.base, []*int64{&short, &d.off[b][c], &d.all[c]}, nil)
		}
		short += v - n
		out[c] = v
		rest -= v
	}
	out[largest] = r.spare(out, loose, rest)
	for c := range out {
		place.Class = d.exact.keys[c]
		r.tell(place, out[c], loose[c])
		r.counted[place] = exact[c]
		d.off[b][c] += out[c] - exact[c]
		d.all[c] += out[c] - exact[c]
	}
}

// loose finds the class that makes up for the others, and all that ever did: that of
// earlier editions, else the largest.
func (r *rounder) loose(place attack.Place, keys []string, exact []int64) (largest int, loose []bool) {
	loose = make([]bool, len(keys))
	for c, n := range exact {
		if n > exact[largest] {
			largest = c
		}
	}
	if r.lines[place] {
		before := int64(-1)
		for c, key := range keys {
			place.Class = key
			t := r.cells[place]
			if loose[c] = t.Loose; t.Loose && t.Value > before {
				largest, before = c, t.Value
			}
		}
	}
	loose[largest] = true
	return largest, loose
}

// spare lowers classes, from the largest, by whole steps of the base if it can, until the
// rest is a number that may be published.
func (r *rounder) spare(out []int64, loose []bool, rest int64) int64 {
	order := make([]int, len(out))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(out[b], out[a]) })
	for _, c := range order {
		for unsafeCount(rest, r.base) && out[c] > 0 {
			step := r.base
			if unsafeCount(out[c]-step, r.base) {
				step = out[c]
			}
			out[c] -= step
			rest += step
			loose[c] = true
		}
	}
	return rest
}
