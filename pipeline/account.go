package pipeline

import (
	"context"
	"fmt"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/reports/quality"
	"peil/transforms"
)

// uncounted says without what a row of each table of the vault cannot be counted.
var uncounted = map[string]transforms.Uncounted{
	source.Branches: {Into: "branch_rows", Where: "branch IS NULL", InSource: "parse_id(branch) IS NULL", Column: "branch", Code: "no-branch"},
	source.Members:  {Into: "record_rows", Where: "member_id IS NULL", InSource: "parse_id(member_id) IS NULL", Column: "member_id", Code: "no-member"},
	source.Memberships: {Into: "membership_rows", Where: "member_id IS NULL OR valid_from IS NULL",
		InSource: "parse_id(member_id) IS NULL OR parse_date(valid_from) IS NULL", Code: "no-member-or-date"},
}

// rejectUncounted adds to the rejects of each part the rows that arrived without what they
// are counted by.
func rejectUncounted(ctx context.Context, vault *engine.DB, reads []transforms.Read) error {
	for i := range reads {
		if err := reads[i].Reject(ctx, vault, uncounted[reads[i].Table]); err != nil {
			return err
		}
	}
	return nil
}

// account adds up what became of the rows that were read, from the vault.
func account(ctx context.Context, vault *engine.DB, reads []transforms.Read) ([]quality.Account, error) {
	var accounts []quality.Account
	for _, table := range source.TableNames {
		a := quality.Account{Table: table}
		known := false
		for _, r := range reads {
			if r.Table == table {
				known = true
				a.Rows += r.Rows + int64(len(r.Rejects)) - r.Uncounted // a row that arrived counts once
				a.Rejected += int64(len(r.Rejects))
			}
		}
		if !known {
			continue
		}
		if err := fill(ctx, vault, &a); err != nil {
			return nil, fmt.Errorf("account for the rows of %s: %w", table, err)
		}
		accounts = append(accounts, a)
	}
	return accounts, nil
}

// fill counts what became of the rows that arrived.
func fill(ctx context.Context, vault *engine.DB, a *quality.Account) error {
	for _, f := range []struct {
		table string
		into  *int64
		query string
	}{
		{source.Branches, &a.Accepted, "SELECT count(*) FROM branches WHERE branch_no > 0"},
		{source.Branches, &a.Merged, "SELECT (SELECT count(*) FROM branch_rows WHERE branch IS NOT NULL) - (SELECT count(*) FROM branches WHERE branch_no > 0)"},
		{source.Members, &a.Accepted, "SELECT count(*) FROM retained"},
		{source.Members, &a.Merged, "SELECT count(*) FROM followers"},
		{source.Members, &a.Past, "SELECT (SELECT count(*) FROM pids) - (SELECT count(*) FROM retained) - (SELECT count(*) FROM subjects WHERE away)"},
		{source.Members, &a.Away, "SELECT count(*) FROM subjects WHERE away"},
		{source.Memberships, &a.Accepted, "SELECT count(*) FROM history"},
		{source.Memberships, &a.Unmatched, `SELECT count(*) FROM membership_rows m
			WHERE m.member_id IS NOT NULL AND m.valid_from IS NOT NULL AND m.member_id NOT IN (SELECT member_id FROM member_keys WHERE kind = 'person')`},
	} {
		if f.table == a.Table {
			n, err := vault.Count(ctx, f.query)
			if err != nil {
				return err
			}
			*f.into = n
		}
	}
	return nil
}

// accountLoans counts the loans that figures are made of, in the warehouse, where they are.
func (r *run) accountLoans(ctx context.Context) (err error) {
	for i := range r.findings.Accounts {
		if a := &r.findings.Accounts[i]; a.Table == source.Loans {
			if a.Accepted, err = r.warehouse.Count(ctx, "SELECT count(*) FROM loans_read WHERE loaned_on IS NOT NULL"); err != nil {
				return err
			}
		}
	}
	return nil
}
