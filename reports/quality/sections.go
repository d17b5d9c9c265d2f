package quality

import (
	"strings"
	"time"

	"peil/pipeline/source"
	"peil/reports/render"
)

// attentionSection lists the checks that are not in order; it has no table if all are.
func attentionSection(t map[string]string, language string, checks []Check) render.Section {
	table := render.Table{ID: "attention", Title: t["attention"], Definition: t["attention.def"], Columns: []render.Column{
		column(t, "result", render.KindText), column(t, "text", render.KindText), column(t, "withholds", render.KindText), column(t, "check", render.KindText),
	}}
	for _, c := range checks {
		if c.Result == OK {
			continue
		}
		text := c.Text[language]
		if c.Accepted != "" {
			text += " " + t["accepted.reason"] + ": " + c.Accepted
		}
		table.Rows = append(table.Rows, []render.Value{render.Text(t[c.Result]), render.Text(text), render.Text(strings.Join(c.Withholds, ", ")), render.Text(c.Name)})
	}
	section := render.Section{ID: "attention-section", Title: t["attention"]}
	if len(table.Rows) > 0 {
		section.Tables = []render.Table{table}
	}
	return section
}

// findingsSection says what was wrong in the words of who can mend it.
func findingsSection(t map[string]string, language string, all []Finding) render.Section {
	section := render.Section{ID: "wrong", Title: t["findings"]}
	if len(all) == 0 {
		section.Intro = t["none"]
		return section
	}
	table := render.Table{ID: "findings", Title: t["findings"], Short: t["findings.short"], Definition: t["findings.def"], Files: []string{"mend.csv", "rejects.csv"}, Columns: []render.Column{
		column(t, "count", render.KindCount), column(t, "what", render.KindText), column(t, "effect", render.KindText), column(t, "mend", render.KindText),
		column(t, "place", render.KindText), {Key: "code", Title: t["code"], Hidden: true},
	}}
	for _, f := range all {
		table.Rows = append(table.Rows, []render.Value{render.Int(f.Count), render.Text(f.What.In(language)), render.Text(f.Effect.In(language)),
			render.Text(f.Mend.In(language)), render.Text(f.First), render.Text(f.Code)})
	}
	section.Tables = []render.Table{table}
	return section
}

// completeSection shows what share of each branch's members lacks a field.
func completeSection(t map[string]string, all []Completeness) render.Section {
	table := render.Table{ID: "complete", Title: t["complete"], Definition: t["complete.def"], Columns: []render.Column{
		column(t, "branch", render.KindText), column(t, "persons", render.KindCount),
	}}
	for _, field := range Fields {
		c := column(t, field, render.KindPercent)
		c.Decimals, c.Shade = 1, render.ShadeMagnitude
		table.Columns = append(table.Columns, c)
	}
	for _, c := range all {
		row := []render.Value{render.Text(branchName(t, c.Branch)), render.Int(c.Persons)}
		for _, n := range c.Missing {
			row = append(row, ratio(n, c.Persons))
		}
		table.Rows = append(table.Rows, row)
	}
	return render.Section{ID: "known", Title: t["complete"], Tables: []render.Table{table}}
}

// branchName is a branch in words, also where none is known.
func branchName(t map[string]string, branch string) string {
	if branch == "?" {
		return t["branch.unknown"]
	}
	return branch
}

func ratio(n, of int64) render.Value {
	if of == 0 {
		return render.NotAvailable()
	}
	return render.Float(float64(n) / float64(of))
}

func loansSection(t map[string]string, all []YearOfLoans) render.Section {
	change := column(t, "change", render.KindPercent)
	change.Decimals, change.Shade = 1, render.ShadeChange
	table := render.Table{ID: "loans-year", Title: t["loans_year"], Short: t["loans_year.short"], Definition: t["loans_year.def"], Columns: []render.Column{
		column(t, "branch", render.KindText), column(t, "month", render.KindMonth), column(t, "before", render.KindCount), column(t, "after", render.KindCount), change,
	}}
	for _, y := range all {
		month, err := time.Parse("2006-01", y.Month)
		if err != nil {
			panic(err) // the query writes it so
		}
		table.Rows = append(table.Rows, []render.Value{render.Text(branchName(t, y.Branch)), render.Month(month.Year(), month.Month()), render.Int(y.Before), render.Int(y.After), ratio(y.After-y.Before, y.Before)})
	}
	return render.Section{ID: "loans", Title: t["loans_year"], Tables: []render.Table{table}}
}

// trendSection sets this report beside the earlier ones.
func trendSection(t map[string]string, all []History) render.Section {
	table := render.Table{ID: "trend", Title: t["trend"], Definition: t["trend.def"], Columns: []render.Column{
		column(t, "on", render.KindDate), {Key: "members", Title: t["members"], Kind: render.KindCount}, {Key: "loans", Title: t["loans"], Kind: render.KindCount},
		{Key: "rejected_share", Title: t["rejected_share"], Kind: render.KindPercent, Decimals: 2}, column(t, "persons", render.KindCount),
		{Key: "doubtful_share", Title: t["doubtful_share"], Kind: render.KindPercent, Decimals: 2},
	}}
	for _, h := range all {
		on, err := time.Parse(time.DateOnly, h.On)
		if err != nil {
			continue // of a manifest that somebody else wrote
		}
		var rows, rejected int64
		for name, n := range h.Rows {
			rows, rejected = rows+n, rejected+h.Rejected[name]
		}
		table.Rows = append(table.Rows, []render.Value{render.Date(on), render.Int(h.Rows[source.Members]), render.Int(h.Rows[source.Loans]), ratio(rejected, rows), render.Int(h.Persons), ratio(h.Doubtful, h.Persons)})
	}
	return render.Section{ID: "trend-section", Title: t["trend"], Tables: []render.Table{table}, Charts: []render.Chart{
		{ID: "trend-chart", Title: t["trend"], Description: t["trend.chart"], Kind: render.Lines, Table: "trend", X: "on", Y: []string{"rejected_share", "doubtful_share"}},
	}}
}
