package wsob

import (
	"fmt"
	"slices"
)

// The parts of a return may tell, beside the months that the report on new members tells, how
// many persons stand behind a small number there. Those are left out.

// Protect leaves the age groups of an item of persons out in a year that the return is the
// first to tell of: at some branches, by code.
func (r *Return) Protect(year int, item string, branches []string) {
	r.eachAge(year, item, func(i *Item, back int) {
		for at := range i.Branches {
			if p := &i.Branches[at]; slices.Contains(branches, p.Code) {
				to := p.year(back)
				*to.value, *to.status = nil, Protected
			}
		}
	})
}

// ProtectAll leaves them out for the organisation too.
func (r *Return) ProtectAll(year int, item string) {
	r.eachAge(year, item, func(i *Item, back int) {
		*i.year(back) = Figure{Status: Protected}
		if back == 0 {
			i.Warnings = nil // one of them tells a figure
		}
		for at := range i.Branches {
			to := i.Branches[at].year(back)
			*to.value, *to.status = nil, Protected
		}
	})
}

// Protected are the branches of which the return leaves the age groups of an item out in a
// year, by code, and whether it does so for the organisation too.
func (r *Return) Protected(year int, item string) (branches []string, all bool) {
	r.eachAge(year, item, func(i *Item, back int) {
		all = all || i.year(back).Status == Protected
		for at := range i.Branches {
			if p := &i.Branches[at]; *p.year(back).status == Protected && !slices.Contains(branches, p.Code) {
				branches = append(branches, p.Code)
			}
		}
	})
	return branches, all
}

// ProtectAs leaves out what another return of the same year does: what was left out stays so.
func (r *Return) ProtectAs(before *Return) {
	for back := range r.years() {
		for _, item := range []string{"new", "lapsed"} {
			branches, all := before.Protected(r.Year-back, item)
			if r.Protect(r.Year-back, item, branches); all {
				r.ProtectAll(r.Year-back, item)
			}
		}
	}
}

// eachAge calls a function with the age groups of an item that have a figure of a year.
func (r *Return) eachAge(year int, item string, do func(i *Item, back int)) {
	back := r.Year - year
	if back < 0 || back >= r.years() {
		return
	}
	for at := range r.Items {
		i := &r.Items[at]
		if of := i.persons(); of != nil && of.item == item && i.year(back).Status != NotAvailable {
			do(i, back)
		}
	}
}

// protection words what is left out of an item, and why.
func (w writer) protection(i *Item) []string {
	var texts []string
	for back := range 2 {
		n := 0
		for at := range i.Branches {
			if *i.Branches[at].year(back).status == Protected {
				n++
			}
		}
		why := w.in("naast de maanden in het rapport nieuwe leden zou het precies vertellen hoeveel personen er achter kleine aantallen daar staan", "beside the months in the report on new members it would tell exactly how many persons stand behind small numbers there")
		switch {
		case i.year(back).Status == Protected:
			texts = append(texts, fmt.Sprintf(w.in("Over %d is dit afgeschermd: %s.", "Of %d this is protected: %s."), w.Year-back, why))
		case n > 0:
			texts = append(texts, fmt.Sprintf(w.in("Over %d is dit bij %d vestigingen afgeschermd: %s. In het totaal tellen zij mee.", "Of %d this is protected at %d branches: %s. They are in the total."), w.Year-back, n, why))
		}
	}
	return texts
}
