package pipeline

import (
	"context"

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
