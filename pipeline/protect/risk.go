package protect

import (
	"context"
	"fmt"
	"slices"

	"peil/reports/risk"
	"peil/transforms/disclosure"
)

// assess measures the risk that is left in the published rows.
func (p *rowProtector) assess(ctx context.Context, m disclosure.Microdata, model disclosure.Model, a *disclosure.Anonymized) (*risk.Report, error) {
	measured, err := disclosure.Assess(m, model, a, nil)
	if err != nil {
		return nil, err
	}
	r := &risk.Microdata{
		K: p.model.K, SuppressAtMost: p.model.SuppressAtMost.Of(1), Metric: p.model.Metric, Local: p.model.Local, PersonColumn: p.model.Person,
		Rows: p.rows, SuppressedRows: a.Remaining, SuppressedBeforeLocal: a.Suppressed, Loss: a.Loss, Combinations: a.Nodes,
		Persons: measured.Persons, SuppressedPersons: measured.SuppressedPersons, Before: measured.Before, After: measured.After,
		HomogeneousClasses: measured.HomogeneousClasses, Sensitive: []risk.Sensitive{}, Kept: append([]string{}, p.model.Keep...), Dropped: []string{},
	}
	var weights float64
	for i, q := range p.model.Quasi {
		weights += q.Weight
		r.DetailLost += q.Weight * measured.Attributes[i].Loss
		r.Scheme = append(r.Scheme, risk.Scheme{Column: q.Column, By: q.way(), Level: a.Levels[i], Levels: m.Quasi[i].Levels() - 1, Weight: q.Weight, Loss: measured.Attributes[i].Loss})
	}
	r.DetailLost /= weights
	for _, s := range p.model.Sensitive {
		r.Sensitive = append(r.Sensitive, risk.Sensitive{Column: s.Column, L: s.L, Entropy: s.Entropy})
	}
	for _, h := range p.given.headings {
		if !slices.Contains(p.headers, h) {
			r.Dropped = append(r.Dropped, h)
		}
	}
	if p.model.Person != "" {
		err = p.distinct(ctx, m, model, r)
	}
	return &risk.Report{Mode: "microdata", Microdata: r}, err
}

// way names how a quasi-identifier is made coarser.
func (q QuasiIdentifier) way() string {
	switch {
	case q.Hierarchy != "":
		return q.Hierarchy
	case len(q.Digits) > 0:
		return fmt.Sprintf("digits %v", q.Digits)
	case len(q.Intervals) > 0:
		return fmt.Sprintf("intervals %v", q.Intervals)
	}
	return "suppress"
}

// distinct replaces what was counted in rows by what distinct persons make of it.
func (p *rowProtector) distinct(ctx context.Context, m disclosure.Microdata, model disclosure.Model, r *risk.Microdata) error {
	quasi, person := len(p.model.Quasi), fmt.Sprintf("key_%d", len(p.keys)-1)
	keys := each(quasi, ", ", "key_#")
	columns, err := p.integers(ctx, quasi, "SELECT "+keys+" FROM (SELECT DISTINCT "+keys+", "+person+" FROM coded)")
	if err != nil {
		return err
	}
	raw := disclosure.Microdata{Quasi: m.Quasi, Values: columns}
	measured, err := disclosure.Assess(raw, model, &disclosure.Anonymized{Of: slices.Repeat([]int32{-1}, len(columns[0]))}, nil)
	if err != nil {
		return err
	}
	r.Before = measured.Before
	if r.Persons, err = p.db.Count(ctx, "SELECT count(DISTINCT "+person+") FROM coded"); err != nil {
		return err
	}
	r.SuppressedPersons, err = p.db.Count(ctx, "SELECT count(DISTINCT "+person+") FROM published WHERE suppressed")
	return err
}
