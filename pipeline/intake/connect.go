package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/config"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/workdir"
	"peil/transforms"
	"peil/transforms/parse"
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
	// Compared are the loans of the last years by the table that they are read from, and by
	// another that should tell the same.
	Compared []sqldb.Compared `json:"compared,omitempty"`
	// Grants are the statements that give the account the least it needs.
	Grants []string `json:"grants"`
	// CompareGrants are those that it takes to compare loans as well.
	CompareGrants []string `json:"grants_to_compare,omitempty"`
}

// Connect asks the database of the source, and for each of its tables whether it can be
// read and what is in it. That a table cannot be read is no error here.
func Connect(ctx context.Context, c *config.Config, env func(string) (string, bool)) (*Connection, error) {
	if !c.Source.Database() {
		return nil, exit.Usagef("the source is of type %s: there is no database to connect to; run peil check", c.Source.Type)
	}
	n, err := askDatabase(ctx, c, env)
	if err != nil && ctx.Err() == nil {
		err = exit.With(exit.Source, err)
	}
	return n, err
}

func askDatabase(ctx context.Context, c *config.Config, env func(string) (string, bool)) (*Connection, error) {
	work, err := workdir.New(0, env)
	if err != nil {
		return nil, err
	}
	defer work.Remove()
	db, err := connect(ctx, c, work.Path, env)
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
	if n.Compared, err = db.Compare(ctx, d); err != nil {
		return nil, err
	}
	if d.Compare.SQL != "" && len(d.Queries[source.Loans]) > 0 {
		other := sqldb.Design{Queries: map[string][]sqldb.Query{source.Loans: {d.Compare}}}
		if n.CompareGrants, err = db.Grants(ctx, other); err != nil {
			return nil, err
		}
	}
	known, err := knownCodes(ctx, c, db, d, work.Path)
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
			n, err := known.Count(ctx, "SELECT count(*) FROM code_map WHERE list = $1 AND code = upper(trim($2)) OR $1 = 'sex' AND sex_code($2) <> 'invalid'", list, code)
			if err != nil {
				return a, err
			}
			if n == 0 && strings.TrimSpace(code) != "" {
				a.Unmapped[list] = append(a.Unmapped[list], code)
			}
		}
	}
	return a, nil
}

// knownCodes is an instance that holds nothing but the codes, those of lists and of branches
// included.
func knownCodes(ctx context.Context, c *config.Config, db *sqldb.DB, d sqldb.Design, runDir string) (*engine.DB, error) {
	known, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	if err = parse.Install(ctx, known, c.Library.Timezone); err == nil {
		_, err = WithCodes(ctx, known, mergedCodes(d.Codes, c.Source.Codes), transforms.Vault())
	}
	if err == nil {
		err = addBranches(ctx, c, db, d, known, runDir)
	}
	if err != nil {
		known.Close()
		return nil, fmt.Errorf("list the known codes: %w", err)
	}
	return known, nil
}

// addBranches adds the codes of the branches, which may be in the database or in files.
func addBranches(ctx context.Context, c *config.Config, db *sqldb.DB, d sqldb.Design, known *engine.DB, runDir string) error {
	s, err := openFiles(ctx, c, runDir)
	if err != nil {
		return err
	}
	defer s.Close()
	parts := partsOf(s.Tables(), source.Branches)
	if queries := d.Queries[source.Branches]; len(queries) > 0 {
		t, err := db.Table(ctx, source.Branches, queries)
		if err != nil {
			return nil // it is said of the table
		}
		parts = t.Parts
	}
	for _, p := range parts {
		if _, err := p.Read(ctx, known, func(relation string) string {
			return "INSERT INTO code_map SELECT 'branch', upper(trim(branch)), branch FROM " + relation
		}); err != nil {
			return err
		}
	}
	return nil
}

func partsOf(tables []source.Table, name string) []source.Part {
	for _, t := range tables {
		if t.Name == name {
			return t.Parts
		}
	}
	return nil
}
