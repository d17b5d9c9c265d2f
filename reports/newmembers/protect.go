package newmembers

import "slices"

// smallBranch times the threshold is the number of members below which a branch is not
// published by itself. It goes by the branch's public size, not by the counts to protect.
const smallBranch = 20

// protected is the public edition's figures and what protecting them did.
type protected struct {
	*figures
	deviation int64 // largest difference between a published and a true count
	grouped   int   // branches published together
	whole     bool  // nothing but the organisation is published
}

// protect makes figures that hold no count of persons from 1 to threshold − 1, are
// additive, and close. Flows are rounded, per branch and month and new members per age
// class too; moves so that as many move in as out; stands follow from them. Branches that
// are too small, or whose stand the rounding would make impossible, are published
// together, with the smallest others if need be.
func protect(f *figures, threshold int64, otherBranches, organisation string) protected {
	least := smallBranch * threshold
	own := make([]bool, len(f.branches))
	for b := range own {
		own[b] = f.size(b) >= least || f.nobody(b)
	}
	for {
		absorb(f, own, least)
		g := f.group(own, otherBranches, organisation)
		p := protected{whole: len(g.branches) == 1 && !slices.Contains(own, true)}
		for _, o := range own {
			if !o {
				p.grouped++
			}
		}
		p.figures = round(g, threshold)
		p.deviation = deviation(g, p.figures)
		impossible := p.impossible(threshold)
		if len(impossible) == 0 || p.whole {
			return p
		}
		dropImpossible(f, own, impossible)
	}
}

// size is the public size of a branch: its members at the begin of the period, or at the
// end if it has grown.
func (f *figures) size(b int) int64 {
	last := len(f.months) - 1
	return max(f.flows[b][0].begin, f.flows[b][last].end)
}

// nobody says that a branch lends only: no member ever was there, for all to see.
func (f *figures) nobody(b int) bool {
	return !slices.ContainsFunc(f.flows[b], func(r flow) bool { return r != flow{} })
}

// absorb adds the smallest branches to the others until those are together large enough.
func absorb(f *figures, own []bool, least int64) {
	for {
		var others int64
		any := false
		for b, o := range own {
			if !o {
				any = true
				others += f.size(b)
			}
		}
		if !any || others >= least || !dropSmallest(f, own) {
			return
		}
	}
}

// dropSmallest publishes the smallest branch with the others; false if there is none left.
func dropSmallest(f *figures, own []bool) bool {
	smallest := -1
	for b, o := range own {
		if o && !f.nobody(b) && (smallest < 0 || f.size(b) < f.size(smallest)) {
			smallest = b
		}
	}
	if smallest >= 0 {
		own[smallest] = false
	}
	return smallest >= 0
}

// dropImpossible publishes the branches at these places of the grouped figures with the
// others; where those are impossible themselves, the smallest branch with them.
func dropImpossible(f *figures, own []bool, impossible []int) {
	place := 0
	var others bool
	for b, o := range own {
		if !o {
			others = true
			continue
		}
		own[b] = !slices.Contains(impossible, place)
		place++
	}
	if others && slices.Contains(impossible, place) {
		dropSmallest(f, own)
	}
}

// impossible are the branches with a stand that is negative or from 1 to threshold − 1.
func (f *figures) impossible(threshold int64) []int {
	var found []int
	for b := range f.flows {
		if slices.ContainsFunc(f.flows[b], func(r flow) bool { return unsafeCount(r.begin, threshold) || unsafeCount(r.end, threshold) }) {
			found = append(found, b)
		}
	}
	return found
}

func unsafeCount(n, threshold int64) bool { return n < 0 || n > 0 && n < threshold }

