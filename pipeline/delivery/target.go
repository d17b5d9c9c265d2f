package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"peil/pipeline/store"
)

// Target is where a recipient fetches what is delivered: a [store.Store] of which only
// this much is needed.
type Target interface {
	// Location is where the target is, for messages and the ledger.
	Location() string

	// Create writes a file, replacing one of the same name. Under its name it appears
	// whole, or not at all.
	Create(ctx context.Context, name string) (store.Writer, error)

	// Open reads a file back. The error matches fs.ErrNotExist for one that is not there,
	// and fs.ErrPermission where the target may only be written to.
	Open(ctx context.Context, name string) (io.ReadCloser, error)

	// Sweep removes what a run that died had begun to write below a folder and not
	// finished.
	Sweep(ctx context.Context, run, folder string) error

	Close() error
}

// Arrived compares files with what stands in a folder of the target, and returns the names
// of those that are not there or not the same. If the target may not be read the error
// matches fs.ErrPermission.
func Arrived(ctx context.Context, t Target, folder string, files []File) (missing []string, err error) {
	for _, f := range files {
		same, err := arrived(ctx, t, path.Join(folder, f.Name), f)
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", f.Name, err)
		}
		if !same {
			missing = append(missing, f.Name)
		}
	}
	return missing, nil
}

func arrived(ctx context.Context, t Target, name string, f File) (bool, error) {
	r, err := t.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer r.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	if err != nil {
		return false, err
	}
	return n == f.Bytes && hex.EncodeToString(hash.Sum(nil)) == f.SHA256, nil
}
