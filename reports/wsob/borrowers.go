package wsob

import (
	"context"
	"fmt"
	"time"

	"peil/pipeline/engine"
	"peil/reports/render"
)

// Borrowers is the number of active borrowers of one year, quarter or month of the
// organisation: persons with at least one loan in it, in whole steps of the threshold.
type Borrowers struct {
	Period string `json:"period"` // 2024, 2024-Q3, 2024-07
	Figure
	// Lowest is set where the status is bounded: the true number lies from Lowest to Value.
	Lowest *int64 `json:"lowest,omitempty"`
}

// countBorrowers reads the active borrowers of both years.
func countBorrowers(ctx context.Context, db *engine.DB, step int64) (all []Borrowers, err error) {
	err = each(ctx, db, "borrowers.sql", func(scan func(...any) error) error {
		var unit string
		var from time.Time
		var persons, gone int64
		var doubtful bool
		if err := scan(&unit, &from, &persons, &gone, &doubtful); err != nil {
			return err
		}
		all = append(all, borrowers(unit, from, persons, gone, doubtful, step))
		return nil
	})
	return all, err
}

func borrowers(unit string, from time.Time, persons, gone int64, doubtful bool, step int64) Borrowers {
	whole := func(n int64) *int64 { n = (n + step/2) / step * step; return &n }
	b := Borrowers{Period: from.Format(map[string]string{"year": "2006", "month": "2006-01"}[unit]), Figure: Figure{whole(persons), Rounded}}
	if unit == "quarter" {
		b.Period = fmt.Sprintf("%d-Q%d", from.Year(), (int(from.Month())+2)/3)
	}
	switch {
	case doubtful:
		b.Status = LowerBound
	case gone > 0:
		b.Status, b.Lowest = Bounded, whole(persons-gone)
	}
	return b
}

// borrowers has a row for the year, each quarter and each month, with the year before.
func (w writer) borrowers() (render.Section, bool) {
	t := render.Table{ID: "borrowers", Title: w.in("Actieve leners", "Active borrowers"), Files: []string{"wsob.json"},
		Definition: w.in("Personen met ten minste één uitlening in de periode, ieder één keer; de delen tellen daarom niet op tot het jaar. Geen onderdeel van bijlage I.",
			"Persons with at least one loan in the period, each once; so the parts do not add up to the year. Not in annex I."),
		Notes: []string{fmt.Sprintf(w.in("Aantallen zijn afgerond op veelvouden van %d.", "Counts are rounded to multiples of %d."), w.Threshold)},
		Columns: []render.Column{{Key: "period", Title: w.in("Periode", "Period")}, {Key: "value", Title: w.in("Actieve leners", "Active borrowers"), Kind: render.KindCount},
			{Key: "status", Title: "Status", Definition: w.in("afgerond; ondergrens: de bron kent maar een deel; tussen: wie vertrok en terugkwam kan dubbel tellen.",
				"rounded; lower bound: the source knows only a part; between: who left and came back may count twice.")}}}
	for _, b := range w.Borrowers {
		status := statusWords[b.Status].in(w.Language)
		if b.Lowest != nil {
			status = fmt.Sprintf(w.in("tussen %s en %s", "between %s and %s"), grouped(*b.Lowest, w.Language), grouped(*b.Value, w.Language))
		}
		t.Rows = append(t.Rows, []render.Value{render.Text(b.Period), value(b.Figure), render.Text(status)})
	}
	return render.Section{ID: "borrowers-section", Title: w.in("Actieve leners", "Active borrowers"), Tables: []render.Table{t}}, len(t.Rows) > 0
}
