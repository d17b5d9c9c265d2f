package newmembers

import (
	"cmp"
	"fmt"
	"slices"

	"peil/reports/render"
)

func (r *report) agesSection() render.Section {
	s := render.Section{ID: "ages", Title: r.say("Hoe oud nieuwe leden zijn", "How old new members are"),
		Intro: r.say("Leeftijd bij inschrijving, in de klassen die de bibliotheek heeft ingesteld.", "Age at registration, in the classes that the library has set."),
		Charts: []render.Chart{{ID: "chart-ages", Kind: render.Bars, Table: "age-classes", X: "age_class", Y: []string{"new_12", "new_12_before"}, Accent: "new_12",
			Title:       r.say("Nieuwe leden naar leeftijd", "New members by age"),
			Description: r.agesCaption()}},
		Tables: []render.Table{r.classTable("age-classes", "age_class", r.say("Nieuwe leden naar leeftijd", "New members by age"), r.say("Leeftijden", "Ages"), r.ages, r.ageLabels())},
	}
	total := r.wide("new-by-age-total", r.say("Nieuwe leden naar leeftijd per maand", "New members by age per month"), r.say("Leeftijd per maand", "Age per month"), r.ageColumns())
	for m := range r.months {
		total.Rows = append(total.Rows, append(r.ofClasses(r.ages, -1, m, m+1, []render.Value{r.month(m)}), r.basis(m)))
	}
	s.Tables = append(s.Tables, total)
	if r.perBranch() {
		s.Tables = append(s.Tables, r.agesOfBranches())
	}
	if !r.public() {
		s.Tables = append(s.Tables, r.perMonth("new-by-age", r.say("Nieuwe leden naar leeftijd per vestiging en maand", "New members by age per branch and month"),
			r.say("Leeftijd naar vestiging, maand", "Age by branch and month"), r.ages, r.ageColumns()))
	}
	return s
}

// wide begins a table of months with a column a class.
func (r *report) wide(id, title, short string, classes []render.Column) render.Table {
	return render.Table{ID: id, Title: title, Short: short, Files: files(id),
		Definition: r.say("Eén rij per maand; een kolom per klasse. Samen zijn de klassen alle nieuwe leden.", "One row per month; a column per class. Together the classes are all new members."),
		Columns:    slices.Concat(r.columns("month", "new"), classes, r.columns("basis"))}
}

// ofClasses ends a row with new members in all and by class.
func (r *report) ofClasses(d breakdown, b, from, until int, row []render.Value) []render.Value {
	low := r.lower(from, until)
	counts := d.sum(b, from, until)
	var all int64
	for _, n := range counts {
		all += n
	}
	row = append(row, r.persons(all, low))
	for _, n := range counts {
		row = append(row, r.persons(n, low))
	}
	return row
}

// perMonth is a table of branches and months with a column a class.
func (r *report) perMonth(id, title, short string, d breakdown, classes []render.Column) render.Table {
	t := render.Table{ID: id, Title: title, Short: short, Files: files(id),
		Definition: r.say("Eén rij per vestiging en maand; een kolom per klasse. Samen zijn de klassen alle nieuwe leden.", "One row per branch and month; a column per class. Together the classes are all new members."),
		Columns:    slices.Concat(r.columns("branch_name", "branch", "month", "new"), classes, r.columns("basis"))}
	for b := range r.branches {
		for m := range r.months {
			t.Rows = append(t.Rows, append(r.ofClasses(d, b, m, m+1, append(r.branch(b), r.month(m))), r.basis(m)))
		}
	}
	return t
}

func (r *report) agesOfBranches() render.Table {
	n := len(r.months)
	t := render.Table{ID: "new-by-age-branch", Title: r.say("Nieuwe leden naar leeftijd per vestiging", "New members by age per branch"), Short: r.say("Leeftijd per vestiging", "Age per branch"),
		Definition: r.say("Eén rij per vestiging, over de hele periode; een kolom per leeftijdsklasse.", "One row per branch, over the whole period; a column per age class."),
		Columns:    append(r.columns("branch_name", "branch", "new_period"), r.ageColumns()...), Files: files("new-by-age-branch")}
	for b := range r.branches {
		t.Rows = append(t.Rows, r.ofClasses(r.ages, b, 0, n, r.branch(b)))
	}
	t.Total = r.ofClasses(r.ages, -1, 0, n, r.totalRow(2))
	return t
}

