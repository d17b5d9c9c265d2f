package dbtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// Rows are the rows that a table delivers, as column=value with those columns that are
// not NULL, in the order of the source. dir is the RunDir of the database.
func Rows(t testing.TB, dir string, table source.Table) []string {
	t.Helper()
	rows, err := TryRows(t.Context(), dir, table)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TryRows is Rows with the error that reading ends with.
func TryRows(ctx context.Context, dir string, table source.Table) (all []string, err error) {
	db, err := engine.Open(ctx, engine.Options{Threads: 1, Dirs: []string{dir}})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.Lock(ctx); err != nil {
		return nil, err
	}
	var shown []string
	for _, c := range source.Columns[table.Name] {
		shown = append(shown, fmt.Sprintf("' %s=' || %s", c.Name, engine.Ident(c.Name)))
	}
	for i, p := range table.Parts {
		into := engine.Ident(fmt.Sprintf("part %d", i))
		if err := db.Exec(ctx, "CREATE TABLE "+into+" (row VARCHAR)"); err != nil {
			return nil, err
		}
		_, err := p.Read(ctx, db, func(relation string) string {
			return "INSERT INTO " + into + " SELECT concat(" + strings.Join(shown, ", ") + ")[2:] AS row FROM " + relation
		})
		if err != nil {
			return nil, err
		}
		rows, err := db.Query(ctx, "SELECT row FROM "+into+" ORDER BY rowid")
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				return nil, err
			}
			all = append(all, row)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}
