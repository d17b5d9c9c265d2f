package newmembers

import (
	"slices"
)

// smallBranch times the threshold is the number of members below which a branch is not
// published by itself. It goes by the branch's public size, not by the counts to protect.
const smallBranch = 20

// protected is the public edition's figures and what protecting them did.
type protected struct {
	*figures
	deviation int64 // largest difference between a published and a true count
	grouped   int   // branches published together
	whole     bool  // nothing but the organisation is published
	release   Release
	tables    []RoundedTable
}

// protect makes figures that hold no count of persons from 1 to threshold − 1, are
// additive, close, and agree with the editions published before. Flows are rounded, per
// branch and month and new members per class too; moves so that as many move in as out;
// stands follow from them. Branches that are too small, or whose stand the rounding would
// make impossible, are published together, with the smallest others if need be.
//
// Branches that were rounded together stay so. Which are shown together may change: whoever
// compares two editions sees sums of the same rounded counts.
func protect(f *figures, p *past, otherBranches, organisation string) protected {
	least := smallBranch * p.base
	sites, parts := p.sitesOf(f)
	f = f.group(parts, sites, otherBranches)
	rounded := func(own []bool) (*figures, []RoundedTable) {
		return round(f.together(own, otherBranches, organisation), p)
	}
	if len(p.sites) > 0 {
		all, tables := round(f, p)
		rounded = func(own []bool) (*figures, []RoundedTable) {
			return all.together(own, otherBranches, organisation), tables
		}
	}
	own := make([]bool, len(f.branches))
	for b := range own {
		own[b] = len(sites[b].Branches) == 1 && (f.size(b) >= least || f.nobody(b))
	}
	for {
		absorb(f, own, least)
		exact := f.together(own, otherBranches, organisation)
		made := protected{whole: len(exact.branches) == 1 && !slices.Contains(own, true)}
		made.figures, made.tables = rounded(own)
		impossible := made.impossible(p.base)
		if len(impossible) > 0 && !made.whole {
			before := slices.Clone(own)
			if dropImpossible(f, own, impossible); slices.Equal(own, before) {
				clear(own) // beside the others are only branches without members, which add nobody
			}
			continue
		}
		for b, o := range own {
			if !o {
				made.grouped += len(sites[b].Branches)
			}
		}
		made.deviation = deviation(exact, made.figures)
		made.loans = exact.loans
		made.hideLoans(p.base)
		if len(p.sites) == 0 {
			sites = joined(sites, own)
		}
		made.release = p.release(monthKey(f.months[len(f.months)-1].first), sites)
		return made
	}
}

// sitesOf divides the branches into the sites that they were rounded in, each by itself if
// it was in none. Those together come last, as when they were: how moves are divided into
// routes goes by the order of sites.
func (p *past) sitesOf(f *figures) (sites []Site, parts [][]int) {
	for b := range f.branches {
		s, _ := p.siteOf(f.branches[b].code)
		i := slices.IndexFunc(sites, func(t Site) bool { return t.Code == s.Code })
		if i < 0 {
			i = len(sites)
			sites, parts = append(sites, s), append(parts, nil)
		}
		parts[i] = append(parts[i], b)
	}
	if i := slices.IndexFunc(sites, func(s Site) bool { return s.Code == otherCode }); i >= 0 {
		site, part := sites[i], parts[i]
		sites, parts = append(slices.Delete(sites, i, i+1), site), append(slices.Delete(parts, i, i+1), part)
	}
	return sites, parts
}

// otherCode is the code of branches that are published together: the library's own codes
// are in upper case.
const otherCode = "other"

