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

// Describe says how the tables of a FOLIO database are read.
func Describe(o Options) (sqldb.Design, error) {
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
	for _, part := range []struct{ table, file string }{
		{source.Branches, "branches.sql"}, {source.Members, "members.sql"}, {source.Loans, "loan.sql"}, {source.Loans, "audit_loan.sql"},
	} {
		q, err := sqldb.Load(files, "sql/"+part.file, data)
		if err != nil {
			return d, err
		}
		q.Name = strings.TrimPrefix(q.Name, o.Tenant+"_")
		d.Queries[part.table] = append(d.Queries[part.table], q)
	}
	return d, nil
}
