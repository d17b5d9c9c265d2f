package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// Frozen are the monthly figures of the months that a run could still count exactly:
// later runs, whose source has lost who left, take them from here. They hold small
// counts and are sealed under the library's key.

// FrozenTable is one warehouse table that is frozen by month, under branch codes, since
// branch numbers are of one run only.
type FrozenTable struct {
	Name  string
	Types string // of the CSV file's columns, for DuckDB
	Out   string // SELECT of the rows with branch codes
	In    string // SELECT that gives the table's columns back, from the file as f
}

// FrozenTables are the tables of the report that are frozen.
var FrozenTables = []FrozenTable{
	{
		Name:  "balance",
		Types: "{'month':'DATE','branch':'VARCHAR','begin_members':'BIGINT','new':'BIGINT','re_registered':'BIGINT','moved_in':'BIGINT','lapsed':'BIGINT','moved_out':'BIGINT','end_members':'BIGINT','gap_unknown':'BIGINT','first_unknown':'BIGINT'}",
		Out:   "SELECT month, b.branch, begin_members, new, re_registered, moved_in, lapsed, moved_out, end_members, gap_unknown, first_unknown FROM balance t JOIN branches b USING (branch_no)",
		In: `SELECT month, coalesce(b.branch_no, 0) AS branch_no, CAST(sum(begin_members) AS BIGINT), CAST(sum(new) AS BIGINT), CAST(sum(re_registered) AS BIGINT), CAST(sum(moved_in) AS BIGINT),
			CAST(sum(lapsed) AS BIGINT), CAST(sum(moved_out) AS BIGINT), CAST(sum(end_members) AS BIGINT), CAST(sum(gap_unknown) AS BIGINT), CAST(sum(first_unknown) AS BIGINT)
			FROM f LEFT JOIN branches b USING (branch) GROUP BY 1, 2`,
	},
	{
		Name:  "movements",
		Types: "{'month':'DATE','from_branch':'VARCHAR','to_branch':'VARCHAR','persons':'BIGINT'}",
		Out:   "SELECT month, a.branch AS from_branch, b.branch AS to_branch, persons FROM movements t JOIN branches a ON a.branch_no = t.from_branch_no JOIN branches b ON b.branch_no = t.to_branch_no",
		In:    "SELECT month, coalesce(a.branch_no, 0), coalesce(b.branch_no, 0), CAST(sum(persons) AS BIGINT) FROM f LEFT JOIN branches a ON a.branch = f.from_branch LEFT JOIN branches b ON b.branch = f.to_branch GROUP BY 1, 2, 3",
	},
	{
		Name:  "new_members",
		Types: "{'month':'DATE','branch':'VARCHAR','age_from':'INTEGER','sex':'VARCHAR','subscription_class':'VARCHAR','subscription':'VARCHAR','pc4':'VARCHAR','persons':'BIGINT'}",
		Out:   "SELECT month, b.branch, age_from, sex, subscription_class, subscription, pc4, persons FROM new_members t JOIN branches b USING (branch_no)",
		In:    "SELECT month, coalesce(b.branch_no, 0), age_from, sex, subscription_class, subscription, pc4, CAST(sum(persons) AS BIGINT) FROM f LEFT JOIN branches b USING (branch) GROUP BY ALL",
	},
	{
		Name:  "circulation",
		Types: "{'month':'DATE','branch':'VARCHAR','loans':'BIGINT','active_borrowers':'BIGINT','loans_of_known':'BIGINT'}",
		Out:   "SELECT month, b.branch, loans, active_borrowers, loans_of_known FROM circulation t LEFT JOIN branches b USING (branch_no)",
		In: `SELECT month, CASE WHEN f.branch IS NOT NULL THEN coalesce(b.branch_no, 0) END, CAST(sum(loans) AS BIGINT), CAST(sum(active_borrowers) AS BIGINT), CAST(sum(loans_of_known) AS BIGINT)
			FROM f LEFT JOIN branches b USING (branch) GROUP BY 1, 2`,
	},
	{
		Name:  "survival",
		Types: "{'month':'DATE','registered':'DATE','after':'INTEGER','still':'BIGINT'}",
		Out:   "SELECT month, registered, after, still FROM survival t",
		In:    "SELECT month, registered, after, still FROM f",
	},
}

