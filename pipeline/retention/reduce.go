package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/engine"
	"peil/pipeline/store"
)

// reduce removes from a sealed holding what is past retention in it. With on empty it only
// counts; else the holding is replaced, in one step.
func (p *Purger) reduce(ctx context.Context, h Holding, on string) (Reduced, error) {
	r := Reduced{Name: h.Name, Kind: h.Kind, Of: h.Of}
	manifest, err := store.ReadFile(ctx, p.Store, path.Join(h.Name, store.ManifestName))
	if err != nil {
		return r, fmt.Errorf("read manifest of %s: %w", h.Name, err)
	}
	db, err := engine.Open(ctx, engine.Options{Dirs: []string{p.dir}, Memory: (p.Config.Limits.Memory / 5 * 4).MiB(), Threads: p.Config.Limits.Threads})
	if err != nil {
		return r, err
	}
	defer db.Close()
	if err := db.Lock(ctx); err != nil {
		return r, err
	}
	switch h.Kind {
	case MemberState:
		return p.reduceState(ctx, db, r, manifest, on)
	case FirstLoans:
		return p.reduceFirsts(ctx, db, r, manifest, on)
	}
	return p.reduceFrozen(ctx, db, r, manifest, on)
}

// reduceState drops the rows of members who left too long ago. Of one that the source calls
// deleted, a mark without a branch stays.
func (p *Purger) reduceState(ctx context.Context, db *engine.DB, r Reduced, manifest []byte, on string) (Reduced, error) {
	for name, t := range map[string]struct{ table, read string }{
		archive.StateMembers: {"members", archive.StateMembersRead},
		archive.StateMoves:   {"moves", archive.StateMovesRead},
	} {
		if err := archive.UnsealTable(ctx, p.Store, db, p.dir, p.Key, path.Join(r.Name, name), t.table, t.read); err != nil {
			return r, err
		}
	}
	const past = "branch IS NOT NULL AND until < ?::DATE"
	var err error
	if r.Rows, err = db.Count(ctx, "SELECT count(*) FROM members WHERE "+past, p.on.contact.Format(time.DateOnly)); err != nil {
		return r, err
	}
	if r.Left, err = db.Count(ctx, "SELECT count(*) FROM members"); err != nil {
		return r, err
	}
	r.Left -= r.Rows
	if on == "" || r.Rows == 0 {
		return r, nil
	}
	for _, change := range []string{
		"DELETE FROM moves WHERE pid IN (SELECT pid FROM members WHERE " + past + ")",
		"UPDATE members SET branch = NULL WHERE deleted_on IS NOT NULL AND " + past,
		"DELETE FROM members WHERE deleted_on IS NULL AND " + past,
	} {
		if err := db.Exec(ctx, change, p.on.contact.Format(time.DateOnly)); err != nil {
			return r, err
		}
	}
	return r, p.replace(ctx, db, r.Name, manifest, map[string]string{archive.StateMembers: "FROM members ORDER BY ALL", archive.StateMoves: "FROM moves ORDER BY ALL"})
}

// reduceFirsts drops the markers of members whom the last state does not know, or should
// not.
func (p *Purger) reduceFirsts(ctx context.Context, db *engine.DB, r Reduced, manifest []byte, on string) (Reduced, error) {
	if err := archive.UnsealTable(ctx, p.Store, db, p.dir, p.Key, path.Join(r.Name, archive.FirstsMarkers), "markers", archive.FirstsMarkersRead); err != nil {
		return r, err
	}
	if err := db.Exec(ctx, "CREATE TABLE members (pid UUID, branch VARCHAR, deleted_on DATE, until DATE)"); err != nil {
		return r, err
	}
	last, err := archive.LastState(ctx, p.Store, p.on.today.AddDate(1000, 0, 0))
	if err == nil && last != "" {
		err = archive.Unseal(ctx, p.Store, db, p.dir, p.Key, path.Join(last, archive.StateMembers), "INSERT INTO members SELECT * FROM "+archive.StateMembersRead)
	}
	if err != nil {
		return r, err
	}
	const gone = "pid NOT IN (SELECT pid FROM members WHERE branch IS NOT NULL AND (until IS NULL OR until >= ?::DATE))"
	if r.Rows, err = db.Count(ctx, "SELECT count(*) FROM markers WHERE "+gone, p.on.loans.Format(time.DateOnly)); err != nil {
		return r, err
	}
	if r.Left, err = db.Count(ctx, "SELECT count(*) FROM markers"); err != nil {
		return r, err
	}
	r.Left -= r.Rows
	if on == "" || r.Rows == 0 {
		return r, nil
	}
	if err := db.Exec(ctx, "DELETE FROM markers WHERE "+gone, p.on.loans.Format(time.DateOnly)); err != nil {
		return r, err
	}
	return r, p.replace(ctx, db, r.Name, manifest, map[string]string{archive.FirstsMarkers: "FROM markers ORDER BY ALL"})
}

