package newmembers

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"peil/reports/newmembers/area"
	"peil/reports/render"
)

// served is the share of inhabitants who are members from which on a postcode area counts
// as served, where the library does not say which ones are.
const served = 0.01

// servedAreas are the postcode areas whose members and inhabitants are compared, in order.
func (r *report) servedAreas() []string {
	var areas []string
	if r.options.Population == nil {
		for pc4 := range r.residents {
			if pc4 != unknown && (r.options.Serves == nil || r.options.Serves[pc4]) {
				areas = append(areas, pc4)
			}
		}
		slices.Sort(areas)
		return areas
	}
	for _, pc4 := range r.options.Population.Areas() {
		if r.options.Serves != nil && !r.options.Serves[pc4] {
			continue
		}
		if r.options.Serves == nil && float64(r.residents.in(pc4).all()) < served*float64(r.inhabitants(pc4).All) {
			continue
		}
		areas = append(areas, pc4)
	}
	return areas
}

// inhabitants of a postcode area, of all ages.
func (r *report) inhabitants(pc4 string) (sum area.Inhabitants) {
	for _, n := range r.options.Population.In(pc4) {
		sum = plus(sum, n)
	}
	return sum
}

func plus(a, b area.Inhabitants) area.Inhabitants {
	return area.Inhabitants{All: a.All + b.All, Men: a.Men + b.Men, Women: a.Women + b.Women}
}

// partial says that residents are survivors only: the source is asked about a day that it
// does not hold everybody of any more.
func (r *report) partial() bool {
	last := r.months[len(r.months)-1]
	return last.lower || last.frozen
}

func (r *report) reachSection() render.Section {
	s := render.Section{ID: "inhabitants", Title: r.say("Leden onder de inwoners", "Members among the inhabitants")}
	areas := r.servedAreas()
	byArea := r.reachTable(areas)
	if r.options.Population == nil {
		s.Intro = r.say("Waar de leden wonen. Welk deel van de inwoners lid is, staat hier zodra de configuratie een bevolkingstabel van het CBS noemt.",
			"Where the members live. Which share of the inhabitants are members stands here once the configuration names a population table of CBS.")
		s.Tables = append(s.Tables, byArea)
		return s
	}
	s.Intro = fmt.Sprintf(r.say("Leden op %s naast de inwoners op %s (CBS StatLine 83502NED, afgerond door het CBS op vijftallen).",
		"Members on %s beside the inhabitants on %s (CBS StatLine 83502NED, rounded by CBS to fives)."),
		r.day(r.months[len(r.months)-1].first.AddDate(0, 1, -1)), r.day(r.options.Population.On))
	s.Charts = append(s.Charts,
		render.Chart{ID: "chart-reach", Kind: render.TileMap, Table: "reach", X: "pc4", Y: []string{"member_share"},
			Title: r.say("Deel van de inwoners dat lid is, per postcodegebied", "Share of inhabitants who are members, per postcode area"), Description: r.reachCaption(areas)},
		render.Chart{ID: "chart-reach-age", Kind: render.Lines, Table: "reach-age", X: "age_class", Y: []string{"female_share", "male_share"},
			Title: r.say("Deel van de inwoners dat lid is, naar leeftijd", "Share of inhabitants who are members, by age"), Description: r.reachAgeCaption(areas)})
	s.Tables = append(s.Tables, byArea, r.reachAgeTable(areas), r.reachDetailTable(areas))
	return s
}

// newIn12 are the new members of the last year by postcode area.
func (r *report) newIn12() map[string]int64 {
	sums := map[string]int64{}
	for _, o := range r.postcodes {
		sums[o.name] += sumOf(o.n, r.lastYear())
	}
	return sums
}

