package rekey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// reseal seals everything anew that only Peil reads. What was sealed before a crash is left.
func (r *rotation) reseal(ctx context.Context) error {
	for _, prefix := range []string{archive.StateFolder, path.Dir(archive.FrozenFolder)} {
		folders, keys, err := archive.SealedFolders(ctx, r.store, prefix)
		if err != nil {
			return err
		}
		for _, folder := range folders {
			switch keys[folder] {
			case r.new.ID():
			case r.old.ID():
				if err := r.resealFolder(ctx, folder); err != nil {
					return fmt.Errorf("seal %s anew: %w", folder, err)
				}
			default:
				return fmt.Errorf("seal %s anew: it is sealed under key %s, which is neither the old nor the new one", folder, keys[folder])
			}
		}
	}
	for _, prefix := range []string{"private/rights", delivery.SetFolder} {
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

func (r *rotation) resealFolder(ctx context.Context, folder string) error {
	objects, err := r.store.List(ctx, folder)
	if err != nil {
		return err
	}
	manifest, err := store.ReadFile(ctx, r.store, path.Join(folder, store.ManifestName))
	if err != nil {
		return err
	}
	set, err := r.store.Stage(ctx, folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	for _, o := range objects {
		if path.Dir(o.Name) != folder || !strings.HasSuffix(o.Name, ".age") {
			continue
		}
		w, err := set.Create(ctx, path.Base(o.Name))
		if err != nil {
			return err
		}
		if err := r.copySealed(ctx, o.Name, w, pseudonym.Sealing); err != nil {
			return err
		}
		r.done.Resealed++
	}
	return set.Publish(ctx, r.renamed(manifest))
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
	w, err := r.store.Create(ctx, name)
	if err != nil {
		return err
	}
	r.done.Resealed++
	return r.copySealed(ctx, name, w, pseudonym.Rights)
}

// copySealed writes what the old key sealed, sealed with the new one.
func (r *rotation) copySealed(ctx context.Context, name string, w store.Writer, purpose string) error {
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
