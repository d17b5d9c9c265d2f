package rights

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
)

// Install gives the vault the register: its table, and the function register_id(key_no,
// text), which keys a text under the secret of a number. transforms.CreatePrior has made
// both, empty.
func (r *Register) Install(ctx context.Context, vault *engine.DB) error {
	var cases strings.Builder
	for i, k := range r.Keys {
		name := fmt.Sprintf("register_id_%d", i)
		if err := pseudonym.InstallFunction(vault, name, k.subkey()); err != nil {
			return fmt.Errorf("install the register of rights: %w", err)
		}
		fmt.Fprintf(&cases, " WHEN %d THEN %s(text)", i, name)
	}
	if err := vault.Exec(ctx, "CREATE OR REPLACE MACRO register_id(key_no, text) AS CASE key_no"+cases.String()+" END"); err != nil {
		return fmt.Errorf("install the register of rights: %w", err)
	}
	for _, e := range r.Entries {
		away, objected := e.Right == Erasure || e.Right == Restriction, e.Right == Objection
		if !e.InForce() || !away && !objected {
			continue
		}
		no := slices.IndexFunc(r.Keys, func(k IDKey) bool { return k.ID == e.Key })
		if err := vault.Exec(ctx, "INSERT INTO register VALUES (?, ?::UUID, ?, ?, ?)", no, e.Subject, away, objected, e.Right == Erasure); err != nil {
			return fmt.Errorf("install the register of rights: %w", err)
		}
	}
	return nil
}

// KeyNo is the number of the secret that ids are keyed with from now on.
func (r *Register) KeyNo() int { return len(r.Keys) - 1 }
