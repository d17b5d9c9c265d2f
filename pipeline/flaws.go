package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/source"
	"peil/reports/quality"
	"peil/transforms"
	"peil/transforms/contract"
)

// placesShown is how many places of one fault are looked up; whoever mends those finds the
// next ones in the next report.
const placesShown = 1000

// flaw is a row of a table of the vault that breaks a rule.
type flaw struct {
	table, column, code string // column is empty where it is about the whole row
	contract.Place
}

// findPlaces looks up where in the source's own files the rows stand that break a contract,
// and the further records of a person.
func (r *run) findPlaces(ctx context.Context) error {
	var faults []flaw
	for _, result := range r.findings.Contracts {
		folder, table, _ := strings.Cut(result.Contract, ".")
		c := contract.Find(folder, table)
		if folder != contract.Input || c.Instance != "vault" || !result.Broken() {
			continue
		}
		places, err := c.Places(ctx, r.vault, result.Rule, placesShown)
		if err != nil {
			return err
		}
		column, _, _ := strings.Cut(result.Rule, ".")
		for _, p := range places {
			faults = append(faults, flaw{table, column, table + "." + result.Rule, p})
		}
	}
	merged, err := r.mergedRecords(ctx)
	if err != nil {
		return err
	}
	faults = append(faults, merged...)
	for _, read := range r.reads {
		here := slices.DeleteFunc(slices.Clone(faults), func(f flaw) bool {
			return f.table != read.Table || f.Row < read.Offset || f.Row >= read.Offset+read.Rows
		})
		if err := r.locate(ctx, read, here); err != nil {
			return fmt.Errorf("find the lines of faults in %s: %w", read.Part.Name(), err)
		}
	}
	return nil
}

func (r *run) mergedRecords(ctx context.Context) ([]flaw, error) {
	rows, err := r.vault.Query(ctx, "SELECT record FROM followers ORDER BY record LIMIT ?", placesShown)
	if err != nil {
		return nil, fmt.Errorf("find merged records: %w", err)
	}
	defer rows.Close()
	var merged []flaw
	for rows.Next() {
		f := flaw{table: source.Members, code: "merged.members"}
		if err := rows.Scan(&f.Row); err != nil {
			return nil, err
		}
		merged = append(merged, f)
	}
	return merged, rows.Err()
}

// locate finds the lines of faults in the part that they came from.
func (r *run) locate(ctx context.Context, read transforms.Read, faults []flaw) error {
	slices.SortStableFunc(faults, func(a, b flaw) int { return cmp.Compare(a.Row, b.Row) })
	var positions []int64
	for _, f := range faults {
		positions = append(positions, f.Row-read.Offset)
	}
	positions = slices.Compact(positions)
	lines, err := read.Part.Lines(ctx, positions)
	if err != nil {
		return err
	}
	for _, f := range faults {
		i, _ := slices.BinarySearch(positions, f.Row-read.Offset)
		r.findings.Places = append(r.findings.Places, quality.Place{File: read.Part.Name(), Line: lines[i], Column: f.column, Code: f.code, Value: f.Value})
	}
	return nil
}
