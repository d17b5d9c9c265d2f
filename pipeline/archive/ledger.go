package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// OpenLedger opens the ledger of the configured store.
func OpenLedger(ctx context.Context, c *config.Config, env func(string) (string, bool), now func() time.Time) (*delivery.Ledger, error) {
	key, err := LoadKey(ctx, c, env)
	if err != nil {
		return nil, err
	}
	s, err := OpenStore(ctx, c)
	if err != nil {
		return nil, err
	}
	return LedgerOf(s, key, env, now), nil
}

// LedgerOf opens a store's ledger of disclosures.
func LedgerOf(s store.Store, key pseudonym.Key, env func(string) (string, bool), now func() time.Time) *delivery.Ledger {
	return delivery.NewLedger(s, func() hash.Hash { return key.Hash(pseudonym.Ledger) }, key.ID(), now, delivery.Identify(env))
}

// VerifiedLedger is what was found out about a ledger.
type VerifiedLedger struct {
	Entries int    `json:"entries"`        // that are whole and in order
	Head    string `json:"head,omitempty"` // SHA-256 of the last entry
	Anchors int    `json:"anchors"`        // manifests and records of runs that remember a state of it
	Sets    int    `json:"sets"`           // member sets that are as the ledger says
	// Faults says what is wrong, a sentence each; empty: all is well.
	Faults []string `json:"faults,omitempty"`
}

// VerifyLedger checks the chain of the ledger, holds it against every manifest and record of
// a run that remembers its head, which shows whether its end was cut off, and checks that
// the member sets are those that it speaks of.
func VerifyLedger(ctx context.Context, c *config.Config, env func(string) (string, bool), now func() time.Time) (*VerifiedLedger, error) {
	key, err := LoadKey(ctx, c, env)
	if err != nil {
		return nil, err
	}
	s, err := OpenStore(ctx, c)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	entries, head, err := LedgerOf(s, key, env, now).Entries(ctx)
	if err != nil && !errors.Is(err, delivery.ErrLedger) {
		return nil, err
	}
	v := &VerifiedLedger{Entries: len(entries), Head: head}
	if err != nil {
		v.Faults = append(v.Faults, err.Error())
		return v, nil // nothing after the fault can be held against anything
	}
	anchors, err := anchorsIn(ctx, s)
	if err != nil {
		return nil, err
	}
	v.Anchors = len(anchors)
	for _, a := range anchors {
		if !a.Holds(entries, head) {
			v.Faults = append(v.Faults, fmt.Sprintf("%s remembers %d entries that ended in %s: entries were cut off, or the ledger is another", a.where, a.Entries, a.Head))
		}
	}
	return v, v.checkSets(ctx, s, entries)
}

// anchored is a state of the ledger and what remembers it.
type anchored struct {
	delivery.Anchor
	where string
}

func anchorsIn(ctx context.Context, s store.Store) ([]anchored, error) {
	var all []anchored
	folders, manifests, err := Publications(ctx, s, "public", "private")
	if err != nil {
		return nil, err
	}
	for i, m := range manifests {
		if m.Ledger != nil {
			all = append(all, anchored{*m.Ledger, folders[i] + "/" + store.ManifestName})
		}
	}
	runs, err := s.List(ctx, "private/runs")
	if err != nil {
		return nil, err
	}
	for _, o := range runs {
		text, err := store.ReadFile(ctx, s, o.Name)
		if err != nil {
			return nil, err
		}
		var record struct{ Ledger *delivery.Anchor }
		if err := json.Unmarshal(text, &record); err != nil {
			return nil, fmt.Errorf("read %s: it is damaged: %w", o.Name, err)
		}
		if record.Ledger != nil {
			all = append(all, anchored{*record.Ledger, o.Name})
		}
	}
	return all, nil
}

// checkSets holds each member set against the last entry that names it.
func (v *VerifiedLedger) checkSets(ctx context.Context, s store.Store, entries []delivery.Entry) error {
	known := delivery.SetsOf(entries)
	for _, set := range known {
		_, sum, err := HashObject(ctx, s, set.Name)
		missing := errors.Is(err, fs.ErrNotExist)
		switch {
		case err != nil && !missing:
			return err
		case set.SHA256 == "" && !missing:
			v.Faults = append(v.Faults, set.Name+" is there, and the ledger says that it was removed")
		case set.SHA256 != "" && missing:
			v.Faults = append(v.Faults, set.Name+" is missing, and the ledger knows of no removal")
		case set.SHA256 != "" && sum != set.SHA256:
			v.Faults = append(v.Faults, set.Name+" is not the one that the ledger speaks of")
		case set.SHA256 != "":
			v.Sets++
		}
	}
	return nil
}
