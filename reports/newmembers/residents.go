package newmembers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"peil/reports/newmembers/area"
)

// residents are the members on the last day of the period, by postcode area ("?" is
// unknown), age class of the population (after the last, unknown age) and sex.
type residents map[string][]sexes

type sexes struct{ female, male, other int64 }

func (s sexes) all() int64 { return s.female + s.male + s.other }

func (s sexes) plus(t sexes) sexes {
	return sexes{s.female + t.female, s.male + t.male, s.other + t.other}
}

// in are the members in a postcode area, of all ages.
func (r residents) in(pc4 string) (sum sexes) {
	for _, s := range r[pc4] {
		sum = sum.plus(s)
	}
	return sum
}

// activity is how many of a branch's members borrowed in the last year, wherever, and what.
type activity struct{ members, borrowers, loans int64 }

func (a activity) plus(b activity) activity {
	return activity{a.members + b.members, a.borrowers + b.borrowers, a.loans + b.loans}
}

// ages are the age classes in which members and inhabitants are compared.
func (o Options) ages() []area.Ages {
	if o.Population == nil {
		return []area.Ages{{From: 0, To: 1 << 10}}
	}
	return o.Population.Ages
}

func (r *reader) readResidents(ctx context.Context) error {
	r.residents, r.catchment = residents{}, map[string]int{}
	ages := r.options.ages()
	starts := make([]string, len(ages))
	for i, a := range ages {
		starts[i] = fmt.Sprint(a.From)
	}
	var pc4, sex string
	var from int
	var persons int64
	list := "[" + strings.Join(starts, ",") + "]"
	err := r.rowsOf(ctx, "residents", []any{list}, []any{&pc4, &from, &sex, &persons}, func() error {
		if r.residents[pc4] == nil {
			r.residents[pc4] = make([]sexes, len(ages)+1)
		}
		class := slices.IndexFunc(ages, func(a area.Ages) bool { return a.From == from })
		if class < 0 {
			class = len(ages)
		}
		switch s := &r.residents[pc4][class]; sex {
		case "F":
			s.female += persons
		case "M":
			s.male += persons
		default:
			s.other += persons
		}
		return nil
	})
	if err != nil {
		return err
	}
	var no int64
	return r.rowsOf(ctx, "catchments", nil, []any{&pc4, &no}, func() error {
		b, known := r.branchAt[no]
		if known && no != 0 {
			r.catchment[pc4] = b
		}
		return nil
	})
}

func (r *reader) readActivity(ctx context.Context) error {
	if r.loansAll == nil {
		return nil
	}
	for m := len(r.months) - 12; m < len(r.months); m++ {
		if m < 0 || !r.loansAll[m].known {
			return nil // of a part of the year nothing is known: nobody is inactive for that
		}
	}
	r.active = make([]activity, len(r.branches))
	var no int64
	var a activity
	return r.rowsOf(ctx, "activity", nil, []any{&no, &a.members, &a.borrowers, &a.loans}, func() error {
		b, known := r.branchAt[no]
		if !known {
			return fmt.Errorf("branch number %d is not in the warehouse's own lists", no)
		}
		r.active[b] = a
		return nil
	})
}
