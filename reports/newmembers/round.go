package newmembers

import (
	"maps"
	"slices"

	"peil/transforms/disclosure/attack"
)

// rounder rounds the inner cells of the balance: each count of persons from 1 to
// threshold − 1 becomes 0 or the threshold, every other stays, and all that is published is
// a sum of rounded cells. What earlier editions told of a cell binds it; see past. The cells
// are, a month each:
//
//	new members of a branch and age class
//	re-registered, and lapsed, of a branch
//	moved from one branch to another
//	members of a branch at the begin of a series of months
//
// Cells are taken one after the other, month by month. Of each published sum that a cell
// belongs to the rounder knows how far it lies from the truth so far, and the cell goes up
// or down as brings those nearest to it, by the sum of their squares. A stand is such a sum
// too, of everything that happened before, so that it does not drift away with the months.
// New members are then divided in other ways, each adding up to the same; see division.
//
// disclosure.Round searches all cells at once, which takes it seconds for forty branches
// and minutes for a hundred, and it knows no sum that subtracts, as a stand does: its stands
// drift further.
type rounder struct {
	*past
	exact     *figures
	periods   []string       // the months as places name them
	branchAt  map[string]int // by code
	flows     [][]flow
	ages      breakdown
	off       drift // of the organisation
	branch    []drift
	divisions []*division
	routes    map[[2]int]int64       // moved from one branch to another in this month, as told
	counted   map[attack.Place]int64 // what the cells of this edition count
}

// RoundedTable is what rounding did to the inner cells of one table.
type RoundedTable struct {
	Table   string `json:"table"`
	Cells   int    `json:"cells"`
	Small   int    `json:"small"`    // with 1 to threshold − 1 persons
	Changed int    `json:"changed"`  // that tell another number than is true
	MostOff int64  `json:"most_off"` // the largest difference of one cell
}

// roundedTables holds what is told of each count against what it is. What was told in an earlier
// edition counts the same as what is rounded now, so that the same figures give the same tables.
func (r *rounder) roundedTables() []RoundedTable {
	tables := map[string]*RoundedTable{}
	for place, n := range r.counted {
		t := tables[place.Table()]
		if t == nil {
			t = &RoundedTable{Table: place.Table()}
			tables[t.Table] = t
		}
		v := r.told[place].Value
		t.Cells++
		if n > 0 && n < r.base {
			t.Small++
		}
		if n != v {
			t.Changed++
		}
		t.MostOff = max(t.MostOff, n-v, v-n)
	}
	var all []RoundedTable
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		all = append(all, *tables[name])
	}
	return all
}

// drift is by how much sums lie above the truth so far.
type drift struct {
	stand, new, reRegistered, lapsed, movedIn, movedOut int64 // since the begin
	class                                               []int64
	inMonth                                             struct {
		new, in, out int64
		class        []int64
	}
}

func newDrift(classes int) drift {
	d := drift{class: make([]int64, classes)}
	d.inMonth.class = make([]int64, classes)
	return d
}

func (d *drift) nextMonth() {
	d.inMonth.new, d.inMonth.in, d.inMonth.out = 0, 0, 0
	clear(d.inMonth.class)
}

// newRounder begins what this edition tells anew.
func newRounder(exact *figures, p *past) *rounder {
	classes := len(exact.ages.keys)
	// Of a branch and month: new members by age, by sex and by class, and what else happened.
	cells := len(exact.branches) * len(exact.months) * (classes + 12)
	p.told = make(map[attack.Place]attack.Told, cells)
	r := &rounder{past: p, exact: exact, off: newDrift(classes), counted: make(map[attack.Place]int64, cells),
		flows: make([][]flow, len(exact.branches)), ages: newBreakdown(exact.ages.keys, len(exact.branches), len(exact.months)), branchAt: map[string]int{}}
	for _, m := range exact.months {
		r.periods = append(r.periods, monthKey(m.first))
	}
	for b := range exact.branches {
		r.branchAt[exact.branches[b].code] = b
		r.flows[b] = make([]flow, len(exact.months))
		r.branch = append(r.branch, newDrift(classes))
	}
	return r
}

// round makes the balance and the new members by age, then the other divisions.
func (r *rounder) round() {
	for m := range r.exact.months {
		r.off.nextMonth()
		for b := range r.branch {
			r.branch[b].nextMonth()
			r.begin(b, m)
		}
		for b := range r.branch {
			r.flowsOf(b, m)
		}
		r.moves(m)
		for b := range r.branch {
			r.close(b, m)
		}
		for b := range r.branch {
			f := &r.flows[b][m]
			f.end = f.begin + f.net()
		}
		for _, d := range r.divisions {
			r.divide(d, m)
		}
	}
}

func (r *rounder) place(figure, by string, b, m int, class string) attack.Place {
	return attack.Place{Figure: figure, By: by, Period: r.periods[m], Site: r.exact.branches[b].code, Class: class}
}

// begin is a cell where a series begins, else the end of the month before, which follows
// from others and is told for a later report that begins with this month.
func (r *rounder) begin(b, m int) {
	place := r.place("stand", "", b, m, "")
	if m == 0 || r.exact.months[m].breaks {
		r.branch[b].stand = 0
		r.flows[b][m].begin = r.cell(place, r.exact.flows[b][m].begin, []*int64{&r.branch[b].stand, &r.off.stand}, nil)
		return
	}
	r.flows[b][m].begin = r.flows[b][m-1].end
	r.tell(place, r.flows[b][m].begin, true)
}

