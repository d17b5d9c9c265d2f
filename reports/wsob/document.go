package wsob

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"peil/reports"
	"peil/reports/render"
)

// writer words a return in its language.
type writer struct{ *Return }

func (w writer) in(nl, en string) string { return text{nl, en}.in(w.Language) }

// document is the return for people.
func document(r *Return, about reports.About) *render.Document {
	w := writer{r}
	lastDay := time.Date(r.Year, 12, 31, 0, 0, 0, 0, time.UTC)
	d := &render.Document{
		Title:    fmt.Sprintf(w.in("Gegevenslevering openbare bibliotheken %d", "Yearly return of public libraries %d"), r.Year),
		Subtitle: w.in("Bijlage I, categorieën c (uitleningen) en d (lidmaatschap)", "Annex I, categories c (loans) and d (membership)"),
		Language: render.Dutch, Edition: render.Public, Library: about.Library, Source: about.Source,
		Period:        fmt.Sprintf(w.in("1 januari t/m 31 december %d (%s)", "1 January to 31 December %d (%s)"), r.Year, w.state()),
		ReferenceDate: lastDay, Made: about.AsOf, Files: []string{"wsob.xlsx", "wsob.csv", "wsob.json"},
		Sections: []render.Section{w.loans(), w.members(), w.perBranch(), w.statLine(), w.unanswered()},
		Notes:    w.notes(),
		LowerBound: w.in("ondergrens: het werkelijke aantal is even groot of groter; van personen kan het door afronden iets kleiner zijn",
			"lower bound: the true count is the same or larger; of persons it may be a little smaller because of rounding"),
	}
	if s, any := w.borrowers(); any {
		d.Sections = slices.Insert(d.Sections, 3, s)
	}
	if r.State == revised {
		d.Sections = slices.Insert(d.Sections, 0, w.changes())
	}
	if w.Language == "en" {
		d.Language = render.English
	}
	for _, code := range []string{"d0", "d3", "d4", "c0"} {
		item := w.item(code)
		d.KeyFigures = append(d.KeyFigures, render.KeyFigure{
			Label: item.short, Value: value(item.Figure), Kind: render.KindCount, Note: w.before(item.Previous), Definition: item.Definition,
		})
	}
	for _, item := range r.Items {
		d.Definitions = append(d.Definitions, render.Definition{Term: item.Code + " " + item.short, Text: item.Definition})
	}
	return d
}

func (w writer) item(code string) *Item {
	return &w.Items[slices.IndexFunc(w.Items, func(i Item) bool { return i.Code == code })]
}

// before is last year's figure in words, for beside a key figure.
func (w writer) before(f Figure) string {
	if f.Value == nil {
		return w.in("vorig jaar niet beschikbaar", "not available last year")
	}
	return w.in("vorig jaar ", "last year ") + w.atLeast(f)
}

func (w writer) notes() []string {
	notes := []string{
		w.in("Namen van onderdelen staan er zoals in bijlage I van de Regeling gegevenslevering openbare bibliotheekvoorzieningen. De codes zijn van Peil; een code met een nul staat niet in de bijlage, maar is nodig om de delen te laten optellen.",
			"Names of items are those of annex I of the Regeling gegevenslevering openbare bibliotheekvoorzieningen. The codes are Peil's; a code with a zero is not in the annex but needed for the parts to add up."),
		fmt.Sprintf(w.in("Aantallen personen van 1 tot en met %d per vestiging en leeftijdsgroep zijn afgerond op 0 of %d; elk totaal is de som van zijn delen. Waar het rapport nieuwe leden een totaal al noemt, is het dat: het grootste deel sluit erop aan. Aantallen uitleningen zijn exact.",
			"Counts of 1 to %d persons per branch and age group are rounded to 0 or %d; every total is the sum of its parts. Where the report on new members tells a total already, it is that: the largest part makes it up. Counts of loans are exact."), w.Threshold-1, w.Threshold),
		w.in("Een ondergrens (≥) betekent dat de bron maar een deel kent; zij telt niet mee in een verandering.",
			"A lower bound (≥) means that the source knows only a part; it is left out of any change."),
	}
	if r := w.Return; r.State == provisional || r.PreviousState == provisional {
		notes = slices.Insert(notes, 0, w.in("* Voorlopig: gelezen voordat alles binnen was; wat later komt, verandert deze cijfers nog.",
			"* Provisional: read before everything had come in; what comes later will still change these figures."))
	}
	return notes
}

