package quality

import (
	"cmp"
	"maps"
	"slices"

	"peil/pipeline/source"
	"peil/reports"
	"peil/reports/render"
)

// words are the page's own texts, by language.
var words = map[string]map[string]string{
	"nl": {
		"title": "Kwaliteit van de aangeleverde gegevens", "accounts": "Wat er binnenkwam",
		"accounts.def": "Elke regel van de bron is óf geteld, óf hieronder verantwoord: regels = geteld + afgekeurd + samengevoegd + te oud + zonder lid.",
		"table":        "Tabel", "rows": "Regels", "accepted": "Geteld", "rejected": "Afgekeurd", "merged": "Samengevoegd", "past": "Te oud", "away": "Gewist of beperkt", "unmatched": "Zonder lid",
		"members": "leden", "loans": "uitleningen", "branches": "vestigingen", "memberships": "lidmaatschappen",
		"checks": "Controles", "checks.def": "Wat er is nagegaan. Een fout houdt de genoemde leveringen tegen; een waarschuwing niet.",
		"check": "Controle", "result": "Uitkomst", "count": "Aantal", "of": "Van", "text": "Bevinding", "withholds": "Houdt tegen",
		"ok": "in orde", "warning": "waarschuwing", "failed": "fout",
		"rejects": "Afgekeurde regels", "rejects.def": "Regels die niet gelezen of niet geteld konden worden, per bestand en reden. De plaatsen (bestand, regel, kolom) staan in rejects.csv; de regels zelf nergens.",
		"file": "Bestand", "code": "Reden", "first": "Eerste regel",
		"unmapped": "Codes zonder betekenis", "unmapped.def": "Codes uit de bron die in geen codelijst staan. Ze tellen als onbekend of overig. Voeg ze toe onder source.codes.",
		"list": "Codelijst", "value": "Code", "rare": "(zeldzame codes, niet getoond)",
		"past.term": "Te oud", "past.text": "Lidmaatschap meer dan zes maanden vóór de peildatum geëindigd: wordt niet gelezen.",
		"merged.term": "Samengevoegd", "merged.text": "Verdere records van een persoon of vestiging die al geteld is.",
	},
	"en": {
		"title": "Quality of the data received", "accounts": "What came in",
		"accounts.def": "Every row of the source is either counted or accounted for below: rows = counted + rejected + merged + too old + without a member.",
		"table":        "Table", "rows": "Rows", "accepted": "Counted", "rejected": "Rejected", "merged": "Merged", "past": "Too old", "away": "Erased or restricted", "unmatched": "Without a member",
		"members": "members", "loans": "loans", "branches": "branches", "memberships": "memberships",
		"checks": "Checks", "checks.def": "What was asked of the data. A failure withholds the outputs named; a warning does not.",
		"check": "Check", "result": "Result", "count": "Count", "of": "Of", "text": "Finding", "withholds": "Withholds",
		"ok": "in order", "warning": "warning", "failed": "failed",
		"rejects": "Rejected rows", "rejects.def": "Rows that could not be read or counted, by file and reason. The places (file, line, column) are in rejects.csv; the rows themselves are nowhere.",
		"file": "File", "code": "Reason", "first": "First line",
		"unmapped": "Codes without a meaning", "unmapped.def": "Codes of the source that stand in no code list. They count as unknown or other. Add them under source.codes.",
		"list": "Code list", "value": "Code", "rare": "(rare codes, not shown)",
		"past.term": "Too old", "past.text": "Membership that ended more than six months before the reference date: not read.",
		"merged.term": "Merged", "merged.text": "Further records of a person or branch that is counted already.",
	},
}

func document(about reports.About, f Findings) *render.Document {
	t := words[about.Language]
	d := &render.Document{
		Title: t["title"], Language: render.Language(about.Language), Edition: render.Internal, Library: about.Library,
		Period: about.AsOf.Format("2006-01-02"), Source: about.Source, ReferenceDate: about.SnapshotOn, Made: about.AsOf,
		Files:       []string{"rejects.csv", "checks.json", "junit.xml"},
		Definitions: []render.Definition{{Term: t["past.term"], Text: t["past.text"]}, {Term: t["merged.term"], Text: t["merged.text"]}},
	}
	for _, a := range f.Accounts {
		d.KeyFigures = append(d.KeyFigures, render.KeyFigure{Label: t[a.Table], Value: render.Int(a.Accepted), Kind: render.KindCount})
	}
	d.Sections = []render.Section{accountsSection(t, f.Accounts), checksSection(t, about.Language, f.Checks)}
	if len(f.Rejects) > 0 {
		d.Sections = append(d.Sections, rejectsSection(t, f.Rejects))
	}
	if len(f.Unmapped) > 0 {
		d.Sections = append(d.Sections, unmappedSection(t, f.Unmapped))
	}
	return d
}