// Of the new members of a closed month the reports count one characteristic at a time.
// Frozen figures hold them together, which in a row of one person is nearly that person. Past
// retention each characteristic is put in an order of its own, so that no row belongs to
// anybody while every count stays; where a branch had fewer new members in the month than
// the threshold, they lose their characteristics altogether.
const takeApart = `CREATE TABLE apart AS
WITH one AS (
    SELECT month, branch, age_from, sex, subscription_class, subscription, pc4, count(*) OVER g < %d AS few
    FROM new_members, range(persons) WINDOW g AS (PARTITION BY month, branch)
), unseen AS (
    SELECT month, branch, CASE WHEN few THEN -1 ELSE age_from END AS age_from, CASE WHEN few THEN '?' ELSE sex END AS sex,
        CASE WHEN few THEN 'unknown' ELSE subscription_class END AS subscription_class, CASE WHEN few THEN '?' ELSE subscription END AS subscription,
        CASE WHEN few THEN '?' ELSE pc4 END AS pc4
    FROM one
), age AS (
    SELECT month, branch, age_from, row_number() OVER (PARTITION BY month, branch ORDER BY random()) AS n FROM unseen
), sex AS (
    SELECT month, branch, sex, row_number() OVER (PARTITION BY month, branch ORDER BY random()) AS n FROM unseen
), subscription AS (
    SELECT month, branch, subscription_class, subscription, row_number() OVER (PARTITION BY month, branch ORDER BY random()) AS n FROM unseen
), area AS (
    SELECT month, branch, pc4, row_number() OVER (PARTITION BY month, branch ORDER BY random()) AS n FROM unseen
)
SELECT month, branch, age_from, sex, subscription_class, subscription, pc4, count(*) AS persons
FROM age JOIN sex USING (month, branch, n) JOIN subscription USING (month, branch, n) JOIN area USING (month, branch, n)
GROUP BY ALL`

// reduceFrozen takes the characteristics of a closed month's new members apart, once.
func (p *Purger) reduceFrozen(ctx context.Context, db *engine.DB, r Reduced, manifest []byte, on string) (Reduced, error) {
	var m archive.FrozenManifest
	if err := json.Unmarshal(manifest, &m); err != nil {
		return r, fmt.Errorf("read manifest of %s: it is damaged: %w", r.Name, err)
	}
	if m.Reduced != "" || path.Dir(r.Name) != archive.FrozenFolder {
		return r, nil
	}
	queries := map[string]string{}
	for _, t := range archive.FrozenTables {
		read := "read_csv(%s, auto_detect=false, header=false, delim=',', quote='\"', columns=" + t.Types + ")"
		err := archive.UnsealTable(ctx, p.Store, db, p.dir, p.Key, path.Join(r.Name, t.Name+".csv.age"), t.Name, read)
		if errors.Is(err, fs.ErrNotExist) {
			continue // frozen before there was such a table
		}
		if err != nil {
			return r, err
		}
		queries[t.Name+".csv.age"] = "FROM " + t.Name + " ORDER BY ALL"
	}
	var err error
	if r.Rows, err = db.Count(ctx, "SELECT count(*) FROM new_members"); err != nil {
		return r, err
	}
	r.Left = r.Rows
	if on == "" {
		r.Rows = max(r.Rows, 1) // also an empty month is marked
		return r, nil
	}
	if err := db.Exec(ctx, strings.ReplaceAll(takeApart, "%d", strconv.Itoa(p.Config.Protection.Threshold))); err != nil {
		return r, err
	}
	queries["new_members.csv.age"] = "FROM apart ORDER BY ALL"
	m.Reduced = on
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return r, err
	}
	return r, p.replace(ctx, db, r.Name, text, queries)
}

// replace publishes a sealed folder anew: files with the rows of the queries, the others as
// they are.
func (p *Purger) replace(ctx context.Context, db *engine.DB, folder string, manifest []byte, queries map[string]string) error {
	err := archive.Rewrite(ctx, p.Store, folder, manifest, func(set store.Set, name string) error {
		if query, changed := queries[name]; changed {
			return archive.Seal(ctx, set, db, p.dir, p.Key, name, query)
		}
		return archive.CopyObject(ctx, p.Store, path.Join(folder, name), set, name)
	})
	if err != nil {
		return err
	}
	return store.EraseOld(ctx, p.Store, folder)
}
