package pipeline

import (
	"context"
	"io"
	"strings"

	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/rights"
)

// loadRights reads the register of rights into the vault, so that whoever exercised one is
// out of what is made there.
func (r *run) loadRights(ctx context.Context) error {
	entries, _, err := r.ledger.Entries(ctx)
	if err != nil {
		return err
	}
	if r.register, err = rights.Open(ctx, r.store, r.key, rights.LastRevision(entries)); err != nil {
		return err
	}
	return r.register.Install(ctx, r.vault)
}

// stageMembers writes the keyed member set of a delivery to CBS.
func (r *run) stageMembers(ctx context.Context, s *staged) (err error) {
	below := strings.TrimPrefix(s.folder, "private/cbs/")
	set := &delivery.Set{Name: rights.SetName("cbs", below), Persons: r.cbs.counts.Persons()}
	s.members, err = rights.NewSet(ctx, r.store, r.key, set, func(w io.Writer) error {
		return r.vault.CopyTo(ctx, r.work.Path, r.register.SetSQL(), "FORMAT csv, HEADER false", w)
	})
	s.manifest.Members = set
	return err
}

// noteErased looks which erased members the last state still holds: where the source joins
// records of one person under a number of its own, an erasure by one record's id can find
// them there only now.
func (r *run) noteErased(ctx context.Context) error {
	_, rows, err := engine.TextRows(ctx, r.vault, `SELECT i.pid::VARCHAR AS pid FROM pids i JOIN subjects s ON s.mk = i.mk
		WHERE s.erased AND (i.pid IN (SELECT pid FROM prior_members) OR i.pid IN (SELECT pid FROM prior_moves))`)
	for _, row := range rows {
		if r.erased == nil {
			r.erased = map[string]bool{}
		}
		r.erased[row["pid"]] = true
	}
	return err
}

// dropErased takes those members out of the states that are kept.
func (r *run) dropErased(ctx context.Context) error {
	if len(r.erased) == 0 {
		return nil
	}
	d := r.desk()
	folders, err := d.StateFolders(ctx)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		held := false
		if err := d.EachRow(ctx, folder, func(_, pid, _ string) error { held = held || r.erased[pid]; return nil }); err != nil {
			return err
		}
		if held {
			if err := d.DropRows(ctx, folder, r.erased); err != nil {
				return err
			}
		}
	}
	return nil
}
