package attack

import (
	"context"
	"fmt"
	"slices"
)

// network is a part seen as flows: each unknown is the flow through an arc, each
// kept equation the balance of a node. The last node is the outside, for
// unknowns that only one kept equation has.
type network struct {
	nodes   int
	supply  []int64 // node → what leaves it more than enters it
	tail    []int32 // arc → node it leaves
	head    []int32 // arc → node it enters
	low     []int64
	high    []int64
	flow    []int64
	moved   []int32   // arcs whose flow a push changed
	at      [][]int32 // node → arcs that touch it
	via     []int32   // node → arc by which a search reached it
	reached []int32   // node → search that reached it
	search  int32
	ahead   front // of a search, from its beginning
	behind  front // and from its end
}

// network returns the part as a network, nil if it is none.
//
// Equations are kept in order as long as every unknown has at most two of them,
// with opposite signs after turning some equations around. An equation that is
// not kept must follow from the others. In a table with one hierarchy, the sums
// over the other dimension at the hierarchy's inner nodes do.
func (c *part) network() *network {
	kept, sign := c.balances()
	g := &network{nodes: len(kept) + 1, supply: make([]int64, len(kept)+1)}
	node := make([]int32, len(c.rows))
	for e := range node {
		node[e] = -1
	}
	outside := int32(len(kept))
	for i, e := range kept {
		node[e] = int32(i)
		g.supply[i] = sign[e] * c.rows[e].sum
		g.supply[outside] -= g.supply[i]
	}
	g.tail, g.head = slices.Repeat([]int32{outside}, len(c.cells)), slices.Repeat([]int32{outside}, len(c.cells))
	for _, e := range kept {
		for _, t := range c.rows[e].terms {
			if sign[e]*t.factor > 0 {
				g.tail[t.x] = node[e]
			} else {
				g.head[t.x] = node[e]
			}
		}
	}
	g.at = make([][]int32, g.nodes)
	for a := range g.tail {
		g.at[g.tail[a]] = append(g.at[g.tail[a]], int32(a))
		if g.head[a] != g.tail[a] {
			g.at[g.head[a]] = append(g.at[g.head[a]], int32(a))
		}
	}
	for e := range c.rows {
		if node[e] < 0 && !g.implies(c.rows[e]) {
			return nil
		}
	}
	g.low, g.high = c.low, c.high
	g.via, g.reached = make([]int32, g.nodes), make([]int32, g.nodes)
	return g
}

// balances chooses the equations to keep and the sign of each.
func (c *part) balances() (kept []int32, sign []int64) {
	sign = make([]int64, len(c.rows))
	group := make([]int32, len(c.rows)) // rows whose signs depend on each other
	members := make([][]int32, len(c.rows))
	for e := range group {
		group[e], members[e] = int32(e), []int32{int32(e)}
		sign[e] = 1
	}
	holders := make([][]int32, len(c.cells)) // unknown → kept rows with it
	for e, r := range c.rows {
		if !c.fits(r, holders, group, sign) {
			continue
		}
		e := int32(e)
		for _, t := range r.terms {
			for _, o := range holders[t.x] {
				if group[o] == group[e] {
					continue
				}
				turn := int64(1)
				if sign[o]*c.rows[o].factor(t.x) == sign[e]*t.factor {
					turn = -1
				}
				from, to := group[o], group[e]
				if len(members[from]) > len(members[to]) {
					from, to = to, from
				}
				for _, m := range members[from] {
					sign[m] *= turn
					group[m] = to
				}
				members[to] = append(members[to], members[from]...)
				members[from] = nil
			}
			holders[t.x] = append(holders[t.x], e)
		}
		kept = append(kept, e)
	}
	return kept, sign
}

// fits reports whether the row can be kept beside those that hold its unknowns.
func (c *part) fits(r row, holders [][]int32, group []int32, sign []int64) bool {
	turn := map[int32]int64{} // group → the sign it would have to take for this row
	for _, t := range r.terms {
		if t.factor != 1 && t.factor != -1 || len(holders[t.x]) == 2 {
			return false
		}
		for _, o := range holders[t.x] {
			need := -t.factor * sign[o] * c.rows[o].factor(t.x)
			if have, set := turn[group[o]]; set && have != need {
				return false
			}
			turn[group[o]] = need
		}
	}
	return true
}