func (r *report) reachTable(areas []string) render.Table {
	keys := []string{"pc4", "catchment", "members"}
	if r.options.Population != nil {
		keys = append(keys, "inhabitants", "member_share", "new_12", "new_per_1000")
	} else {
		keys = append(keys, "new_12")
	}
	t := render.Table{ID: "reach", Title: r.say("Leden en inwoners per postcodegebied", "Members and inhabitants per postcode area"), Short: r.say("Bereik", "Reach"),
		Definition: r.say("Eén rij per postcodegebied dat de bibliotheek bedient. ", "One row per postcode area that the library serves. ") + r.whichServed(),
		Columns:    r.columns(keys...), Files: files("reach")}
	fresh, year := r.newIn12(), r.lastYear()
	low := r.lower(year.from, year.until)
	var members, new int64
	var people area.Inhabitants
	row := func(head []render.Value, n, fresh int64, in area.Inhabitants) []render.Value {
		cells := append(head, r.persons(n, r.partial()))
		if r.options.Population != nil {
			cells = append(cells, render.Int(in.All), share(n, in.All, !r.partial()))
		}
		cells = append(cells, r.persons(fresh, low))
		if r.options.Population != nil {
			cells = append(cells, share(1000*fresh, in.All, !low))
		}
		return cells
	}
	for _, pc4 := range areas {
		n, in := r.residents.in(pc4).all(), area.Inhabitants{}
		if r.options.Population != nil {
			in = r.inhabitants(pc4)
		}
		members, new, people = members+n, new+fresh[pc4], plus(people, in)
		t.Rows = append(t.Rows, row([]render.Value{render.Text(pc4), render.Text(r.catchmentOf(pc4))}, n, fresh[pc4], in))
	}
	t.Total = row(r.totalRow(2), members, new, people)
	t.Notes = append(t.Notes, r.elsewhere(areas))
	return t
}

// catchmentOf names the branch that most members of an area belong to.
func (r *report) catchmentOf(pc4 string) string {
	b, known := r.catchment[pc4]
	if !known {
		return r.say("geen", "none")
	}
	return r.branches[b].label
}

func (r *report) whichServed() string {
	switch {
	case r.options.Serves != nil:
		return r.say("Welke dat zijn, staat in de configuratie.", "Which those are stands in the configuration.")
	case r.options.Population != nil:
		return r.say("Dat zijn hier de gebieden waar ten minste één op de honderd inwoners lid is.", "Here those are the areas in which at least one inhabitant in a hundred is a member.")
	}
	return r.say("Hier alle gebieden waar een lid woont.", "Here all areas in which a member lives.")
}

// elsewhere counts the members who are not in the table.
func (r *report) elsewhere(areas []string) string {
	var other int64
	for pc4 := range r.residents {
		if _, here := slices.BinarySearch(areas, pc4); !here && pc4 != unknown {
			other += r.residents.in(pc4).all()
		}
	}
	return fmt.Sprintf(r.say("Daarnaast wonen %s leden in andere postcodegebieden en is van %s leden de postcode onbekend of buitenlands.",
		"Besides, %s members live in other postcode areas, and of %s members the postcode is unknown or foreign."), r.grouped(other), r.grouped(r.residents.in(unknown).all()))
}

// reachOf are members and inhabitants of areas by age class.
func (r *report) reachOf(areas []string) ([]sexes, []area.Inhabitants) {
	members, people := make([]sexes, len(r.options.ages())+1), make([]area.Inhabitants, len(r.options.ages()))
	for _, pc4 := range areas {
		for c, s := range r.residents[pc4] {
			members[c] = members[c].plus(s)
		}
		for c, n := range r.options.Population.In(pc4) {
			people[c] = plus(people[c], n)
		}
	}
	return members, people
}

// bands name the age classes of the population.
func (r *report) bands() []string {
	var names []string
	for _, a := range r.options.ages() {
		names = append(names, r.ageBand(a))
	}
	return names
}

func (r *report) ageBand(a area.Ages) string {
	switch {
	case a.Open():
		return fmt.Sprint(a.From) + r.say(" en ouder", " and over")
	case a.From == a.To:
		return fmt.Sprint(a.From)
	}
	return fmt.Sprintf("%d–%d", a.From, a.To)
}

