package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// Query is one SELECT whose columns, as far as they are named like canonical ones, are
// rows of a canonical table.
type Query struct {
	Name  string // for messages: the table that it reads, or the file that it stands in
	Table string // that has about as many rows; empty if that is not known
	SQL   string
	// Changed is a SELECT of the moment of the newest change; empty if nothing tells.
	Changed string
	// Needs are the columns that the account must be able to read.
	Needs Columns
	// Codes are SELECTs of the codes that a column can hold, by code list, where there is
	// a quick way to list them.
	Codes map[string]string
	// Groups tell which rows have changed since they were read before; none where all have
	// to be read again.
	Groups []Grouping
}

// Table makes a canonical table of queries, one after the other. It runs each for no
// rows, so that what an account may not read, or a database does not have, shows now.
func (db *DB) Table(ctx context.Context, table string, queries []Query) (source.Table, error) {
	t := source.Table{Name: table}
	var errs []error
	for _, q := range queries {
		p := &part{db: db, table: table, Query: q}
		p.SQL = strings.TrimRight(strings.TrimSpace(q.SQL), ";")
		ignored, err := p.match(ctx)
		if ctx.Err() != nil {
			return t, ctx.Err()
		}
		errs = append(errs, err)
		t.Parts = append(t.Parts, p)
		for _, c := range source.Columns[table] {
			if slices.Contains(p.columns, c.Name) && !t.Has(c.Name) {
				t.Present = append(t.Present, c.Name)
			}
		}
		for _, name := range ignored {
			if !slices.Contains(t.Ignored, name) {
				t.Ignored = append(t.Ignored, name)
			}
		}
	}
	return t, errors.Join(errs...)
}

// part is a query as a part of a table.
type part struct {
	db    *DB
	table string
	Query
	columns []string // canonical, of those that the query yields, in their order
	since   *since   // what was read before; nil where all is read
}

// match finds the canonical columns in what the query yields, and says which it does
// not read.
func (p *part) match(ctx context.Context) (ignored []string, err error) {
	var names []string
	err = p.db.session.attempt(ctx, func() error {
		names, err = p.db.session.names(ctx, p.SQL)
		return err
	})
	if err != nil {
		return nil, p.db.o.explain(ctx, p.Query.Name, err)
	}
	count := map[string]int{}
	for _, n := range names {
		count[strings.ToLower(n)]++
	}
	var errs []error
	for _, c := range source.Columns[p.table] {
		switch n := count[c.Name]; {
		case n > 1:
			errs = append(errs, &Error{Place: p.Query.Name, Problem: "the query yields the column " + c.Name + " twice", Remedy: "select it once"})
		case n == 1:
			p.columns = append(p.columns, c.Name)
		case c.Required:
			errs = append(errs, &Error{Place: p.Query.Name, Problem: fmt.Sprintf("the query does not yield the required column %s of %s; it yields %s", c.Name, p.table, strings.Join(names, ", ")), Remedy: "select something AS " + c.Name})
		}
		delete(count, c.Name)
	}
	for _, n := range names {
		if count[strings.ToLower(n)] > 0 {
			ignored = append(ignored, n)
		}
	}
	return ignored, errors.Join(errs...)
}

func (p *part) Name() string { return p.Query.Name }
func (p *part) Size() int64  { return 0 }

// Unnumbered implements [source.Unnumbered].
func (p *part) Unnumbered() {}

// Lines of a query's result do not exist.
func (p *part) Lines(_ context.Context, positions []int64) ([]int64, error) {
	return make([]int64, len(positions)), nil
}

// Read streams the rows into the statement. Again means the same rows: the moment is the
// same.
func (p *part) Read(ctx context.Context, db *engine.DB, statement func(relation string) string) ([]source.Reject, error) {
	fill := func(w io.Writer) error {
		if p.since != nil {
			return p.since.fill(ctx, w)
		}
		return p.stream(ctx, p.SQL, p.columns, w)
	}
	return nil, db.FeedGroups(ctx, p.db.o.RunDir, fill, func(pipes string) string {
		return statement(source.FromPipes(p.table, p.columns, pipes))
	})
}

// stream writes rows of the part that a query yields. An error of w is returned as it is:
// whoever reads there knows why it stopped.
func (p *part) stream(ctx context.Context, query string, columns []string, w io.Writer) error {
	m := p.db.meter(ctx, p.Query)
	out := &watchedWriter{w: w}
	err := p.db.session.stream(ctx, query, columns, out, m.row)
	if out.err != nil {
		return out.err
	}
	if err != nil {
		return p.db.o.explain(ctx, p.Query.Name, err)
	}
	m.tell(time.Now(), true)
	return nil
}

// watchedWriter keeps the error of a writer.
type watchedWriter struct {
	w   io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (n int, err error) {
	n, err = w.w.Write(p)
	if err != nil {
		w.err = err
	}
	return n, err
}
