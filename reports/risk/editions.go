package risk

import (
	"peil/reports/render"
)

// Editions is the risk in a public edition of a report, beside all that were published before.
type Editions struct {
	Threshold        int64   `json:"threshold"`
	Tables           []Inner `json:"tables"`            // of inner cells
	LargestDeviation int64   `json:"largest_deviation"` // of what is published, sums included
	Together         int     `json:"branches_published_together"`
	Branches         int     `json:"branches"`

	// What the attacker tried, and what came of it.
	Editions  int      `json:"editions"`           // held against each other, this one included
	Counts    int      `json:"counts"`             // that had to stay uncertain
	Changes   int      `json:"changes"`            // of a count from one edition to a later
	Exposed   int      `json:"exposed"`            // of both, not proven safe
	In        []string `json:"tables_exposed"`     // that those stand in
	Narrowest int64    `json:"narrowest_interval"` // that any count was closed in to
}

// Inner is a table of inner cells, of which all published figures are sums.
type Inner struct {
	Table   string `json:"table"`
	Cells   int    `json:"cells"`
	Small   int    `json:"small"`    // with 1 to threshold − 1 persons
	Changed int    `json:"changed"`  // by rounding
	MostOff int64  `json:"most_off"` // the largest change of one cell
}

func (p *page) editions(d *render.Document) {
	e := p.Editions
	d.Title = p.say("Is uit de publieke edities nog iemand af te leiden?", "Can anybody still be worked out from the public editions?")
	var cells, small int64
	for _, t := range e.Tables {
		cells, small = cells+int64(t.Cells), small+int64(t.Small)
	}
	d.KeyFigures = []render.KeyFigure{
		p.key("Bouwstenen van de tabellen", "Cells that the tables are built from", render.Int(cells), render.KindCount, ""),
		p.key("Te kleine aantallen", "Counts too small", render.Int(small), render.KindCount, p.sayf("1 tot en met %d personen", "1 to %d persons", e.Threshold-1)),
		p.key("Grootste afwijking", "Largest deviation", render.Int(e.LargestDeviation), render.KindCount, p.say("van wat te lezen is, totalen meegerekend", "of what can be read, totals included")),
		p.key("Niet bewezen veilig", "Not proven safe", render.Int(int64(e.Exposed)), render.KindCount, p.sayf("van %s aantallen en %s veranderingen", "of %s counts and %s changes", p.count(int64(e.Counts)), p.count(int64(e.Changes)))),
	}
	tables := render.Table{ID: "rounded", Title: p.say("Wat het afronden deed", "What rounding did"),
		Definition: p.sayf("Elk aantal van 1 tot en met %d wordt 0 of %d. Alle tabellen zijn sommen van deze aantallen.", "Every count of 1 to %d becomes 0 or %d. All tables are sums of these counts.", e.Threshold-1, e.Threshold),
		Columns: []render.Column{p.column("table", "Tabel", "Table", render.KindText), p.column("cells", "Aantallen", "Counts", render.KindCount), p.column("small", "Te klein", "Too small", render.KindCount),
			p.column("changed", "Veranderd", "Changed", render.KindCount), p.column("most_off", "Hoogstens", "At most by", render.KindCount)}}
	for _, t := range e.Tables {
		tables.Rows = append(tables.Rows, []render.Value{render.Text(p.table(t.Table)), render.Int(int64(t.Cells)), render.Int(int64(t.Small)), render.Int(int64(t.Changed)), render.Int(t.MostOff)})
	}
	verdict := render.Table{ID: "verdict", Title: p.say("Wat de aanval opleverde", "What the attack came to"),
		Definition: p.sayf("Een aantal of een verandering is veilig als er twee mogelijkheden zijn die minstens %d uiteen liggen.", "A count or a change is safe if there are two possibilities at least %d apart.", e.Threshold-1),
		Columns:    []render.Column{p.column("what", "Wat", "What", render.KindText), p.column("number", "Aantal", "Number", render.KindCount)},
		Rows: [][]render.Value{
			{render.Text(p.say("edities naast elkaar gelegd", "editions laid side by side")), render.Int(int64(e.Editions))},
			{render.Text(p.say("aantallen die onzeker moeten blijven", "counts that must stay uncertain")), render.Int(int64(e.Counts))},
			{render.Text(p.say("veranderingen tussen edities", "changes between editions")), render.Int(int64(e.Changes))},
			{render.Text(p.say("niet bewezen veilig", "not proven safe")), render.Int(int64(e.Exposed))},
			{render.Text(p.say("nauwste ruimte die overbleef", "narrowest room that was left")), render.Int(e.Narrowest)},
		}}
	d.Sections = []render.Section{
		{ID: "attack", Title: p.say("De proef", "The test"), Tables: []render.Table{verdict},
			Intro: p.say("Een apart programma dat van de bescherming niets weet, legt deze editie naast alle eerdere en naast de jaaropgaven, en probeert de kleine aantallen en de veranderingen daarin terug te rekenen.",
				"A separate program that knows nothing of the protection lays this edition beside all earlier ones and the yearly returns, and tries to work out the small counts and how they changed.")},
		{ID: "done", Title: p.say("Wat er is gedaan", "What was done"), Tables: []render.Table{tables},
			Intro: p.sayf("%d van de %d vestigingen staan samen: daarvoor zijn zij te klein.", "%d of the %d branches stand together: they are too small for more.", e.Together, e.Branches)},
	}
	d.Definitions = []render.Definition{
		{Term: p.say("Drempel", "Threshold"), Text: p.sayf("Aantallen van 1 tot en met %d mogen niet te zien en niet uit te rekenen zijn.", "Counts of 1 to %d must be neither shown nor possible to compute.", e.Threshold-1)},
		{Term: p.say("Verandering", "Change"), Text: p.say("Wat een latere editie over dezelfde maand anders zegt. Zij gaat in hele stappen van de drempel, zodat één persoon er niet uit blijkt.", "What a later edition says otherwise of the same month. It goes by whole steps of the threshold, so that it does not show one person.")},
	}
	d.Notes = []string{p.say("Wie van buiten al weet wie er in een klein aantal zaten, op één na, blijft verder weg dan bij een exact aantal, maar niet oneindig ver: zo iemand kan soms zeggen dat het er meer of minder dan de drempel waren.",
		"Whoever knows from elsewhere all but one of those in a small count stays further off than with an exact count, but not endlessly far: such a person can sometimes tell that there were more or fewer than the threshold.")}
}

// table names a table in Dutch, as the page of the report does.
func (p *page) table(name string) string {
	dutch, known := map[string]string{
		"new by age": "nieuw naar leeftijd", "new by sex": "nieuw naar geslacht", "new by class": "nieuw naar soort abonnement", "new by pc4": "nieuw naar postcode",
		"re-registered": "opnieuw ingeschreven", "lapsed": "vertrokken", "moved by route": "verhuisd", "stand": "stand aan het begin",
	}[name]
	if !known {
		return name
	}
	return p.say(dutch, name)
}
