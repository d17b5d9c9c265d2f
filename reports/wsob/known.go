package wsob

import (
	"slices"

	"peil/transforms/disclosure/attack"
)

// Known is what a reader of a return knows of the persons of an item and age group at a
// branch in a year: their count lies from Low to High.
type Known struct {
	Year        int
	Item, Group string // new or lapsed, or members on 31 December; youth, adult or unknown
	Branch      string // its code
	Value       int64  // as published
	// Follows says that nothing is known of the count but by what the value follows.
	Follows   bool
	Low, High int64
}

// Known lists what a reader learns of persons from this return, and from no earlier one.
func (r *Return) Known() []Known {
	var all []Known
	for _, item := range r.Items {
		at := slices.IndexFunc(catalogue, func(s spec) bool { return s.code == item.Code && s.persons != nil })
		if at < 0 {
			continue
		}
		of := *catalogue[at].persons
		for _, p := range item.Branches {
			r.know(&all, of, r.Year, p.Code, p.Value, item.Status, p.Follows)
			if r.PreviousSource == counted {
				r.know(&all, of, r.Year-1, p.Code, p.Previous, item.Previous.Status, p.PreviousFollows)
			}
		}
	}
	return all
}

func (r *Return) know(all *[]Known, of persons, year int, branch string, n *int64, status Status, follows bool) {
	if n == nil {
		return
	}
	k := Known{year, of.item, of.group, branch, *n, follows, *n, *n}
	switch {
	case follows:
		k.Low, k.High = 0, attack.Unbounded
	case status != Exact:
		k.Low, k.High = attack.Rounded(*n, int64(r.Threshold))
	}
	*all = append(*all, k)
}