// SpliceFrozen replaces the months that this source holds only survivors of by what was
// frozen when they were exact.
func SpliceFrozen(ctx context.Context, s store.Store, warehouse *engine.DB, dir string, key pseudonym.Key) error {
	folders, err := Folders(ctx, s, FrozenFolder)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		month, err := time.Parse("2006-01", path.Base(folder))
		if err != nil {
			continue
		}
		day := month.Format(time.DateOnly)
		n, err := warehouse.Count(ctx, "SELECT count(*) FROM months WHERE month = ?::DATE AND basis = 'lower_bound'", day)
		if err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		for _, t := range FrozenTables {
			if err := t.splice(ctx, s, warehouse, dir, key, folder, day); err != nil {
				return fmt.Errorf("take the frozen figures of %s: %w", path.Base(folder), err)
			}
		}
		m, err := ReadFrozen(ctx, s, folder)
		if err != nil {
			return err
		}
		if err := warehouse.Exec(ctx, "UPDATE months SET basis = 'frozen', moves_known = ? WHERE month = ?::DATE", m.MovesKnown, day); err != nil {
			return err
		}
	}
	return nil
}

func (t FrozenTable) splice(ctx context.Context, s store.Store, warehouse *engine.DB, dir string, key pseudonym.Key, folder, day string) error {
	if err := warehouse.Exec(ctx, "DELETE FROM "+t.Name+" WHERE month = ?::DATE", day); err != nil {
		return err
	}
	// A month that was frozen before there was such a table lacks it: so it stays unknown.
	name := path.Join(folder, t.Name+".csv.age")
	if _, err := s.Stat(ctx, name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	read := "FROM read_csv(%s, auto_detect=false, header=false, delim=',', quote='\"', columns=" + t.Types + ")"
	return Unseal(ctx, s, warehouse, dir, key, name,
		"INSERT INTO "+t.Name+" WITH f AS ("+read+") "+t.In)
}

// Freeze keeps the figures of every month that this run counted exactly.
func Freeze(ctx context.Context, s store.Store, warehouse *engine.DB, dir string, key pseudonym.Key, asOf time.Time) error {
	months, err := exactMonths(ctx, warehouse)
	if err != nil {
		return err
	}
	for _, m := range months {
		m.AsOf, m.KeyID = asOf.Format(time.DateOnly), key.ID()
		if err := freezeMonth(ctx, s, warehouse, dir, key, m); err != nil {
			return fmt.Errorf("freeze the figures of %s: %w", m.Month, err)
		}
	}
	return nil
}

// exactMonths lists the months that this run counted exactly, as they are to be frozen.
func exactMonths(ctx context.Context, warehouse *engine.DB) ([]FrozenManifest, error) {
	rows, err := warehouse.Query(ctx, "SELECT strftime(month, '%Y-%m'), moves_known FROM months WHERE basis = 'exact' ORDER BY month")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var months []FrozenManifest
	for rows.Next() {
		m := FrozenManifest{Version: ManifestVersion}
		if err := rows.Scan(&m.Month, &m.MovesKnown); err != nil {
			return nil, err
		}
		months = append(months, m)
	}
	return months, rows.Err()
}

// FrozenManifest says what a frozen month was counted from.
type FrozenManifest struct {
	Version int    `json:"version"`
	Month   string `json:"month"`
	AsOf    string `json:"as_of"` // of the run that counted it last while it was exact
	KeyID   string `json:"key_id"`
	// MovesKnown says whether a change of branch would have been seen then.
	MovesKnown bool `json:"moves_known"`
	// Imported figures come from a file, not from a run.
	Imported bool `json:"imported,omitempty"`
	// Reduced is the day on which a purge took the characteristics apart: see reduce.
	Reduced string `json:"reduced,omitempty"`
}

func freezeMonth(ctx context.Context, s store.Store, warehouse *engine.DB, dir string, key pseudonym.Key, m FrozenManifest) error {
	folder := path.Join(FrozenFolder, m.Month)
	before, err := ReadFrozen(ctx, s, folder)
	if err == nil && before.AsOf > m.AsOf {
		return nil // a run of an earlier day knows less of late changes
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	set, err := s.Stage(ctx, folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	for _, t := range FrozenTables {
		query := t.Out + " WHERE month = " + engine.Literal(m.Month+"-01") + "::DATE ORDER BY ALL"
		if err := Seal(ctx, set, warehouse, dir, key, t.Name+".csv.age", query); err != nil {
			return err
		}
	}
	text, err := m.Encode()
	if err != nil {
		return err
	}
	return set.Publish(ctx, text)
}

// Encode writes the manifest as it stands in the store.
func (m FrozenManifest) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// ReadFrozen reads the manifest of a frozen month.
func ReadFrozen(ctx context.Context, s store.Store, folder string) (FrozenManifest, error) {
	var m FrozenManifest
	text, err := store.ReadFile(ctx, s, path.Join(folder, store.ManifestName))
	if err != nil {
		return m, fmt.Errorf("read manifest of %s: %w", folder, err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read manifest of %s: it is damaged: %w", folder, err)
	}
	return m, CheckVersion("manifest of "+folder, m.Version, ManifestVersion)
}
