package archive

import (
	"context"
	"path"
	"strconv"
	"strings"

	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/reports/cbs"
)

// Compared are two deliveries side by side, in counts.
type Compared struct {
	Before      string           `json:"before"`       // period, with /r2 for a correction
	After       string           `json:"after"`        // the period that it is compared with
	SameMembers bool             `json:"same_members"` // they hold the same persons with the same data
	Differences []cbs.Difference `json:"differences"`  // every figure, also those that are equal
}

// Compare sets two published deliveries to CBS side by side. A period alone is its last
// revision; 2025-01-01/r1 is the first.
func Compare(ctx context.Context, s store.Store, before, after string) (*Compared, error) {
	a, err := findDelivery(ctx, s, before)
	if err != nil {
		return nil, err
	}
	b, err := findDelivery(ctx, s, after)
	if err != nil {
		return nil, err
	}
	var counts [2]cbs.Counts
	for i, m := range []*Manifest{a, b} {
		if counts[i], err = cbs.ParseCounts(m.Facts[FactCounts]); err != nil {
			return nil, err
		}
	}
	return &Compared{
		Before: RevisionFolder(a.Period, a.Revision), After: RevisionFolder(b.Period, b.Revision),
		SameMembers: a.SameMembers(b), Differences: cbs.Compare(counts[0], counts[1]),
	}, nil
}

func findDelivery(ctx context.Context, s store.Store, period string) (*Manifest, error) {
	m, err := findEdition(ctx, s, "private/cbs", period)
	if err == nil && (m == nil || m.Facts[FactCounts] == nil) {
		return nil, exit.Usagef("compare %s: the store holds no such delivery: see peil status", period)
	}
	return m, err
}

// findEdition reads the manifest of a period's last revision, or of the one that it names;
// nil if there is none.
func findEdition(ctx context.Context, s store.Store, prefix, period string) (*Manifest, error) {
	name, revision, given := strings.Cut(period, "/r")
	base := path.Join(prefix, name)
	if n, err := strconv.Atoi(revision); given && err == nil {
		return ReadManifest(ctx, s, RevisionFolder(base, n))
	}
	return LastRevision(ctx, s, base)
}

// ComparedFigures are two published periods of kb or wsob side by side.
type ComparedFigures struct {
	Output      string   `json:"output"`
	Before      string   `json:"before"`       // period, with /r2 for a correction
	After       string   `json:"after"`        // the period that it is compared with
	BeforeIs    string   `json:"before_is"`    // provisional, final or revised
	AfterIs     string   `json:"after_is"`     // the same, of that period
	SameFigures bool     `json:"same_figures"` // they hold the same figures
	Differences []Change `json:"differences"`  // every total, also those that are equal
}

// CompareFigures sets two published periods of kb or wsob side by side, in totals. A period
// alone is its last correction; 2024-W52/r1 is the first edition.
func CompareFigures(ctx context.Context, s store.Store, output, before, after string) (*ComparedFigures, error) {
	var editions [2]*Manifest
	var totals [2]Totals
	for i, period := range []string{before, after} {
		m, err := findEdition(ctx, s, path.Join("public", output), period)
		if err != nil {
			return nil, err
		}
		if m == nil || m.Facts[FactTotals] == nil {
			return nil, exit.Usagef("compare %s: the store holds no such publication: see peil status", period)
		}
		if totals[i], err = m.Totals(); err != nil {
			return nil, err
		}
		editions[i] = m
	}
	a, b := editions[0], editions[1]
	return &ComparedFigures{
		Output: output, Before: RevisionFolder(a.Period, a.Revision), After: RevisionFolder(b.Period, b.Revision), BeforeIs: a.Status, AfterIs: b.Status,
		SameFigures: a.SameFigures(b), Differences: Changes(totals[0], totals[1], true),
	}, nil
}
