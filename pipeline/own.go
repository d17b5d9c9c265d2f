package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"peil/pipeline/exit"
	"peil/pipeline/source/file"
	"peil/reports/quality"
)

// findOwnChecks sees to it, before anything is read, that the library's own queries are
// there.
func (r *run) findOwnChecks() error {
	for _, k := range r.c.Checks {
		if _, err := os.Stat(r.c.Path(k.Query)); errors.Is(err, fs.ErrNotExist) {
			return exit.Usagef("check %s in %s: there is no file %s", k.Name, r.c.File(), r.shown(k.Query))
		}
	}
	return nil
}

// ownChecks are the names of the library's own checks.
func (r *run) ownChecks() []string {
	var names []string
	for _, k := range r.c.Checks {
		names = append(names, "own."+k.Name)
	}
	return names
}

// rowsOf counts the rows of a query. As a view it may end in a semicolon and a comment.
func (r *run) rowsOf(ctx context.Context, query string) (int64, error) {
	if err := r.warehouse.Exec(ctx, "CREATE OR REPLACE TEMP VIEW own_check AS "+query); err != nil {
		return 0, err
	}
	return r.warehouse.Count(ctx, "SELECT count(*) FROM own_check")
}

// checkOwn asks the library's own questions of the warehouse: each row is a fault.
func (r *run) checkOwn(ctx context.Context) error {
	for _, k := range r.c.Checks {
		query, err := file.ReadQuery(ctx, r.warehouse, r.c.Path(k.Query), r.shown(k.Query))
		if err != nil {
			return exit.Usagef("check %s: %w", k.Name, err)
		}
		n, err := r.rowsOf(ctx, query)
		if err != nil {
			return exit.Usagef("check %s: run %s: %w; it may use the tables branches, members, stays and loans_read", k.Name, r.shown(k.Query), err)
		}
		c := quality.Check{Name: "own." + k.Name, Result: quality.OK, Count: n, Text: map[string]string{
			"nl": fmt.Sprintf("%d %s.", n, strings.TrimRight(k.NL, ".")), "en": fmt.Sprintf("%d %s.", n, strings.TrimRight(k.EN, ".")),
		}}
		switch {
		case n == 0:
		case k.Severity == "failure":
			c.Result, c.Withholds = quality.Failed, quality.Figures
		default:
			c.Result = quality.Warned
		}
		r.add(c)
	}
	return nil
}
