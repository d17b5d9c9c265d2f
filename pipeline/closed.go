package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/engine"
	"peil/transforms"
)

// What a closed month was: members and loans as the yearly return counts them, and who
// borrowed. The return of a year is built from them where its source has lost who left.
// Borrowers lie apart: those of a year that is over are never frozen anew, because the
// markers that tell a first loan of that year are gone.

var closedTables = []archive.FrozenTable{
	{
		Name:  "month_members",
		Types: "{'month':'DATE','branch':'VARCHAR','item':'VARCHAR','age_group':'VARCHAR','persons':'BIGINT'}",
		Out:   "SELECT month, b.branch, item, age_group, persons FROM month_members t JOIN branches b USING (branch_no)",
		In:    "SELECT month, coalesce(b.branch_no, 0), item, age_group, CAST(sum(persons) AS BIGINT) FROM f LEFT JOIN branches b USING (branch) WHERE %s GROUP BY ALL",
	},
	{
		Name:  "month_loans",
		Types: "{'month':'DATE','branch':'VARCHAR','kind':'VARCHAR','material':'VARCHAR','audience':'VARCHAR','genre':'VARCHAR','school':'BOOLEAN','events':'BIGINT'}",
		Out:   "SELECT month, b.branch, kind, material, audience, genre, school, events FROM month_loans t JOIN branches b USING (branch_no)",
		In:    "SELECT month, coalesce(b.branch_no, 0), kind, material, audience, genre, school, CAST(sum(events) AS BIGINT) FROM f LEFT JOIN branches b USING (branch) GROUP BY ALL",
	},
}

var borrowersTable = archive.FrozenTable{
	Name:  "month_borrowers",
	Types: "{'month':'DATE','unit':'VARCHAR','from_on':'DATE','branch':'VARCHAR','persons':'BIGINT','gone':'BIGINT'}",
	Out:   "SELECT month, unit, from_on, b.branch, persons, gone FROM month_borrowers t LEFT JOIN branches b USING (branch_no)",
	In: `SELECT month, unit, from_on, CASE WHEN f.branch IS NOT NULL THEN coalesce(b.branch_no, 0) END, CAST(sum(persons) AS BIGINT), CAST(sum(gone) AS BIGINT)
		FROM f LEFT JOIN branches b USING (branch) GROUP BY ALL`,
}

// closeMonths freezes what later years cannot count any more: every month that this run
// still counted exactly.
func (r *run) closeMonths(ctx context.Context) error {
	p := r.plan.params.Closing()
	if p.ClosedFrom.IsZero() {
		return nil
	}
	if err := transforms.Count(ctx, r.warehouse, transforms.Closed, p, r.step); err != nil {
		return err
	}
	open := p.ClosedUntil.AddDate(0, 0, -1).Year() // the year whose markers live
	for month := p.ClosedFrom; month.Before(p.ClosedUntil); month = month.AddDate(0, 1, 0) {
		m := archive.FrozenManifest{Version: archive.ManifestVersion, Month: month.Format("2006-01"), AsOf: r.summary.AsOf, KeyID: r.key.ID()}
		if err := r.freezeMonth(ctx, archive.ClosedFolder, m, closedTables, false); err != nil {
			return fmt.Errorf("freeze the figures of %s: %w", m.Month, err)
		}
		if err := r.mergeBorrowers(ctx, month, 2); err != nil {
			return fmt.Errorf("freeze the borrowers of %s: %w", m.Month, err)
		}
		if err := r.freezeMonth(ctx, archive.BorrowersFolder, m, []archive.FrozenTable{borrowersTable}, month.Year() < open); err != nil {
			return fmt.Errorf("freeze the borrowers of %s: %w", m.Month, err)
		}
		r.summary.Frozen = append(r.summary.Frozen, m.Month)
	}
	return archive.DropOldFirsts(ctx, r.store, open)
}

