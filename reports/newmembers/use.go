package newmembers

import (
	"fmt"
	"slices"

	"peil/reports/render"
)

func (r *report) loansSection() render.Section {
	s := render.Section{ID: "loans-section", Title: r.say("Lenen", "Borrowing"),
		Intro: r.say("Uitleningen zonder verlengingen. Wie bij meer vestigingen leent, is bij elk een actieve lener en in het totaal van de bibliotheek één: de vestigingen zijn samen meer dan het totaal.",
			"Loans without renewals. Who borrows at several branches is an active borrower at each, and one in the library's total: the branches add up to more than the total."),
		Charts: []render.Chart{
			{ID: "chart-borrowers", Kind: render.Lines, Table: "active-borrowers-total", X: "month", Y: []string{"active_borrowers"},
				Title: r.say("Actieve leners per maand", "Active borrowers per month"), Description: r.borrowersCaption()},
			{ID: "chart-per-borrower", Kind: render.Lines, Table: "active-borrowers-total", X: "month", Y: []string{"loans_per_borrower"},
				Title: r.say("Uitleningen per actieve lener", "Loans per active borrower"), Description: r.perBorrowerCaption()},
		},
		Tables: []render.Table{r.borrowersTotal()},
	}
	if r.loans != nil && r.perBranch() {
		if r.public() {
			s.Tables = append(s.Tables, r.loansOfBranches())
			return s
		}
		if r.active != nil {
			s.Charts = append(s.Charts, render.Chart{ID: "chart-active", Kind: render.Bars, Table: "activity", X: "branch_name", Y: []string{"active_share"},
				Title: r.say("Welk deel van de leden leende in het laatste jaar", "Which share of members borrowed in the last year"), Description: r.activeCaption()})
			s.Tables = append(s.Tables, r.activityTable())
		}
		s.Tables = append(s.Tables, r.placesTable(), r.borrowersOfBranches("active-borrowers", r.loans))
		if r.owned != nil {
			s.Charts = append(s.Charts, render.Chart{ID: "chart-owned", Kind: render.Bars, Table: "loans-branches", X: "branch_name", Y: []string{"loans_12", "loans_owned_12"},
				Title:       r.say("Waar geleend en van wie", "Where lent and by whom owned"),
				Description: r.say("De uitleningen die aan een vestiging zijn gedaan, naast die van haar eigen bezit.", "The loans made at a branch beside those of its own stock.")})
			s.Tables = append(s.Tables, r.borrowersOfBranches("active-borrowers-by-owner", r.owned))
		}
	}
	return s
}

var circulationKeys = []string{"loans", "active_borrowers", "loans_of_known", "loans_per_borrower"}

// borrowing are the cells of circulationKeys. In a month in which nobody borrowed anything
// anywhere, no loans were delivered.
func (r *report) borrowing(m int, c circulation, lower bool) []render.Value {
	if !r.loansAll[m].known {
		return make([]render.Value, len(circulationKeys))
	}
	return []render.Value{render.Int(c.loans), r.persons(c.borrowers, lower), render.Int(c.borrowings), share(c.borrowings, c.borrowers, true)}
}

func (r *report) borrowersTotal() render.Table {
	t := render.Table{ID: "active-borrowers-total", Title: r.say("Lenen in de hele bibliotheek", "Borrowing in the whole library"), Short: r.say("Lenen, totaal", "Borrowing, total"),
		Definition: r.say("Eén rij per maand. Elke persoon telt één keer.", "One row per month. Every person counts once."),
		Columns:    r.columns(append(append([]string{"month"}, circulationKeys...), "loans_per_member")...), Files: files("active-borrowers-total")}
	for m, c := range r.loansAll {
		row := []render.Value{r.month(m)}
		if r.public() && c.borrowers < int64(r.about.Threshold) && c.known {
			hidden := render.Protected()
			t.Rows = append(t.Rows, append(row, hidden, hidden, hidden, hidden, hidden))
			continue
		}
		row = append(row, r.borrowing(m, c, r.months[m].lower)...)
		t.Rows = append(t.Rows, append(row, share(c.loans, r.total(m).end, c.known && !r.months[m].lower)))
	}
	return t
}