// group adds the branches that are not published by themselves together, exactly. They come
// last. What the public edition does not hold is left out.
func (f *figures) group(own []bool, otherBranches, organisation string) *figures {
	g := &figures{months: slices.Clone(f.months), loansAll: f.loansAll}
	at := make([]int, len(f.branches))
	for b, o := range own {
		if o {
			at[b] = len(g.branches)
			g.branches = append(g.branches, f.branches[b])
		}
	}
	kept := len(g.branches)
	for b, o := range own {
		if !o {
			at[b] = kept
		}
	}
	if kept < len(own) {
		// the library's own codes are in upper case
		others := branch{code: "other", label: otherBranches}
		if kept == 0 {
			others.label = organisation
		}
		g.branches = append(g.branches, others)
	}
	g.flows = make([][]flow, len(g.branches))
	g.ages = newBreakdown(f.ages.keys, len(g.branches), len(g.months))
	for b := range g.branches {
		g.flows[b] = make([]flow, len(g.months))
		if f.loans != nil {
			g.loans = append(g.loans, make([]circulation, len(g.months)))
		}
	}
	for b, to := range at {
		for m := range g.months {
			g.flows[to][m] = g.flows[to][m].plus(f.flows[b][m])
			for c, n := range f.ages.n[b][m] {
				g.ages.n[to][m][c] += n
			}
			if f.loans != nil {
				g.loans[to][m] = g.loans[to][m].plus(f.loans[b][m])
			}
		}
	}
	return g
}

// plus adds loans up. Persons may have borrowed at both, so that there are at least as
// many as at either.
func (c circulation) plus(d circulation) circulation {
	return circulation{c.known || d.known, false, c.loans + d.loans, max(c.borrowers, d.borrowers), c.borrowings + d.borrowings}
}

// round rounds the inner cells of grouped figures and derives the rest.
func round(g *figures, threshold int64) *figures {
	p := *g
	p.flows, p.ages = newRounder(g, threshold).round()
	p.hideLoans(threshold)
	return &p
}

// deviation is the largest difference between the published and the exact counts.
func deviation(exact, published *figures) int64 {
	var largest int64
	compare := func(a, b flow) {
		for _, d := range []int64{a.begin - b.begin, a.new - b.new, a.reRegistered - b.reRegistered, a.movedIn - b.movedIn,
			a.lapsed - b.lapsed, a.movedOut - b.movedOut, a.end - b.end} {
			largest = max(largest, d, -d)
		}
	}
	classes := func(branch, from, until int) {
		a, b := exact.ages.sum(branch, from, until), published.ages.sum(branch, from, until)
		for c := range a {
			largest = max(largest, a[c]-b[c], b[c]-a[c])
		}
	}
	for m := range exact.months {
		compare(exact.total(m), published.total(m))
		classes(-1, m, m+1)
		for b := range exact.branches {
			compare(exact.flows[b][m], published.flows[b][m])
		}
	}
	for b := range exact.branches {
		compare(exact.sum(b, 0, len(exact.months)), published.sum(b, 0, len(exact.months)))
		classes(b, 0, len(exact.months))
	}
	return largest
}

// hideLoans takes away the loans of a branch in a month in which few persons may have made
// them. What is hidden in a month must stay hidden when the shown is subtracted from the
// organisation's loans: it stands for two branches at least, and for enough borrowers.
func (f *figures) hideLoans(threshold int64) {
	if f.loans == nil {
		return
	}
	shown := make([][]circulation, len(f.loans))
	for b := range shown {
		shown[b] = slices.Clone(f.loans[b])
	}
	for m := range f.months {
		var order []int
		for b := range shown {
			if shown[b][m].known {
				order = append(order, b)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return int(shown[a][m].borrowers - shown[b][m].borrowers) })
		hidden, borrowers := 0, int64(0)
		for _, b := range order {
			if shown[b][m].borrowers >= threshold && (hidden == 0 || hidden >= 2 && borrowers >= threshold) {
				break
			}
			hidden, borrowers = hidden+1, max(borrowers, shown[b][m].borrowers)
			shown[b][m].hidden = true
		}
	}
	f.loans = shown
}
