package pipeline

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"strings"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
)

// Every table of the state that is about members has the member's pseudonym first in each
// line, as DuckDB writes a UUID.
const stateTable = ".csv.age"

// stateColumns are the other columns of the tables of the state, by their files.
var stateColumns = map[string][]string{
	stateMembers: {"branch", "deleted_on", "until"}, stateMoves: {"moved_on", "from_branch"},
	"markers.csv.age": {"first_loan_in_quarter", "first_loan_in_month"}, "gone.csv.age": {},
}

// pids are the pseudonyms under which a member may stand in the state: by the member's id,
// and by a number that the records of one person share.
func pids(key pseudonym.Key, member string) []string {
	subkey := key.Derive(pseudonym.Register)
	var all []string
	for _, id := range []string{member, "person " + member} {
		p := pseudonym.Pseudonym(subkey, id)
		all = append(all, fmt.Sprintf("%x-%x-%x-%x-%x", p[:4], p[4:6], p[6:8], p[8:10], p[10:]))
	}
	return all
}

// findInStates looks for the members in the state that runs leave each other. An erasure takes
// them out of it, and removes what was kept of the source.
func (w *rightsDesk) findInStates(ctx context.Context) error {
	erase := w.o.Right == rights.Erasure
	if erase {
		if err := forgetExtract(ctx, w.store); err != nil {
			return err
		}
	}
	byPID := map[string]string{}
	for _, member := range w.members {
		for _, pid := range pids(w.key, member) {
			byPID[pid] = member
		}
	}
	folders, err := w.stateFolders(ctx)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		found := map[string]bool{}
		if err := w.eachRow(ctx, folder, func(_, pid, _ string) error {
			if member, asked := byPID[pid]; asked {
				found[pid], w.known[member] = true, true
			}
			return nil
		}); err != nil {
			return err
		}
		if len(found) > 0 && erase {
			if err := w.dropRows(ctx, folder, found); err != nil {
				return err
			}
			w.done.Removed = append(w.done.Removed, fmt.Sprintf("%d of %s", len(found), folder))
		}
	}
	return nil
}

// stateFolders are the published folders of the state that hold members under pseudonyms.
func (d desk) stateFolders(ctx context.Context) ([]string, error) {
	folders, err := published(ctx, d.store, stateFolder)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range folders {
		if f != extractFolder {
			all = append(all, f)
		}
	}
	return all, nil
}

// eachRow reads the lines of a folder's tables: the file, the pseudonym, and the whole line.
func (d desk) eachRow(ctx context.Context, folder string, do func(file, pid, line string) error) error {
	objects, err := d.store.List(ctx, folder)
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

func (d desk) rows(ctx context.Context, name string, do func(pid, line string) error) error {
	sealed, err := d.store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer sealed.Close()
	plain, err := delivery.Open(sealed, d.key.Derive(pseudonym.Sealing))
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

// dropRows publishes a folder of the state anew without the rows of pseudonyms, in one step.
func (d desk) dropRows(ctx context.Context, folder string, gone map[string]bool) error {
	manifest, err := store.ReadFile(ctx, d.store, path.Join(folder, store.ManifestName))
	if err != nil {
		return err
	}
	set, err := d.store.Stage(ctx, folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	objects, err := d.store.List(ctx, folder)
	if err != nil {
		return err
	}
	for _, o := range objects {
		switch file := path.Base(o.Name); {
		case file == store.ManifestName:
		case strings.HasSuffix(file, stateTable):
			err = d.withoutRows(ctx, set, o.Name, gone)
		default:
			err = fmt.Errorf("erase from %s: nobody knows what %s holds", folder, file)
		}
		if err != nil {
			return err
		}
	}
	return set.Publish(ctx, manifest)
}

func (d desk) withoutRows(ctx context.Context, set store.Set, name string, gone map[string]bool) error {
	w, err := set.Create(ctx, path.Base(name))
	if err != nil {
		return err
	}
	defer w.Abort()
	envelope, err := delivery.Seal(w, d.key.Derive(pseudonym.Sealing))
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

// keptOf reads what the state holds of a member, under the pseudonyms that the source gives,
// or without it under those that may be the member's.
func (w *rightsDesk) keptOf(ctx context.Context, known []string, member string) ([]rights.Kept, error) {
	kept := []rights.Kept{}
	asked := map[string]bool{}
	for _, pid := range append(pids(w.key, member), known...) {
		asked[pid] = true
	}
	folders, err := w.stateFolders(ctx)
	if err != nil {
		return kept, err
	}
	for _, folder := range folders {
		var rows []map[string]string
		if err := w.eachRow(ctx, folder, func(file, pid, line string) error {
			if !asked[pid] {
				return nil
			}
			values, err := csv.NewReader(strings.NewReader(line)).Read()
			if err != nil {
				return err
			}
			row := map[string]string{}
			for i, name := range stateColumns[file] {
				if i+1 < len(values) && values[i+1] != "" {
					row[name] = values[i+1]
				}
			}
			rows = append(rows, row)
			return nil
		}); err != nil {
			return kept, err
		}
		if len(rows) > 0 {
			kept = append(kept, rights.Kept{Name: folder, Rows: rows})
		}
	}
	return kept, nil
}
