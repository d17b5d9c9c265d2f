package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// StoreVersion is the version of how a store is laid out. Whoever changes what stands where
// raises it, and reads or moves what stands as it did before.
const StoreVersion = 1

// markerName is the object that tells the store's version. A store without one was begun
// before there were versions, and is laid out as version 1 is.
const markerName = "private/store.json"

type marker struct {
	Version int    `json:"version"`
	Program string `json:"program"` // that wrote this
}

// checkStore refuses a store that a newer program has laid out.
func checkStore(ctx context.Context, s store.Store) error {
	m, err := readMarker(ctx, s)
	if err == nil && m.Version > StoreVersion {
		err = exit.Usagef("the store %s has version %d, written by peil %s, and this program knows versions up to %d: use the newer one", s.Location(), m.Version, m.Program, StoreVersion)
	}
	return err
}

func readMarker(ctx context.Context, s store.Store) (m marker, err error) {
	text, err := store.ReadFile(ctx, s, markerName)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read the version of the store: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read the version of the store: %s is damaged: %w", markerName, err)
	}
	return m, nil
}

// Mark tells the version of the store, where it is not told yet, and by which program.
func Mark(ctx context.Context, s store.Store, program string) error {
	m, err := readMarker(ctx, s)
	if err != nil || m.Version == StoreVersion {
		return err
	}
	text, err := json.Marshal(marker{StoreVersion, program})
	if err != nil {
		return err
	}
	if err := store.WriteFile(ctx, s, markerName, append(text, '\n')); err != nil {
		return fmt.Errorf("tell the version of the store: %w", err)
	}
	return nil
}

// CheckVersion refuses a format that is not known here. what says of which object.
func CheckVersion(what string, version, known int) error {
	if version > known {
		return exit.Usagef("read %s: version %d is not known to this program; use the newer one that wrote it", what, version)
	}
	return nil
}
