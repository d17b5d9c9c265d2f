package disclosure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrNotAnonymous is returned when no recoding meets the model within the cap on
// suppression. Nothing may be published then.
var ErrNotAnonymous = errors.New("no recoding is anonymous enough")

// A Model is what anonymous has to mean, and how to choose among what does.
type Model struct {
	K int // persons that a class must hold, at least
	// Diversity has an entry for each sensitive column.
	Diversity []Diversity
	// SuppressAtMost is the share of persons, 0 to 1, that the global recoding
	// may suppress.
	SuppressAtMost float64
	Metric         Metric
	// Weights say how much each quasi-identifier matters; nil: all the same. An
	// unweighted loss makes a hierarchy of many values look free to generalise.
	Weights []float64
	// Local recodes what the global recoding suppressed by itself, coarser.
	Local bool
	// Scheme are the levels that an earlier release of the same period fixed. Nil
	// searches for the best.
	Scheme []int
}

// Diversity is what a class must hold of one sensitive column: L distinct values
// or, with Entropy, an entropy of at least log L. L of 1 or less asks nothing.
type Diversity struct {
	L       float64
	Entropy bool
}

// Metric is how the harm done by generalising is measured, from 0 to 1. Both are
// those of ARX.
type Metric int

const (
	// Loss is the mean share of a hierarchy's values that a published value
	// may stand for; a suppressed person counts as all of them.
	Loss Metric = iota
	// Precision is the mean of level / highest level; a suppressed person counts as 1.
	Precision
)

// Anonymized says what becomes of each tuple.
type Anonymized struct {
	Classes []Class
	Of      []int32 // tuple → class, −1: suppressed, its sensitive columns included

	Levels     []int   // of the global recoding
	Loss       float64 // of the global recoding, by the model's metric
	Suppressed int64   // persons that the global recoding suppressed

	Remaining int64 // persons suppressed in the end: fewer with local recoding
	Nodes     int   // combinations of levels there are
	Evaluated int   // and how many of them had to be tried
}

// A Class is a group of persons that read the same in every quasi-identifier.
type Class struct {
	Levels  []int   // attribute → level
	Codes   []int32 // attribute → code at level 0 of one of its tuples
	Persons int64   // distinct persons
}

// Labels returns what the class reads in each quasi-identifier.
func (c Class) Labels(quasi []*Hierarchy) []string {
	out := make([]string, len(quasi))
	for a, h := range quasi {
		out[a] = h.Label(c.Levels[a], c.Codes[a])
	}
	return out
}

// Anonymize finds the recoding of least loss in which every class meets the
// model, and suppresses the persons in classes that do not. The search is exact:
// no other combination of levels does better. Among equals the first in order of
// levels is taken. With Model.Local what was suppressed is then recoded by itself.
func Anonymize(ctx context.Context, m Microdata, model Model) (*Anonymized, error) {
	n, err := m.tuples()
	if err != nil {
		return nil, fmt.Errorf("anonymize: %w", err)
	}
	if err := model.check(&m); err != nil {
		return nil, fmt.Errorf("anonymize: %w", err)
	}
	all := make([]int32, n)
	persons := int64(0)
	for i := range all {
		all[i] = int32(i)
		persons += m.persons(i)
	}
	out := &Anonymized{Of: make([]int32, n)}
	for i := range out.Of {
		out.Of[i] = -1
	}
	if n == 0 {
		return out, nil
	}
	r, err := newRecoder(&m, model, all)
	if err != nil {
		return nil, fmt.Errorf("anonymize: %w", err)
	}
	// The small addition keeps 0.05 × 100 from becoming 4.
	r.cap = int64(math.Floor(model.SuppressAtMost*float64(persons) + 1e-9))
	if err := r.global(ctx, out); err != nil {
		return nil, fmt.Errorf("anonymize: %w", err)
	}
	rest := r.release(out, out.Levels)
	for _, i := range rest {
		out.Suppressed += m.persons(int(i))
	}
	if model.Local {
		if rest, err = localRecoding(ctx, &m, model, out, rest); err != nil {
			return nil, fmt.Errorf("anonymize: recode locally: %w", err)
		}
	}
	for _, i := range rest {
		out.Remaining += m.persons(int(i))
	}
	return out, nil
}

