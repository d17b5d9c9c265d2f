package disclosure

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// lattice is every combination of levels, a node, with what is known about it.
// Nodes are numbered in the order of their levels.
type lattice struct {
	levels []int     // attribute → number of levels
	stride []int     // attribute → distance between nodes one level apart
	bound  []float64 // node → the loss if nothing had to be suppressed: a lower bound
	state  []state
}

type state uint8

const (
	open state = iota
	failed
	feasible
)

// newLattice adds up the loss that each level costs by itself.
func newLattice(cost [][]float64) *lattice {
	l := &lattice{stride: make([]int, len(cost))}
	size := 1
	for a := len(cost) - 1; a >= 0; a-- {
		l.stride[a] = size
		size *= len(cost[a])
	}
	l.bound, l.state = make([]float64, size), make([]state, size)
	for _, c := range cost {
		l.levels = append(l.levels, len(c))
	}
	for node := range l.bound {
		for a := range cost {
			l.bound[node] += cost[a][l.level(node, a)]
		}
	}
	return l
}

func (l *lattice) level(node, a int) int { return node / l.stride[a] % l.levels[a] }

// at returns the levels of a node.
func (l *lattice) at(node int) []int {
	levels := make([]int, len(l.levels))
	for a := range levels {
		levels[a] = l.level(node, a)
	}
	return levels
}

func (l *lattice) node(levels []int) int {
	node := 0
	for a, level := range levels {
		node += level * l.stride[a]
	}
	return node
}

// fail marks a node and all more specific ones. What has failed is closed
// downwards, so a failed node ends the descent.
func (l *lattice) fail(node int) {
	if l.state[node] == failed {
		return
	}
	l.state[node] = failed
	for a := range l.levels {
		if l.level(node, a) > 0 {
			l.fail(node - l.stride[a])
		}
	}
}

// best finds the feasible node of least loss; among equals the first by number.
// evaluate returns a node's loss, and false if too much would be suppressed.
// With monotone, the more specific nodes of a failed one fail too. It returns
// −1 if no node is feasible, and the number of nodes evaluated.
func (l *lattice) best(ctx context.Context, monotone bool, evaluate func(node int) (float64, bool)) (node int, loss float64, evaluated int, err error) {
	node, loss = -1, math.Inf(1)
	try := func(n int) bool {
		evaluated++
		v, ok := evaluate(n)
		switch {
		case !ok && monotone:
			l.fail(n)
		case !ok:
			l.state[n] = failed
		default:
			l.state[n] = feasible
			if v < loss || v == loss && n < node {
				node, loss = n, v
			}
		}
		return ok
	}
	l.descend(try)
	// The most general of those that may still win come first: they are quick
	// to evaluate, and where they fail they take many others with them.
	order := make([]int, 0, len(l.bound))
	for n, b := range l.bound {
		if l.state[n] == open && b <= loss {
			order = append(order, n)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(l.bound[b], l.bound[a]), b-a) })
	for _, n := range order {
		if l.state[n] != open || l.bound[n] > loss {
			continue
		}
		if err := ctx.Err(); err != nil {
			return 0, 0, evaluated, err
		}
		try(n)
	}
	return node, loss, evaluated, nil
}

// descend walks from the most general node down, each time to the feasible child
// with the lowest bound, so that a good loss is known early.
func (l *lattice) descend(try func(int) bool) {
	n := len(l.state) - 1
	for ok := try(n); ok; {
		var below []int
		for a := range l.levels {
			if l.level(n, a) > 0 && l.state[n-l.stride[a]] == open {
				below = append(below, n-l.stride[a])
			}
		}
		slices.SortFunc(below, func(a, b int) int { return cmp.Or(cmp.Compare(l.bound[a], l.bound[b]), a-b) })
		ok = false
		for _, child := range below {
			if try(child) {
				n, ok = child, true
				break
			}
		}
	}
}
