package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"peil/pipeline/store"
)

// What a period's figures are, in its manifest. Provisional ones (marked * for people) are
// from data read before late events have come in; they are replaced while nobody got them.
// Final ones stay: what comes later makes a numbered correction, which is revised and says
// what changed.
const (
	Provisional = "provisional"
	Final       = "final"
	Revised     = "revised"
)

// settleDays is how long after the end of a period events still come in: Peil's own choice.
const settleDays = 28

// factTotals are the totals of an output that corrections and comparisons are told by.
const factTotals = "totals"

// Change is one total that a correction changes.
type Change struct {
	Figure string `json:"figure"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

// figuresStatus says what figures of a period are, read on a day.
func figuresStatus(p Period, on time.Time) string {
	if on.Before(p.Until.AddDate(0, 0, settleDays)) {
		return Provisional
	}
	return Final
}

// stageRevision opens the folder of a period whose figures may have been published or sent
// before: its own, or that of a correction.
func (r *run) stageRevision(ctx context.Context, p *planned, contract string) (*staged, error) {
	at, err := r.placeIn(ctx, p.folders[0], true)
	if err != nil {
		return nil, err
	}
	s, err := r.stage(ctx, p, at.folder, "public", contract)
	if err != nil {
		return nil, err
	}
	s.manifest.Status = figuresStatus(p.Period, r.plan.params.SnapshotOn)
	if at.begins {
		s.supersedes = at.replaced
	}
	if at.revision > 1 {
		s.manifest.Status, s.manifest.Revision, s.manifest.Replaces = Revised, at.revision, at.replaces
	}
	s.replaced = at.replaced
	return s, nil
}

// tell puts the totals of a staged period into its manifest, and of a correction what they
// change.
func (s *staged) tell(totals map[string]int64) error {
	s.manifest.Facts = map[string]any{factTotals: totals}
	if s.replaced == nil {
		return nil
	}
	before, err := s.replaced.totals()
	if err != nil {
		return err
	}
	s.manifest.Changes = changes(before, totals, false)
	return nil
}

// totals reads the totals of a published period.
func (m *Manifest) totals() (map[string]int64, error) {
	facts, _ := m.Facts[factTotals].(map[string]any)
	totals := map[string]int64{}
	for figure, n := range facts {
		v, ok := n.(float64)
		if !ok {
			return nil, fmt.Errorf("read totals of %s %s: %q is no number", m.Output, m.Period, figure)
		}
		totals[figure] = int64(v)
	}
	return totals, nil
}

// changes sets totals side by side, in order of their names; all also those that are equal.
func changes(before, after map[string]int64, all bool) []Change {
	figures := map[string]bool{}
	for _, totals := range []map[string]int64{before, after} {
		for figure := range totals {
			figures[figure] = true
		}
	}
	var found []Change
	for figure := range figures {
		if c := (Change{figure, before[figure], after[figure]}); all || c.Before != c.After {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b Change) int { return cmp.Compare(a.Figure, b.Figure) })
	return found
}

// sameFigures says whether two editions of a period hold the same figures: their CSV files and
// the totals that they state.
func (m *Manifest) sameFigures(o *Manifest) bool {
	contents := func(m *Manifest) []string {
		var all []string
		for _, f := range m.Files {
			if strings.HasSuffix(f.Name, ".csv") {
				all = append(all, f.content())
			}
		}
		return all
	}
	return slices.Equal(contents(m), contents(o)) && reflect.DeepEqual(plainFacts(m.Facts), plainFacts(o.Facts))
}

// ComparedFigures are two published periods of kb or wsob side by side.
type ComparedFigures struct {
	Output      string   `json:"output"`
	Before      string   `json:"before"` // period, with /r2 for a correction
	After       string   `json:"after"`
	BeforeIs    string   `json:"before_is"` // provisional, final or revised
	AfterIs     string   `json:"after_is"`
	SameFigures bool     `json:"same_figures"`
	Differences []Change `json:"differences"` // every total, also those that are equal
}

// CompareFigures sets two published periods of kb or wsob side by side, in totals. A period
// alone is its last correction; 2024-W52/r1 is the first edition.
func CompareFigures(ctx context.Context, s store.Store, output, before, after string) (*ComparedFigures, error) {
	var editions [2]*Manifest
	var totals [2]map[string]int64
	for i, period := range []string{before, after} {
		m, err := findEdition(ctx, s, path.Join("public", output), period)
		if err != nil {
			return nil, err
		}
		if m == nil || m.Facts[factTotals] == nil {
			return nil, Usage("compare %s: the store holds no such publication: see peil status", period)
		}
		if totals[i], err = m.totals(); err != nil {
			return nil, err
		}
		editions[i] = m
	}
	a, b := editions[0], editions[1]
	return &ComparedFigures{
		Output: output, Before: revisionFolder(a.Period, a.Revision), After: revisionFolder(b.Period, b.Revision), BeforeIs: a.Status, AfterIs: b.Status,
		SameFigures: a.sameFigures(b), Differences: changes(totals[0], totals[1], true),
	}, nil
}