// borrowersOfBranches has a row a branch and month: the branch where the loan was made, or
// the one that owns what was lent.
func (r *report) borrowersOfBranches(id string, loans [][]circulation) render.Table {
	t := render.Table{ID: id, Title: r.say("Lenen per vestiging en maand", "Borrowing per branch and month"), Short: r.say("Lenen per vestiging", "Borrowing per branch"),
		Definition: r.say("Eén rij per vestiging waar de uitlening is gedaan en maand. Een persoon die bij meer vestigingen leent, telt bij elk: de vestigingen tellen niet op tot het totaal.",
			"One row per branch where the loan was made and month. A person who borrows at several branches counts at each: the branches do not add up to the total."),
		Columns: r.columns(slices.Concat([]string{"branch_name", "branch", "month"}, circulationKeys, []string{"loans_per_member"})...), Files: files(id)}
	if id != "active-borrowers" {
		t.Title, t.Short = r.say("Lenen uit het bezit van een vestiging, per maand", "Borrowing from a branch's stock, per month"), r.say("Lenen naar eigenaar", "Borrowing by owner")
		t.Definition = r.say("Eén rij per vestiging die het materiaal bezit en maand, waar het ook is uitgeleend. Wie uit het bezit van meer vestigingen leent, telt bij elk.",
			"One row per branch that owns the material and month, wherever it was lent. Who borrows from the stock of several branches counts at each.")
		t.Columns[0].Definition = r.say("De vestiging die bezit wat werd uitgeleend.", "The branch that owns what was lent.")
	}
	partial := func(m int) bool { return r.months[m].lower }
	if id != "active-borrowers" {
		partial = func(m int) bool { return r.months[m].lower || r.months[m].frozen } // by owner nothing is frozen
	}
	for b := range r.branches {
		for m := range r.months {
			row := append(append(r.branch(b), r.month(m)), r.borrowing(m, loans[b][m], partial(m))...)
			sound := r.loansAll[m].known && !r.months[m].lower && r.branches[b].code != unknown
			t.Rows = append(t.Rows, append(row, share(loans[b][m].loans, r.flows[b][m].end, sound)))
		}
	}
	return t
}

// activityTable counts each member once, at the branch of registration.
func (r *report) activityTable() render.Table {
	t := render.Table{ID: "activity", Title: r.say("Welke leden lenen", "Which members borrow"), Short: r.say("Actieve leden", "Active members"),
		Definition: r.say("Eén rij per vestiging van inschrijving: haar leden aan het einde van de periode en wie van hen in de twaalf maanden daarvoor leende, bij welke vestiging ook. Elk lid telt één keer.",
			"One row per branch of registration: its members at the end of the period and who of them borrowed in the twelve months before, at any branch. Every member counts once."),
		Columns: r.columns("branch_name", "branch", "members", "active_members", "active_share", "loans_of_members", "loans_by_member", "loans_by_borrower"), Files: files("activity")}
	row := func(head []render.Value, a activity) []render.Value {
		return append(head, r.persons(a.members, r.partial()), r.persons(a.borrowers, r.partial()), share(a.borrowers, a.members, !r.partial()),
			render.Int(a.loans), share(a.loans, a.members, !r.partial()), share(a.loans, a.borrowers, true))
	}
	var all activity
	for b, a := range r.active {
		if a.members > 0 {
			t.Rows = append(t.Rows, row(r.branch(b), a))
		}
		all = all.plus(a)
	}
	t.Total = row(r.totalRow(2), all)
	return t
}

// activeCaption says how many members borrow, and where most and fewest do.
func (r *report) activeCaption() string {
	var all activity
	var rates []rated
	for b, a := range r.active {
		if all = all.plus(a); a.members >= 100 { // of few it says little
			rates = append(rates, rated{r.branches[b].label, float64(a.borrowers) / float64(a.members)})
		}
	}
	if all.members == 0 || r.partial() {
		return r.say("Naar vestiging van inschrijving.", "By branch of registration.")
	}
	caption := fmt.Sprintf(r.say("Van %s leden leende %s in de laatste twaalf maanden", "Of %s members %s borrowed in the last twelve months"),
		r.grouped(all.members), r.percentage(float64(all.borrowers)/float64(all.members)))
	if len(rates) < 2 {
		return caption + "."
	}
	first, last := extremes(rates)
	return caption + fmt.Sprintf(r.say("; het vaakst bij %s (%s), het minst bij %s (%s).", "; most at %s (%s), least at %s (%s)."), first.name, r.percentage(first.share), last.name, r.percentage(last.share))
}

