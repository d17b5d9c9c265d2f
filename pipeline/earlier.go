package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"time"

	"peil/pipeline/archive"
	"peil/reports/cbs"
	"peil/reports/quality"
)

// factHistory is what a quality report's manifest keeps for later ones.
const factHistory = "history"

// readEarlier reads what earlier quality reports kept, oldest first: what this run's counts
// are held against, and the trend.
func (r *run) readEarlier(ctx context.Context) error {
	_, manifests, err := archive.Publications(ctx, r.store, "private/quality")
	if err != nil {
		return err
	}
	for _, m := range manifests {
		if m.Period >= r.plan.params.AsOf.Format(time.DateOnly) || m.Facts[factHistory] == nil {
			continue
		}
		b, err := json.Marshal(m.Facts[factHistory])
		if err != nil {
			return err
		}
		var h quality.History
		if err := json.Unmarshal(b, &h); err != nil {
			return fmt.Errorf("read the quality report of %s: its manifest is damaged: %w", m.Period, err)
		}
		r.findings.Earlier = append(r.findings.Earlier, h)
	}
	return nil
}

// history is what this run's quality report keeps for later ones.
func (r *run) history() quality.History {
	h := quality.History{On: r.plan.params.AsOf.Format(time.DateOnly), Rows: map[string]int64{}, Rejected: map[string]int64{}, Missing: map[string]int64{}}
	for _, a := range r.findings.Accounts {
		h.Rows[a.Table], h.Rejected[a.Table] = a.Rows, a.Rejected
	}
	h.Persons = r.counts.Persons()
	for _, field := range quality.Fields {
		h.Missing[field] = h.Persons - r.counts.Of("filled", field)
	}
	h.Doubtful = h.Persons - r.counts.Of("match", "certain")
	return h
}

// countPopulation counts the persons whose membership is valid on the peildatum, for
// everything that is held against them.
func (r *run) countPopulation(ctx context.Context) (err error) {
	var rows cbs.Source
	for _, a := range r.findings.Accounts {
		if a.Table == "members" {
			rows = cbs.Source{Rows: a.Rows, Rejected: a.Rejected, Merged: a.Merged}
		}
	}
	if r.counts, err = cbs.CountPopulation(ctx, r.vault, rows); err != nil {
		return err
	}
	r.findings.Complete, err = quality.ReadCompleteness(ctx, r.vault)
	return err
}

// shown is the path of a file of the configuration as its reader knows it.
func (r *run) shown(p string) string { return path.Clean(r.c.Rel(r.c.Path(p))) }
