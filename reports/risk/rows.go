package risk

import (
	"fmt"
	"strconv"
	"strings"

	"peil/reports/render"
	"peil/transforms/disclosure"
)

func (p *page) rows(d *render.Document) {
	m := p.Microdata
	d.KeyFigures = []render.KeyFigure{
		p.key("Personen", "Persons", render.Int(m.Persons), render.KindCount, p.sayf("in %s rijen", "in %s rows", p.count(m.Rows))),
		p.key("Grootste kans om iemand te vinden", "Highest chance to find somebody", chance(m.After, m.After.Prosecutor), render.KindPercent, p.was()),
		p.key("Leeggemaakte rijen", "Blanked rows", render.Int(m.SuppressedRows), render.KindCount, p.percent(share(m.SuppressedRows, m.Rows))),
		p.key("Verlies aan detail", "Detail lost", render.Float(m.DetailLost), render.KindPercent, p.say("0% is niets, 100% is alles", "0% is nothing, 100% is all")),
	}
	d.Sections = []render.Section{p.recognition(), p.sizes(), p.scheme(), p.columns()}
	d.Definitions = p.rowTerms()
	d.Notes = p.rowNotes()
}

// was holds the highest chance against what it was.
func (p *page) was() string {
	m := p.Microdata
	was := p.sayf("was %s", "was %s", p.percent(m.Before.Prosecutor))
	if m.After.Classes == 0 {
		return was
	}
	return was + p.sayf("; kleinste groep %.0f", "; smallest group %.0f", 1/m.After.Prosecutor)
}

func chance(e disclosure.Exposure, f float64) render.Value {
	if e.Classes == 0 {
		return render.NotAvailable()
	}
	return render.Float(f)
}

func share(n, of int64) float64 { return float64(n) / float64(max(of, 1)) }

// recognition holds what was against what is.
func (p *page) recognition() render.Section {
	m := p.Microdata
	counts := render.Table{ID: "groups", Title: p.say("Groepen die er hetzelfde uitzien", "Groups that look the same"),
		Definition: p.say("Een groep zijn personen die in alle herkenbare kolommen hetzelfde hebben staan. Na bescherming tellen alleen de rijen die niet zijn leeggemaakt.",
			"A group is all persons who read the same in every recognisable column. After protection only rows that were not blanked count."),
		Columns: []render.Column{p.column("what", "Wat", "What", render.KindText), p.column("before", "Vooraf", "Before", render.KindCount), p.column("after", "Achteraf", "After", render.KindCount)}}
	for _, row := range []struct {
		what          string
		before, after int64
	}{
		{p.say("Groepen", "Groups"), int64(m.Before.Classes), int64(m.After.Classes)},
		{p.say("Personen die alleen staan: uniek", "Persons who stand alone: unique"), m.Before.Uniques, m.After.Uniques},
		{p.sayf("Personen in een groep kleiner dan %d", "Persons in a group of fewer than %d", m.K), m.Before.Below, m.After.Below},
	} {
		counts.Rows = append(counts.Rows, []render.Value{render.Text(row.what), render.Int(row.before), render.Int(row.after)})
	}
	if len(m.Sensitive) > 0 {
		counts.Notes = []string{p.sayf("Groepen waarin een gevoelige kolom bij iedereen hetzelfde is: %s. Wie weet dat iemand in zo'n groep zit, weet ook dat.",
			"Groups in which a sensitive column is the same for everybody: %s. Whoever knows that somebody is in such a group knows that too.", p.count(int64(m.HomogeneousClasses)))}
	}
	chances := render.Table{ID: "chances", Title: p.say("De kans dat iemand wordt gevonden", "The chance that somebody is found"),
		Columns: []render.Column{p.column("who", "Wie zoekt", "Who searches", render.KindText), p.column("chance_before", "Vooraf", "Before", render.KindPercent),
			p.column("chance_after", "Achteraf", "After", render.KindPercent), p.column("meaning", "Wat het betekent", "What it means", render.KindText)}}
	for _, row := range []struct {
		who           string
		before, after float64
		meaning       string
	}{
		{p.say("Iemand die weet dat de persoon erin staat", "Somebody who knows that the person is in it"), m.Before.Prosecutor, m.After.Prosecutor,
			p.say("1 gedeeld door de kleinste groep (prosecutor)", "1 divided by the smallest group (prosecutor)")},
		{p.say("Iemand die dat niet weet", "Somebody who does not know that"), m.Before.Journalist, m.After.Journalist,
			p.say("zelfde: er is geen grotere bevolking opgegeven waar de personen uit komen (journalist)", "the same: no larger population that the persons come from was given (journalist)")},
		{p.say("Iemand die het bij iedereen probeert", "Somebody who tries it on everybody"), m.Before.Marketer, m.After.Marketer,
			p.say("het deel dat goed geraden wordt: groepen gedeeld door personen (marketer)", "the share guessed right: groups divided by persons (marketer)")},
	} {
		chances.Rows = append(chances.Rows, []render.Value{render.Text(row.who), chance(m.Before, row.before), chance(m.After, row.after), render.Text(row.meaning)})
	}
	chances.Notes = []string{p.sayf("Een aparte telling, die van de bescherming niets weet, heeft in de te schrijven rijen de groepen nageteld: %s, de kleinste van %s personen, en alle met wat er is gevraagd. Anders was er niets geschreven.",
		"A separate count that knows nothing of the protection counted the groups again in the rows to be written: %s, the smallest of %s persons, and all with what was asked for. Otherwise nothing would have been written.", p.count(m.Recount.Groups), p.count(m.Recount.Smallest))}
	return render.Section{ID: "recognition", Title: p.say("Herkenbaarheid", "Recognition"), Tables: []render.Table{chances, counts},
		Intro: p.say("Wie iemands leeftijd, woonplaats of andere kenmerken kent, kan die persoon zoeken. Hoe groter de groep waarin alle kenmerken gelijk zijn, hoe minder dat oplevert.",
			"Whoever knows somebody's age, place or other traits can search for that person. The larger the group in which all traits are equal, the less that tells.")}
}

