package transforms

import (
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
		{"branch_no", "SMALLINT", Public}, {"branch", "VARCHAR", Public}, {"name", "VARCHAR", Public}, {"isil", "VARCHAR", Public},
		{"type", "VARCHAR", Public}, {"opened_on", "DATE", Public}, {"closed_on", "DATE", Public},
	}},
	{"members", []Column{
		{"mk", "INTEGER", Pseudonymous}, {"kind", "VARCHAR", Pseudonymous}, {"sex", "VARCHAR", Pseudonymous}, {"pc4", "VARCHAR", Pseudonymous},
		{"branch_no", "SMALLINT", Pseudonymous}, {"subscription", "VARCHAR", Pseudonymous}, {"subscription_class", "VARCHAR", Pseudonymous},
		{"ebook", "BOOLEAN", Pseudonymous}, {"first_on", "DATE", Pseudonymous},
	}},
	{"stays", []Column{
		{"mk", "INTEGER", Pseudonymous}, {"branch_no", "SMALLINT", Pseudonymous}, {"subscription", "VARCHAR", Pseudonymous},
		{"from_on", "DATE", Pseudonymous}, {"to_on", "DATE", Pseudonymous}, {"entry", "VARCHAR", Pseudonymous}, {"exit", "VARCHAR", Pseudonymous},
		{"gap_unknown", "BOOLEAN", Pseudonymous}, {"first_unknown", "BOOLEAN", Pseudonymous}, {"entry_age", "SMALLINT", Pseudonymous},
	}},
	{"ages", []Column{
		{"mk", "INTEGER", Pseudonymous}, {"on_date", "DATE", Public}, {"age", "SMALLINT", Pseudonymous},
	}},
}

// Loans is the warehouse's table of loan events, filled straight from the source.
var Loans = Relation{"loans_read", []Column{
	{"mk", "INTEGER", Pseudonymous}, {"borrower", "VARCHAR", Public}, {"branch_no", "SMALLINT", Public}, {"owner_branch_no", "SMALLINT", Public},
	{"material", "VARCHAR", Public}, {"audience", "VARCHAR", Public}, {"genre", "VARCHAR", Public}, {"kind", "VARCHAR", Public},
	{"loaned_on", "DATE", Pseudonymous}, {"school", "BOOLEAN", Public},
	{"unmapped_branch", "VARCHAR", Public}, {"unmapped_material", "VARCHAR", Public}, {"unmapped_audience", "VARCHAR", Public},
	{"unmapped_genre", "VARCHAR", Public}, {"unmapped_kind", "VARCHAR", Public},
}}

// statement copies a relation across.
func (r Relation) statement() string {
	casts := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		casts[i] = "CAST(" + engine.Ident(c.Name) + " AS " + c.Type + ") AS " + engine.Ident(c.Name)
	}
	return "CREATE TABLE warehouse." + r.Name + " AS SELECT " + strings.Join(casts, ", ") + " FROM outgoing_" + r.Name
}

// empty creates a relation without rows.
func (r Relation) empty() string {
	defs := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		defs[i] = engine.Ident(c.Name) + " " + c.Type
	}
	return "CREATE TABLE warehouse." + r.Name + " (" + strings.Join(defs, ", ") + ")"
}

// LoanPart is what became of one part of the loans.
type LoanPart struct {
	Part    source.Part
	Rows    int64           // rows that were read, rejects without a date included
	Rejects []source.Reject // rows that could not be read, and rows without a date
}

// Cross is the only way from the vault to the warehouse. It attaches the warehouse's
// file to the vault, runs the statements of the allow-list and the loans, and
// detaches. After it the file is the warehouse's alone.
func Cross(ctx context.Context, vault *engine.DB, file string, loans source.Table, before func(what string, size int64)) (parts []LoanPart, err error) {
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
		before(r.Name, 0)
		if err := vault.Exec(ctx, r.statement()); err != nil {
			return nil, fmt.Errorf("cross %s: %w", r.Name, err)
		}
	}
	if err := vault.Exec(ctx, Loans.empty()); err != nil {
		return nil, fmt.Errorf("cross loans: %w", err)
	}
	for _, p := range loans.Parts {
		before(p.Name(), p.Size())
		part, err := crossLoans(ctx, vault, p)
		if err != nil {
			return nil, fmt.Errorf("cross loans from %s: %w", p.Name(), err)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func crossLoans(ctx context.Context, vault *engine.DB, p source.Part) (LoanPart, error) {
	from, err := vault.Count(ctx, "SELECT count(*) FROM warehouse.loans_read")
	if err != nil {
		return LoanPart{}, err
	}
	statement := func(relation string) string {
		return strings.ReplaceAll(text("crossing/loans.sql"), "{{relation}}", relation)
	}
	part := LoanPart{Part: p}
	if part.Rejects, err = p.Read(ctx, vault, statement); err != nil {
		return LoanPart{}, err
	}
	until, err := vault.Count(ctx, "SELECT count(*) FROM warehouse.loans_read")
	if err != nil {
		return LoanPart{}, err
	}
	part.Rows = until - from
	undated, err := Rejected(ctx, vault, p, "loaned_at", "no-date",
		"SELECT rowid - ? FROM warehouse.loans_read WHERE loaned_on IS NULL AND rowid >= ? ORDER BY rowid", from, from)
	part.Rejects = append(part.Rejects, undated...)
	return part, err
}

// Rejected lists the rows of a part that a query finds by their position in it.
func Rejected(ctx context.Context, db *engine.DB, p source.Part, column, code, query string, args ...any) ([]source.Reject, error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var positions []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		positions = append(positions, n)
	}
	if err := rows.Err(); err != nil || len(positions) == 0 {
		return nil, err
	}
	lines, err := p.Lines(ctx, positions)
	if err != nil {
		return nil, fmt.Errorf("find the lines of rejected rows: %w", err)
	}
	rejects := make([]source.Reject, len(lines))
	for i, line := range lines {
		rejects[i] = source.Reject{Part: p.Name(), Line: line, Column: column, Code: code}
	}
	return rejects, nil
}