func column(t map[string]string, key string, kind render.Kind) render.Column {
	return render.Column{Key: key, Title: t[key], Kind: kind}
}

func accountsSection(t map[string]string, accounts []Account) render.Section {
	table := render.Table{ID: "accounts", Title: t["accounts"], Definition: t["accounts.def"], Columns: []render.Column{column(t, "table", render.KindText)}}
	for _, key := range []string{"rows", "accepted", "rejected", "merged", "past", "away", "unmatched"} {
		table.Columns = append(table.Columns, column(t, key, render.KindCount))
	}
	for _, a := range accounts {
		table.Rows = append(table.Rows, []render.Value{render.Text(t[a.Table]), render.Int(a.Rows), render.Int(a.Accepted),
			render.Int(a.Rejected), render.Int(a.Merged), render.Int(a.Past), render.Int(a.Away), render.Int(a.Unmatched)})
	}
	return render.Section{ID: "what-came-in", Title: t["accounts"], Tables: []render.Table{table}}
}

func checksSection(t map[string]string, language string, checks []Check) render.Section {
	table := render.Table{ID: "checks", Title: t["checks"], Definition: t["checks.def"], Columns: []render.Column{
		column(t, "check", render.KindText), column(t, "result", render.KindText), column(t, "text", render.KindText),
		column(t, "count", render.KindCount), column(t, "of", render.KindCount), column(t, "withholds", render.KindText),
	}}
	for _, c := range checks {
		of := render.NotAvailable()
		if c.Of > 0 {
			of = render.Int(c.Of)
		}
		withholds := ""
		for i, o := range c.Withholds {
			if i > 0 {
				withholds += ", "
			}
			withholds += o
		}
		table.Rows = append(table.Rows, []render.Value{render.Text(c.Name), render.Text(t[c.Result]), render.Text(c.Text[language]),
			render.Int(c.Count), of, render.Text(withholds)})
	}
	return render.Section{ID: "checked", Title: t["checks"], Tables: []render.Table{table}}
}

func rejectsSection(t map[string]string, rejects []source.Reject) render.Section {
	type kind struct{ part, column, code string }
	type found struct {
		n, first int64
	}
	kinds := map[kind]found{}
	for _, r := range rejects {
		k := kind{r.Part, r.Column, r.Code}
		f := kinds[k]
		if f.n == 0 || (r.Line > 0 && r.Line < f.first) {
			f.first = r.Line
		}
		f.n++
		kinds[k] = f
	}
	table := render.Table{ID: "rejects", Title: t["rejects"], Definition: t["rejects.def"], Files: []string{"rejects.csv"}, Columns: []render.Column{
		column(t, "file", render.KindText), column(t, "code", render.KindText), column(t, "count", render.KindCount), column(t, "first", render.KindCount),
	}}
	order := slices.SortedFunc(maps.Keys(kinds), func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.code, b.code), cmp.Compare(a.column, b.column))
	})
	for _, k := range order {
		first := render.NotAvailable()
		if kinds[k].first > 0 {
			first = render.Int(kinds[k].first)
		}
		table.Rows = append(table.Rows, []render.Value{render.Text(k.part), render.Text(k.code), render.Int(kinds[k].n), first})
	}
	return render.Section{ID: "rejected", Title: t["rejects"], Tables: []render.Table{table}}
}

func unmappedSection(t map[string]string, unmapped []Unmapped) render.Section {
	table := render.Table{ID: "unmapped", Title: t["unmapped"], Definition: t["unmapped.def"], Columns: []render.Column{
		column(t, "list", render.KindText), column(t, "value", render.KindText), column(t, "rows", render.KindCount),
	}}
	for _, u := range unmapped {
		code := u.Code
		if code == "" {
			code = t["rare"]
		}
		table.Rows = append(table.Rows, []render.Value{render.Text(u.List), render.Text(code), render.Int(u.Rows)})
	}
	return render.Section{ID: "codes", Title: t["unmapped"], Tables: []render.Table{table}}
}
