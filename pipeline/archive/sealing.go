package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// Folders lists the folders below prefix that hold a manifest, in order of name.
func Folders(ctx context.Context, s store.Store, prefix string) ([]string, error) {
	objects, err := s.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	var folders []string
	for _, o := range objects {
		if path.Base(o.Name) == store.ManifestName {
			folders = append(folders, path.Dir(o.Name))
		}
	}
	return folders, nil
}

// Unseal streams a sealed CSV into a statement; %s in query stands for its path. It may run
// for one piece of a large one after the other, so that it is an INSERT.
func Unseal(ctx context.Context, s store.Store, db *engine.DB, dir string, key pseudonym.Key, name, query string) error {
	return unseal(ctx, s, db, dir, key, name, func(path string) string { return fmt.Sprintf(query, engine.Literal(path)) })
}

// UnsealTable makes a table of a sealed CSV, in place of one that there is; %s in read, an
// SQL FROM item, stands for its path.
func UnsealTable(ctx context.Context, s store.Store, db *engine.DB, dir string, key pseudonym.Key, name, table, read string) error {
	into := "CREATE OR REPLACE TABLE " + table + " AS"
	return unseal(ctx, s, db, dir, key, name, func(path string) string {
		statement := into + " SELECT * FROM " + fmt.Sprintf(read, engine.Literal(path))
		into = "INSERT INTO " + table
		return statement
	})
}

func unseal(ctx context.Context, s store.Store, db *engine.DB, dir string, key pseudonym.Key, name string, statement func(path string) string) error {
	r, err := s.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer r.Close()
	plain, err := delivery.Open(r, key.Derive(pseudonym.Sealing))
	if errors.Is(err, delivery.ErrWrongKey) {
		return exit.With(exit.Usage, fmt.Errorf("read %s: %w; use the key that this store was begun with (this is key %s), or begin a new store", name, err, key.ID()))
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	err = db.FeedFrom(ctx, dir,
		func(w io.Writer) error { _, err := io.Copy(w, plain); return err },
		statement)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// Seal writes a query's rows as a sealed CSV file of a set.
func Seal(ctx context.Context, set store.Set, db *engine.DB, dir string, key pseudonym.Key, name, query string) error {
	w, err := set.Create(ctx, name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer w.Abort()
	envelope, err := delivery.Seal(w, key.Derive(pseudonym.Sealing))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := db.CopyTo(ctx, dir, query, "FORMAT csv, HEADER false", envelope); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := envelope.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return w.Commit()
}