var statusWords = map[Status]text{
	Exact: {"exact", "exact"}, Rounded: {"afgerond", "rounded"}, Bounded: {"begrensd", "bounded"}, LowerBound: {"ondergrens", "lower bound"}, NotAvailable: {"niet beschikbaar", "not available"}, Protected: {"afgeschermd", "protected"},
}

// value is a figure as a cell shows it.
func value(f Figure) render.Value {
	switch {
	case f.Status == Protected:
		return render.Protected()
	case f.Value == nil:
		return render.NotAvailable()
	case f.Status == LowerBound:
		return render.AtLeast(*f.Value)
	}
	return render.Int(*f.Value)
}

// change is the growth since last year, where both figures are whole.
func change(f, before Figure) render.Value {
	if f.Value == nil || before.Value == nil || f.Status == LowerBound || before.Status == LowerBound || *before.Value == 0 {
		return render.NotAvailable()
	}
	return render.Float(float64(*f.Value-*before.Value) / float64(*before.Value))
}

func (w writer) itemColumns() []render.Column {
	return []render.Column{
		{Key: "code", Title: "Code"},
		{Key: "item", Title: w.in("Onderdeel", "Item"), Definition: w.in("Zoals in bijlage I; codes met een nul zijn van Peil.", "As in annex I; codes with a zero are Peil's.")},
		{Key: "value", Title: w.yearTitle(), Kind: render.KindCount},
		{Key: "previous", Title: w.lastYearTitle(), Kind: render.KindCount, Definition: w.previousSource()},
		{Key: "change", Title: w.in("Verandering", "Change"), Kind: render.KindPercent, Decimals: 1, Shade: render.ShadeChange,
			Definition: w.in("Ten opzichte van het jaar ervoor, waar beide jaren heel bekend zijn.", "Since the year before, where both years are known in full.")},
		{Key: "status", Title: "Status", Definition: w.in("exact; afgerond: kleine delen zijn afgerond; ondergrens: de bron kent maar een deel; afgeschermd: weggelaten om personen te beschermen.",
			"exact; rounded: small parts were rounded; lower bound: the source knows only a part; protected: left out to protect persons.")},
		{Key: "short", Title: w.in("Kort", "Short"), Hidden: true},
	}
}

func (w writer) row(item *Item) []render.Value {
	return []render.Value{render.Text(item.Code), render.Text(item.Name), value(item.Figure), value(item.Previous),
		change(item.Figure, item.Previous), render.Text(statusWords[item.Status].in(w.Language)), render.Text(item.short)}
}

// warnings lists what is to be said of some items, each text with the codes that it is about.
func (w writer) warnings(codes []string, of func(*Item) []string) []string {
	var texts []string
	about := map[string][]string{}
	for _, code := range codes {
		for _, warning := range of(w.item(code)) {
			if about[warning] == nil {
				texts = append(texts, warning)
			}
			about[warning] = append(about[warning], code)
		}
	}
	for i, warning := range texts {
		texts[i] = strings.Join(about[warning], ", ") + ": " + warning
	}
	return texts
}

// table has a row for each item, and a total unless total is empty.
func (w writer) table(id, title, definition string, codes []string, total string) render.Table {
	t := render.Table{ID: id, Title: title, Definition: definition, Columns: w.itemColumns(), Files: []string{"wsob.csv"}}
	for _, code := range codes {
		t.Rows = append(t.Rows, w.row(w.item(code)))
	}
	if total != "" {
		t.Total = w.row(w.item(total))
		codes = append(slices.Clone(codes), total)
	}
	t.Notes = w.warnings(codes, func(i *Item) []string { return i.Warnings })
	return t
}

func (w writer) bars(id, title, table, description string) render.Chart {
	return render.Chart{ID: id, Title: title, Kind: render.Bars, Table: table, X: "short", Y: []string{"previous", "value"}, Description: description}
}

