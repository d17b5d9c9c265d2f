package demo

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"peil/pipeline/engine"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// writeData makes the data files.
func writeData(ctx context.Context, o Options, m *Made) error {
	if err := os.Mkdir(filepath.Join(o.Dir, "data"), 0o700); err != nil {
		return err
	}
	db, err := engine.Open(ctx, engine.Options{
		Memory: o.Memory,
		// A join keeps the order of its left side only on one thread, and only if the
		// sides stay as written. Sorting costs more than a second core brings.
		Threads:       1,
		KeepJoinOrder: true,
	})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Exec(ctx, variables(o)); err != nil {
		return fmt.Errorf("set variables: %w", err)
	}
	o.Progress("members, branches and titles")
	if err := runModels(ctx, db); err != nil {
		return err
	}
	export := func(view, name string) error {
		o.Progress(name)
		rows, err := db.Count(ctx, "COPY (FROM "+view+") TO "+engine.Literal(o.path(name))+" (FORMAT csv, DELIMITER ';', HEADER)")
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		m.Files[name] = rows
		return nil
	}
	for _, table := range []string{"branches", "members", "memberships"} {
		if err := export(table+"_file", "data/"+table+".csv"); err != nil {
			return err
		}
	}
	if err := export("population_file", "data/83502NED.csv"); err != nil {
		return err
	}
	last := o.AsOf.AddDate(0, 0, -1).Year()
	loans := func(year int) string { return fmt.Sprintf("data/loans-%d.csv", year) }
	for year := loansFrom(o.AsOf).Year(); year <= last; year++ {
		if err := db.Exec(ctx, fmt.Sprintf("SET VARIABLE year = %d", year)); err != nil {
			return err
		}
		if err := export("loans_file", loans(year)); err != nil {
			return err
		}
	}
	if err := appendLine(o.path("data/members.csv"), o.Mark+"290099999997;;person;"); err != nil {
		return err
	}
	return appendLine(o.path(loans(last)), o.Mark+"290099999997;0101;")
}

// runModels makes the tables and the views that are exported, in the order of the
// files' names.
func runModels(ctx context.Context, db *engine.DB) error {
	models, err := sqlFiles.ReadDir("sql")
	if err != nil {
		return err
	}
	for _, f := range models {
		query, err := sqlFiles.ReadFile("sql/" + f.Name())
		if err != nil {
			return err
		}
		if err := db.Exec(ctx, string(query)); err != nil {
			return fmt.Errorf("run %s: %w", f.Name(), err)
		}
	}
	return nil
}

// loansFrom is the first day with loans: two whole calendar years lie before AsOf,
// so that a yearly figure has one to stand beside.
func loansFrom(asOf time.Time) time.Time {
	return time.Date(asOf.Year()-2, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// variables sets what the SQL reads with getvariable.
func variables(o Options) string {
	return strings.Join([]string{
		// Hashed, so that neighbouring seeds have nothing in common.
		fmt.Sprintf("SET VARIABLE seed = hash(%d::UBIGINT)", o.Seed),
		fmt.Sprintf("SET VARIABLE members = %d", o.Members),
		fmt.Sprintf("SET VARIABLE records = %d", o.Members-duplicates(o.Members)),
		fmt.Sprintf("SET VARIABLE loans = %d::HUGEINT", o.Loans),
		fmt.Sprintf("SET VARIABLE titles = %d", min(max(o.Loans/12, 2_000), 400_000)),
		fmt.Sprintf("SET VARIABLE branches = %d", o.Branches),
		fmt.Sprintf("SET VARIABLE organisations = %d", o.Organisations),
		"SET VARIABLE as_of = DATE " + engine.Literal(o.AsOf.Format(time.DateOnly)),
		"SET VARIABLE loans_from = DATE " + engine.Literal(loansFrom(o.AsOf).Format(time.DateOnly)),
		"SET VARIABLE mark = " + engine.Literal(o.Mark),
	}, ";\n")
}

// duplicates is how many rows of the members file say again what another says.
func duplicates(members int) int {
	if members < 100 {
		return 0
	}
	return max(2, members/5_000)
}

// appendLine ends a file with a line of too few columns, as an interrupted export does.
func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
