package protect

import (
	"fmt"
	"slices"

	"peil/reports/risk"
	"peil/transforms/disclosure"
)

// assess measures the risk that is left in the published rows.
func (p *rowProtector) assess(m disclosure.Microdata, model disclosure.Model, a *disclosure.Anonymized) (*risk.Report, error) {
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
	return &risk.Report{Mode: "microdata", Microdata: r}, nil
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
