package sqldb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// Probe is what can be told of a query without reading its rows.
type Probe struct {
	Rows    int64
	Newest  string // moment of the newest change, as the server writes it; empty if nothing tells
	Present []string
	Ignored []string
	// Codes that the columns of a code list can hold.
	Codes map[string][]string
}

// Probe counts the rows of a query of a canonical table, and asks what it says of itself.
func (db *DB) Probe(ctx context.Context, have Columns, table string, q Query) (p Probe, err error) {
	if err := db.missing(have, []Query{q}); err != nil {
		return p, err
	}
	t, err := db.Table(ctx, table, []Query{q})
	if err != nil {
		return p, err
	}
	p.Present, p.Ignored = t.Present, t.Ignored
	one := func(query string) (string, error) {
		rows, err := db.try(ctx, q.Name, query)
		if err != nil || len(rows) == 0 {
			return "", err
		}
		return rows[0][0], nil
	}
	count, err := one("SELECT COUNT(*) FROM (" + t.Parts[0].(*part).SQL + "\n) q")
	if err != nil {
		return p, err
	}
	if p.Rows, err = strconv.ParseInt(count, 10, 64); err != nil {
		return p, fmt.Errorf("count %s: %w", q.Name, err)
	}
	if q.Changed != "" {
		if p.Newest, err = one(q.Changed); err != nil {
			return p, err
		}
	}
	p.Codes = map[string][]string{}
	for list, query := range q.Codes {
		rows, err := db.try(ctx, q.Name, query)
		if err != nil {
			return p, err
		}
		for _, r := range rows {
			p.Codes[list] = append(p.Codes[list], r[0])
		}
	}
	return p, nil
}

// try is Rows in a way that leaves the transaction usable.
func (db *DB) try(ctx context.Context, name, query string) (rows [][]string, err error) {
	err = db.session.attempt(ctx, func() error {
		rows, err = db.session.rows(ctx, query)
		return err
	})
	if err != nil {
		return nil, db.o.explain(ctx, name, err)
	}
	return rows, nil
}

// Grants are the statements, for an administrator to run, that give an account the least
// that the queries of a design need.
func (db *DB) Grants(ctx context.Context, d Design) ([]string, error) {
	needs := Columns{}
	for _, table := range source.TableNames {
		for _, q := range d.Queries[table] {
			for name, columns := range q.Needs {
				for _, c := range columns {
					if !needs.Has(name, c) {
						needs.add(name, c)
					}
				}
			}
		}
	}
	if db.o.System == MariaDB {
		return db.grantsMaria(ctx, needs)
	}
	account := engine.Ident(db.o.User)
	grants := []string{"GRANT CONNECT ON DATABASE " + engine.Ident(db.o.Database) + " TO " + account + ";"}
	usage := ""
	for _, table := range slices.Sorted(maps.Keys(needs)) {
		schema, name, _ := strings.Cut(table, ".")
		if schema != usage {
			usage = schema
			grants = append(grants, "GRANT USAGE ON SCHEMA "+engine.Ident(schema)+" TO "+account+";")
		}
		grants = append(grants, fmt.Sprintf("GRANT SELECT (%s) ON %s.%s TO %s;", quoted(needs[table], engine.Ident), engine.Ident(schema), engine.Ident(name), account))
	}
	return grants, nil
}

func (db *DB) grantsMaria(ctx context.Context, needs Columns) ([]string, error) {
	rows, err := db.Rows(ctx, "SELECT CURRENT_USER()")
	if err != nil {
		return nil, err
	}
	account := rows[0][0]
	at := strings.LastIndexByte(account, '@')
	if at < 0 {
		return nil, &Error{Place: db.o.address(), Problem: "the server does not name the account"}
	}
	account = engine.Literal(account[:at]) + "@" + engine.Literal(account[at+1:])
	var grants []string
	for _, table := range slices.Sorted(maps.Keys(needs)) {
		grants = append(grants, fmt.Sprintf("GRANT SELECT (%s) ON %s.%s TO %s;", quoted(needs[table], backquoted), backquoted(db.o.Database), backquoted(table), account))
	}
	return grants, nil
}

func quoted(names []string, quote func(string) string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = quote(n)
	}
	return strings.Join(all, ", ")
}

func backquoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
