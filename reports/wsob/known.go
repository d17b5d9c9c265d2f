package wsob

import (
	"slices"

	"peil/transforms/disclosure/attack"
)

// Known is what a reader of a return knows of the persons of an item and age group in a year at
// a branch: their count lies from Low to High. Branches that the return protects are known
// together, by what the others leave of the organisation's figure.
type Known struct {
	Year        int
	Item, Group string   // new or lapsed, or members on 31 December; youth, adult or unknown
	Branches    []string // their codes
	Value       int64    // as published
	// Follows says that nothing is known of the count but by what the value follows.
	Follows   bool
	Low, High int64
}

// Known lists what a reader learns of persons from this return, and from no earlier one.
func (r *Return) Known() []Known {
	var all []Known
	for i := range r.Items {
		item := &r.Items[i]
		of := item.persons()
		if of == nil {
			continue
		}
		for back := range r.years() {
			if figure := item.year(back); figure.Value != nil {
				all = append(all, item.known(back, Known{Year: r.Year - back, Item: of.item, Group: of.group, Value: *figure.Value}, int64(r.Threshold))...)
			}
		}
	}
	return all
}

// years is how many years the return tells of first: its own, and the year before unless that
// repeats what was published.
func (r *Return) years() int {
	if r.PreviousSource == counted {
		return 2
	}
	return 1
}

// known lists what is known of the branches of an item of which the sum is.
func (i *Item) known(back int, sum Known, base int64) []Known {
	var all []Known
	status := i.year(back).Status
	know := func(k Known) {
		switch {
		case k.Follows:
			k.Low, k.High = 0, attack.Unbounded
		case status != Exact:
			k.Low, k.High = attack.RoundedSum(k.Value, base, int64(len(k.Branches)))
		default:
			k.Low, k.High = k.Value, k.Value
		}
		all = append(all, k)
	}
	rest := sum
	for at := range i.Branches {
		p := &i.Branches[at]
		of := p.year(back)
		if *of.value == nil {
			rest.Branches, rest.Follows = append(rest.Branches, p.Code), rest.Follows || *of.follows
			continue
		}
		k := sum
		k.Branches, k.Value, k.Follows = []string{p.Code}, **of.value, *of.follows
		rest.Value -= k.Value
		know(k)
	}
	if len(rest.Branches) > 0 {
		know(rest)
	}
	return all
}

// persons are those that an item counts; nil if it counts none, or adds up others.
func (i *Item) persons() *persons {
	at := slices.IndexFunc(catalogue, func(s spec) bool { return s.code == i.Code })
	if at < 0 {
		return nil
	}
	return catalogue[at].persons
}

// year is the figure of the return's year, or of one a year back.
func (i *Item) year(back int) *Figure {
	if back == 1 {
		return &i.Previous
	}
	return &i.Figure
}

// told is what a part tells of a year.
type told struct {
	value   **int64
	follows *bool
	status  *Status
}

// year is what the part tells of the return's year, or of one a year back.
func (p *Part) year(back int) told {
	if back == 1 {
		return told{&p.Previous, &p.PreviousFollows, &p.PreviousStatus}
	}
	return told{&p.Value, &p.Follows, &p.Status}
}
