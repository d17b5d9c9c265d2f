// Package evergreen knows how Evergreen keeps members and loans in PostgreSQL.
package evergreen

import (
	"context"
	"embed"

	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
)

//go:embed sql/*.sql
var files embed.FS

// Describe looks at an Evergreen database.
func Describe(ctx context.Context, db *sqldb.DB, have sqldb.Columns) (sqldb.Design, error) {
	d := sqldb.Design{Queries: map[string][]sqldb.Query{}, Codes: map[string]map[string]string{}}
	for _, part := range []struct{ table, file string }{
		{source.Branches, "branches.sql"}, {source.Members, "members.sql"},
		{source.Loans, "circulation.sql"}, {source.Loans, "aged_circulation.sql"},
	} {
		q, err := sqldb.Load(files, "sql/"+part.file, nil)
		if err != nil {
			return d, err
		}
		d.Queries[part.table] = append(d.Queries[part.table], q)
	}
	return d, readCodes(ctx, db, have, d.Codes)
}

// readCodes tells patrons from staff by the tree of groups: accounts of staff and machines
// are no members.
func readCodes(ctx context.Context, db *sqldb.DB, have sqldb.Columns, codes map[string]map[string]string) error {
	codes["member_kind"] = map[string]string{}
	if !have.Has("permission.grp_tree", "id", "name", "parent") {
		return nil
	}
	query, err := files.ReadFile("sql/groups.sql")
	if err != nil {
		return err
	}
	rows, err := db.Rows(ctx, string(query))
	if err != nil {
		return err
	}
	for _, r := range rows {
		codes["member_kind"][r[0]] = r[1]
	}
	return nil
}
