package pipeline

import (
	"context"
	"time"

	"peil/pipeline/archive"
)

// settleDays is how long after the end of a period events still come in: Peil's own choice.
const settleDays = 28

// figuresStatus says what figures of a period are, read on a day.
func figuresStatus(p archive.Period, on time.Time) string {
	if on.Before(p.Until.AddDate(0, 0, settleDays)) {
		return archive.Provisional
	}
	return archive.Final
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
		s.manifest.Status, s.manifest.Revision, s.manifest.Replaces = archive.Revised, at.revision, at.replaces
	}
	s.replaced = at.replaced
	return s, nil
}

// tell puts the totals of a staged period, and which of them are lower bounds, into its
// manifest, and of a correction what they change.
func (s *staged) tell(totals map[string]int64, bounds []string) error {
	s.manifest.Facts = map[string]any{archive.FactTotals: totals}
	if len(bounds) > 0 {
		s.manifest.Facts[archive.FactBounds] = bounds
	}
	if s.replaced == nil {
		return nil
	}
	before, err := s.replaced.Totals()
	if err != nil {
		return err
	}
	s.manifest.Changes = archive.Changes(before, archive.Totals{Of: s.manifest.Output, Values: totals, Bounds: bounds}, false)
	return nil
}
