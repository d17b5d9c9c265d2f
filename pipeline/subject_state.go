package pipeline

import (
	"context"
	"encoding/hex"
	"fmt"
	"path"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rights"
	"peil/pipeline/store"
)

// pids are the pseudonyms under which a member may stand in the state: by the member's id,
// and by a number that the records of one person share.
func pids(key pseudonym.Key, member string) []string {
	subkey := key.Derive(pseudonym.Register)
	var all []string
	for _, id := range []string{member, "person " + member} {
		p := pseudonym.Pseudonym(subkey, id)
		all = append(all, hex.EncodeToString(p[:]))
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
	folders, err := published(ctx, w.store, stateFolder)
	if err != nil {
		return err
	}
	byPID := map[string]string{}
	var all []string
	for _, member := range w.members {
		for _, pid := range pids(w.key, member) {
			byPID[pid], all = member, append(all, pid)
		}
	}
	for _, folder := range folders {
		if folder == extractFolder {
			continue
		}
		found, err := w.inState(ctx, w.dir, folder, all, erase)
		if err != nil {
			return err
		}
		for _, pid := range found {
			w.known[byPID[pid]] = true
		}
		if len(found) > 0 && erase {
			w.done.Removed = append(w.done.Removed, fmt.Sprintf("%d of %s", len(found), folder))
		}
	}
	return nil
}

// openState reads one state into the tables members and moves of an instance of its own.
func (d desk) openState(ctx context.Context, dir, folder string) (db *engine.DB, err error) {
	if db, err = engine.Open(ctx, engine.Options{Dirs: []string{dir}, Memory: (d.config.Limits.Memory / 5 * 4).MiB()}); err != nil {
		return nil, err
	}
	if err = db.Lock(ctx); err == nil {
		err = unseal(ctx, d.store, db, dir, d.key, path.Join(folder, stateMembers), "CREATE TABLE members AS SELECT * FROM "+stateMembersRead)
	}
	if err == nil {
		err = unseal(ctx, d.store, db, dir, d.key, path.Join(folder, stateMoves), "CREATE TABLE moves AS SELECT * FROM "+stateMovesRead)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// inState finds pseudonyms in one state, and removes their rows where it is to.
func (d desk) inState(ctx context.Context, dir, folder string, pids []string, remove bool) ([]string, error) {
	db, err := d.openState(ctx, dir, folder)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	found, err := pidsIn(ctx, db, pids)
	if err != nil || len(found) == 0 || !remove {
		return found, err
	}
	manifest, err := store.ReadFile(ctx, d.store, path.Join(folder, store.ManifestName))
	if err != nil {
		return nil, err
	}
	set, err := d.store.Stage(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer set.Discard()
	for name, query := range map[string]string{
		stateMembers: "FROM members ANTI JOIN gone USING (pid) ORDER BY ALL", stateMoves: "FROM moves ANTI JOIN gone USING (pid) ORDER BY ALL",
	} {
		if err := sealed(ctx, set, db, dir, d.key, name, query); err != nil {
			return nil, err
		}
	}
	return found, set.Publish(ctx, manifest)
}

// stateRows reads the rows of pseudonyms from one state.
func (w *rightsDesk) stateRows(ctx context.Context, folder string, pids []string) ([]map[string]string, error) {
	db, err := w.openState(ctx, w.dir, folder)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if found, err := pidsIn(ctx, db, pids); err != nil || len(found) == 0 {
		return nil, err
	}
	_, rows, err := rowsOf(ctx, db, `SELECT branch, deleted_on::VARCHAR AS deleted_on, until::VARCHAR AS until, NULL AS moved_on, NULL AS moved_from FROM members SEMI JOIN gone USING (pid)
		UNION ALL SELECT NULL, NULL, NULL, on_date::VARCHAR, from_branch FROM moves SEMI JOIN gone USING (pid) ORDER BY ALL`)
	return rows, err
}

// pidsIn lists the pseudonyms that the tables members and moves of a state hold; the table
// gone has all that were asked for.
func pidsIn(ctx context.Context, db *engine.DB, pids []string) ([]string, error) {
	if err := db.Exec(ctx, "CREATE TABLE gone (pid UUID)"); err != nil {
		return nil, err
	}
	for _, pid := range pids {
		if err := db.Exec(ctx, "INSERT INTO gone VALUES (?::UUID)", pid); err != nil {
			return nil, err
		}
	}
	rows, err := db.Query(ctx, "SELECT DISTINCT replace(pid::VARCHAR, '-', '') FROM (SELECT pid FROM members UNION ALL SELECT pid FROM moves) SEMI JOIN gone USING (pid)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var pid string
		if err := rows.Scan(&pid); err != nil {
			return nil, err
		}
		found = append(found, pid)
	}
	return found, rows.Err()
}
