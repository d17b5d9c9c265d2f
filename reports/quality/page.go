package quality

import (
	"cmp"
	"maps"
	"slices"

	"peil/pipeline/source"
	"peil/reports"
	"peil/reports/render"
)

func document(about reports.About, f Findings) *render.Document {
	t := words[about.Language]
	d := &render.Document{
		Title: t["title"], Language: render.Language(about.Language), Edition: render.Internal, Library: about.Library,
		Period: about.AsOf.Format("2006-01-02"), Source: about.Source, ReferenceDate: about.SnapshotOn, Made: about.AsOf,
		Files:       []string{"quality.xlsx", "mend.csv", "rejects.csv", "checks.json", "junit.xml"},
		Definitions: []render.Definition{{Term: t["past.term"], Text: t["past.text"]}, {Term: t["merged.term"], Text: t["merged.text"]}},
	}
	d.KeyFigures = keyFigures(t, f)
	if attention := attentionSection(t, about.Language, f.Checks); len(attention.Tables) > 0 {
		d.Sections = append(d.Sections, attention)
	}
	d.Sections = append(d.Sections, accountsSection(t, f.Accounts), findingsSection(t, about.Language, findings(f)))
	if len(f.Earlier) > 0 {
		d.Sections = append(d.Sections, trendSection(t, append(slices.Clone(f.Earlier), f.Now)))
	}
	if len(f.Complete) > 0 {
		d.Sections = append(d.Sections, completeSection(t, f.Complete))
	}
	if len(f.Loans) > 0 {
		d.Sections = append(d.Sections, loansSection(t, f.Loans))
	}
	if len(f.Rejects) > 0 {
		d.Sections = append(d.Sections, rejectsSection(t, f.Rejects))
	}
	if len(f.Unmapped) > 0 {
		d.Sections = append(d.Sections, unmappedSection(t, f.Unmapped))
	}
	d.Sections = append(d.Sections, checksSection(t, about.Language, f.Checks))
	return d
}

func keyFigures(t map[string]string, f Findings) []render.KeyFigure {
	var figures []render.KeyFigure
	add := func(label string, n int64) {
		figures = append(figures, render.KeyFigure{Label: label, Value: render.Int(n), Kind: render.KindCount})
	}
	var rejected, failed, warned int64
	for _, a := range f.Accounts {
		if a.Table == source.Members || a.Table == source.Loans {
			add(t[a.Table], a.Accepted)
		}
		rejected += a.Rejected
	}
	for _, c := range f.Checks {
		switch c.Result {
		case Failed:
			failed++
		case Warned:
			warned++
		}
	}
	add(t["kf.rejected"], rejected)
	add(t["kf.doubtful"], f.Now.Doubtful)
	add(t["kf.failed"], failed)
	add(t["kf.warned"], warned)
	return figures
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