func (r *report) reachAgeTable(areas []string) render.Table {
	t := render.Table{ID: "reach-age", Title: r.say("Leden en inwoners naar leeftijd en geslacht", "Members and inhabitants by age and sex"), Short: r.say("Bereik naar leeftijd", "Reach by age"),
		Definition: r.say("Eén rij per leeftijdsklasse van het CBS, over alle bediende postcodegebieden samen. Leden met een ander of onbekend geslacht tellen alleen in het geheel.",
			"One row per age class of CBS, over all served postcode areas together. Members of another or unknown sex count in the whole only."),
		Columns: r.columns("age_class", "members", "inhabitants", "member_share", "female_members", "female_inhabitants", "female_share", "male_members", "male_inhabitants", "male_share"), Files: files("reach-age")}
	t.Columns[0].Definition = r.say("Voltooide jaren op de laatste dag van de periode; van inwoners op hun peildatum.", "Completed years on the last day of the period; of inhabitants on their reference date.")
	members, people := r.reachOf(areas)
	row := func(head render.Value, m sexes, in area.Inhabitants) []render.Value {
		return []render.Value{head,
			r.persons(m.all(), r.partial()), render.Int(in.All), share(m.all(), in.All, !r.partial()),
			r.persons(m.female, r.partial()), render.Int(in.Women), share(m.female, in.Women, !r.partial()),
			r.persons(m.male, r.partial()), render.Int(in.Men), share(m.male, in.Men, !r.partial())}
	}
	var all sexes
	var total area.Inhabitants
	for c, name := range r.bands() {
		all, total = all.plus(members[c]), plus(total, people[c])
		t.Rows = append(t.Rows, row(render.Text(name), members[c], people[c]))
	}
	t.Total = row(render.Text(r.say("Totaal", "Total")), all, total)
	if n := members[len(people)].all(); n > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf(r.say("Van %s leden in deze gebieden is de leeftijd onbekend; zij staan er niet in.", "Of %s members in these areas the age is unknown; they are not in it."), r.grouped(n)))
	}
	return t
}

func (r *report) reachDetailTable(areas []string) render.Table {
	t := render.Table{ID: "reach-postcode-age-sex", Title: r.say("Leden en inwoners per postcodegebied, leeftijd en geslacht", "Members and inhabitants per postcode area, age and sex"), Short: r.say("Bereik in detail", "Reach in detail"),
		Definition: r.say("Eén rij per postcodegebied, leeftijdsklasse en geslacht. Filter op een gebied of een leeftijd. Leden met een ander of onbekend geslacht tellen alleen bij 'samen'.",
			"One row per postcode area, age class and sex. Filter by area or age. Members of another or unknown sex count in 'together' only."),
		Columns: r.columns("pc4", "age_class", "sex", "members", "inhabitants", "member_share"), Files: files("reach-postcode-age-sex")}
	t.Columns[1].Definition = r.say("Voltooide jaren op de laatste dag van de periode; van inwoners op hun peildatum.", "Completed years on the last day of the period; of inhabitants on their reference date.")
	bands := r.bands()
	for _, pc4 := range areas {
		people := r.options.Population.In(pc4)
		for c, band := range bands {
			var m sexes
			if r.residents[pc4] != nil {
				m = r.residents[pc4][c]
			}
			for _, of := range []struct {
				sex       string
				n, people int64
			}{{r.say("vrouw", "female"), m.female, people[c].Women}, {r.say("man", "male"), m.male, people[c].Men}, {r.say("samen", "together"), m.all(), people[c].All}} {
				t.Rows = append(t.Rows, []render.Value{render.Text(pc4), render.Text(band), render.Text(of.sex),
					r.persons(of.n, r.partial()), render.Int(of.people), share(of.n, of.people, !r.partial())})
			}
		}
	}
	return t
}

// rated is a share with what it is of.
type rated struct {
	name  string
	share float64
}

// extremes are the first with the highest and the first with the lowest share.
func extremes(all []rated) (highest, lowest rated) {
	compare := func(a, b rated) int { return cmp.Compare(a.share, b.share) }
	return slices.MaxFunc(all, compare), slices.MinFunc(all, compare)
}

// reachCaption says where the shares are highest and lowest.
func (r *report) reachCaption(areas []string) string {
	var all []rated
	var n, of int64
	for _, pc4 := range areas {
		m, in := r.residents.in(pc4).all(), r.inhabitants(pc4).All
		n, of = n+m, of+in
		if in >= 100 { // a share of a few people says little
			all = append(all, rated{pc4, float64(m) / float64(in)})
		}
	}
	if len(all) < 2 || r.partial() {
		return r.say("Leden gedeeld door inwoners.", "Members divided by inhabitants.")
	}
	first, last := extremes(all)
	return fmt.Sprintf(r.say("Van alle inwoners is %s lid: het meest in %s (%s), het minst in %s (%s).", "Of all inhabitants %s are members: most in %s (%s), fewest in %s (%s)."),
		r.percentage(float64(n)/float64(of)), first.name, r.percentage(first.share), last.name, r.percentage(last.share))
}