// ageLabels name the age classes, the unknown last.
func (r *report) ageLabels() []string {
	ages := r.options.AgeClasses
	labels := make([]string, len(ages)+1)
	for i, from := range ages {
		switch {
		case i == len(ages)-1:
			labels[i] = fmt.Sprint(from) + r.say(" en ouder", " and over")
		case ages[i+1] == from+1:
			labels[i] = fmt.Sprint(from)
		default:
			labels[i] = fmt.Sprintf("%d–%d", from, ages[i+1]-1)
		}
	}
	labels[len(ages)] = r.say("onbekend", "unknown")
	return labels
}

// ageColumns have keys such as new_0_3, new_65_up and new_age_unknown.
func (r *report) ageColumns() []render.Column {
	ages := r.options.AgeClasses
	columns := make([]render.Column, len(ages)+1)
	for i, label := range r.ageLabels() {
		c := render.Column{Key: "new_age_unknown", Title: label, Kind: count, Shade: render.ShadeMagnitude,
			Definition: r.say("Nieuwe leden, leeftijd bij inschrijving: ", "New members, age at registration: ") + label + "."}
		switch {
		case i == len(ages):
			c.Shade = render.NoShade
		case i == len(ages)-1:
			c.Key = fmt.Sprintf("new_%d_up", ages[i])
		default:
			c.Key = fmt.Sprintf("new_%d_%d", ages[i], ages[i+1]-1)
		}
		columns[i] = c
	}
	return columns
}

// classTable has a row a class, the organisation's last year beside the one before.
func (r *report) classTable(id, key, title, short string, d breakdown, labels []string) render.Table {
	t := r.comparison(id, key, title, short)
	year := r.lastYear()
	now, all := d.sum(-1, year.from, year.until), d.sum(-1, 0, len(r.months))
	for c, label := range labels {
		r.compare(&t, []render.Value{render.Text(label)}, now[c], all[c], func(w window) int64 { return d.sum(-1, w.from, w.until)[c] })
	}
	return r.closeComparison(t)
}

func (r *report) comparison(id, key, title, short string) render.Table {
	return render.Table{ID: id, Title: title, Short: short, Files: files(id),
		Definition: r.say("Nieuwe leden van de hele bibliotheek: ", "New members of the whole library: ") + r.period(r.lastYear()) +
			r.say(", met de twaalf maanden ervoor ernaast.", ", with the twelve months before beside it."),
		Columns: r.columns(key, "new_12", "new_12_before", "new_12_change", "new_share", "new_period")}
}

// compare adds a row: what it is about, last year beside the year before, its share and
// the whole period.
func (r *report) compare(t *render.Table, head []render.Value, now, all int64, count func(window) int64) {
	year := r.lastYear()
	row := append(head, r.compared(now, count)...)
	whole := r.sum(-1, year.from, year.until).new
	t.Rows = append(t.Rows, append(row, share(now, whole, true), r.persons(all, r.lower(0, len(r.months)))))
}

func (r *report) closeComparison(t render.Table) render.Table {
	year := r.lastYear()
	s := r.sum(-1, year.from, year.until)
	total := append(r.totalRow(1), r.compared(s.new, func(w window) int64 { return r.sum(-1, w.from, w.until).new })...)
	t.Total = append(total, share(s.new, s.new, true), r.persons(r.sum(-1, 0, len(r.months)).new, r.lower(0, len(r.months))))
	return t
}

func (r *report) kindsSection() render.Section {
	sexes := r.columns("new_female", "new_male", "new_x", "new_sex_unknown")
	classes := r.columns("new_youth", "new_adult", "new_other", "new_class_unknown")
	subscriptions := r.comparison("subscriptions", "subscription", r.say("Nieuwe leden naar abonnement", "New members by subscription"), r.say("Abonnementen", "Subscriptions"))
	year := r.lastYear()
	origins := slices.Clone(r.subscriptions)
	slices.SortStableFunc(origins, func(a, b origin) int { return cmp.Compare(sumOf(b.n, year), sumOf(a.n, year)) })
	for _, o := range origins {
		r.compare(&subscriptions, []render.Value{render.Text(r.known(o.name))}, sumOf(o.n, year), sumOf(o.n, window{0, len(r.months)}), func(w window) int64 { return sumOf(o.n, w) })
	}
	sexLabels := []string{r.say("vrouw", "female"), r.say("man", "male"), "X", r.say("onbekend", "unknown")}
	s := render.Section{ID: "kinds", Title: r.say("Geslacht en abonnement", "Sex and subscription"),
		Tables: []render.Table{
			r.classTable("sexes", "sex", r.say("Nieuwe leden naar geslacht", "New members by sex"), r.say("Geslacht, totaal", "Sex, total"), *r.sexes, sexLabels)}}
	if !r.public() { // the library's own subscriptions are too many to protect
		s.Tables = slices.Insert(s.Tables, 0, r.closeComparison(subscriptions))
		s.Charts = []render.Chart{{ID: "chart-subscriptions", Kind: render.Bars, Table: "subscriptions", X: "subscription", Y: []string{"new_12", "new_12_before"}, Accent: "new_12",
			Title:       r.say("Nieuwe leden naar abonnement", "New members by subscription"),
			Description: r.largestCaption(r.subscriptions, "De meeste nieuwe leden van de laatste twaalf maanden namen %s (%s).", "Most new members of the last twelve months took %s (%s).")}}
	}
	if r.perBranch() {
		s.Tables = append(s.Tables, r.perMonth("new-by-sex", r.say("Nieuwe leden naar geslacht per vestiging en maand", "New members by sex per branch and month"), r.say("Geslacht", "Sex"), *r.sexes, sexes),
			r.perMonth("new-by-subscription", r.say("Nieuwe leden naar soort abonnement per vestiging en maand", "New members by class of subscription per branch and month"),
				r.say("Soort abonnement", "Subscription class"), *r.figures.classes, classes))
	}
	return s
}