func (model *Model) check(m *Microdata) error {
	switch {
	case model.K < 2:
		return fmt.Errorf("k is %d; it must be 2 or more", model.K)
	case len(model.Diversity) > len(m.Sensitive):
		return fmt.Errorf("diversity is asked of %d columns; there are %d sensitive ones", len(model.Diversity), len(m.Sensitive))
	case !(model.SuppressAtMost >= 0 && model.SuppressAtMost <= 1):
		return fmt.Errorf("suppression of at most %v; it is a share from 0 to 1", model.SuppressAtMost)
	case model.Weights != nil && len(model.Weights) != len(m.Quasi):
		return fmt.Errorf("%d weights for %d quasi-identifiers", len(model.Weights), len(m.Quasi))
	case model.Scheme != nil && len(model.Scheme) != len(m.Quasi):
		return fmt.Errorf("a scheme of %d levels for %d quasi-identifiers", len(model.Scheme), len(m.Quasi))
	}
	if slices.ContainsFunc(model.Weights, func(w float64) bool { return !(w > 0) }) {
		return errors.New("a weight is not positive")
	}
	for a, level := range model.Scheme {
		if level < 0 || level >= m.Quasi[a].Levels() {
			return fmt.Errorf("the scheme has level %d of %s, which has %d", level, m.Quasi[a].Name, m.Quasi[a].Levels())
		}
	}
	nodes := 1.0
	for _, h := range m.Quasi {
		nodes *= float64(h.Levels())
	}
	if nodes > 1e7 {
		return fmt.Errorf("the hierarchies have %.0f combinations of levels; 10 million is the most", nodes)
	}
	return nil
}

// global sets the levels and the loss of the best node, or of the scheme.
func (r *recoder) global(ctx context.Context, out *Anonymized) error {
	l := newLattice(r.cost)
	out.Nodes = len(l.bound)
	node := -1
	if r.model.Scheme != nil {
		if extra, ok := r.evaluate(r.model.Scheme, math.Inf(1)); ok {
			node = l.node(r.model.Scheme)
			out.Loss = l.bound[node] + extra
		}
		out.Evaluated = 1
	} else {
		var err error
		node, out.Loss, out.Evaluated, err = l.best(ctx, r.monotone(), func(node int) (float64, bool) {
			extra, ok := r.evaluate(l.at(node), math.Inf(1))
			return l.bound[node] + extra, ok
		})
		if err != nil {
			return err
		}
	}
	if node < 0 {
		return fmt.Errorf("%w: even the coarsest allowed levels suppress more than %d persons; raise the cap, lower k or l, or add a coarser level",
			ErrNotAnonymous, r.cap)
	}
	out.Levels = l.at(node)
	return nil
}

// monotone reports whether a node that fails makes all more specific ones fail.
// Merging two classes can lower the entropy of one that met the model, so with
// entropy that only holds when all of them have to.
func (r *recoder) monotone() bool {
	return r.cap == 0 || !slices.ContainsFunc(r.needs, func(n need) bool { return n.entropy })
}

// release adds the classes of a node that meet the model and returns the tuples
// of the others, ascending.
func (r *recoder) release(out *Anonymized, levels []int) (rest []int32) {
	_, combinations := r.aim(levels)
	r.blocks(levels[r.lead], func(from, to int) bool {
		r.count(from, to, combinations)
		sizes, bad := r.judge(from, to)
		number := make([]int32, len(bad))
		for c := range number {
			number[c] = -1
		}
		for i, c := range r.classes.of {
			tuple := r.tuple[from+i]
			if bad[c] {
				rest = append(rest, tuple)
				continue
			}
			if number[c] < 0 {
				number[c] = int32(len(out.Classes))
				out.Classes = append(out.Classes, Class{Levels: levels, Codes: r.codes(from + i), Persons: sizes[c]})
			}
			out.Of[tuple] = number[c]
		}
		return true
	})
	slices.Sort(rest)
	return rest
}

// codes unpacks the key at a position.
func (r *recoder) codes(pos int) []int32 {
	out := make([]int32, len(r.quasi))
	top := uint(64)
	for a, shift := range r.shift {
		out[a] = int32(r.keys[pos] << (64 - top) >> (64 - top) >> shift)
		top = shift
	}
	return out
}
