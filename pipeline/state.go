package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
	"peil/transforms"
)

// The state is what one snapshot must tell the next: at which branch each member was,
// when a deletion first showed, which moves were seen. Members are named by keyed
// pseudonyms; the files are sealed under the library's key.
const stateFolder = "private/state"

const (
	stateMembers = "members.csv.age"
	stateMoves   = "moves.csv.age"
)

// The columns of a state's files, as DuckDB reads them. until is the last day of membership;
// a row without a branch marks a member of whom retention allows no more than that the
// source has called them deleted since a day: without it they would leave once more.
const (
	stateMembersRead = `read_csv(%s, auto_detect=false, header=false, delim=',', quote='"', null_padding=true, columns={'pid':'UUID','branch':'VARCHAR','deleted_on':'DATE','until':'DATE'})`
	stateMovesRead   = `read_csv(%s, auto_detect=false, header=false, delim=',', quote='"', columns={'pid':'UUID','on_date':'DATE','from_branch':'VARCHAR'})`
)

// stateManifest says what a state is of.
type stateManifest struct {
	Version int    `json:"version"`
	KeyID   string `json:"key_id"`
	// Since is the first snapshot of the unbroken series that ends with this one: a move
	// after it has been seen.
	Since string `json:"since"`
}

// loadState reads the state of the last snapshot before this one into the vault. since is
// the first snapshot of the series that this one continues, or this one.
func loadState(ctx context.Context, s store.Store, vault *engine.DB, dir string, key pseudonym.Key, snapshotOn time.Time) (since time.Time, err error) {
	folder, err := lastState(ctx, s, snapshotOn)
	if err != nil || folder == "" {
		return snapshotOn, err
	}
	text, err := store.ReadFile(ctx, s, path.Join(folder, store.ManifestName))
	if err != nil {
		return since, fmt.Errorf("read the state of %s: %w", path.Base(folder), err)
	}
	var m stateManifest
	if err := json.Unmarshal(text, &m); err != nil {
		return since, fmt.Errorf("read the state of %s: its manifest is damaged: %w", path.Base(folder), err)
	}
	if err := checkVersion("state of "+path.Base(folder), m.Version, ManifestVersion); err != nil {
		return since, err
	}
	if since, err = time.Parse(time.DateOnly, m.Since); err != nil {
		return since, fmt.Errorf("read the state of %s: its manifest is damaged: %w", path.Base(folder), err)
	}
	for name, query := range map[string]string{
		stateMembers: "INSERT INTO prior_members SELECT pid, branch, deleted_on, ? FROM " + stateMembersRead,
		stateMoves:   "INSERT INTO prior_moves SELECT pid, on_date, from_branch FROM " + stateMovesRead,
	} {
		query = strings.ReplaceAll(query, "?", engine.Literal(path.Base(folder))+"::DATE")
		if err := unseal(ctx, s, vault, dir, key, path.Join(folder, name), query); err != nil {
			return since, err
		}
	}
	return since, nil
}

// lastState finds the folder of the last state before a day; empty if there is none.
func lastState(ctx context.Context, s store.Store, before time.Time) (string, error) {
	folders, err := published(ctx, s, stateFolder)
	if err != nil {
		return "", err
	}
	last := ""
	for _, f := range folders {
		if path.Base(f) < before.Format(time.DateOnly) {
			last = f
		}
	}
	return last, nil
}

// published lists the folders below prefix that hold a manifest, in order of name.
func published(ctx context.Context, s store.Store, prefix string) ([]string, error) {
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

// unseal streams a sealed CSV into a statement; %s in query stands for its path.
func unseal(ctx context.Context, s store.Store, db *engine.DB, dir string, key pseudonym.Key, name, query string) error {
	r, err := s.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer r.Close()
	plain, err := delivery.Open(r, key.Derive(pseudonym.Sealing))
	if errors.Is(err, delivery.ErrWrongKey) {
		return &ExitError{ExitUsage, fmt.Errorf("read %s: %w; use the key that this store was begun with (this is key %s), or begin a new store", name, err, key.ID())}
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	err = db.FeedFrom(ctx, dir,
		func(w io.Writer) error { _, err := io.Copy(w, plain); return err },
		func(path string) string { return fmt.Sprintf(query, engine.Literal(path)) })
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// sealed writes a query's rows as a sealed CSV file of a set.
func sealed(ctx context.Context, set store.Set, db *engine.DB, dir string, key pseudonym.Key, name, query string) error {
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

// stageState stages the state that this snapshot leaves for the next.
func stageState(ctx context.Context, s store.Store, vault *engine.DB, dir string, key pseudonym.Key, p transforms.Parameters) (store.Set, error) {
	set, err := s.Stage(ctx, path.Join(stateFolder, p.SnapshotOn.Format(time.DateOnly)))
	if err != nil {
		return nil, err
	}
	for name, query := range map[string]string{
		stateMembers: `SELECT i.pid, CASE WHEN r.mk IS NOT NULL THEN b.branch END AS branch, d.end_on AS deleted_on, r.final_on AS until
			FROM pids i JOIN records p ON p.record = i.mk JOIN branches b ON b.branch_no = p.branch_no
			LEFT JOIN retained r ON r.mk = i.mk LEFT JOIN snapshot_ends d ON d.mk = i.mk
			WHERE (r.mk IS NOT NULL OR d.mk IS NOT NULL) AND i.mk NOT IN (SELECT mk FROM subjects WHERE away) ORDER BY ALL`,
		stateMoves: `SELECT i.pid, v.on_date, v.from_branch FROM moves v JOIN pids i USING (mk) ORDER BY ALL`,
	} {
		if err := sealed(ctx, set, vault, dir, key, name, query); err != nil {
			set.Discard()
			return nil, err
		}
	}
	return set, nil
}

// dropOldStates removes states that are older than retention allows.
func dropOldStates(ctx context.Context, s store.Store, cutoff time.Time) error {
	folders, err := published(ctx, s, stateFolder)
	if err != nil {
		return err
	}
	for _, f := range folders {
		if path.Base(f) < cutoff.Format(time.DateOnly) {
			if err := store.RemoveAll(ctx, s, f); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove state of %s: %w", path.Base(f), err)
			}
		}
	}
	return nil
}