func (w writer) loans() render.Section {
	t := w.table("loans", w.in("Uitleningen zonder verlengingen", "Loans without renewals"),
		w.in("Eén rij per onderdeel; alle rijen samen zijn alle uitleningen van het jaar.", "One row an item; all rows together are all loans of the year."), loanCodes, "c0")
	requests := w.table("requests", w.in("Reserveringen en interbibliothecair leenverkeer", "Reservations and interlibrary loans"),
		w.in("Eén rij per onderdeel.", "One row an item."), []string{"c8", "c9", "c10"}, "")
	requests.Short = w.in("Reserveringen en IBL", "Reservations and ILL")
	return render.Section{ID: "c", Title: w.in("Uitleningen (categorie c)", "Loans (category c)"), Intro: w.previousSource(),
		Charts: []render.Chart{w.bars("loans-chart", t.Title, "loans", w.in("Elk onderdeel in het jaar en het jaar ervoor.", "Each item in the year and the year before."))},
		Tables: []render.Table{t, requests}}
}

func (w writer) members() render.Section {
	t := w.table("members", w.in("Leden op 31 december", "Members on 31 December"), w.in("Eén rij per leeftijdsgroep.", "One row an age group."), []string{"d1", "d2", "d0a"}, "d0")
	changes := w.table("changes", w.in("Nieuwe en vervallen leden", "New and lapsed members"),
		w.in("Eén rij per onderdeel. Begin plus nieuw min vervallen is niet het eind: wie terugkomt is niet nieuw en staat niet in bijlage I.",
			"One row an item. Begin plus new minus lapsed is not the end: those who come back are not new and not in annex I."), []string{"d3", "d4", "d0b", "d5", "d6", "d0c"}, "")
	return render.Section{ID: "d", Title: w.in("Lidmaatschap (categorie d)", "Membership (category d)"), Intro: w.previousSource(),
		Charts: []render.Chart{
			w.bars("members-chart", t.Title, "members", w.in("Leden naar leeftijdsgroep.", "Members by age group.")),
			w.bars("changes-chart", changes.Title, "changes", w.in("Wie erbij kwam en wie vertrok.", "Who came and who left.")),
		},
		Tables: []render.Table{t, changes}}
}

// perBranch has a table of all loan items and one of all membership items, a row a branch.
func (w writer) perBranch() render.Section {
	table := func(id, title string, codes []string) render.Table {
		t := render.Table{ID: id, Title: title, Definition: w.in("Eén rij per vestiging; de rijen tellen op tot het totaal.", "One row a branch; the rows add up to the total."), Files: []string{"wsob.csv"},
			Columns: []render.Column{{Key: "branch", Title: w.in("Vestiging", "Branch")}, {Key: "isil", Title: "ISIL", Hidden: true}}}
		t.Total = []render.Value{render.Text(w.in("Totaal", "Total")), render.Text("")}
		for _, code := range codes {
			item := w.item(code)
			if len(item.Branches) == 0 {
				continue
			}
			t.Columns = append(t.Columns, render.Column{Key: item.Code, Title: item.short, Kind: render.KindCount, Definition: item.Definition, Hidden: !item.Annex && code != "c0" && code != "d0"})
			t.Total = append(t.Total, value(item.Figure))
			for i, part := range item.Branches {
				if i == len(t.Rows) {
					t.Rows = append(t.Rows, []render.Value{render.Text(w.branch(part)), render.Text(part.ISIL)})
				}
				t.Rows[i] = append(t.Rows[i], value(Figure{part.Value, cmp.Or(part.Status, item.Status)}))
			}
		}
		t.Notes = w.warnings(codes, w.protection)
		return t
	}
	members := table("branch-members", w.in("Leden per vestiging", "Members per branch"), []string{"d1", "d2", "d0a", "d0", "d3", "d4", "d0b", "d5", "d6", "d0c"})
	loans := table("branch-loans", w.in("Uitleningen per vestiging", "Loans per branch"), slices.Concat(loanCodes, []string{"c0", "c8", "c9", "c10"}))
	s := render.Section{ID: "branches", Title: w.in("Per vestiging", "Per branch"), Tables: []render.Table{members, loans},
		Intro: w.in("Leden staan bij de vestiging van inschrijving, uitleningen bij de vestiging waar is geleend.", "Members stand at the branch of registration, loans at the branch where they were made.")}
	if len(members.Columns) > 2 && w.item("d1").Value != nil {
		s.Charts = []render.Chart{{ID: "branch-chart", Title: members.Title, Kind: render.StackedBars, Table: "branch-members", X: "branch", Y: []string{"d1", "d2"},
			Description: w.in("Jeugd en volwassenen per vestiging van inschrijving.", "Youth and adults by branch of registration.")}}
	}
	return s
}

