package kb

import (
	"fmt"
	"strings"

	"peil/reports"
	"peil/reports/render"
)

// document is risk.json in plain words, for who decides about the feeds.
func (r *Risk) document(about reports.About) *render.Document {
	say := func(dutch, english string) string {
		if about.Language == "en" {
			return english
		}
		return dutch
	}
	sayf := func(dutch, english string, args ...any) string { return fmt.Sprintf(say(dutch, english), args...) }
	column := func(key, dutch, english string, kind render.Kind) render.Column {
		return render.Column{Key: key, Title: say(dutch, english), Kind: kind, Decimals: 2}
	}
	figure := func(dutch, english string, v render.Value, kind render.Kind, note string) render.KeyFigure {
		return render.KeyFigure{Label: say(dutch, english), Value: v, Kind: kind, Decimals: 2, Note: note}
	}
	d := &render.Document{
		Title: say("Is in de weekbestanden nog iemand te herkennen?", "Can anybody be recognised in the weekly feeds?"), Subtitle: "kb-leden, kb-uitleningen " + r.Week,
		Language: render.Language(say("nl", "en")), Edition: render.Public, Library: r.Library, Period: r.Week, Source: about.Source, Made: about.AsOf, Files: []string{"risk.json"},
		KeyFigures: []render.KeyFigure{
			figure("Kleinste groep leden", "Smallest group of members", render.Int(r.Members.Smallest), render.KindCount, sayf("minstens %d", "at least %d", r.K)),
			figure("Grootste kans om een lid te vinden", "Highest chance to find a member", render.Float(r.Members.ProsecutorRisk), render.KindPercent, say("1 gedeeld door de kleinste groep", "1 divided by the smallest group")),
			figure("Kleinste groep leners", "Smallest group of borrowers", render.Int(r.Loans.Smallest), render.KindCount, sayf("minstens %d", "at least %d", r.K)),
			figure("Leden in geen enkele groep", "Members in no group", render.Float(r.Members.SuppressedShare), render.KindPercent, ""),
		},
	}
	totals := r.totalsTable(say)
	chances := render.Table{ID: "chances", Title: say("De kans dat iemand wordt gevonden", "The chance that somebody is found"),
		Columns: []render.Column{column("who", "Wie zoekt", "Who searches", render.KindText), column("members", "In kb-leden", "In kb-leden", render.KindPercent), column("loans", "In kb-uitleningen", "In kb-uitleningen", render.KindPercent),
			column("meaning", "Wat het betekent", "What it means", render.KindText)},
		Rows: [][]render.Value{
			{render.Text(say("Iemand die weet dat de persoon erin staat", "Somebody who knows that the person is in it")), render.Float(r.Members.ProsecutorRisk), render.Float(r.Loans.ProsecutorRisk),
				render.Text(say("1 gedeeld door de kleinste groep (prosecutor)", "1 divided by the smallest group (prosecutor)"))},
			{render.Text(say("Iemand die dat niet weet", "Somebody who does not know that")), render.Float(r.Members.JournalistRisk), render.Float(r.Loans.JournalistRisk),
				render.Text(say("hetzelfde: de bestanden gaan over alle leden, een grotere bevolking is er niet (journalist)", "the same: the feeds are about all members, there is no larger population (journalist)"))},
			{render.Text(say("Iemand die het bij iedereen probeert", "Somebody who tries it on everybody")), render.Float(r.Members.MarketerRisk), render.NotAvailable(),
				render.Text(say("groepen gedeeld door personen (marketer)", "groups divided by persons (marketer)"))},
		}}
	sizes := render.Table{ID: "sizes", Title: say("Groepen naar aantal personen", "Groups by number of persons"),
		Columns: []render.Column{column("size", "Personen", "Persons", render.KindText), column("members", "Groepen leden", "Groups of members", render.KindCount), column("loans", "Groepen leners", "Groups of borrowers", render.KindCount)}}
	for i, s := range r.Members.Sizes {
		size := fmt.Sprintf("%d–%d", s.From, s.To)
		if s.To == 0 {
			size = fmt.Sprintf("%d+", s.From)
		}
		sizes.Rows = append(sizes.Rows, []render.Value{render.Text(size), render.Int(s.Groups), render.Int(r.Loans.Sizes[i].Groups)})
	}
	levels := func(id, title string, all []Level, count string, of func(Level) int64) render.Table {
		t := render.Table{ID: id, Title: title,
			Definition: say("Wie in groepen van trede 1 niet past, stijgt een trede: de groep zegt minder en is groter.", "Who fits no group of step 1 rises a step: the group tells less and is larger."),
			Columns: []render.Column{column("level", "Trede", "Step", render.KindCount), column("holds", "Wat de groep zegt", "What the group tells", render.KindText), column("groups", "Groepen", "Groups", render.KindCount),
				{Key: "number", Title: count, Kind: render.KindCount}}}
		for _, l := range all {
			t.Rows = append(t.Rows, []render.Value{render.Int(int64(l.Level)), render.Text(strings.Join(l.Holds, ", ")), render.Int(l.Groups), render.Int(of(l))})
		}
		return t
	}
	alone := render.Table{ID: "unique", Title: say("Personen die alleen staan", "Persons who stand alone"),
		Definition: sayf("Vooraf: als de bestanden van iedereen alles zeiden wat zij kunnen zeggen, afgerond op %d. Achteraf: in de bestanden zoals zij zijn.", "Before: if the feeds told of everybody all that they can tell, rounded to %d. After: in the feeds as they are.", r.Step),
		Columns:    []render.Column{column("feed", "Bestand", "Feed", render.KindText), column("before", "Vooraf", "Before", render.KindCount), column("after", "Achteraf", "After", render.KindCount)},
		Rows: [][]render.Value{
			{render.Text("kb-leden"), render.Int(r.Members.UniqueBefore), render.Int(r.Members.UniqueAfter)},
			{render.Text("kb-uitleningen"), render.Int(r.Loans.UniqueBefore), render.Int(r.Loans.UniqueAfter)},
		}}
	lost := func(id, title, definition string, all []Detail) render.Table {
		t := render.Table{ID: id, Title: title, Definition: definition,
			Columns: []render.Column{column("attribute", "Kenmerk", "Attribute", render.KindText), column("lost", "Weggelaten", "Left out", render.KindPercent)}}
		for _, a := range all {
			t.Rows = append(t.Rows, []render.Value{render.Text(a.Attribute), render.Float(a.Lost)})
		}
		return t
	}
	verdict := render.Table{ID: "verdict", Title: say("Wat de aanval opleverde", "What the attack came to"),
		Definition: sayf("Een aantal is veilig als er twee mogelijkheden zijn die minstens %d uiteen liggen: dan blijft elke verandering van week op week onzeker met minstens %d. Anders worden de bestanden niet uitgegeven.",
			"A count is safe if there are two possibilities at least %d apart: every change from week to week then stays uncertain by at least %d. Otherwise the feeds are not published.", r.Step/2, r.Step-1),
		Columns: []render.Column{column("what", "Wat", "What", render.KindText), column("number", "Aantal", "Number", render.KindCount)},
		Rows: [][]render.Value{
			{render.Text(say("aantallen die onzeker moeten blijven", "counts that must stay uncertain")), render.Int(r.Attack.Counts)},
			{render.Text(say("niet bewezen veilig", "not proven safe")), render.Int(r.Attack.Exposed)},
			{render.Text(say("nauwste ruimte van een aantal", "narrowest room of a count")), render.Int(r.Attack.NarrowestCount)},
			{render.Text(say("nauwste ruimte van een verandering tussen twee weken", "narrowest room of a change between two weeks")), render.Int(r.Attack.NarrowestChange)},
		}}
	d.Sections = []render.Section{
		{ID: "totals-section", Title: say("Wat er is en wat de bestanden tellen", "What there is and what the feeds count"), Tables: []render.Table{totals},
			Intro: say("De totalen van de organisatie zijn exact. Wat de bestanden anders optellen is afronding en wat in geen groep past, en niets anders.",
				"The totals of the organisation are exact. What the feeds add up to otherwise is rounding and what fits no group, and nothing else.")},
		{ID: "recognition", Title: say("Herkenbaarheid", "Recognition"), Tables: []render.Table{chances, alone, sizes},
			Intro: sayf("Een groep zijn minstens %d personen waarvan de bestanden hetzelfde zeggen. Klassen van leners die te weinig verschillende dingen lenen (minder dan %d): %d.",
				"A group is at least %d persons of whom the feeds say the same. Classes of borrowers who borrow too few different things (fewer than %d): %d.", r.K, r.L, r.Loans.Homogeneous)},
		{ID: "scheme", Title: say("Wat is grover gemaakt", "What was made coarser"), Tables: []render.Table{
			levels("member-levels", "kb-leden", r.Members.Levels, say("Personen", "Persons"), func(l Level) int64 { return l.Persons }),
			levels("loan-levels", "kb-uitleningen", r.Loans.Levels, say("Handelingen", "Events"), func(l Level) int64 { return l.Events }),
			lost("member-loss", say("Wat kb-leden niet zegt", "What kb-leden does not tell"), say("Het deel van de leden van wie het bestand het kenmerk niet noemt; 0% is niets verloren.", "The share of the members of whom the feed does not tell the attribute; 0% is nothing lost."), r.Members.Detail),
			lost("loan-loss", say("Wat kb-uitleningen niet zegt", "What kb-uitleningen does not tell"), say("Het deel van de handelingen van de week waarvan het bestand het kenmerk niet noemt.", "The share of the week's events of which the feed does not tell the attribute."), r.Loans.Detail),
		}},
		{ID: "attack", Title: say("De proef", "The test"), Tables: []render.Table{verdict},
			Intro: say("Een apart programma dat de regel van het afronden en alle genoemde totalen kent, probeert de aantallen terug te rekenen. Aantallen van verschillende weken hangen niet samen: de verandering is zo onzeker als beide aantallen bij elkaar.",
				"A separate program that knows the rule of rounding and all totals that are told tries to work the counts back out. Counts of different weeks are not tied to each other: the change is as uncertain as both counts together.")},
	}
	d.Notes = []string{
		sayf("Leden zijn geteld in stappen van %d, zodat het verschil van twee weken niet één persoon laat zien. Elk getal staat voor meerdere mogelijke aantallen.",
			"Members are counted in steps of %d, so that the difference of two weeks does not show one person. Every number stands for several possible counts.", r.Step),
		say("Wie van buiten weet wat alle anderen in een groep leenden, kan het van de laatste afleiden. Lidnummers, pseudoniemen en datums staan er niet in: weken zijn per persoon niet te koppelen.",
			"Whoever knows from elsewhere what all others in a group borrowed can tell it of the last one. There are no member numbers, pseudonyms or dates: weeks cannot be linked by person."),
	}
	return d
}

