package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
	"peil/transforms"
)

// loadState reads the state of the last snapshot before this one into the vault. since is
// the first snapshot of the series that this one continues, or this one.
func loadState(ctx context.Context, s store.Store, vault *engine.DB, dir string, key pseudonym.Key, snapshotOn time.Time) (since time.Time, err error) {
	folder, err := archive.LastState(ctx, s, snapshotOn)
	if err != nil || folder == "" {
		return snapshotOn, err
	}
	text, err := store.ReadFile(ctx, s, path.Join(folder, store.ManifestName))
	if err != nil {
		return since, fmt.Errorf("read the state of %s: %w", path.Base(folder), err)
	}
	var m archive.StateManifest
	if err := json.Unmarshal(text, &m); err != nil {
		return since, fmt.Errorf("read the state of %s: its manifest is damaged: %w", path.Base(folder), err)
	}
	if err := archive.CheckVersion("state of "+path.Base(folder), m.Version, archive.ManifestVersion); err != nil {
		return since, err
	}
	if since, err = time.Parse(time.DateOnly, m.Since); err != nil {
		return since, fmt.Errorf("read the state of %s: its manifest is damaged: %w", path.Base(folder), err)
	}
	for name, query := range map[string]string{
		archive.StateMembers: "INSERT INTO prior_members SELECT pid, branch, deleted_on, ? FROM " + archive.StateMembersRead,
		archive.StateMoves:   "INSERT INTO prior_moves SELECT pid, on_date, from_branch FROM " + archive.StateMovesRead,
	} {
		query = strings.ReplaceAll(query, "?", engine.Literal(path.Base(folder))+"::DATE")
		if err := archive.Unseal(ctx, s, vault, dir, key, path.Join(folder, name), query); err != nil {
			return since, err
		}
	}
	return since, nil
}

// stageState stages the state that this snapshot leaves for the next.
func stageState(ctx context.Context, s store.Store, vault *engine.DB, dir string, key pseudonym.Key, p transforms.Parameters) (store.Set, error) {
	set, err := s.Stage(ctx, path.Join(archive.StateFolder, p.SnapshotOn.Format(time.DateOnly)))
	if err != nil {
		return nil, err
	}
	for name, query := range map[string]string{
		archive.StateMembers: `SELECT i.pid, CASE WHEN r.mk IS NOT NULL THEN b.branch END AS branch, d.end_on AS deleted_on, r.final_on AS until
			FROM pids i JOIN records p ON p.record = i.mk JOIN branches b ON b.branch_no = p.branch_no
			LEFT JOIN retained r ON r.mk = i.mk LEFT JOIN snapshot_ends d ON d.mk = i.mk
			WHERE (r.mk IS NOT NULL OR d.mk IS NOT NULL) AND i.mk NOT IN (SELECT mk FROM subjects WHERE away) ORDER BY ALL`,
		archive.StateMoves: `SELECT i.pid, v.on_date, v.from_branch FROM moves v JOIN pids i USING (mk) ORDER BY ALL`,
	} {
		if err := archive.Seal(ctx, set, vault, dir, key, name, query); err != nil {
			set.Discard()
			return nil, err
		}
	}
	return set, nil
}