// sizes shows how many persons stand in groups of what size.
func (p *page) sizes() render.Section {
	m := p.Microdata
	t := render.Table{ID: "sizes", Title: p.say("Personen naar grootte van hun groep", "Persons by the size of their group"),
		Columns: []render.Column{p.column("size", "Groep van", "Group of", render.KindText),
			p.column("persons_before", "Personen vooraf", "Persons before", render.KindCount), p.column("persons_after", "Personen achteraf", "Persons after", render.KindCount),
			p.column("groups_before", "Groepen vooraf", "Groups before", render.KindCount), p.column("groups_after", "Groepen achteraf", "Groups after", render.KindCount)}}
	for i := range max(len(m.Before.Sizes), len(m.After.Sizes)) {
		var before, after disclosure.Size
		if i < len(m.Before.Sizes) {
			before = m.Before.Sizes[i]
		}
		if i < len(m.After.Sizes) {
			after = m.After.Sizes[i]
		}
		low := max(before.AtLeast, after.AtLeast)
		size := strconv.FormatInt(low, 10)
		if low > 1 {
			size = fmt.Sprintf("%d–%d", low, 2*low-1)
		}
		t.Rows = append(t.Rows, []render.Value{render.Text(size), render.Int(before.Persons), render.Int(after.Persons), render.Int(int64(before.Classes)), render.Int(int64(after.Classes))})
	}
	return render.Section{ID: "group-sizes", Title: p.say("Hoe groot zijn de groepen?", "How large are the groups?"), Tables: []render.Table{t},
		Charts: []render.Chart{{ID: "sizes-chart", Title: t.Title, Kind: render.Bars, Table: "sizes", X: "size", Y: []string{"persons_before", "persons_after"},
			Description: p.say("Bescherming verschuift personen van kleine naar grote groepen.", "Protection moves persons from small groups to large ones.")}}}
}

// scheme tells what became coarser.
func (p *page) scheme() render.Section {
	m := p.Microdata
	t := render.Table{ID: "scheme", Title: p.say("Wat is grover gemaakt", "What was made coarser"),
		Definition: p.sayf("Trede 0 is de waarde zelf, de hoogste trede zegt niets meer. Uit %s combinaties van treden is de combinatie gekozen waarbij het minste verloren gaat volgens de maat %s.",
			"Step 0 is the value itself, the highest step tells nothing any more. Of %s combinations of steps this is the one that loses least by the metric %s.", p.count(int64(m.Combinations)), m.Metric),
		Columns: []render.Column{p.column("column", "Kolom", "Column", render.KindText), p.column("level", "Trede", "Step", render.KindCount),
			p.column("levels", "Hoogste trede", "Highest step", render.KindCount), p.column("loss", "Verloren detail", "Detail lost", render.KindPercent),
			p.column("weight", "Gewicht", "Weight", render.KindDecimal), p.column("by", "Volgens", "By", render.KindText)}}
	for _, s := range m.Scheme {
		t.Rows = append(t.Rows, []render.Value{render.Text(s.Column), render.Int(int64(s.Level)), render.Int(int64(s.Levels)), render.Float(s.Loss), render.Float(s.Weight), render.Text(s.By)})
	}
	if m.Local {
		t.Notes = []string{p.sayf("Rijen die daarna nog te weinig gezelschap hadden (%s), zijn voor zover mogelijk apart nog grover gemaakt; hun trede is hoger dan hier staat.",
			"Rows that still had too little company after that (%s) were made coarser by themselves where possible; their step is higher than it says here.", p.count(m.SuppressedBeforeLocal))}
	}
	return render.Section{ID: "what-was-done", Title: p.say("Wat het kost", "What it costs"), Tables: []render.Table{t},
		Charts: []render.Chart{{ID: "loss-chart", Title: p.say("Verloren detail per kolom", "Detail lost per column"), Kind: render.Bars, Table: "scheme", X: "column", Y: []string{"loss"},
			Description: p.say("0% is de waarde zoals zij was, 100% is niets meer.", "0% is the value as it was, 100% is nothing left.")}}}
}