// freezeMonth seals the rows of a month. Once frozen, a month is replaced only by a run of a
// later day; with once not at all.
func (r *run) freezeMonth(ctx context.Context, prefix string, m archive.FrozenManifest, tables []archive.FrozenTable, once bool) error {
	folder := path.Join(prefix, m.Month)
	before, err := archive.ReadFrozen(ctx, r.store, folder)
	if err == nil && !before.Imported && (once || before.AsOf > m.AsOf) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	set, err := r.store.Stage(ctx, folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	for _, t := range tables {
		query := t.Out + " WHERE month = " + engine.Literal(m.Month+"-01") + "::DATE ORDER BY ALL"
		if err := archive.Seal(ctx, set, r.warehouse, r.work.Path, r.key, t.Name+".csv.age", query); err != nil {
			return err
		}
	}
	text, err := m.Encode()
	if err != nil {
		return err
	}
	return set.Publish(ctx, text)
}

// restoreMonths puts what was frozen in the place of what this source has lost, month by
// month: whoever left, loans that are there no more, and borrowers.
func (r *run) restoreMonths(ctx context.Context, p transforms.Parameters) error {
	for month := p.ClosedFrom; month.Before(p.ClosedUntil); month = month.AddDate(0, 1, 0) {
		if err := r.restoreMonth(ctx, month); err != nil {
			return fmt.Errorf("take the frozen figures of %s: %w", month.Format("2006-01"), err)
		}
	}
	return nil
}

func (r *run) restoreMonth(ctx context.Context, month time.Time) error {
	on := month.Format(time.DateOnly)
	folder := path.Join(archive.ClosedFolder, month.Format("2006-01"))
	m, err := archive.ReadFrozen(ctx, r.store, folder)
	if err == nil {
		err = r.restoreCounts(ctx, folder, on, m)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return r.mergeBorrowers(ctx, month, 0)
}

// mergeBorrowers puts what was frozen of a month's borrowers beside what this run counts. Of
// a week and a month the larger number is nearer the truth: loans become anonymous with time.
// Of the first loans of a quarter and a year the frozen number counts where rank, its place
// before or after the counted one at 1, is lower.
func (r *run) mergeBorrowers(ctx context.Context, month time.Time, rank int) error {
	on, folder := month.Format(time.DateOnly), path.Join(archive.BorrowersFolder, month.Format("2006-01"))
	if _, err := archive.ReadFrozen(ctx, r.store, folder); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := r.warehouse.Exec(ctx, "CREATE OR REPLACE TEMP TABLE frozen_borrowers AS FROM month_borrowers LIMIT 0"); err != nil {
		return err
	}
	aside := borrowersTable
	aside.Name = "frozen_borrowers"
	if err := r.restoreFrom(ctx, aside, path.Join(folder, borrowersTable.Name+".csv.age"), "false", ""); err != nil {
		return err
	}
	return r.warehouse.Exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE merged AS
		SELECT month, unit, from_on, branch_no, CASE WHEN unit IN ('week', 'month') THEN max(persons) ELSE arg_min(persons, rank) END AS persons, arg_min(gone, rank) AS gone
		FROM (SELECT *, 1 AS rank FROM month_borrowers WHERE month = %[1]s UNION ALL SELECT *, %[2]d FROM frozen_borrowers)
		GROUP BY month, unit, from_on, branch_no;
		DELETE FROM month_borrowers WHERE month = %[1]s;
		INSERT INTO month_borrowers FROM merged;
		UPDATE closed_months SET borrowers = 'frozen' WHERE month = %[1]s AND borrowers = 'lower_bound'`, engine.Literal(on)+"::DATE", rank))
}

func (r *run) restoreCounts(ctx context.Context, folder, on string, m archive.FrozenManifest) error {
	var stand, changes string
	if err := r.warehouse.Get(ctx, []any{&stand, &changes}, "SELECT stand, changes FROM closed_months WHERE month = ?::DATE", on); err != nil {
		return err
	}
	members, loans := closedTables[0], closedTables[1]
	for _, part := range []struct{ basis, column, items string }{{stand, "stand", "item = 'members'"}, {changes, "changes", "item <> 'members'"}} {
		if part.basis != LowerBound {
			continue
		}
		if err := r.restoreFrom(ctx, members, path.Join(folder, members.Name+".csv.age"), "month = "+engine.Literal(on)+"::DATE AND "+part.items, part.items); err != nil {
			return err
		}
		if err := r.warehouse.Exec(ctx, "UPDATE closed_months SET "+part.column+" = 'frozen' WHERE month = ?::DATE", on); err != nil {
			return err
		}
	}
	if m.Imported {
		return nil // members only
	}
	// loans: what the source has lost shows as fewer events than were frozen
	if err := r.warehouse.Exec(ctx, "CREATE OR REPLACE TEMP TABLE frozen_loans AS FROM month_loans LIMIT 0"); err != nil {
		return err
	}
	aside := loans
	aside.Name = "frozen_loans"
	if err := r.restoreFrom(ctx, aside, path.Join(folder, loans.Name+".csv.age"), "false", ""); err != nil {
		return err
	}
	n, err := r.warehouse.Count(ctx, "SELECT (SELECT coalesce(sum(events), 0) FROM frozen_loans) - coalesce(sum(events), 0) FROM month_loans WHERE month = ?::DATE", on)
	if err != nil || n <= 0 {
		return err
	}
	return r.warehouse.Exec(ctx, "DELETE FROM month_loans WHERE month = "+engine.Literal(on)+"::DATE; INSERT INTO month_loans FROM frozen_loans")
}

// restoreFrom replaces the rows of a table where gone holds by those of a sealed file, of
// which items, unless empty, chooses.
func (r *run) restoreFrom(ctx context.Context, t archive.FrozenTable, file, gone, items string) error {
	if err := r.warehouse.Exec(ctx, "DELETE FROM "+t.Name+" WHERE "+gone); err != nil {
		return err
	}
	in := t.In
	if strings.Contains(in, "%s") {
		in = fmt.Sprintf(in, items)
	}
	read := "FROM read_csv(%s, auto_detect=false, header=false, delim=',', quote='\"', columns=" + t.Types + ")"
	return archive.Unseal(ctx, r.store, r.warehouse, r.work.Path, r.key, file, "INSERT INTO "+t.Name+" WITH f AS ("+read+") "+in)
}

const (
	firstsGone = "gone.csv.age"
)

// loadFirsts reads the markers of first loans into the vault.
func (r *run) loadFirsts(ctx context.Context) error {
	folders, err := archive.Folders(ctx, r.store, archive.StateFolder)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !strings.HasPrefix(folder, archive.FirstsPrefix) {
			continue
		}
		for name, query := range map[string]string{
			archive.FirstsMarkers: "INSERT INTO prior_firsts FROM " + archive.FirstsMarkersRead,
			firstsGone:            "INSERT INTO prior_gone FROM read_csv(%s, auto_detect=false, header=false, delim=',', quote='\"', columns={'quarter':'DATE','month':'DATE','first_in_year':'BOOLEAN','persons':'BIGINT'})",
		} {
			if err := archive.Unseal(ctx, r.store, r.vault, r.work.Path, r.key, path.Join(folder, name), query); err != nil {
				return err
			}
		}
	}
	return nil
}

// stageFirsts stages the markers for the next run: of the year of the last complete month,
// and of the one that has begun since.
func (r *run) stageFirsts(ctx context.Context) error {
	last := r.plan.params.AsOf.AddDate(0, 0, -r.plan.params.AsOf.Day())
	for year := last.Year(); year <= r.plan.params.AsOf.Year(); year++ {
		set, err := r.store.Stage(ctx, fmt.Sprint(archive.FirstsPrefix, year))
		if err != nil {
			return err
		}
		r.firsts = append(r.firsts, set)
		where := fmt.Sprintf(" WHERE year(quarter) = %d ORDER BY ALL", year)
		for name, query := range map[string]string{
			archive.FirstsMarkers: "SELECT i.pid, f.quarter, f.month FROM firsts f JOIN kept_pids i USING (mk)" + where,
			firstsGone:            "SELECT quarter, month, first_in_year, persons FROM firsts_gone" + where,
		} {
			if err := archive.Seal(ctx, set, r.vault, r.work.Path, r.key, name, query); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepFirsts publishes the markers.
func (r *run) keepFirsts(ctx context.Context) error {
	text, err := json.MarshalIndent(archive.FirstsManifest{Version: archive.ManifestVersion, KeyID: r.key.ID(), AsOf: r.summary.AsOf}, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the first loans of the year: %w", err)
	}
	for _, set := range r.firsts {
		if err := set.Publish(ctx, append(text, '\n')); err != nil {
			return fmt.Errorf("keep the first loans of the year: %w", err)
		}
	}
	return nil
}
