package newmembers

import (
	"fmt"
	"slices"

	"peil/reports/render"
)

func (r *report) balanceSection() render.Section {
	s := render.Section{
		ID: "members", Title: r.say("Leden: stand en verloop", "Members: stands and flows"),
		Intro: r.say("Begin + nieuw + opnieuw + verhuisd in − vertrokken − verhuisd uit = eind, voor elke vestiging, elke maand en in totaal.",
			"Begin + new + re-registered + moved in − lapsed − moved out = end, for every branch, every month and in total."),
		Charts: []render.Chart{
			{ID: "chart-members", Kind: render.Lines, Table: "totals", X: "month", Y: []string{"end_members"},
				Title:       r.say("Leden aan het einde van de maand", "Members at the end of the month"),
				Description: r.membersCaption()},
			{ID: "chart-flows", Kind: render.Lines, Table: "totals", X: "month", Y: []string{"new", "re_registered", "lapsed"},
				Title:       r.say("Nieuw, opnieuw en vertrokken per maand", "New, re-registered and lapsed per month"),
				Description: r.flowsCaption()},
		},
		Tables: []render.Table{r.totals()},
	}
	if r.perBranch() {
		s.Charts = append(s.Charts, render.Chart{ID: "chart-branches", Kind: render.SmallMultiples, Table: "balance", X: "month", Y: []string{"new", "lapsed"}, By: "branch_name",
			Title:       r.say("Nieuw en vertrokken per vestiging", "New and lapsed per branch"),
			Description: r.branchesCaption()})
		s.Tables = append(s.Tables, r.balance())
	}
	if len(r.movements) > 0 {
		s.Tables = append(s.Tables, r.movementsTable())
	}
	return s
}

// flowKeys are the columns of a balance; memo columns are exact only.
func (r *report) flowKeys() []string {
	keys := []string{"begin_members", "new", "re_registered", "moved_in", "lapsed", "moved_out", "end_members", "growth", "lapse_rate", "basis"}
	if !r.public() {
		keys = append(keys, "gap_unknown", "first_unknown")
	}
	return keys
}

func (r *report) flow(m int, f flow) []render.Value {
	low := r.months[m].lower
	row := []render.Value{r.persons(f.begin, low), r.persons(f.new, low), r.persons(f.reRegistered, low), r.moved(m, f.movedIn, low),
		r.persons(f.lapsed, low), r.moved(m, f.movedOut, low), r.persons(f.end, low), change(f.end, f.begin, !low), share(f.lapsed, f.begin, !low), r.basis(m)}
	if !r.public() {
		row = append(row, r.persons(f.gapUnknown, low), r.persons(f.firstUnknown, low))
	}
	return row
}

func (r *report) totals() render.Table {
	t := render.Table{ID: "totals", Title: r.say("De hele bibliotheek per maand", "The whole library per month"), Short: r.say("Totalen", "Totals"),
		Definition: r.say("Eén rij per maand. Elk lid telt één keer. Verhuizingen tussen vestigingen veranderen het totaal niet.", "One row per month. Every member counts once. Moves between branches do not change the total."),
		Columns:    r.columns(append([]string{"month"}, r.flowKeys()...)...), Files: files("totals")}
	for m := range r.months {
		t.Rows = append(t.Rows, append([]render.Value{r.month(m)}, r.flow(m, r.total(m))...))
	}
	return t
}

func (r *report) balance() render.Table {
	t := render.Table{ID: "balance", Title: r.say("Stand en verloop per vestiging en maand", "Stands and flows per branch and month"), Short: r.say("Vestigingen per maand", "Branches per month"),
		Definition: r.say("Eén rij per vestiging en maand. Filter op vestiging of maand.", "One row per branch and month. Filter by branch or month."),
		Columns:    r.columns(append([]string{"branch_name", "branch", "month"}, r.flowKeys()...)...), Files: files("balance")}
	for b := range r.branches {
		for m := range r.months {
			row := append(r.branch(b), r.month(m))
			t.Rows = append(t.Rows, append(row, r.flow(m, r.flows[b][m])...))
		}
	}
	return t
}

func (r *report) movementsTable() render.Table {
	t := render.Table{ID: "movements", Title: r.say("Verhuisd van vestiging naar vestiging", "Moved from branch to branch"), Short: r.say("Verhuisd", "Moved"),
		Definition: r.say("Eén rij per paar vestigingen waartussen leden verhuisden. Wat hier niet staat, is nul.", "One row per pair of branches between which members moved. What is not here is zero."),
		Columns:    r.columns("from_branch", "to_branch", "moved_12", "moved"), Files: files("movements")}
	year, n := r.lastYear(), len(r.months)
	moves := slices.Clone(r.movements)
	slices.SortFunc(moves, func(a, b movement) int { return slices.Compare([]int{a.from, a.to}, []int{b.from, b.to}) })
	for _, v := range moves {
		t.Rows = append(t.Rows, []render.Value{render.Text(r.branches[v.from].label), render.Text(r.branches[v.to].label),
			r.persons(sumOf(v.n, year), r.lower(year.from, year.until)), r.persons(sumOf(v.n, window{0, n}), r.lower(0, n))})
	}
	return t
}

// sumOf adds up a window of monthly numbers.
func sumOf(n []int64, w window) int64 {
	var sum int64
	for _, v := range n[w.from:w.until] {
		sum += v
	}
	return sum
}

