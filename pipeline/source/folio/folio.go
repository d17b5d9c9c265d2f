// Package folio knows how FOLIO keeps members and loans in PostgreSQL: a schema for each
// tenant and module, documents in the column jsonb.
package folio

import (
	"embed"
	"regexp"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
)

//go:embed sql/*.sql
var files embed.FS

// Options say which library it is.
type Options struct {
	Tenant string
	// HomeBranch is the custom field of users that holds the code of a service point;
	// empty where there is none: home is then where the first loan was.
	HomeBranch string
}

// tenants are those that FOLIO itself accepts: they stand in names of schemas.
var tenants = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Describe looks at what a FOLIO database has.
func Describe(have sqldb.Columns, o Options) (sqldb.Design, error) {
	d := sqldb.Design{Queries: map[string][]sqldb.Query{}, Codes: map[string]map[string]string{
		// Users that are not patrons are staff, machines, and doubles of other tenants' users.
		"member_kind": {"patron": "person", "staff": "institution", "system": "institution", "shadow": "institution", "dcb": "institution"},
	}}
	if !tenants.MatchString(o.Tenant) {
		return d, &sqldb.Error{Place: "source.tenant", Problem: "this is not the name of a tenant", Remedy: "write it as FOLIO does: lower-case letters, digits and _"}
	}
	data := struct{ Users, Circulation, Inventory, HomeBranch string }{
		o.Tenant + "_mod_users", o.Tenant + "_mod_circulation_storage", o.Tenant + "_mod_inventory_storage", "",
	}
	if o.HomeBranch != "" {
		data.HomeBranch = engine.Literal(o.HomeBranch)
	}
	parts := []struct{ table, file string }{{source.Branches, "branches.sql"}, {source.Members, "members.sql"}, {source.Loans, "loan.sql"}}
	if have.Has(data.Circulation+".audit_loan", "jsonb") {
		parts = append(parts, struct{ table, file string }{source.Loans, "audit_loan.sql"})
	}
	for _, part := range parts {
		q, err := sqldb.Load(files, "sql/"+part.file, have, data)
		if err != nil {
			return d, err
		}
		q.Name = strings.TrimPrefix(q.Name, o.Tenant+"_")
		d.Queries[part.table] = append(d.Queries[part.table], q)
	}
	return d, nil
}