// totalsTable accounts for the members and the events of each kind: total = in the weeks + in
// this feed + rest.
func (r *Risk) totalsTable(say func(dutch, english string) string) render.Table {
	count := func(key, dutch, english string) render.Column {
		return render.Column{Key: key, Title: say(dutch, english), Kind: render.KindCount}
	}
	t := render.Table{ID: "totals", Title: say("Totalen en rest", "Totals and residual"),
		Definition: say("Totaal = in weekrijen + in dit bestand + rest. De rest van een week kan nog komen in de rijen van haar maand.", "Total = in rows of weeks + in this feed + residual. The residual of a week may still come in the rows of its month."),
		Columns: []render.Column{{Key: "what", Title: say("Wat", "What")}, {Key: "period", Title: say("Periode", "Period")}, count("total", "Totaal", "Total"),
			count("without_person", "Waarvan zonder bekende persoon", "Of which without a known person"), count("in_weeks", "In weekrijen", "In rows of weeks"), count("in_feed", "In dit bestand", "In this feed"), count("residual", "Rest", "Residual")}}
	t.Rows = append(t.Rows, []render.Value{render.Text(say("leden", "members")), render.Text(say("week", "week")), render.Int(r.Members.Total), render.Int(0), render.Int(0),
		render.Int(r.Members.InFeed), render.Int(r.Members.Residual)})
	for _, l := range r.Loans.Totals {
		period := map[string]string{"week": say("week", "week"), "month": say("maand", "month")}[l.Period]
		t.Rows = append(t.Rows, []render.Value{render.Text(l.Kind), render.Text(period), render.Int(l.Events), render.Int(l.WithoutPerson), render.Int(l.InWeeks), render.Int(l.InFeed), render.Int(l.Residual)})
	}
	return t
}
