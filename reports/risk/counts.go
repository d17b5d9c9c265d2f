package risk

import (
	"strconv"

	"peil/reports/render"
)

func (p *page) counts(d *render.Document) {
	t := p.Table
	d.Title = p.say("Is uit deze tabel nog iemand af te leiden?", "Can anybody still be worked out from this table?")
	d.KeyFigures = []render.KeyFigure{
		p.key("Cellen in de tabel", "Cells in the table", render.Int(int64(t.Cells)), render.KindCount, p.say("totalen meegerekend", "totals included")),
		p.key("Te kleine cellen", "Cells too small", render.Int(int64(t.SmallCells)), render.KindCount, p.sayf("1 tot en met %d personen", "1 to %d persons", t.Threshold-1)),
	}
	if t.Method == "rounding" {
		d.KeyFigures = append(d.KeyFigures, p.key("Veranderde cellen", "Cells changed", render.Int(int64(t.Changed)), render.KindCount,
			p.sayf("hoogstens %d ernaast, gemiddeld %s", "off by %d at most, %s on average", t.LargestDeviation, p.decimal(t.MeanDeviation))))
	} else {
		d.KeyFigures = append(d.KeyFigures, p.key("Verborgen cellen", "Cells hidden", render.Int(int64(t.Primary+t.Secondary)), render.KindCount,
			p.percent(share(int64(t.Primary+t.Secondary), int64(t.Cells)))))
	}
	d.KeyFigures = append(d.KeyFigures, p.key("Bewezen veilig", "Proven safe", render.Int(int64(t.Safe)), render.KindCount,
		p.sayf("van %d cellen die bescherming nodig hebben", "of %d cells that need protection", t.Attacked)))
	d.Sections = []render.Section{p.verdict(), p.done()}
	d.Definitions = p.countTerms()
	d.Notes = []string{p.say("Dit rapport kijkt naar deze ene tabel met al haar totalen. Eerdere uitgaven en andere tabellen over dezelfde personen kunnen iemand alsnog verraden.",
		"This report looks at this one table with all its totals. Earlier releases and other tables about the same persons may still give somebody away.")}
}

// verdict is the attacker's.
func (p *page) verdict() render.Section {
	t := p.Table
	table := render.Table{ID: "verdict", Title: p.say("Wat de aanval opleverde", "What the attack came to"),
		Definition: p.sayf("Een cel is veilig als er twee mogelijke tabellen met gehele aantallen zijn waarin zij minstens %d verschilt. Wat niet bewezen veilig is, geldt als onveilig en wordt niet geschreven.",
			"A cell is safe if there are two possible tables of whole numbers in which it differs by at least %d. What is not proven safe counts as unsafe and is not written.", t.Threshold-1),
		Columns: []render.Column{p.column("verdict", "Oordeel", "Verdict", render.KindText), p.column("cells", "Cellen", "Cells", render.KindCount)},
		Rows: [][]render.Value{
			{render.Text(p.say("veilig", "safe")), render.Int(int64(t.Safe))},
			{render.Text(p.say("niet bewezen veilig", "not proven safe")), render.Int(int64(t.NotProven))},
			{render.Text(p.say("onveilig", "unsafe")), render.Int(int64(t.Unsafe))},
		}}
	if t.Narrowest != nil {
		table.Notes = []string{p.sayf("Van geen cel liggen de aantallen die mogelijk blijven minder dan %d uiteen.", "Of no cell do the counts that stay possible lie less than %d apart.", *t.Narrowest)}
	}
	return render.Section{ID: "attack", Title: p.say("De proef", "The test"), Tables: []render.Table{table},
		Intro: p.say("Een apart programma dat van de bescherming niets weet, heeft met alles wat in de tabel staat geprobeerd de kleine aantallen terug te rekenen.",
			"A separate program that knows nothing of the protection tried to work the small counts back out of everything that stands in the table.")}
}

// done tells what was done to the table.
func (p *page) done() render.Section {
	t := p.Table
	rules := render.Table{ID: "rules", Title: p.say("Regels", "Rules"),
		Columns: []render.Column{p.column("rule", "Regel", "Rule", render.KindText), p.column("value", "Zo toegepast", "As applied", render.KindText)}}
	add := func(rule, value string) {
		rules.Rows = append(rules.Rows, []render.Value{render.Text(rule), render.Text(value)})
	}
	threshold := strconv.FormatInt(t.Threshold, 10)
	if t.Method == "rounding" {
		add(p.say("Manier", "Method"), p.sayf("afronden: elk klein aantal wordt 0 of %s, en alle totalen zijn sommen daarvan", "rounding: every small count becomes 0 or %s, and all totals are sums of those", threshold))
	} else {
		add(p.say("Manier", "Method"), p.say("verbergen: kleine aantallen zijn leeg, en zo veel andere dat zij niet uit te rekenen zijn", "suppression: small counts are blank, and as many others as keep them from being computed"))
		add(p.say("Verborgen om wat zij tellen", "Hidden for what they count"), strconv.Itoa(t.Primary))
		add(p.say("Verborgen om die te beschermen", "Hidden to protect those"), strconv.Itoa(t.Secondary))
		add(p.say("Lege cellen ook verborgen", "Empty cells hidden too"), p.yes(t.Zeros))
		add(p.say("Verborgen als allen in één cel zitten", "Hidden if all are in one cell"), p.yes(t.GroupDisclosure))
	}
	add(p.say("Drempel", "Threshold"), threshold)
	dims := render.Table{ID: "dimensions", Title: p.say("Indelingen", "Classifications"),
		Columns: []render.Column{p.column("column", "Kolom", "Column", render.KindText), p.column("codes", "Codes", "Codes", render.KindCount), p.column("groups", "Tussentotalen", "Subtotals", render.KindCount)}}
	for _, d := range t.Dimensions {
		if d.Coarsened > 0 {
			dims.Notes = append(dims.Notes, p.sayf("Van %s zijn de onderste indelingen weggelaten (%d): met die erbij is niet binnen een minuut te bewijzen dat de tabel veilig is.", "Of %s the lowest levels were left out (%d): with those it cannot be proven within a minute that the table is safe.", d.Column, d.Coarsened))
		}
		dims.Rows = append(dims.Rows, []render.Value{render.Text(d.Column), render.Int(int64(d.Codes)), render.Int(int64(d.Groups))})
	}
	return render.Section{ID: "done", Title: p.say("Wat er is gedaan", "What was done"), Tables: []render.Table{rules, dims}}
}

func (p *page) countTerms() []render.Definition {
	return []render.Definition{
		{Term: p.say("Cel", "Cell"), Text: p.say("Eén aantal personen in de tabel.", "One count of persons in the table.")},
		{Term: p.say("Drempel", "Threshold"), Text: p.sayf("Aantallen van 1 tot en met %d mogen niet te zien en niet uit te rekenen zijn.", "Counts of 1 to %d must be neither shown nor possible to compute.", p.Table.Threshold-1)},
	}
}