// known replaces the sign for what the source does not tell.
func (r *report) known(name string) string {
	if name == unknown {
		return r.say("onbekend", "unknown")
	}
	return name
}

func (r *report) originSection() render.Section {
	areas := r.comparison("new-by-postcode", "pc4", r.say("Nieuwe leden naar postcodegebied", "New members by postcode area"), r.say("Postcodes", "Postcodes"))
	perBranch := render.Table{ID: "new-by-branch-postcode", Title: r.say("Waar nieuwe leden van elke vestiging wonen", "Where each branch's new members live"), Short: r.say("Postcodes per vestiging", "Postcodes per branch"),
		Definition: r.say("Eén rij per vestiging en postcodegebied. Wat hier niet staat, is nul.", "One row per branch and postcode area. What is not here is zero."),
		Columns:    r.columns("branch_name", "branch", "pc4", "new_12", "branch_share", "new_period"), Files: files("new-by-branch-postcode")}
	year, all := r.lastYear(), window{0, len(r.months)}
	low, lowAll := r.lower(year.from, year.until), r.lower(0, len(r.months))
	for from := 0; from < len(r.postcodes); {
		area := origin{name: r.postcodes[from].name, n: make([]int64, len(r.months))}
		until := from
		for ; until < len(r.postcodes) && r.postcodes[until].name == area.name; until++ {
			for m, n := range r.postcodes[until].n {
				area.n[m] += n
			}
		}
		r.compare(&areas, []render.Value{render.Text(r.known(area.name))}, sumOf(area.n, year), sumOf(area.n, all), func(w window) int64 { return sumOf(area.n, w) })
		from = until
	}
	origins := slices.Clone(r.postcodes)
	slices.SortStableFunc(origins, func(a, b origin) int { return cmp.Compare(a.branch, b.branch) })
	for _, o := range origins {
		if o.branch < 0 {
			continue
		}
		now := sumOf(o.n, year)
		row := append(r.branch(o.branch), render.Text(r.known(o.name)), r.persons(now, low))
		perBranch.Rows = append(perBranch.Rows, append(row, share(now, r.sum(o.branch, year.from, year.until).new, true), r.persons(sumOf(o.n, all), lowAll)))
	}
	section := render.Section{ID: "origin", Title: r.say("Waar nieuwe leden wonen", "Where new members live"),
		Intro: r.say("Naar de vier cijfers van de postcode die nu bij het lid staat.", "By the four digits of the postcode that the member has now."),
		Charts: []render.Chart{{ID: "chart-postcodes", Kind: render.TileMap, Table: "new-by-postcode", X: "pc4", Y: []string{"new_12"},
			Title:       r.say("Nieuwe leden per postcodegebied", "New members per postcode area"),
			Description: r.largestCaption(r.postcodes, "De meeste nieuwe leden van de laatste twaalf maanden wonen in %s: %s van alle.", "Most new members of the last twelve months live in %s: %s of all.")}},
		Tables: []render.Table{r.closeComparison(areas)},
	}
	if r.public() {
		return section // per branch too few to protect
	}
	section.Tables = append(section.Tables, perBranch)
	if len(r.branches) > 1 {
		section.Charts = append(section.Charts, render.Chart{ID: "chart-near", Kind: render.StackedBars, Table: "new-by-nearness", X: "branch_name", Y: []string{"new_own", "new_near", "new_far"},
			Title: r.say("Komen nieuwe leden uit de buurt?", "Do new members come from nearby?"), Description: r.nearCaption()})
		section.Tables = append(section.Tables, r.nearTable(), r.neighboursTable())
	}
	return section
}