func (r *report) growthSection() render.Section {
	s := render.Section{ID: "growth", Title: r.say("Vergeleken met een jaar eerder", "Compared with a year before"),
		Intro: r.say("Dit jaar naast vorig jaar, telkens over dezelfde maanden.", "This year beside last, over the same months."),
		Charts: []render.Chart{{ID: "chart-years", Kind: render.Lines, Table: "year-on-year", X: "calendar_month", Y: []string{"new"}, By: "year",
			Title:       r.say("Nieuwe leden per maand, jaar op jaar", "New members per month, year on year"),
			Description: r.yearsCaption(), Accent: fmt.Sprint(r.months[len(r.months)-1].first.Year())}},
	}
	if r.perBranch() {
		s.Tables = append(s.Tables, r.branchesTable())
	}
	s.Tables = append(s.Tables, r.yearOnYear())
	return s
}

// yearOnYear has the same calendar months below each other, so that a chart of a line a
// year begins with January.
func (r *report) yearOnYear() render.Table {
	t := render.Table{ID: "year-on-year", Title: r.say("Dezelfde maanden, jaar op jaar", "The same months, year on year"), Short: r.say("Jaar op jaar", "Year on year"),
		Definition: r.say("Eén rij per maand, gerangschikt naar maand van het jaar, met ernaast dezelfde maand van het jaar ervoor.", "One row per month, ordered by month of the year, with the same month of the year before beside it."),
		Columns:    r.columns("calendar_month", "year", "month", "new", "new_before", "new_change", "lapsed", "lapsed_before", "end_members", "end_before", "end_change", "basis"),
		Files:      files("year-on-year")}
	t.Columns[2].Hidden = true // month: the two before it say the same
	order := make([]int, len(r.months))
	for m := range order {
		order[m] = m
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(r.months[a].first.Month()) - int(r.months[b].first.Month()) })
	for _, m := range order {
		first, low, now := r.months[m].first, r.months[m].lower, r.total(m)
		row := []render.Value{render.Text(r.monthOfYear(first.Month())), render.Text(fmt.Sprint(first.Year())), r.month(m)}
		if m < 12 {
			none := render.NotAvailable()
			t.Rows = append(t.Rows, append(row, r.persons(now.new, low), none, none, r.persons(now.lapsed, low), none, r.persons(now.end, low), none, none, r.basis(m)))
			continue
		}
		before, lowBefore := r.total(m-12), r.months[m-12].lower
		t.Rows = append(t.Rows, append(row,
			r.persons(now.new, low), r.persons(before.new, lowBefore), change(now.new, before.new, !low && !lowBefore),
			r.persons(now.lapsed, low), r.persons(before.lapsed, lowBefore),
			r.persons(now.end, low), r.persons(before.end, lowBefore), change(now.end, before.end, !low && !lowBefore), r.basis(m)))
	}
	return t
}

func (r *report) branchesTable() render.Table {
	keys := []string{"branch_name", "branch", "isil", "members", "growth_12", "new_12", "new_12_before", "new_12_change", "new_year", "new_year_before", "new_year_change", "lapsed_12", "lapse_rate_12"}
	if r.loans != nil && !r.public() {
		keys = append(keys, "loans_12")
	}
	t := render.Table{ID: "branches", Title: r.say("Vestigingen: de laatste twaalf maanden", "Branches: the last twelve months"), Short: r.say("Vestigingen", "Branches"),
		Definition: r.say("Eén rij per vestiging, over ", "One row per branch, over ") + r.period(r.lastYear()) + ".", Columns: r.columns(keys...), Files: files("branches")}
	for b := range r.branches {
		t.Rows = append(t.Rows, append(append(r.branch(b), render.Text(r.branches[b].isil)), r.lastTwelve(b)...))
	}
	t.Total = append(r.totalRow(3), r.lastTwelve(-1)...)
	return t
}

// lastTwelve are the cells of branches from members on.
func (r *report) lastTwelve(b int) []render.Value {
	year := r.lastYear()
	s := r.sum(b, year.from, year.until)
	row := []render.Value{r.persons(s.end, r.months[len(r.months)-1].lower), change(s.end, s.begin, r.sound(year))}
	count := func(w window) int64 { return r.sum(b, w.from, w.until).new }
	row = append(row, r.compared(s.new, count)...)
	row = append(row, r.thisYearCompared(count)...)
	row = append(row, r.persons(s.lapsed, r.lower(year.from, year.until)), share(s.lapsed, s.begin, r.sound(year)))
	if r.loans == nil || r.public() {
		return row
	}
	var loans int64
	for m := year.from; m < year.until; m++ {
		if b < 0 {
			loans += r.loansAll[m].loans
		} else {
			loans += r.loans[b][m].loans
		}
	}
	return append(row, render.Int(loans))
}

// thisYearCompared are the cells new_year, new_year_before and new_year_change.
func (r *report) thisYearCompared(count func(window) int64) []render.Value {
	year, before := r.thisYear(), r.sameMonths()
	if !year.there() {
		return make([]render.Value, 3) // the report begins after January
	}
	return r.against(count(year), year, before, count)
}

// compared are the cells new_12, new_12_before and new_12_change: a number of the last
// year beside the year before, which count works out.
func (r *report) compared(now int64, count func(window) int64) []render.Value {
	return r.against(now, r.lastYear(), r.yearBefore(), count)
}

// against sets a number of one window beside that of an earlier one, and the difference.
func (r *report) against(now int64, year, before window, count func(window) int64) []render.Value {
	low := r.lower(year.from, year.until)
	if !before.there() {
		return []render.Value{r.persons(now, low), render.NotAvailable(), render.NotAvailable()}
	}
	n, lowBefore := count(before), r.lower(before.from, before.until)
	return []render.Value{r.persons(now, low), r.persons(n, lowBefore), change(now, n, !low && !lowBefore)}
}
