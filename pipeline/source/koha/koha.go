// Package koha knows how Koha, releases 19.11 to 25.11, keeps members and loans in
// MariaDB or MySQL. The queries are in sql/; they keep to columns that all of these
// releases have, but for renewals.
package koha

import (
	"context"
	"embed"
	"strconv"
	"strings"

	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
)

//go:embed sql/*.sql
var files embed.FS

// The tables that loans can come from.
const (
	// Statistics has a row for every event, and keeps the borrower until it is purged.
	Statistics = "statistics"
	// Issues has a row for every checkout, and loses the borrower to anonymisation.
	Issues = "issues"
)

// preferences of Koha that decide what a row means.
type preferences struct {
	Table           string // that a query reads, where there are two alike
	AnonymousPatron int64  // that takes over the loans of others; 0 for none
	ItemLevel       bool   // the item has the type, not the title
	EachRenewal     bool   // renewals have rows of their own
	FromIssues      bool   // loans are read from issues, not from statistics
	release         string
}

// Describe looks at a Koha database. loansFrom is Issues, or else Statistics.
func Describe(ctx context.Context, db *sqldb.DB, have sqldb.Columns, loansFrom string) (sqldb.Design, error) {
	d := sqldb.Design{Queries: map[string][]sqldb.Query{}, Codes: map[string]map[string]string{}}
	p, err := readPreferences(ctx, db, have)
	if err != nil {
		return d, err
	}
	d.Release = p.release
	// A table that is not there looks like one that may not be read: only the release
	// tells that renewals are missing.
	p.EachRenewal = have.Has("checkout_renewals") || p.release == "" || p.release >= "22.11"
	type part struct{ table, file, reads string }
	parts := []part{
		{source.Branches, "branches.sql", "branches"},
		{source.Members, "members.sql", "borrowers"}, // before those deleted: of one number in both, this is the member
		{source.Members, "members.sql", "deletedborrowers"},
	}
	p.FromIssues = loansFrom == Issues
	if p.FromIssues {
		parts = append(parts, part{source.Loans, "issues.sql", "issues"}, part{source.Loans, "issues.sql", "old_issues"},
			part{source.Loans, "renewals.sql", "issues"}, part{source.Loans, "renewals.sql", "old_issues"})
	} else {
		parts = append(parts, part{source.Loans, "statistics.sql", "statistics"})
	}
	for _, part := range parts {
		p.Table = part.reads
		q, err := sqldb.Load(files, "sql/"+part.file, p)
		if err != nil {
			return d, err
		}
		d.Queries[part.table] = append(d.Queries[part.table], q)
	}
	if d.Compare, err = sqldb.Load(files, "sql/compare.sql", p); err != nil {
		return d, err
	}
	return d, readCodes(ctx, db, have, d.Codes)
}

// readPreferences takes Koha's own defaults for what cannot be read: that it cannot is
// said when the queries are.
func readPreferences(ctx context.Context, db *sqldb.DB, have sqldb.Columns) (preferences, error) {
	p := preferences{ItemLevel: true}
	if !have.Has("systempreferences", "variable", "value") {
		return p, nil
	}
	rows, err := db.Rows(ctx, "SELECT variable, value FROM systempreferences WHERE variable IN ('Version', 'AnonymousPatron', 'item-level_itypes')")
	if err != nil {
		return p, err
	}
	for _, r := range rows {
		switch value := strings.TrimSpace(r[1]); strings.ToLower(r[0]) {
		case "version":
			p.release = value
		case "anonymouspatron":
			p.AnonymousPatron, _ = strconv.ParseInt(value, 10, 64) // what is no number names nobody
		case "item-level_itypes":
			p.ItemLevel = value != "0"
		}
	}
	return p, nil
}

// readCodes explains each category by its type. Organisations are no persons; neither
// are statistical patrons, which stand for whoever reads in the house, nor accounts of
// staff and machines.
func readCodes(ctx context.Context, db *sqldb.DB, have sqldb.Columns, codes map[string]map[string]string) error {
	codes["member_kind"], codes["subscription_class"] = map[string]string{}, map[string]string{}
	codes["loan_kind"] = map[string]string{"onsite_checkout": "inhouse"}
	codes["sex"] = map[string]string{"O": "X"}
	codes["material"] = map[string]string{"CR": "magazine", "VM": "audiovisual"} // Koha's own names, of a new installation
	if !have.Has("categories", "categorycode", "category_type") {
		return nil
	}
	rows, err := db.Rows(ctx, "SELECT categorycode, category_type FROM categories")
	if err != nil {
		return err
	}
	for _, r := range rows {
		kind, class := "person", "other"
		switch strings.ToUpper(r[1]) {
		case "A", "P":
			class = "adult"
		case "C":
			class = "youth"
		case "I", "S", "X":
			kind = "institution"
		}
		codes["member_kind"][r[0]], codes["subscription_class"][r[0]] = kind, class
	}
	return nil
}