// columns accounts for every column of the file.
func (p *page) columns() render.Section {
	m := p.Microdata
	t := render.Table{ID: "columns", Title: p.say("Alle kolommen van het bestand", "All columns of the file"),
		Columns: []render.Column{p.column("name", "Kolom", "Column", render.KindText), p.column("treatment", "Wat ermee gebeurde", "What became of it", render.KindText)}}
	add := func(name, treatment string) {
		t.Rows = append(t.Rows, []render.Value{render.Text(name), render.Text(treatment)})
	}
	for _, s := range m.Scheme {
		add(s.Column, p.say("herkenbaar: grover gemaakt waar nodig", "recognisable: made coarser where needed"))
	}
	for _, s := range m.Sensitive {
		add(s.Column, p.asked(s))
	}
	for _, name := range m.Kept {
		add(name, p.say("ONGEMOEID GELATEN EN NIET BEOORDEELD", "KEPT AS IT WAS AND NOT ASSESSED"))
	}
	if m.PersonColumn != "" {
		add(m.PersonColumn, p.say("zegt wie wie is; niet geschreven", "tells who is who; not written"))
	}
	for _, name := range m.Dropped {
		if name != m.PersonColumn {
			add(name, p.say("weggelaten", "left out"))
		}
	}
	return render.Section{ID: "all-columns", Title: p.say("Kolommen", "Columns"), Tables: []render.Table{t}}
}

func (p *page) asked(s Sensitive) string {
	l := p.point(strconv.FormatFloat(s.L, 'f', -1, 64))
	switch {
	case s.Entropy:
		return p.sayf("gevoelig: elke groep zo gemengd als %s even vaak voorkomende waarden", "sensitive: every group as mixed as %s equally frequent values", l)
	case s.L > 1:
		return p.sayf("gevoelig: in elke groep minstens %s verschillende waarden", "sensitive: at least %s different values in every group", l)
	}
	return p.say("gevoelig: geen eis gesteld", "sensitive: nothing was asked")
}

func (p *page) rowTerms() []render.Definition {
	return []render.Definition{
		{Term: p.say("Herkenbare kolom", "Recognisable column"), Text: p.say("Een kenmerk dat anderen van iemand kunnen weten, zoals leeftijd of postcode (quasi-identifier).", "A trait that others may know of somebody, such as age or postcode (quasi-identifier).")},
		{Term: p.say("Gevoelige kolom", "Sensitive column"), Text: p.say("Wat niemand via dit bestand over een ander te weten mag komen.", "What nobody may learn of another from this file.")},
		{Term: p.say("Groep", "Group"), Text: p.sayf("Personen met dezelfde waarden in alle herkenbare kolommen; minstens %d (k).", "Persons with the same values in all recognisable columns; at least %d (k).", p.Microdata.K)},
		{Term: p.say("Leeggemaakt", "Blanked"), Text: p.say("Een rij die in geen groep past: haar herkenbare kolommen tonen * en de andere niets.", "A row that fits no group: its recognisable columns read * and the others nothing.")},
		{Term: p.say("Verlies aan detail", "Detail lost"), Text: p.say("Het deel van alle waarden waar een getoonde waarde voor kan staan, gemiddeld over rijen en kolommen; een leeggemaakte rij telt als alles.",
			"The share of all values that a shown value may stand for, on average over rows and columns; a blanked row counts as all.")},
	}
}

func (p *page) rowNotes() []string {
	m := p.Microdata
	var notes []string
	if len(m.Kept) > 0 {
		notes = append(notes, p.sayf("Niet beoordeeld: %s. Deze kolommen staan ongewijzigd in het bestand. Wie de inhoud ervan kent, kan iemand herkennen, wat dit rapport ook zegt.",
			"Not assessed: %s. These columns stand in the file unchanged. Whoever knows what they hold may recognise somebody, whatever this report says.", strings.Join(m.Kept, ", ")))
	}
	if m.PersonColumn != "" {
		notes = append(notes, p.sayf("Personen zijn geteld naar %s: meer rijen van één persoon tellen als één. Rijen zonder waarde tellen samen als één persoon. Van %s personen is een rij leeggemaakt.",
			"Persons were counted by %s: several rows of one person count as one. Rows without a value count as one person together. Of %s persons a row was blanked.", m.PersonColumn, p.count(m.SuppressedPersons)))
	} else {
		notes = append(notes, p.say("Elke rij telt als een andere persoon. Staat iemand er vaker in, noem dan de kolom die zegt wie het is (person).",
			"Every row counts as another person. If somebody stands in it more than once, name the column that tells who it is (person)."))
	}
	return append(notes, p.say("Dit rapport kijkt naar dit ene bestand. Eerdere uitgaven, andere bestanden over dezelfde personen en kennis over gevoelige kolommen kunnen iemand alsnog verraden.",
		"This report looks at this one file. Earlier releases, other files about the same persons and knowledge of sensitive columns may still give somebody away."))
}