func (r row) factor(x int32) int64 {
	i, _ := slices.BinarySearchFunc(r.terms, x, func(t term, x int32) int { return int(t.x - x) })
	return r.terms[i].factor
}

// implies reports whether a row is a sum of multiples of balances: whether each
// node can be given a potential such that every arc's factor in the row is the
// potential of its tail less that of its head. The outside has none.
func (g *network) implies(r row) bool {
	factor := make([]int64, len(g.tail))
	for _, t := range r.terms {
		factor[t.x] = t.factor
	}
	outside := int32(g.nodes - 1)
	potential := make([]int64, g.nodes)
	seen := make([]bool, g.nodes)
	sum := int64(0)
	for start := outside; start >= 0; start-- {
		if seen[start] {
			continue
		}
		seen[start] = true
		for queue := []int32{start}; len(queue) > 0; queue = queue[1:] {
			u := queue[0]
			if u != outside {
				sum += potential[u] * g.supply[u]
			}
			for _, a := range g.at[u] {
				v, p := g.head[a], potential[u]-factor[a]
				if v == u {
					v, p = g.tail[a], potential[u]+factor[a]
				}
				if !seen[v] {
					seen[v], potential[v] = true, p
					queue = append(queue, v)
				} else if potential[v] != p {
					return false
				}
			}
		}
	}
	return sum == r.sum
}

// bound finds the exact interval of every target. Where what is enough for the verdict will do,
// it stops at one as soon as that is safe.
func (g *network) bound(ctx context.Context, c *part, enough bool) error {
	if !g.start() || !c.witness(g.flow) {
		return ErrContradiction
	}
	w := newWitnesses(c, g.flow)
	for _, x := range c.targets {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("search flows: %w", err)
		}
		f := &c.found[x]
		safe := func() bool { return enough && f.verdict(c.cell[x]) == Safe }
		far := func(flow int64) bool { return enough && max(f.most, flow)-min(f.least, flow) >= c.cell[x].Width }
		for _, up := range []bool{false, true} {
			if safe() {
				break
			}
			g.moved = g.moved[:0]
			bounded := g.push(x, up, far)
			if !w.follows(g.flow, g.moved) {
				return fmt.Errorf("search flows: a flow is no solution")
			}
			switch {
			case safe(): // how much further it can go is not known
			case up && !bounded:
				f.high, f.most = Unbounded, Unbounded
			case up:
				f.high = g.flow[x]
			default:
				f.low = g.flow[x]
			}
		}
	}
	return nil
}

// start finds a flow within the bounds, false if there is none.
func (g *network) start() bool {
	g.flow = slices.Clone(g.low)
	excess := slices.Clone(g.supply) // what has still to leave the node
	for a, f := range g.flow {
		excess[g.tail[a]] -= f
		excess[g.head[a]] += f
	}
	for u := range excess {
		for excess[u] > 0 {
			end := g.path(int32(u), func(v int32) bool { return excess[v] < 0 })
			if end < 0 {
				return false
			}
			amount := g.send(int32(u), end, min(excess[u], -excess[end]))
			excess[u] -= amount
			excess[end] += amount
		}
	}
	return true
}

// push raises or lowers the flow of one arc as far as it goes, or until it is far enough. It
// returns false, with the flow as it was, if there is no limit.
func (g *network) push(arc int32, up bool, far func(flow int64) bool) bool {
	from, to := g.head[arc], g.tail[arc]
	if !up {
		from, to = to, from
	}
	for {
		room := g.flow[arc] - g.low[arc]
		if up {
			room = g.room(arc, to)
		}
		if room == 0 || far(g.flow[arc]) {
			return true
		}
		amount := room
		if from != to {
			if !g.between(from, to, arc) {
				return true
			}
			amount = g.width(from, to, room)
		}
		if amount == Unbounded {
			return false
		}
		if from != to {
			g.send(from, to, amount)
		}
		if up {
			g.flow[arc] += amount
		} else {
			g.flow[arc] -= amount
		}
		g.moved = append(g.moved, arc)
	}
}