// joined makes one site, the last, of those that are not published by themselves.
func joined(sites []Site, own []bool) []Site {
	var kept []Site
	others := Site{Code: otherCode}
	for i, s := range sites {
		if own[i] {
			kept = append(kept, s)
		} else {
			others.Branches = append(others.Branches, s.Branches...)
		}
	}
	if len(others.Branches) > 0 {
		kept = append(kept, others)
	}
	return kept
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

// together adds the branches that are not published by themselves together, last.
func (f *figures) together(own []bool, otherBranches, organisation string) *figures {
	var parts [][]int
	var sites []Site
	var others []int
	for b, o := range own {
		if !o {
			others = append(others, b)
			continue
		}
		parts, sites = append(parts, []int{b}), append(sites, Site{Code: f.branches[b].code, Branches: []string{""}})
	}
	label := otherBranches
	if len(parts) == 0 {
		label = organisation
	}
	if len(others) > 0 {
		parts, sites = append(parts, others), append(sites, Site{Code: otherCode})
	}
	return f.group(parts, sites, label)
}

// group adds branches up to sites, exactly; a site of several has a label of its own. What
// the public edition does not hold is left out.
func (f *figures) group(parts [][]int, sites []Site, label string) *figures {
	g := &figures{months: slices.Clone(f.months), loansAll: f.loansAll, postcodes: f.areas()}
	for i, part := range parts {
		site := branch{code: sites[i].Code, label: label}
		if len(sites[i].Branches) == 1 {
			site = f.branches[part[0]]
		}
		g.branches = append(g.branches, site)
		flows, loans := make([]flow, len(g.months)), make([]circulation, len(g.months))
		for _, b := range part {
			for m := range g.months {
				flows[m] = flows[m].plus(f.flows[b][m])
				if f.loans != nil {
					loans[m] = loans[m].plus(f.loans[b][m])
				}
			}
		}
		g.flows = append(g.flows, flows)
		if f.loans != nil {
			g.loans = append(g.loans, loans)
		}
	}
	g.ages = f.ages.group(parts)
	sexes, classes := f.sexes.group(parts), f.classes.group(parts)
	g.sexes, g.classes = &sexes, &classes
	return g
}

func (b breakdown) group(parts [][]int) breakdown {
	out := breakdown{keys: b.keys}
	for _, part := range parts {
		n := make([][]int64, len(b.n[0]))
		for m := range n {
			n[m] = make([]int64, len(b.keys))
			for _, from := range part {
				for c, v := range b.n[from][m] {
					n[m][c] += v
				}
			}
		}
		out.n = append(out.n, n)
	}
	return out
}

// areas are the postcode areas of the organisation's new members.
func (f *figures) areas() []origin {
	var all []origin
	for _, o := range f.postcodes {
		if n := len(all); n == 0 || all[n-1].name != o.name {
			all = append(all, origin{o.name, -1, make([]int64, len(f.months))})
		}
		for m, n := range o.n {
			all[len(all)-1].n[m] += n
		}
	}
	return all
}

// plus adds loans up. Persons may have borrowed at both, so that there are at least as
// many as at either.
func (c circulation) plus(d circulation) circulation {
	return circulation{c.known || d.known, false, c.loans + d.loans, max(c.borrowers, d.borrowers), c.borrowings + d.borrowings}
}

// round rounds the inner cells of grouped figures and derives the rest.
func round(g *figures, p *past) (*figures, []RoundedTable) {
	r := newRounder(g, p)
	areas := breakdown{n: [][][]int64{make([][]int64, len(g.months))}}
	for _, o := range g.postcodes {
		areas.keys = append(areas.keys, o.name)
		for m, n := range o.n {
			areas.n[0][m] = append(areas.n[0][m], n)
		}
	}
	sexes, classes := newDivision("sex", g.sexes, false), newDivision("class", g.classes, false)
	r.divisions = []*division{sexes, classes}
	pc4 := newDivision("pc4", &areas, true)
	if len(areas.keys) > 0 {
		r.divisions = append(r.divisions, pc4)
	}
	r.round()
	out := *g
	out.flows, out.ages, out.sexes, out.classes, out.postcodes = r.flows, r.ages, &sexes.out, &classes.out, nil
	for c, name := range areas.keys {
		o := origin{name, -1, make([]int64, len(g.months))}
		for m := range o.n {
			o.n[m] = pc4.out.n[0][m][c]
		}
		out.postcodes = append(out.postcodes, o)
	}
	return &out, r.roundedTables()
}

// deviation is the largest difference between the published and the exact counts, of months
// and of the stretches of months that are published.
func deviation(exact, published *figures) int64 {
	var largest int64
	differ := func(a, b int64) { largest = max(largest, a-b, b-a) }
	windows := []window{{0, len(exact.months)}, exact.lastYear(), exact.yearBefore(), exact.thisYear(), exact.sameMonths()}
	for m := range exact.months {
		windows = append(windows, window{m, m + 1})
	}
	for _, w := range windows {
		if !w.there() {
			continue
		}
		for b := -1; b < len(exact.branches); b++ {
			x, y := exact.sum(b, w.from, w.until), published.sum(b, w.from, w.until)
			for _, d := range [][2]int64{{x.begin, y.begin}, {x.new, y.new}, {x.reRegistered, y.reRegistered}, {x.movedIn, y.movedIn}, {x.lapsed, y.lapsed}, {x.movedOut, y.movedOut}, {x.end, y.end}} {
				differ(d[0], d[1])
			}
			for _, d := range [][2]*breakdown{{&exact.ages, &published.ages}, {exact.sexes, published.sexes}, {exact.classes, published.classes}} {
				x, y := d[0].sum(b, w.from, w.until), d[1].sum(b, w.from, w.until)
				for c := range x {
					differ(x[c], y[c])
				}
			}
		}
	}
	for i, o := range exact.postcodes {
		for _, w := range windows[:2] {
			differ(sumOf(o.n, w), sumOf(published.postcodes[i].n, w))
		}
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
