package newmembers

import (
	"cmp"
	"fmt"
	"slices"

	"peil/reports/render"
)

// The area of a branch are the postcodes most of whose members are registered there. Where
// buildings stand the source does not tell; where members go it does.

// nearness divides the new members of a branch in the last year by where they live.
type nearness struct{ own, near, far int64 }

func (n nearness) all() int64 { return n.own + n.near + n.far }

// nearnesses are those of each branch.
func (r *report) nearnesses() []nearness {
	all := make([]nearness, len(r.branches))
	for _, o := range r.postcodes {
		n, at := sumOf(o.n, r.lastYear()), &all[o.branch]
		switch b, known := r.catchment[o.name]; {
		case !known:
			at.far += n
		case b == o.branch:
			at.own += n
		default:
			at.near += n
		}
	}
	return all
}

func (r *report) nearTable() render.Table {
	t := render.Table{ID: "new-by-nearness", Title: r.say("Nieuwe leden uit het eigen gebied en van elders", "New members from the branch's own area and from elsewhere"), Short: r.say("Uit de buurt", "From nearby"),
		Definition: r.say("Eén rij per vestiging, over ", "One row per branch, over ") + r.period(r.lastYear()) +
			r.say(". Het gebied van een vestiging zijn de postcodes waarvan de meeste leden daar zijn ingeschreven.", ". The area of a branch are the postcodes most of whose members are registered there."),
		Columns: r.columns("branch_name", "branch", "new_12", "new_own", "new_near", "new_far", "own_share"), Files: files("new-by-nearness")}
	year := r.lastYear()
	low := r.lower(year.from, year.until)
	row := func(head []render.Value, n nearness) []render.Value {
		return append(head, r.persons(n.all(), low), r.persons(n.own, low), r.persons(n.near, low), r.persons(n.far, low), share(n.own, n.own+n.near, true))
	}
	var all nearness
	for b, n := range r.nearnesses() {
		if n.all() == 0 {
			continue
		}
		all = nearness{all.own + n.own, all.near + n.near, all.far + n.far}
		t.Rows = append(t.Rows, row(r.branch(b), n))
	}
	t.Total = row(r.totalRow(2), all)
	return t
}

// nearCaption says where most new members come from elsewhere.
func (r *report) nearCaption() string {
	var own, known int64
	least, lowest := -1, 2.0
	for b, n := range r.nearnesses() {
		own, known = own+n.own, known+n.own+n.near
		if n.own == 0 {
			continue // a branch without an area, such as a bus
		}
		if s := float64(n.own) / float64(n.own+n.near); n.own+n.near >= 20 && s < lowest { // of few it says little
			least, lowest = b, s
		}
	}
	if known == 0 {
		return r.say("De laatste twaalf maanden.", "The last twelve months.")
	}
	caption := fmt.Sprintf(r.say("Van de nieuwe leden van de laatste twaalf maanden met een bekende postcode komt %s uit het gebied van de eigen vestiging", "Of the new members of the last twelve months with a known postcode, %s come from the area of their own branch"),
		r.percentage(float64(own)/float64(known)))
	if least < 0 {
		return caption + "."
	}
	return caption + fmt.Sprintf(r.say("; bij %s is dat het laagst: %s.", "; at %s that is lowest: %s."), r.branches[least].label, r.percentage(lowest))
}

func (r *report) neighboursTable() render.Table {
	t := render.Table{ID: "new-by-neighbour", Title: r.say("Bij welke vestiging nieuwe leden wonen", "Which branch new members live near"), Short: r.say("Buurvestigingen", "Neighbouring branches"),
		Definition: r.say("Eén rij per vestiging en vestiging in wier gebied het nieuwe lid woont. Wat hier niet staat, is nul.", "One row per branch and branch in whose area the new member lives. What is not here is zero."),
		Columns:    r.columns("branch_name", "branch", "lives_near", "new_12", "branch_share", "new_period"), Files: files("new-by-neighbour")}
	year, whole := r.lastYear(), window{0, len(r.months)}
	type pair struct{ branch, near int } // near -1: unknown
	sums := map[pair][2]int64{}
	for _, o := range r.postcodes {
		near, known := r.catchment[o.name]
		if !known {
			near = -1
		}
		s := sums[pair{o.branch, near}]
		sums[pair{o.branch, near}] = [2]int64{s[0] + sumOf(o.n, year), s[1] + sumOf(o.n, whole)}
	}
	var pairs []pair
	for p := range sums {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.branch, b.branch), cmp.Compare(sums[b][0], sums[a][0]), cmp.Compare(sums[b][1], sums[a][1]), cmp.Compare(a.near, b.near))
	})
	for _, p := range pairs {
		name := r.say("postcode onbekend", "postcode unknown")
		if p.near >= 0 {
			name = r.branches[p.near].label
		}
		n := sums[p]
		t.Rows = append(t.Rows, append(r.branch(p.branch), render.Text(name), r.persons(n[0], r.lower(year.from, year.until)),
			share(n[0], r.sum(p.branch, year.from, year.until).new, true), r.persons(n[1], r.lower(0, len(r.months)))))
	}
	return t
}