// reachAgeCaption says at which ages members are most and least common.
func (r *report) reachAgeCaption(areas []string) string {
	members, people := r.reachOf(areas)
	var all []rated
	for c, band := range r.bands() {
		if people[c].All >= 100 {
			all = append(all, rated{band, float64(members[c].all()) / float64(people[c].All)})
		}
	}
	if len(all) < 2 || r.partial() {
		return r.say("Vrouwen en mannen apart.", "Women and men apart.")
	}
	first, last := extremes(all)
	return fmt.Sprintf(r.say("Het vaakst lid zijn inwoners van %s jaar (%s), het minst vaak die van %s (%s).", "Members are most common among those aged %s (%s), least among those aged %s (%s)."),
		first.name, r.percentage(first.share), last.name, r.percentage(last.share))
}

func (r *report) areasSection() render.Section {
	s := render.Section{ID: "areas-section", Title: r.say("De gebieden", "The areas"),
		Intro: r.say("Wat anderen over deze gebieden publiceren, naast het lidmaatschap. Dat twee cijfers samengaan, zegt niet dat het een door het ander komt.",
			"What others publish about these areas, beside membership. That two figures go together does not say that one comes from the other.")}
	for _, a := range r.options.Areas {
		s.Tables = append(s.Tables, r.areaTable(a))
	}
	return s
}

// areaTable sets a table of others beside membership.
func (r *report) areaTable(a *area.Table) render.Table {
	id := "area-" + a.Name
	t := render.Table{ID: id, Title: a.Title, Short: a.Title, Files: files(id), Definition: a.Source}
	keys := []string{"area", "members", "new_12"}
	withPeople := r.options.Population != nil
	if withPeople {
		keys = []string{"area", "members", "inhabitants", "member_share", "new_12"}
	}
	t.Columns = r.columns(keys...)
	for i, c := range a.Columns {
		column := render.Column{Key: extraKey(i, c.Heading, t.Columns), Title: c.Title, Kind: text, Definition: c.Heading + ". " + a.Source}
		if c.Number {
			column.Kind, column.Decimals = decimal, c.Decimals
		}
		t.Columns = append(t.Columns, column)
	}
	members, fresh, people := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for pc4 := range r.residents {
		members[a.Area(pc4)] += r.residents.in(pc4).all()
	}
	for pc4, n := range r.newIn12() {
		fresh[a.Area(pc4)] += n
	}
	if withPeople {
		for _, pc4 := range r.options.Population.Areas() {
			people[a.Area(pc4)] += r.inhabitants(pc4).All
		}
	}
	here := map[string]bool{}
	for _, pc4 := range r.servedAreas() {
		here[a.Area(pc4)] = true
	}
	year := r.lastYear()
	for _, name := range a.Areas() {
		if !here[name] {
			continue
		}
		row := []render.Value{render.Text(name), r.persons(members[name], r.partial())}
		if withPeople {
			row = append(row, render.Int(people[name]), share(members[name], people[name], !r.partial()))
		}
		row = append(row, r.persons(fresh[name], r.lower(year.from, year.until)))
		for i, v := range a.Row(name) {
			row = append(row, extra(a.Columns[i], v))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

var notInKey = regexp.MustCompile(`[^a-z0-9]+`)

// extraKey is the heading as a name in CSV, where it makes one that is not taken.
func extraKey(i int, heading string, taken []render.Column) string {
	key := strings.Trim(notInKey.ReplaceAllString(strings.ToLower(heading), "_"), "_")
	if key == "" || key[0] < 'a' || slices.ContainsFunc(taken, func(c render.Column) bool { return c.Key == key }) {
		return fmt.Sprintf("column_%d", i+1)
	}
	return key
}

func extra(c area.Column, v area.Value) render.Value {
	switch {
	case !v.Known:
		return render.NotAvailable()
	case c.Number:
		return render.Float(v.Number)
	}
	return render.Text(v.Text)
}
