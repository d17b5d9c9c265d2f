package intake

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/source"
	"peil/pipeline/source/evergreen"
	"peil/pipeline/source/folio"
	"peil/pipeline/source/koha"
	"peil/pipeline/source/sqldb"
)

// Database is a source of which some tables may be files.
type Database struct {
	*sqldb.Source
	files source.Source
}

// openDatabase opens the database of a library system, and the files that stand for some
// of its tables.
func openDatabase(ctx context.Context, c *config.Config, runDir string, env func(string) (string, bool)) (source.Source, error) {
	files, err := openFiles(ctx, c, runDir)
	if err != nil {
		return nil, err
	}
	db, err := connect(ctx, c, runDir, env)
	if err != nil {
		return nil, err
	}
	have, design, err := look(ctx, c, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s, err := db.Source(ctx, have, design)
	if err != nil {
		return nil, err
	}
	return &Database{s, files}, nil
}

func connect(ctx context.Context, c *config.Config, runDir string, env func(string) (string, bool)) (*sqldb.DB, error) {
	n := c.Source.Connection
	system := map[string]sqldb.System{"koha": sqldb.MariaDB, "evergreen": sqldb.PostgreSQL, "folio": sqldb.PostgreSQL, "sql": sqldb.System(n.System)}[c.Source.Type]
	secret := sqldb.Secret{File: c.Path(n.Password.File), Env: n.Password.Env, Command: n.Password.Command}
	return sqldb.Open(ctx, sqldb.Options{
		System: system, Host: n.Host, Port: n.Port, Socket: n.Socket, Database: n.Database, User: n.User,
		Password:       func(ctx context.Context) (string, error) { return secret.Read(ctx, env) },
		TLS:            sqldb.TLS{Mode: n.TLS.Mode, CA: c.Path(n.TLS.CA), Cert: c.Path(n.TLS.Cert), Key: c.Path(n.TLS.Key), ServerName: n.TLS.ServerName},
		ConnectTimeout: n.ConnectTimeout, StatementTimeout: n.StatementTimeout, RetryFor: n.RetryFor, RunDir: runDir,
	})
}

// look finds out what the account may read, and how the library system keeps the tables
// that the configuration does not name files for.
func look(ctx context.Context, c *config.Config, db *sqldb.DB) (have sqldb.Columns, d sqldb.Design, err error) {
	if have, err = db.Columns(ctx); err != nil {
		return nil, d, err
	}
	switch c.Source.Type {
	case "koha":
		d, err = koha.Describe(ctx, db, have, c.Source.LoansFrom)
	case "evergreen":
		d, err = evergreen.Describe(ctx, db, have)
	case "folio":
		d, err = folio.Describe(folio.Options{Tenant: c.Source.Tenant, HomeBranch: c.Source.HomeBranch})
	default:
		d.Queries = map[string][]sqldb.Query{}
	}
	if err != nil {
		return nil, d, err
	}
	return have, d, ownQueries(c, d.Queries)
}

// ownQueries puts the queries of the configuration in the place of built-in ones, and takes
// out those of tables that are files.
func ownQueries(c *config.Config, queries map[string][]sqldb.Query) error {
	for table, in := range inputTables(c) {
		if in.Query == "" || len(in.Files) > 0 {
			delete(queries, table)
			continue
		}
		text, err := os.ReadFile(in.Query)
		if err != nil {
			return &sqldb.Error{Place: c.Rel(in.Query), Problem: "the query cannot be read: " + err.Error(), Remedy: "check source." + table}
		}
		queries[table] = []sqldb.Query{{Name: c.Rel(in.Query), SQL: strings.TrimPrefix(string(text), "\uFEFF")}}
	}
	return nil
}

// Tables are those of the database and of the files, in the order of source.TableNames.
func (d *Database) Tables() []source.Table {
	all := append(slices.Clone(d.Source.Tables()), d.files.Tables()...)
	slices.SortFunc(all, func(a, b source.Table) int {
		return slices.Index(source.TableNames, a.Name) - slices.Index(source.TableNames, b.Name)
	})
	return all
}

// Paths are those of the files.
func (d *Database) Paths() []string { return d.files.Paths() }

// Close ends both. It is safe to call twice.
func (d *Database) Close() error { return errors.Join(d.Source.Close(), d.files.Close()) }

// snapshotOn is the day that the source speaks of: of a database that of its transaction,
// of files as configured; zero where nobody says.
func snapshotOn(c *config.Config, s source.Source) time.Time {
	d, ok := s.(*Database)
	if !ok {
		return c.Source.SnapshotOn.Time
	}
	return archive.Midnight(d.DB().At().In(c.Location()))
}

// CodesOf are the codes that the library system explains itself, and in their place those
// of the configuration.
func CodesOf(c *config.Config, s source.Source) map[string]map[string]string {
	if d, ok := s.(*Database); ok {
		return mergedCodes(d.Design().Codes, c.Source.Codes)
	}
	return c.Source.Codes
}

// mergedCodes are code lists of which the later replace codes of the earlier.
func mergedCodes(several ...map[string]map[string]string) map[string]map[string]string {
	merged := map[string]map[string]string{}
	for _, lists := range several {
		for list, codes := range lists {
			if merged[list] == nil {
				merged[list] = map[string]string{}
			}
			for code, value := range codes {
				merged[list][strings.ToUpper(strings.TrimSpace(code))] = value
			}
		}
	}
	return merged
}