func (r *rounder) flowsOf(b, m int) {
	exact, out, d, all := r.exact.flows[b][m], &r.flows[b][m], &r.branch[b], &r.off
	for class, n := range r.exact.ages.n[b][m] {
		v := r.cell(r.place("new", "age", b, m, r.exact.ages.keys[class]), n, []*int64{&d.inMonth.new, &d.new, &d.class[class], &d.stand,
			&all.inMonth.new, &all.inMonth.class[class], &all.new, &all.class[class], &all.stand}, nil)
		r.ages.n[b][m][class] = v
		out.new += v
	}
	out.reRegistered = r.cell(r.place("re-registered", "", b, m, ""), exact.reRegistered, []*int64{&d.reRegistered, &d.stand, &all.inMonth.in, &all.reRegistered, &all.stand}, nil)
	out.lapsed = r.cell(r.place("lapsed", "", b, m, ""), exact.lapsed, []*int64{&d.lapsed, &all.inMonth.out, &all.lapsed}, []*int64{&d.stand, &all.stand})
}

// moves divides a month's moves into pairs of branches that add up to who moved out and
// in at each. Which pairs does not matter, as none is published; few and large cells are
// rounded least. Pairs that were told before and are no more keep what binds them.
func (r *rounder) moves(m int) {
	pairs := map[[2]int]int64{}
	r.routes = map[[2]int]int64{}
	from, to := 0, 0
	var out, in int64
	for from < len(r.branch) && to < len(r.branch) {
		if out == 0 {
			out = r.exact.flows[from][m].movedOut
		}
		if in == 0 {
			in = r.exact.flows[to][m].movedIn
		}
		n := min(out, in)
		if n > 0 {
			pairs[[2]int{from, to}] += n
		}
		if out -= n; out == 0 {
			from++
		}
		if in -= n; in == 0 {
			to++
		}
	}
	// Those told before, which may be no more, and those of now, in the order of branches.
	for _, class := range r.routesTold[r.periods[m]] {
		if from, to, known := ends(class, r.branchAt); known {
			pairs[[2]int{from, to}] += 0
		}
	}
	for _, pair := range slices.SortedFunc(maps.Keys(pairs), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
		from, to := pair[0], pair[1]
		source, target := &r.branch[from], &r.branch[to]
		v := r.cell(r.route(from, to, m), pairs[pair], []*int64{&source.movedOut, &source.inMonth.out, &target.movedIn, &target.inMonth.in, &target.stand, &r.off.movedIn}, []*int64{&source.stand})
		r.routes[pair] = v
		r.flows[from][m].movedOut += v
		r.flows[to][m].movedIn += v
	}
}

func (r *rounder) route(from, to, m int) attack.Place {
	return attack.Place{Figure: "moved", By: "route", Period: r.periods[m], Class: r.exact.branches[from].code + ">" + r.exact.branches[to].code}
}

// close sees to it that the stand of a branch that nobody is left at, closed for all to see,
// is 0: what rounding left over goes with those who went, where most of them went to.
func (r *rounder) close(b, m int) {
	exact, f := r.exact.flows[b][m], &r.flows[b][m]
	over := f.begin + f.net()
	if exact.end != 0 || exact.begin == 0 || over == 0 {
		return
	}
	to, most := -1, f.lapsed
	for target := range r.branch {
		if n := r.routes[[2]int{b, target}]; n > most {
			to, most = target, n
		}
	}
	if unsafeCount(most+over, r.base) {
		return
	}
	r.branch[b].stand -= over
	if to < 0 {
		f.lapsed += over
		r.tell(r.place("lapsed", "", b, m, ""), f.lapsed, true)
		for _, sum := range []*int64{&r.branch[b].lapsed, &r.off.lapsed, &r.off.inMonth.out} {
			*sum += over
		}
		r.off.stand -= over
		return
	}
	f.movedOut += over
	r.flows[to][m].movedIn += over
	r.tell(r.route(b, to, m), most+over, true)
	for _, sum := range []*int64{&r.branch[b].movedOut, &r.branch[to].movedIn, &r.branch[to].stand, &r.off.movedIn} {
		*sum += over
	}
}

// cell rounds a count that is added to some sums and subtracted from others, or moves what
// was told of it.
func (r *rounder) cell(place attack.Place, n int64, added, subtracted []*int64) int64 {
	v, bound := r.follow(place, n)
	if !bound {
		v = nearest(n, r.base, added, subtracted)
	}
	r.tell(place, v, r.cells[place].Loose && place.Figure != "stand")
	r.counted[place] = n
	for _, sum := range added {
		*sum += v - n
	}
	for _, sum := range subtracted {
		*sum -= v - n
	}
	return v
}

// nearest is 0 or the base for a small count, whichever brings the sums nearer to the truth.
func nearest(n, base int64, added, subtracted []*int64) int64 {
	if n <= 0 || n >= base {
		return n
	}
	// Where lowering leaves a sum at off, raising leaves it at off ± base, and its square
	// grows by (base ± 2·off)·base.
	var off int64
	for _, sum := range added {
		off += *sum - n
	}
	for _, sum := range subtracted {
		off -= *sum + n
	}
	if 2*off+base*int64(len(added)+len(subtracted)) < 0 {
		return base
	}
	return 0
}