// placesTable sets what was lent at a branch beside what was lent of its stock.
func (r *report) placesTable() render.Table {
	keys := []string{"branch_name", "branch", "members", "loans_12", "loans_per_member_12"}
	if r.owned != nil {
		keys = append(keys, "loans_owned_12", "owned_per_member_12", "owned_per_made")
	}
	t := render.Table{ID: "loans-branches", Title: r.say("Uitleningen van vestigingen", "Loans of branches"), Short: r.say("Uitleningen", "Loans"),
		Definition: r.say("Eén rij per vestiging, over ", "One row per branch, over ") + r.period(r.lastYear()) + ".", Columns: r.columns(keys...), Files: files("loans-branches")}
	year := r.lastYear()
	last := len(r.months) - 1
	row := func(head []render.Value, members, made, owned int64, sound bool) []render.Value {
		sound = sound && !r.months[last].lower
		cells := append(head, r.persons(members, r.months[last].lower), render.Int(made), share(made, members, sound))
		if r.owned != nil {
			cells = append(cells, render.Int(owned), share(owned, members, sound), share(owned, made, true))
		}
		return cells
	}
	var allMade, allOwned int64
	for b := range r.branches {
		var made, owned int64
		for m := year.from; m < year.until; m++ {
			made += r.loans[b][m].loans
			if r.owned != nil {
				owned += r.owned[b][m].loans
			}
		}
		allMade, allOwned = allMade+made, allOwned+owned
		t.Rows = append(t.Rows, row(r.branch(b), r.flows[b][last].end, made, owned, r.branches[b].code != unknown))
	}
	t.Total = row(r.totalRow(2), r.total(last).end, allMade, allOwned, true)
	return t
}

// loansOfBranches are the loans of the public edition, those of few persons hidden.
func (r *report) loansOfBranches() render.Table {
	t := render.Table{ID: "loans", Title: r.say("Uitleningen per vestiging en maand", "Loans per branch and month"), Short: r.say("Uitleningen", "Loans"),
		Definition: r.say("Eén rij per vestiging waar de uitlening is gedaan en maand. Uitleningen zijn geen personen en zijn exact; waar te weinig bekende personen leenden, zijn ze afgeschermd.",
			"One row per branch where the loan was made and month. Loans are no persons and are exact; where too few known persons borrowed they are withheld."),
		Columns: r.columns("branch_name", "branch", "month", "loans"), Files: files("loans")}
	for b := range r.branches {
		for m := range r.months {
			n := render.Int(r.loans[b][m].loans)
			switch {
			case !r.loansAll[m].known:
				n = render.NotAvailable()
			case r.loans[b][m].hidden:
				n = render.Protected()
			}
			t.Rows = append(t.Rows, append(r.branch(b), r.month(m), n))
		}
	}
	return t
}

var survivalAfter = []int{3, 6, 12, 24}

func (r *report) survivalSection() render.Section {
	keys := []string{"month", "new"}
	var rates []string
	for _, after := range survivalAfter {
		keys = append(keys, fmt.Sprint("still_", after), fmt.Sprint("survival_", after))
		rates = append(rates, fmt.Sprint("survival_", after))
	}
	t := render.Table{ID: "survival", Title: r.say("Hoeveel nieuwe leden blijven", "How many new members stay"), Short: r.say("Blijvers", "Staying"),
		Definition: r.say("Eén rij per maand van inschrijving, voor maanden waarvan iedereen nog in de bron staat of stond toen ze werden bevroren. Wat nog niet voorbij is, is niet beschikbaar.",
			"One row per month of registration, for months of which everybody still is in the source or was when they were frozen. What has not passed yet is not available."),
		Columns: r.columns(keys...), Files: files("survival")}
	for m := range r.months {
		if !slices.ContainsFunc(r.survival, func(c cohort) bool { return c.month == m }) {
			continue
		}
		row := []render.Value{r.month(m), r.persons(r.total(m).new, r.months[m].lower)}
		for _, after := range survivalAfter {
			i := slices.IndexFunc(r.survival, func(c cohort) bool { return c.month == m && c.after == after })
			if i < 0 {
				row = append(row, render.NotAvailable(), render.NotAvailable())
				continue
			}
			row = append(row, r.persons(r.survival[i].still, false), share(r.survival[i].still, r.survival[i].new, true))
		}
		t.Rows = append(t.Rows, row)
	}
	return render.Section{ID: "staying", Title: r.say("Blijven", "Staying"),
		Intro: r.say("Van de nieuwe leden van een maand: wie drie, zes, twaalf en vierentwintig maanden later lid was. Alleen voor maanden die niet uit blijvers alleen bestaan.",
			"Of a month's new members: who was a member three, six, twelve and twenty-four months later. Only for months that do not consist of survivors alone."),
		Charts: []render.Chart{{ID: "chart-survival", Kind: render.Lines, Table: "survival", X: "month", Y: rates,
			Title: r.say("Deel van de nieuwe leden dat bleef", "Share of new members who stayed"), Description: r.survivalCaption()}},
		Tables: []render.Table{t},
	}
}
