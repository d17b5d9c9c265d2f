package rekey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// Where sealed things lie: folders that are published whole, and single objects.
var (
	sealedFolders = []string{archive.StateFolder, path.Dir(archive.FrozenFolder)}
	sealedObjects = []string{"private/rights", delivery.SetFolder}
)

// reseal seals everything anew that only Peil reads. What was sealed before a crash is left.
func (r *rotation) reseal(ctx context.Context) error {
	for _, prefix := range sealedFolders {
		folders, keys, err := archive.SealedFolders(ctx, r.store, prefix)
		if err != nil {
			return err
		}
		for _, folder := range folders {
			switch keys[folder] {
			case r.new.ID():
			case r.old.ID():
				err := r.rewrite(ctx, folder, func(set store.Set, name string) error {
					return r.copySealed(ctx, path.Join(folder, name), set, name, pseudonym.Sealing)
				})
				if err != nil {
					return fmt.Errorf("seal %s anew: %w", folder, err)
				}
			default:
				return fmt.Errorf("seal %s anew: it is sealed under key %s, which is neither the old nor the new one", folder, keys[folder])
			}
		}
	}
	for _, prefix := range sealedObjects {
		objects, err := r.store.List(ctx, prefix)
		if err != nil {
			return err
		}
		for _, o := range objects {
			if err := r.resealObject(ctx, o.Name); err != nil {
				return fmt.Errorf("seal %s anew: %w", o.Name, err)
			}
		}
	}
	return nil
}

// rewrite publishes a folder anew under the new key.
func (r *rotation) rewrite(ctx context.Context, folder string, write func(set store.Set, name string) error) error {
	manifest, err := store.ReadFile(ctx, r.store, path.Join(folder, store.ManifestName))
	if err != nil {
		return err
	}
	return archive.Rewrite(ctx, r.store, folder, r.renamed(manifest), func(set store.Set, name string) error {
		r.done.Resealed++
		return write(set, name)
	})
}

// renamed is a manifest that names the new key.
func (r *rotation) renamed(manifest []byte) []byte {
	return bytes.ReplaceAll(manifest, []byte(`"`+r.old.ID()+`"`), []byte(`"`+r.new.ID()+`"`))
}

// resealObject seals a single object anew, unless the new key opens it already.
func (r *rotation) resealObject(ctx context.Context, name string) error {
	sealed, err := r.store.Open(ctx, name)
	if err != nil {
		return err
	}
	_, err = delivery.Open(sealed, r.new.Derive(pseudonym.Rights))
	sealed.Close()
	if !errors.Is(err, delivery.ErrWrongKey) {
		return err
	}
	r.done.Resealed++
	return r.copySealed(ctx, name, r.store, name, pseudonym.Rights)
}

// copySealed writes what the old key sealed, sealed with the new one, under another name or
// the same.
func (r *rotation) copySealed(ctx context.Context, name string, to archive.Creator, as, purpose string) error {
	w, err := to.Create(ctx, as)
	if err != nil {
		return err
	}
	defer w.Abort()
	sealed, err := r.store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer sealed.Close()
	plain, err := delivery.Open(sealed, r.old.Derive(purpose))
	if err != nil {
		return err
	}
	envelope, err := delivery.Seal(w, r.new.Derive(purpose))
	if err != nil {
		return err
	}
	if _, err := io.Copy(envelope, plain); err != nil {
		return err
	}
	if err := envelope.Close(); err != nil {
		return err
	}
	return w.Commit()
}

// states are the folders of Peil's memory of members that bear the old key.
func (r *rotation) states(ctx context.Context) ([]string, error) {
	folders, keys, err := archive.SealedFolders(ctx, r.store, archive.StateFolder)
	return slices.DeleteFunc(folders, func(f string) bool { return keys[f] != r.old.ID() }), err
}
