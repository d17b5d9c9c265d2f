package archive

import (
	"context"
	"path"
	"slices"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/store"
)

// KeyState is what can be said of a key without showing it.
type KeyState struct {
	ID    string `json:"key_id"` // of the key
	Place string `json:"place"`  // where the configuration takes it from
	// Replaces is the key whose place this one is taking; empty unless that was cut off.
	Replaces string `json:"replaces,omitempty"`
	// Sealed counts the folders of the store that only Peil reads, by the key that they are
	// sealed under.
	Sealed    map[string]int `json:"sealed"`
	Published map[string]int `json:"published"` // folders whose manifest names a key, by it
	// Ledger are the keys that wrote the ledger, the last one last.
	Ledger []string `json:"ledger"`
}

// ShowKey says which key the configuration has, and what the store needs which key for.
func ShowKey(ctx context.Context, c *config.Config, env func(string) (string, bool), now func() time.Time) (*KeyState, error) {
	key, err := LoadAnyKey(ctx, c, env)
	if err != nil {
		return nil, err
	}
	k := &KeyState{ID: key.ID(), Place: KeyPlace(c).String(), Sealed: map[string]int{}, Published: map[string]int{}, Ledger: []string{}}
	if old, changing := key.Previous(); changing {
		k.Replaces = old.ID()
	}
	s, err := OpenStore(ctx, c)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := k.count(ctx, s); err != nil {
		return nil, err
	}
	// who has another key may still be told which one wrote what
	entries, _, _ := LedgerOf(s, key, env, now).Entries(ctx)
	for _, e := range entries {
		if !slices.Contains(k.Ledger, e.KeyID) {
			k.Ledger = append(k.Ledger, e.KeyID)
		}
	}
	return k, nil
}

func (k *KeyState) count(ctx context.Context, s store.Store) error {
	for _, prefix := range []string{StateFolder, path.Dir(FrozenFolder)} {
		folders, keys, err := SealedFolders(ctx, s, prefix)
		if err != nil {
			return err
		}
		for _, f := range folders {
			k.Sealed[keys[f]]++
		}
	}
	_, manifests, err := Publications(ctx, s, "public", "private")
	if err != nil {
		return err
	}
	for _, m := range manifests {
		if m.KeyID != "" {
			k.Published[m.KeyID]++
		}
	}
	return nil
}
