package disclosure

import (
	"context"
	"math"
)

// localRecoding anonymizes the tuples in rest by themselves: it takes the node
// that loses least on them, releases the classes that meet the model, and goes on
// with what is left until nothing more can be released. It returns the rest of that.
func localRecoding(ctx context.Context, m *Microdata, model Model, out *Anonymized, rest []int32) ([]int32, error) {
	for len(rest) > 0 {
		r, err := newRecoder(m, model, rest)
		if err != nil {
			return nil, err
		}
		r.cap = math.MaxInt64
		l := newLattice(r.cost)
		best := math.Inf(1)
		node, _, evaluated, err := l.best(ctx, false, func(node int) (float64, bool) {
			extra, ok := r.evaluate(l.at(node), best-l.bound[node])
			if ok {
				best = min(best, l.bound[node]+extra)
			}
			return l.bound[node] + extra, ok
		})
		if err != nil {
			return nil, err
		}
		out.Evaluated += evaluated
		left := r.release(out, l.at(node))
		if len(left) == len(rest) {
			return rest, nil
		}
		rest = left
	}
	return rest, nil
}
