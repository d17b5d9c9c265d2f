package archive

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// StateFolders are the published folders of the state that hold members under pseudonyms.
func (d Desk) StateFolders(ctx context.Context) ([]string, error) {
	folders, err := Folders(ctx, d.Store, StateFolder)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range folders {
		if f != ExtractFolder {
			all = append(all, f)
		}
	}
	return all, nil
}

// EachRow reads the lines of a folder's tables: the file, the pseudonym, and the whole line.
func (d Desk) EachRow(ctx context.Context, folder string, do func(file, pid, line string) error) error {
	objects, err := d.Store.List(ctx, folder)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if !strings.HasSuffix(o.Name, stateTable) {
			continue
		}
		if err := d.rows(ctx, o.Name, func(pid, line string) error { return do(path.Base(o.Name), pid, line) }); err != nil {
			return fmt.Errorf("read %s: %w", o.Name, err)
		}
	}
	return nil
}

func (d Desk) rows(ctx context.Context, name string, do func(pid, line string) error) error {
	sealed, err := d.Store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer sealed.Close()
	plain, err := delivery.Open(sealed, d.Key.Derive(pseudonym.Sealing))
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(plain)
	for lines.Scan() {
		pid, _, _ := strings.Cut(lines.Text(), ",")
		if err := do(pid, lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// DropRows publishes a folder of the state anew without the rows of pseudonyms, in one step.
func (d Desk) DropRows(ctx context.Context, folder string, gone map[string]bool) error {
	manifest, err := store.ReadFile(ctx, d.Store, path.Join(folder, store.ManifestName))
	if err != nil {
		return err
	}
	err = Rewrite(ctx, d.Store, folder, manifest, func(set store.Set, name string) error {
		if !strings.HasSuffix(name, stateTable) {
			return fmt.Errorf("erase from %s: nobody knows what %s holds", folder, name)
		}
		return d.withoutRows(ctx, set, path.Join(folder, name), gone)
	})
	if err != nil {
		return err
	}
	return store.EraseOld(ctx, d.Store, folder)
}

func (d Desk) withoutRows(ctx context.Context, set store.Set, name string, gone map[string]bool) error {
	w, err := set.Create(ctx, path.Base(name))
	if err != nil {
		return err
	}
	defer w.Abort()
	envelope, err := delivery.Seal(w, d.Key.Derive(pseudonym.Sealing))
	if err != nil {
		return err
	}
	if err := d.rows(ctx, name, func(pid, line string) error {
		if gone[pid] {
			return nil
		}
		_, err := io.WriteString(envelope, line+"\n")
		return err
	}); err != nil {
		return err
	}
	if err := envelope.Close(); err != nil {
		return err
	}
	return w.Commit()
}

// Every table of the state that is about members has the member's pseudonym first in each
// line, as DuckDB writes a UUID.
const stateTable = ".csv.age"
