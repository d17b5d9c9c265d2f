package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"peil/pipeline/source"
)

// Design is how a library system keeps the canonical tables, as far as the database at
// hand shows it.
type Design struct {
	// Queries of each canonical table; their rows come one after the other.
	Queries map[string][]Query
	// Codes that the system itself explains: list, code, canonical value.
	Codes map[string]map[string]string
	// Release is the system's own version; empty if it does not tell.
	Release string
	// Compare yields, a row a year, the loans and the borrowers by the table that loans are
	// read from and by another that should tell the same; empty where there is none.
	Compare Query
}

// Compared are the loans of a year by two tables of the same system.
type Compared struct {
	Year           string `json:"year"`            // calendar year
	Loans          int64  `json:"loans"`           // by the table that they are read from
	Borrowers      int64  `json:"borrowers"`       // distinct, by that table
	OtherLoans     int64  `json:"other_loans"`     // by the other table
	OtherBorrowers int64  `json:"other_borrowers"` // distinct, by the other table
}

// Compare asks for what a design has to compare, the latest year first. An account that may
// not read the other table gets nothing: it is not needed for anything else.
func (db *DB) Compare(ctx context.Context, d Design) ([]Compared, error) {
	if d.Compare.SQL == "" {
		return nil, nil
	}
	rows, err := db.try(ctx, d.Compare.Name, d.Compare.SQL)
	if e := (*Error)(nil); errors.As(err, &e) && e.denied {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Compared
	for _, r := range rows {
		c := Compared{Year: r[0]}
		for i, n := range []*int64{&c.Loans, &c.Borrowers, &c.OtherLoans, &c.OtherBorrowers} {
			if *n, err = strconv.ParseInt(r[i+1], 10, 64); err != nil {
				return nil, fmt.Errorf("compare the loans of %s: %w", c.Year, err)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// Load makes a query of an .sql file. The file is a template, which follows the system's
// releases and settings as data has them. Comments in it say more than SQL can: "-- needs:
// TABLE COLUMN ..." what the account must be able to read, "-- changed: SELECT ..." what
// tells the moment of the newest change, "-- codes LIST: SELECT ..." which codes there
// are, "-- group: ..." a [Grouping], "-- since: ..." columns peil_1, peil_2, ... that hold
// the group of a row in each grouping. An ORDER BY stands on its own line, the last, and
// names columns of the result.
func Load(files fs.FS, name string, data any) (Query, error) {
	t, err := template.ParseFS(files, name)
	if err != nil {
		return Query{}, fmt.Errorf("load query: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return Query{}, fmt.Errorf("load query: %w", err)
	}
	q := Query{SQL: b.String(), Needs: Columns{}, Codes: map[string]string{}}
	for line := range strings.Lines(q.SQL) {
		line = strings.TrimSpace(line)
		if needs, ok := strings.CutPrefix(line, "-- needs: "); ok {
			words := strings.Fields(needs)
			for _, column := range words[1:] {
				q.Needs.add(words[0], column)
			}
			if q.Name == "" {
				q.Name, q.Table = words[0], words[0] // what it reads first is what it is called
			}
		}
		if changed, ok := strings.CutPrefix(line, "-- changed: "); ok {
			q.Changed = changed
		}
		if codes, ok := strings.CutPrefix(line, "-- codes "); ok {
			list, query, _ := strings.Cut(codes, ": ")
			q.Codes[list] = query
		}
		if group, ok := strings.CutPrefix(line, "-- group: "); ok {
			q.Groups = append(q.Groups, parseGrouping(group))
		}
	}
	return q, nil
}

// Source is a database as a source of canonical tables.
type Source struct {
	db     *DB
	design Design
	tables []source.Table
}

// Source makes the tables of a design. It takes the database over: closing the source
// closes it, and so does an error.
func (db *DB) Source(ctx context.Context, have Columns, d Design) (*Source, error) {
	s := &Source{db: db, design: d}
	var errs []error
	for _, name := range source.TableNames {
		queries := d.Queries[name]
		if len(queries) == 0 {
			continue
		}
		if err := db.missing(have, queries); err != nil {
			errs = append(errs, err)
			continue
		}
		t, err := db.Table(ctx, name, queries)
		if ctx.Err() != nil {
			db.Close()
			return nil, ctx.Err()
		}
		errs = append(errs, err)
		s.tables = append(s.tables, t)
	}
	if err := errors.Join(errs...); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// missing says what queries need and the account cannot read, or the system does not have:
// a database does not tell the two apart.
func (db *DB) missing(have Columns, queries []Query) error {
	var absent []string
	for _, q := range queries {
		for _, table := range slices.Sorted(maps.Keys(q.Needs)) {
			for _, column := range q.Needs[table] {
				what := table + "." + column
				if !have.Has(table) {
					what = "anything of " + table
				}
				if !have.Has(table, column) && !slices.Contains(absent, what) {
					absent = append(absent, what)
				}
			}
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return &Error{Place: db.o.Database + " at " + db.o.address(), Problem: "user " + db.o.User + " cannot read " + strings.Join(absent, ", "),
		Remedy: "grant it, as peil check --connect shows, or name another query or file for the table"}
}

// Tables are the canonical tables.
func (s *Source) Tables() []source.Table { return s.tables }

// Paths are none: rows come through pipes.
func (s *Source) Paths() []string { return nil }

// Close ends the transaction. It is safe to call twice.
func (s *Source) Close() error { return s.db.Close() }

// DB is the database that is read.
func (s *Source) DB() *DB { return s.db }

// Design is what was found in the database.
func (s *Source) Design() Design { return s.design }
