package transforms

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// Class says what a column can reveal.
type Class string

// Privacy classes. A column that identifies has no class here, because it cannot
// cross.
const (
	Public       Class = "public"       // says nothing about a person
	Pseudonymous Class = "pseudonymous" // about one person, under a run-local number
)

// Column is one column that may cross, with its type in the warehouse.
type Column struct {
	Name  string
	Type  string
	Class Class
	// Codes is the vault's type of a text that is one of a few codes: stored as such, a row
	// takes a byte, and neither storing nor grouping it looks at letters.
	Codes string
}

// Relation is one table of the warehouse, filled from the vault's view
// outgoing_<Name>.
type Relation struct {
	Name    string
	Columns []Column
}

// AllowList is everything that may cross from the vault to the warehouse, beside the
// parameters of the run. The statements of the crossing are generated from it: a
// column that is not here stays behind, whatever the vault's views hold.
var AllowList = []Relation{
	{"branches", []Column{
		{"branch_no", "SMALLINT", Public, ""}, {"branch", "VARCHAR", Public, ""}, {"name", "VARCHAR", Public, ""}, {"isil", "VARCHAR", Public, ""},
		{"type", "VARCHAR", Public, ""}, {"opened_on", "DATE", Public, ""}, {"closed_on", "DATE", Public, ""},
	}},
	{"members", []Column{
		{"mk", "INTEGER", Pseudonymous, ""}, {"kind", "VARCHAR", Pseudonymous, ""}, {"sex", "VARCHAR", Pseudonymous, ""}, {"pc4", "VARCHAR", Pseudonymous, ""},
		{"branch_no", "SMALLINT", Pseudonymous, ""}, {"subscription", "VARCHAR", Pseudonymous, ""}, {"subscription_class", "VARCHAR", Pseudonymous, ""},
		{"ebook", "BOOLEAN", Pseudonymous, ""}, {"first_on", "DATE", Pseudonymous, ""}, {"objected", "BOOLEAN", Pseudonymous, ""},
	}},
	{"stays", []Column{
		{"mk", "INTEGER", Pseudonymous, ""}, {"branch_no", "SMALLINT", Pseudonymous, ""}, {"subscription", "VARCHAR", Pseudonymous, ""},
		{"from_on", "DATE", Pseudonymous, ""}, {"to_on", "DATE", Pseudonymous, ""}, {"entry", "VARCHAR", Pseudonymous, ""}, {"exit", "VARCHAR", Pseudonymous, ""},
		{"gap_unknown", "BOOLEAN", Pseudonymous, ""}, {"first_unknown", "BOOLEAN", Pseudonymous, ""}, {"entry_age", "SMALLINT", Pseudonymous, ""},
	}},
	{"age_spans", []Column{
		{"mk", "INTEGER", Pseudonymous, ""}, {"from_on", "DATE", Pseudonymous, ""}, {"to_on", "DATE", Pseudonymous, ""}, {"age", "SMALLINT", Pseudonymous, ""},
	}},
}

// Loans is the warehouse's table of loan events, filled straight from the source by the
// model crossing/loans_read.
var Loans = Relation{"loans_read", []Column{
	{"mk", "INTEGER", Pseudonymous, ""}, {"borrower", "VARCHAR", Public, "borrower_code"}, {"branch_no", "SMALLINT", Public, ""}, {"owner_branch_no", "SMALLINT", Public, ""},
	{"material", "VARCHAR", Public, "material_code"}, {"audience", "VARCHAR", Public, "audience_code"}, {"genre", "VARCHAR", Public, "genre_code"}, {"kind", "VARCHAR", Public, "loan_kind_code"},
	{"loaned_on", "DATE", Pseudonymous, ""}, {"school", "BOOLEAN", Public, ""},
	{"unmapped_branch", "VARCHAR", Public, ""}, {"unmapped_material", "VARCHAR", Public, ""}, {"unmapped_audience", "VARCHAR", Public, ""},
	{"unmapped_genre", "VARCHAR", Public, ""}, {"unmapped_kind", "VARCHAR", Public, ""}, {"title", "VARCHAR", Pseudonymous, ""},
}}

// statement copies a relation across.
func (r Relation) statement() string {
	return "CREATE TABLE warehouse." + r.Name + " AS " + r.confine("SELECT * FROM outgoing_"+r.Name)
}

// confine narrows a query to the columns and types of the relation.
func (r Relation) confine(query string) string {
	casts := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		casts[i] = "CAST(" + engine.Ident(c.Name) + " AS " + cmp.Or(c.Codes, c.Type) + ") AS " + engine.Ident(c.Name)
	}
	return "SELECT " + strings.Join(casts, ", ") + " FROM (" + query + ")"
}

// Cross is the only way from the vault to the warehouse. It attaches the warehouse's
// file to the vault, runs the statements of the allow-list and reads the loans, and
// detaches. After it the file is the warehouse's alone, and the vault holds no member any
// more.
func Cross(ctx context.Context, vault *engine.DB, file string, tables []source.Table, before func(Step)) (loans []Read, err error) {
	if err := vault.Exec(ctx, "ATTACH "+engine.Literal(file)+" AS warehouse"); err != nil {
		return nil, fmt.Errorf("cross to the warehouse: %w", err)
	}
	defer func() {
		// without the caller's context: the file must be let go after an interrupt too
		if detachErr := vault.Exec(context.WithoutCancel(ctx), "DETACH warehouse"); err == nil && detachErr != nil {
			err = fmt.Errorf("cross to the warehouse: %w", detachErr)
		}
	}()
	for _, r := range AllowList {
		before(Step{Model: "crossing/" + r.Name})
		if err := vault.Exec(ctx, r.statement()); err != nil {
			return nil, fmt.Errorf("cross %s: %w", r.Name, err)
		}
	}
	for _, m := range models("crossing") {
		if m.Reads == "" {
			before(Step{Model: m.Name})
			if err := vault.Exec(ctx, m.SQL); err != nil {
				return nil, fmt.Errorf("run %s: %w", m.Name, err)
			}
			if err := vault.Compact(ctx); err != nil {
				return nil, fmt.Errorf("run %s: %w", m.Name, err)
			}
			continue
		}
		m.SQL = Loans.confine(m.SQL)
		if loans, err = m.read(ctx, vault, "warehouse.", tableOf(tables, m.Reads), before); err != nil {
			return nil, err
		}
	}
	undated := Uncounted{"warehouse." + Loans.Name, "loaned_on IS NULL", "parse_time(loaned_at) IS NULL", "loaned_at", "no-date"}
	for i := range loans {
		if err := loans[i].Reject(ctx, vault, undated); err != nil {
			return nil, err
		}
	}
	return loans, nil
}
