package newmembers

import (
	"fmt"
	"time"
)

// figures are all counts of one edition, exact or protected. The same tables are built
// from either.
type figures struct {
	months   []month
	branches []branch
	flows    [][]flow // by branch and month

	ages breakdown
	// the others are nil in the public edition
	sexes, classes *breakdown
	subscriptions  []origin // branch is -1
	postcodes      []origin
	movements      []movement
	survival       []cohort

	loans    [][]circulation // by branch where they were made and month; nil without loans
	owned    [][]circulation // by branch that owns what was lent and month; nil where unknown
	loansAll []circulation   // of the organisation, by month

	residents residents      // on the last day; empty in the public edition
	catchment map[string]int // the branch that most members of a postcode area belong to
	active    []activity     // by branch; nil where no year of loans is known
}

type month struct {
	first  time.Time
	lower  bool // the source holds only those who stayed since
	frozen bool
	moves  bool // a move between branches would have been seen
	breaks bool // a stand at its begin is not the one at the end of the month before
}

type branch struct {
	code, label, isil string
}

// flow is one row of the balance.
type flow struct {
	begin, new, reRegistered, movedIn, lapsed, movedOut, end int64
	gapUnknown, firstUnknown                                 int64
}

func (f flow) net() int64 { return f.new + f.reRegistered + f.movedIn - f.lapsed - f.movedOut }

func (f flow) plus(g flow) flow {
	return flow{f.begin + g.begin, f.new + g.new, f.reRegistered + g.reRegistered, f.movedIn + g.movedIn, f.lapsed + g.lapsed,
		f.movedOut + g.movedOut, f.end + g.end, f.gapUnknown + g.gapUnknown, f.firstUnknown + g.firstUnknown}
}

// breakdown divides the new members of each branch and month into classes.
type breakdown struct {
	keys []string    // of the classes
	n    [][][]int64 // by branch, month and class
}

func newBreakdown(keys []string, branches, months int) breakdown {
	b := breakdown{keys: keys, n: make([][][]int64, branches)}
	for i := range b.n {
		b.n[i] = make([][]int64, months)
		for m := range b.n[i] {
			b.n[i][m] = make([]int64, len(keys))
		}
	}
	return b
}

// sum adds up the months from and until, half-open, by class; branch -1 is the organisation.
func (b breakdown) sum(branch, from, until int) []int64 {
	total := make([]int64, len(b.keys))
	for i := range b.n {
		if branch >= 0 && i != branch {
			continue
		}
		for m := from; m < until; m++ {
			for c, n := range b.n[i][m] {
				total[c] += n
			}
		}
	}
	return total
}

// origin is what a number of new members have in common, by month.
type origin struct {
	name   string
	branch int
	n      []int64
}

type movement struct {
	from, to int // branches
	n        []int64
}

// cohort is what became of the new members of a month.
type cohort struct {
	month, after int // index of the month; months later
	new, still   int64
}

type circulation struct {
	known                        bool // there were loans
	hidden                       bool // they must not be published
	loans, borrowers, borrowings int64
}

// total is the organisation's balance of a month.
func (f *figures) total(m int) flow {
	var t flow
	for b := range f.flows {
		t = t.plus(f.flows[b][m])
	}
	return t
}

// sum adds up the flows of months, half-open; its begin is that of the first, its end that
// of the last. Branch -1 is the organisation.
func (f *figures) sum(branch, from, until int) flow {
	var t flow
	for m := from; m < until; m++ {
		row := f.total
		if branch >= 0 {
			row = func(m int) flow { return f.flows[branch][m] }
		}
		begin, r := t.begin, row(m)
		t = t.plus(r)
		if t.begin, t.end = begin, r.end; m == from {
			t.begin = r.begin
		}
	}
	return t
}

// lower says whether any of the months, half-open, holds survivors only.
func (f *figures) lower(from, until int) bool {
	for m := from; m < until; m++ {
		if f.months[m].lower {
			return true
		}
	}
	return false
}

// broken says whether the series breaks within the months, half-open.
func (f *figures) broken(from, until int) bool {
	for m := from + 1; m < until; m++ {
		if f.months[m].breaks {
			return true
		}
	}
	return false
}

// window is a stretch of months, half-open; it is there only if all its months are in
// the report.
type window struct{ from, until int }

func (w window) there() bool { return w.from >= 0 && w.from < w.until }

// lastYear are the last twelve months, or all if they are fewer; yearBefore the twelve before.
func (f *figures) lastYear() window { return window{max(0, len(f.months)-12), len(f.months)} }
func (f *figures) yearBefore() window {
	return window{len(f.months) - 24, len(f.months) - 12}
}

// thisYear is the calendar year of the last month up to it; sameMonths the same months
// of the year before.
func (f *figures) thisYear() window {
	n := len(f.months)
	return window{n - int(f.months[n-1].first.Month()), n}
}
func (f *figures) sameMonths() window {
	w := f.thisYear()
	return window{w.from - 12, w.until - 12}
}

// check says what contradicts itself: such figures must not be published.
func (f *figures) check() error {
	for m := range f.months {
		t := f.total(m)
		if t.movedIn != t.movedOut {
			return fmt.Errorf("check the balance of %s: moved in and moved out differ", f.months[m].first.Format("2006-01"))
		}
		for b := range f.branches {
			r := f.flows[b][m]
			if r.begin+r.net() != r.end {
				return fmt.Errorf("check the balance of %s, branch %s: it does not close", f.months[m].first.Format("2006-01"), f.branches[b].code)
			}
		}
	}
	return nil
}

// findBreaks marks the months at which a series begins anew.
func (f *figures) findBreaks() {
	for m := 1; m < len(f.months); m++ {
		for b := range f.flows {
			if f.flows[b][m].begin != f.flows[b][m-1].end {
				f.months[m].breaks = true
			}
		}
	}
}