// path searches the shortest way with room for more flow and returns the node it ends at, −1
// if there is none.
func (g *network) path(from int32, end func(int32) bool) int32 {
	g.search++
	g.reached[from] = g.search
	queue := []int32{from}
	for k := 0; k < len(queue); k++ {
		u := queue[k]
		for _, a := range g.at[u] {
			v := g.other(a, u)
			if g.reached[v] == g.search || g.room(a, u) == 0 {
				continue
			}
			g.reached[v], g.via[v] = g.search, a
			if end(v) {
				return v
			}
			queue = append(queue, v)
		}
	}
	return -1
}

// between searches a way with room for more flow, without one arc, from both its ends; the
// end goes on that has had less work. Most ways are short.
func (g *network) between(from, to, without int32) bool {
	g.search += 2
	g.ahead.begin(from, g.search-1)
	g.behind.begin(to, g.search)
	g.reached[from], g.reached[to] = g.ahead.search, g.behind.search
	for {
		side, across := &g.ahead, &g.behind
		if side.work > across.work {
			side, across = across, side
		}
		if side.done == len(side.queue) {
			return false
		}
		u, arcs, rest := side.next(g)
		for _, a := range arcs {
			v := g.other(a, u)
			tail, head := u, v
			if side == &g.behind {
				tail, head = v, u
			}
			if a == without || g.reached[v] == side.search || g.room(a, tail) == 0 {
				continue
			}
			if g.reached[v] == across.search {
				g.join(a, head, to)
				return true
			}
			g.reached[v], g.via[v] = side.search, a
			side.queue = append(side.queue, waiting{v, 0})
		}
		if rest > 0 {
			side.queue = append(side.queue, waiting{u, rest})
		}
	}
}

// front is how far a search from one end has come.
type front struct {
	search int32
	work   int // arcs looked at
	queue  []waiting
	done   int // of the queue
}

// waiting is a node that was reached, and how many of its arcs were looked at.
type waiting struct {
	node int32
	done int
}

// atOnce is how many arcs of a node are looked at before those of others have their turn:
// where all sites meet there are thousands.
const atOnce = 32

func (f *front) begin(node, search int32) {
	f.search, f.work, f.done = search, 0, 0
	f.queue = append(f.queue[:0], waiting{node, 0})
}

// next returns a node, arcs of it to look at, and from which on others are left; 0 if none are.
func (f *front) next(g *network) (node int32, arcs []int32, rest int) {
	w := f.queue[f.done]
	f.done++
	arcs = g.at[w.node][w.done:]
	if len(arcs) > atOnce {
		arcs, rest = arcs[:atOnce], w.done+atOnce
	}
	f.work += len(arcs)
	return w.node, arcs, rest
}

// join turns around the half of a way that was found from its end: over an arc to v, and
// on to the end.
func (g *network) join(a, v, to int32) {
	for {
		next := g.via[v]
		g.via[v] = a
		if v == to {
			return
		}
		a, v = next, g.other(next, v)
	}
}

// other is the end of an arc that is not u.
func (g *network) other(a, u int32) int32 {
	if g.tail[a] == u {
		return g.head[a]
	}
	return g.tail[a]
}

// room is how much more can flow out of node u through an arc.
func (g *network) room(a, u int32) int64 {
	switch {
	case g.tail[a] != u:
		return g.flow[a] - g.low[a]
	case g.high[a] == Unbounded:
		return Unbounded
	}
	return g.high[a] - g.flow[a]
}

// back returns the node from which the last search reached v.
func (g *network) back(v int32) int32 {
	return g.other(g.via[v], v)
}

// width is how much the path found last can take, at most limit.
func (g *network) width(from, to int32, limit int64) int64 {
	for v := to; v != from; v = g.back(v) {
		limit = min(limit, g.room(g.via[v], g.back(v)))
	}
	return limit
}

// send moves up to limit along the path found last and returns the amount.
func (g *network) send(from, to int32, limit int64) int64 {
	amount := g.width(from, to, limit)
	for v := to; v != from; {
		a, u := g.via[v], g.back(v)
		if g.tail[a] == u {
			g.flow[a] += amount
		} else {
			g.flow[a] -= amount
		}
		g.moved = append(g.moved, a)
		v = u
	}
	return amount
}