func (w writer) branch(p Part) string {
	if p.Branch == "" {
		return w.in("Vestiging onbekend", "Branch unknown")
	}
	return p.Branch
}

func (w writer) statLine() render.Section {
	t := render.Table{ID: "statline", Title: w.in("Naast StatLine 70763ned", "Beside StatLine 70763ned"), Short: "StatLine 70763ned",
		Definition: w.in("Eén rij per regel van de tabel van CBS; uitleningen via scholen zitten bij de jeugd.", "One row a line of the CBS table; loans through schools are among those of the young."),
		Columns: []render.Column{{Key: "line", Title: w.in("Regel", "Line")}, {Key: "value", Title: w.yearTitle(), Kind: render.KindCount},
			{Key: "previous", Title: w.lastYearTitle(), Kind: render.KindCount, Definition: w.previousSource()}}}
	for _, s := range w.StatLine {
		t.Rows = append(t.Rows, []render.Value{render.Text(s.Name), value(s.Figure), value(s.Previous)})
	}
	return render.Section{ID: "statline-section", Title: w.in("Ter vergelijking: StatLine", "To compare: StatLine"), Tables: []render.Table{t},
		Intro: w.in("Dezelfde aantallen in de indeling van CBS, om naast de gepubliceerde cijfers te leggen.", "The same counts as CBS divides them, to hold against the published figures.")}
}

func (w writer) unanswered() render.Section {
	t := render.Table{ID: "unanswered", Title: w.in("Niet te beantwoorden", "Not answered"),
		Definition: w.in("Eén rij per onderdeel van c en d waarvoor deze gegevens geen cijfer hebben.", "One row an item of c and d for which these data have no figure."),
		Columns:    []render.Column{{Key: "code", Title: "Code"}, {Key: "item", Title: w.in("Onderdeel van bijlage I", "Item of annex I")}, {Key: "why", Title: w.in("Waarom", "Why")}}}
	for _, item := range w.Items {
		if item.Annex && item.Status == NotAvailable {
			why := w.in("De aangeleverde gegevens bevatten dit niet.", "The data delivered do not hold this.")
			if item.absent {
				why = item.Definition
			}
			t.Rows = append(t.Rows, []render.Value{render.Text(item.Code), render.Text(item.Name), render.Text(why)})
		}
	}
	return render.Section{ID: "unanswered-section", Title: w.in("Niet uit deze gegevens", "Not from these data"), Tables: []render.Table{t},
		Intro: w.in("De categorieën a, b, e en f van bijlage I gaan niet over leden en uitleningen en staan hier niet.", "Categories a, b, e and f of annex I are not about members and loans and are left out.")}
}

// long is the return as one table, a row for each item and branch, for CSV; rows without
// a branch hold the organisation.
func long(r *Return) *render.Table {
	t := &render.Table{ID: "wsob", Columns: []render.Column{{Key: "code"}, {Key: "item"}, {Key: "annex"}, {Key: "isil"}, {Key: "branch"},
		{Key: "year", Kind: render.KindYear}, {Key: "value", Kind: render.KindCount}, {Key: "status"}}}
	row := func(item *Item, isil, branch string, year int, f Figure) {
		annex := "no"
		if item.Annex {
			annex = "yes"
		}
		t.Rows = append(t.Rows, []render.Value{render.Text(item.Code), render.Text(item.Name), render.Text(annex), render.Text(isil), render.Text(branch),
			render.Int(int64(year)), value(f), render.Text(string(f.Status))})
	}
	for i := range r.Items {
		item := &r.Items[i]
		row(item, r.ISIL, "", r.Year, item.Figure)
		row(item, r.ISIL, "", r.Year-1, item.Previous)
		for _, p := range item.Branches {
			branch := p.Branch
			if branch == "" {
				branch = "?"
			}
			row(item, p.ISIL, branch, r.Year, Figure{p.Value, cmp.Or(p.Status, item.Status)})
			row(item, p.ISIL, branch, r.Year-1, Figure{p.Previous, cmp.Or(p.PreviousStatus, item.Previous.Status)})
		}
	}
	return t
}
