package quality

import (
	"context"
	_ "embed"
	"fmt"

	"peil/pipeline/engine"
)

//go:embed sql/loans_year.sql
var loansYearSQL string

//go:embed sql/complete.sql
var completeSQL string

// YearOfLoans are the loans of a branch in the last complete month, beside those of the
// same month of the year before.
type YearOfLoans struct {
	Branch string `json:"branch"`
	Month  string `json:"month"` // 2024-12
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

// ReadYearsOfLoans counts them in the warehouse.
func ReadYearsOfLoans(ctx context.Context, warehouse *engine.DB) ([]YearOfLoans, error) {
	var all []YearOfLoans
	var y YearOfLoans
	err := each(ctx, warehouse, loansYearSQL, []any{&y.Branch, &y.Month, &y.Before, &y.After}, func() { all = append(all, y) })
	if err != nil {
		return nil, fmt.Errorf("compare loans with the year before: %w", err)
	}
	return all, nil
}

// Fields are the fields that CBS asks for, as the canonical input calls them.
var Fields = []string{"birth_date", "sex", "last_registered_on", "postcode", "house_number"}

// Completeness says of how many persons of a branch a field is not known. A foreign
// postcode is known.
type Completeness struct {
	Branch  string  `json:"branch"`
	Persons int64   `json:"persons"`
	Missing []int64 `json:"missing"` // in the order of Fields
}

// ReadCompleteness counts it in the vault.
func ReadCompleteness(ctx context.Context, vault *engine.DB) ([]Completeness, error) {
	var all []Completeness
	c := Completeness{}
	missing := make([]int64, len(Fields))
	into := []any{&c.Branch, &c.Persons}
	for i := range missing {
		into = append(into, &missing[i])
	}
	err := each(ctx, vault, completeSQL, into, func() {
		c.Missing = append([]int64(nil), missing...)
		all = append(all, c)
	})
	if err != nil {
		return nil, fmt.Errorf("count what is not known: %w", err)
	}
	return all, nil
}

// each runs a query, scans each of its rows into the same places, and calls f.
func each(ctx context.Context, db *engine.DB, query string, into []any, f func()) error {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		f()
	}
	return rows.Err()
}
