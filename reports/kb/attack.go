package kb

import (
	"context"
	"fmt"
	"math"

	"peil/pipeline/engine"
	"peil/transforms/disclosure/attack"
)

// Attack is what a reader of the feeds, who knows the rule of rounding and the stated totals,
// can work out of the counts of members and events. The counts of two weeks, or of a week that is made
// again, are not tied to each other, so that the change of a group is as uncertain as both its
// counts together.
type Attack struct {
	Counts  int64 `json:"counts"`  // of members and of events of persons
	Exposed int64 `json:"exposed"` // not proven to keep every change of them uncertain by step - 1
	// NarrowestCount is how far apart the least and the most that any of them can be lie at
	// least, NarrowestChange the same of a change from one week to another.
	NarrowestCount  int64 `json:"narrowest_count"`
	NarrowestChange int64 `json:"narrowest_change"`
}

// attackFeeds bounds every count in feed_leden and feed_uitleningen.
func attackFeeds(ctx context.Context, db *engine.DB, r *Risk) (Attack, error) {
	step := int64(r.Step)
	// Of the members in no group the share is known, in whole percents.
	all, half := float64(r.Members.Total), 0.005+1e-9
	none := attack.Cell{Name: "members in no group", Low: int64(math.Ceil(max(r.Members.SuppressedShare-half, 0) * all)), High: int64((r.Members.SuppressedShare + half) * all)}
	var p attack.Problem
	if err := add(ctx, db, &p, none, r.Members.Total, rounding{step, (step - 1) / 2, r.K}, "SELECT personen FROM feed_leden"); err != nil {
		return Attack{}, err
	}
	for _, t := range r.Loans.Totals {
		// What no row of persons holds is not known. The month's rows without persons are another sum.
		total := t.Events - t.WithoutPerson - t.InWeeks
		none := attack.Cell{Name: t.Period + " " + t.Kind + " in no row", High: max(total, 0)}
		period := map[string]string{"week": "week", "month": "maand"}[t.Period]
		err := add(ctx, db, &p, none, total, rounding{step, step / 2, 0}, "SELECT aantal FROM feed_uitleningen WHERE periode_soort = ? AND soort = ? AND personen IS NOT NULL", period, t.Kind)
		if err != nil {
			return Attack{}, err
		}
	}
	report, err := attack.Audit(ctx, p)
	if err != nil {
		return Attack{}, fmt.Errorf("attack the feeds: %w", err)
	}
	found := Attack{Counts: int64(len(report.Findings)), Exposed: int64(len(report.Exposed()))}
	for i, f := range report.Findings {
		if width := max(f.Apart, 0); i == 0 || width < found.NarrowestCount {
			found.NarrowestCount = width
		}
	}
	found.NarrowestChange = 2 * found.NarrowestCount
	return found, nil
}

// rounding is to whole steps: a value stands for those from below less than it, and for none
// under least.
type rounding struct{ step, below, least int64 }

// add adds the rounded counts of a query to what a reader knows: together with those that are
// in no row they are total.
func add(ctx context.Context, db *engine.DB, p *attack.Problem, none attack.Cell, total int64, by rounding, query string, args ...any) error {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	sum := attack.Equation{Sum: total, Terms: []attack.Term{{Cell: len(p.Cells), Factor: 1}}}
	p.Cells = append(p.Cells, none)
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return err
		}
		sum.Terms = append(sum.Terms, attack.Term{Cell: len(p.Cells), Factor: 1})
		// Of two counts the change is uncertain by step - 1 if each is by half of that.
		p.Cells = append(p.Cells, attack.Cell{Name: fmt.Sprint(none.Name, ", row ", len(sum.Terms)-1), Low: max(n-by.below, by.least), High: n - by.below + by.step - 1, Width: by.step / 2})
	}
	p.Equations = append(p.Equations, sum)
	return rows.Err()
}
