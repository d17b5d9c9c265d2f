package newmembers

// rounder rounds the inner cells of the balance: each count of persons from 1 to
// threshold − 1 becomes 0 or the threshold, every other stays, and all that is published is
// a sum of rounded cells. The cells are, a month each:
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
//
// disclosure.Round searches all cells at once, which takes it seconds for forty branches
// and minutes for a hundred, and it knows no sum that subtracts, as a stand does: its stands
// drift further.
type rounder struct {
	exact     *figures
	threshold int64
	flows     [][]flow
	ages      breakdown
	off       drift // of the organisation
	branch    []drift
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

func newRounder(exact *figures, threshold int64) *rounder {
	classes := len(exact.ages.keys)
	r := &rounder{exact: exact, threshold: threshold, off: newDrift(classes),
		flows: make([][]flow, len(exact.branches)), ages: newBreakdown(exact.ages.keys, len(exact.branches), len(exact.months))}
	for b := range exact.branches {
		r.flows[b] = make([]flow, len(exact.months))
		r.branch = append(r.branch, newDrift(classes))
	}
	return r
}

// round makes the balance and the new members by age.
func (r *rounder) round() ([][]flow, breakdown) {
	for m := range r.exact.months {
		r.off.nextMonth()
		for b := range r.branch {
			r.branch[b].nextMonth()
			if m == 0 || r.exact.months[m].breaks {
				r.branch[b].stand = 0
				r.flows[b][m].begin = r.cell(r.exact.flows[b][m].begin, []*int64{&r.branch[b].stand, &r.off.stand}, nil)
			}
		}
		for b := range r.branch {
			r.flowsOf(b, m)
		}
		r.moves(m)
	}
	for b := range r.flows {
		for from := 0; from < len(r.exact.months); {
			until := from + 1
			for until < len(r.exact.months) && !r.exact.months[until].breaks {
				until++
			}
			stands(r.flows[b][from:until], r.exact.flows[b][until-1].end == 0)
			from = until
		}
	}
	return r.flows, r.ages
}

func (r *rounder) flowsOf(b, m int) {
	exact, out, d, all := r.exact.flows[b][m], &r.flows[b][m], &r.branch[b], &r.off
	for class, n := range r.exact.ages.n[b][m] {
		v := r.cell(n, []*int64{&d.inMonth.new, &d.new, &d.class[class], &d.stand,
			&all.inMonth.new, &all.inMonth.class[class], &all.new, &all.class[class], &all.stand}, nil)
		r.ages.n[b][m][class] = v
		out.new += v
	}
	out.reRegistered = r.cell(exact.reRegistered, []*int64{&d.reRegistered, &d.stand, &all.inMonth.in, &all.reRegistered, &all.stand}, nil)
	out.lapsed = r.cell(exact.lapsed, []*int64{&d.lapsed, &all.inMonth.out, &all.lapsed}, []*int64{&d.stand, &all.stand})
}

// moves divides a month's moves into pairs of branches that add up to who moved out and
// in at each. Which pairs does not matter, as none is published; few and large cells are
// rounded least.
func (r *rounder) moves(m int) {
	from, to := 0, 0
	var out, in int64
	for from < len(r.branch) && to < len(r.branch) {
		if out == 0 {
			out = r.exact.flows[from][m].movedOut
		}
		if in == 0 {
			in = r.exact.flows[to][m].movedIn
		}
		n, source, target := min(out, in), &r.branch[from], &r.branch[to]
		v := r.cell(n, []*int64{&source.movedOut, &source.inMonth.out, &target.movedIn, &target.inMonth.in, &target.stand, &r.off.movedIn}, []*int64{&source.stand})
		r.flows[from][m].movedOut += v
		r.flows[to][m].movedIn += v
		if out -= n; out == 0 {
			from++
		}
		if in -= n; in == 0 {
			to++
		}
	}
}

// cell rounds a count that is added to some sums and subtracted from others.
func (r *rounder) cell(n int64, added, subtracted []*int64) int64 {
	v := n
	if n > 0 && n < r.threshold {
		v = 0
		// Where lowering leaves a sum at off, raising leaves it at off ± threshold, and its
		// square grows by (threshold ± 2·off)·threshold.
		var off int64
		for _, sum := range added {
			off += *sum - n
		}
		for _, sum := range subtracted {
			off -= *sum + n
		}
		if 2*off+r.threshold*int64(len(added)+len(subtracted)) < 0 {
			v = r.threshold
		}
	}
	for _, sum := range added {
		*sum += v - n
	}
	for _, sum := range subtracted {
		*sum -= v - n
	}
	return v
}

// stands works out the stands of an unbroken series from its opening and the flows. Of a
// branch that ends without members, closed for all to see, the opening follows from the
// flows instead, so that no rounding is left over.
func stands(series []flow, closed bool) {
	if closed {
		series[0].begin = 0
		for _, f := range series {
			series[0].begin -= f.net()
		}
	}
	for m := range series {
		if m > 0 {
			series[m].begin = series[m-1].end
		}
		series[m].end = series[m].begin + series[m].net()
	}
}
