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
				Title: r.say("Actieve leners per maand", "Active borrowers per month"), Description: r.say("Personen met ten minste één uitlening in de maand.", "Persons with at least one loan in the month.")},
			{ID: "chart-per-borrower", Kind: render.Lines, Table: "active-borrowers-total", X: "month", Y: []string{"loans_per_borrower"},
				Title: r.say("Uitleningen per actieve lener", "Loans per active borrower"), Description: r.say("Gemiddeld in de maand; het aantal leners staat in de tabel.", "On average in the month; the number of borrowers stands in the table.")},
		},
		Tables: []render.Table{r.borrowersTotal()},
	}
	if r.loans != nil && r.perBranch() {
		if r.public() {
			s.Tables = append(s.Tables, r.loansOfBranches())
		} else {
			s.Tables = append(s.Tables, r.borrowersOfBranches())
		}
	}
	return s
}

var circulationKeys = []string{"loans", "active_borrowers", "loans_of_known", "loans_per_borrower"}

// borrowing are the cells of circulationKeys. In a month in which nobody borrowed anything
// anywhere, no loans were delivered.
func (r *report) borrowing(m int, c circulation) []render.Value {
	if !r.loansAll[m].known {
		return make([]render.Value, len(circulationKeys))
	}
	return []render.Value{render.Int(c.loans), r.persons(c.borrowers, r.months[m].lower), render.Int(c.borrowings), share(c.borrowings, c.borrowers, true)}
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
		row = append(row, r.borrowing(m, c)...)
		t.Rows = append(t.Rows, append(row, share(c.loans, r.total(m).end, c.known && !r.months[m].lower)))
	}
	return t
}

func (r *report) borrowersOfBranches() render.Table {
	t := render.Table{ID: "active-borrowers", Title: r.say("Lenen per vestiging en maand", "Borrowing per branch and month"), Short: r.say("Lenen per vestiging", "Borrowing per branch"),
		Definition: r.say("Eén rij per vestiging waar de uitlening is gedaan en maand. Een persoon die bij meer vestigingen leent, telt bij elk: de vestigingen tellen niet op tot het totaal.",
			"One row per branch where the loan was made and month. A person who borrows at several branches counts at each: the branches do not add up to the total."),
		Columns: r.columns(append([]string{"branch_name", "branch", "month"}, circulationKeys...)...), Files: files("active-borrowers")}
	for b := range r.branches {
		for m := range r.months {
			t.Rows = append(t.Rows, append(append(r.branch(b), r.month(m)), r.borrowing(m, r.loans[b][m])...))
		}
	}
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
			Title: r.say("Deel van de nieuwe leden dat bleef", "Share of new members who stayed"), Description: r.say("Naar maand van inschrijving.", "By month of registration.")}},
		Tables: []render.Table{t},
	}
}
