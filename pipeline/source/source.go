// Package source says what a library system delivers to Peil: the four canonical
// tables, every value as text, in parts that are read once each.
//
// A source checks what it can without reading rows (files exist, headings are
// understood, the server answers) when it is opened, and hands out [Table]s. The
// pipeline reads each [Part] with one SQL statement inside the vault, so that rows
// stream from the source into typed tables without ever being Go values.
package source

import (
	"context"
	"strings"

	"peil/pipeline/engine"
)

// The canonical tables.
const (
	Members     = "members"
	Loans       = "loans"
	Branches    = "branches"
	Memberships = "memberships"
)

// TableNames lists the canonical tables in the order in which they are read: a
// loan refers to a member and a branch.
var TableNames = []string{Branches, Members, Memberships, Loans}

// Column is one column of a canonical table.
type Column struct {
	Name string
	// Required columns must be there; a missing optional one is NULL in every row.
	Required bool
}

func required(names ...string) []Column { return columns(true, names) }
func optional(names ...string) []Column { return columns(false, names) }

func columns(required bool, names []string) []Column {
	cs := make([]Column, len(names))
	for i, n := range names {
		cs[i] = Column{n, required}
	}
	return cs
}

// Columns are the columns of each canonical table, in order. They are an
// allow-list: nothing else is ever read from a source, so that names, e-mail
// addresses, bank accounts and passwords cannot enter.
var Columns = map[string][]Column{
	Members: append(required("member_id", "branch"), optional(
		"person_id", "kind", "birth_date", "sex", "postcode", "house_number", "house_letter",
		"house_number_addition", "country", "subscription", "subscription_class",
		"first_registered_on", "last_registered_on", "valid_until", "ended_on", "ebook", "deleted", "objection")...),
	Loans: append(required("branch", "material", "kind", "loaned_at"), optional(
		"member_id", "owner_branch", "title_id", "audience", "genre", "returned_at", "school")...),
	Branches: append(required("branch", "name"), optional(
		"isil", "admin_isil", "type", "opened_on", "closed_on", "merged_into")...),
	Memberships: append(required("member_id", "valid_from"), optional(
		"branch", "subscription", "valid_to")...),
}

// Empty is an SQL FROM item with the canonical columns of a table and no rows.
func Empty(table string) string {
	var b strings.Builder
	for i, c := range Columns[table] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("NULL::VARCHAR AS " + engine.Ident(c.Name))
	}
	return "(SELECT " + b.String() + " WHERE false)"
}

// Source is an opened library system.
type Source interface {
	// Tables that this source delivers, in the order of TableNames. Members and
	// branches are always there.
	Tables() []Table
	// Paths are the files that the vault must be allowed to read.
	Paths() []string
	// Close frees what Open took. It is safe to call twice.
	Close() error
}

// Table is one canonical table of a source.
type Table struct {
	Name string
	// Present are the canonical columns that the source really has; the others
	// are NULL throughout.
	Present []string
	// Ignored counts the headings that were not read, because they are not on the
	// allow-list. Their names are kept: a misspelt heading is found by its name.
	Ignored []string
	Parts   []Part
}

// Has says whether the source really has a column.
func (t Table) Has(column string) bool {
	for _, c := range t.Present {
		if c == column {
			return true
		}
	}
	return false
}

// Part is a piece of a table that is read in one statement: a file, a query.
type Part interface {
	// Name is how messages and reject lists call the part: a path as configured,
	// never with a query's values.
	Name() string
	// Size in bytes, 0 where unknown; for progress only.
	Size() int64
	// Read runs the statement in db: once or, for a piece of the part after the other, more
	// than once, so that it is an INSERT. statement is given an SQL FROM item that yields
	// every canonical column of the table, in order, as VARCHAR, an absent or empty value as
	// NULL, rows in the order of the source; it may be scanned once. Read may be called
	// again. The returned rejects are the rows that could not be read as rows at all (they
	// are not among those that statement saw).
	Read(ctx context.Context, db *engine.DB, statement func(relation string) string) ([]Reject, error)
	// Lines maps positions (0-based, ascending, among the rows that statement
	// saw) to line numbers in the part, 1-based, 0 where there are none.
	Lines(ctx context.Context, positions []int64) ([]int64, error)
}

// Unnumbered is a part whose rows have no lines: it need not be read again to find them.
type Unnumbered interface {
	Part
	Unnumbered()
}

// Reject is a row that cannot be used. It holds where and why, never a value.
type Reject struct {
	Part   string // Part.Name
	Line   int64  // 1-based; 0 if the part has no lines
	Column string // canonical name; empty if the row as a whole
	Code   string // such as "too-few-columns"; documented in the quality report
}
