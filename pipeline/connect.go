package pipeline

import (
	"context"
	"fmt"
	"slices"

	"peil/pipeline/config"
	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/transforms"
)

// Connected is what the database says of one query: part of one table.
type Connected struct {
	Table   string   `json:"table"`
	Part    string   `json:"part"`
	Rows    int64    `json:"rows"`
	Newest  string   `json:"newest,omitempty"` // change, as the server writes it
	Missing []string `json:"missing"`          // optional columns that it lacks
	// Unmapped are the codes that occur and that no code list knows, by list.
	Unmapped map[string][]string `json:"unmapped"`
	Problem  string              `json:"problem,omitempty"` // why it cannot be read; empty if it can
}

// Connection is what a database says of itself.
type Connection struct {
	Server  string      `json:"server"`  // version
	Release string      `json:"release"` // of the library system; empty if it does not tell
	At      string      `json:"at"`      // its clock, UTC
	Parts   []Connected `json:"-"`
	// Grants are the statements that give the account the least it needs.
	Grants []string `json:"grants"`
}

// Connect asks the database of the source, and for each of its tables whether it can be
// read and what is in it. That a table cannot be read is no error here.
func Connect(ctx context.Context, c *config.Config, env func(string) (string, bool)) (*Connection, error) {
	if !c.Source.Database() {
		return nil, Usage("the source is of type %s: there is no database to connect to; run peil check", c.Source.Type)
	}
	n, err := askDatabase(ctx, c, env)
	if err != nil && ctx.Err() == nil {
		err = &ExitError{ExitSource, err}
	}
	return n, err
}

func askDatabase(ctx context.Context, c *config.Config, env func(string) (string, bool)) (*Connection, error) {
	db, err := connect(ctx, c, "", env)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	have, d, err := look(ctx, c, db)
	if err != nil {
		return nil, err
	}
	n := &Connection{Server: db.Version(), Release: d.Release, At: db.At().Format("2006-01-02 15:04:05")}
	if n.Grants, err = db.Grants(ctx, d); err != nil {
		return nil, err
	}
	known, err := codeMap(ctx, mergedCodes(d.Codes, c.Source.Codes))
	if err != nil {
		return nil, err
	}
	defer known.Close()
	for _, table := range source.TableNames {
		for _, q := range d.Queries[table] {
			part, err := ask(ctx, db, have, known, table, q)
			if err != nil {
				return nil, err
			}
			n.Parts = append(n.Parts, part)
		}
	}
	return n, nil
}

func ask(ctx context.Context, db *sqldb.DB, have sqldb.Columns, known *engine.DB, table string, q sqldb.Query) (Connected, error) {
	a := Connected{Table: table, Part: q.Name, Missing: []string{}, Unmapped: map[string][]string{}}
	p, err := db.Probe(ctx, have, table, q)
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	if err != nil {
		a.Problem = err.Error()
		return a, nil
	}
	a.Rows, a.Newest = p.Rows, p.Newest
	for _, column := range source.Columns[table] {
		if !slices.Contains(p.Present, column.Name) {
			a.Missing = append(a.Missing, column.Name)
		}
	}
	for list, codes := range p.Codes {
		slices.Sort(codes)
		for _, code := range codes {
			n, err := known.Count(ctx, "SELECT count(*) FROM code_map WHERE list = ? AND code = upper(trim(?))", list, code)
			if err != nil {
				return a, err
			}
			if n == 0 && code != "" {
				a.Unmapped[list] = append(a.Unmapped[list], code)
			}
		}
	}
	return a, nil
}

// codeMap is an instance that holds nothing but the codes, those of lists included.
func codeMap(ctx context.Context, lists map[string]map[string]string) (*engine.DB, error) {
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	if _, err := withCodes(ctx, db, lists, transforms.Vault()); err != nil {
		db.Close()
		return nil, fmt.Errorf("list the known codes: %w", err)
	}
	return db, nil
}
