package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/reports/quality"
	"peil/transforms"
)

// publish makes a staged period visible, unless a check withholds it, and freezes what it
// counted while that is exact.
func (r *run) publish(ctx context.Context, p *planned) error {
	r.concludeContracts(p)
	r.accept()
	r.warn()
	var err error
	if r.input, err = r.inputs.Hashed(); err != nil {
		return err
	}
	out := Output{Name: p.Output, Period: p.Name, Status: Unchanged, StatLine: p.statLine}
	if out.Why = quality.Withholding(r.findings.Checks, p.Output, p.Name); len(out.Why) > 0 {
		out.Status = Withheld
		r.summary.Outputs = append(r.summary.Outputs, out)
		return p.discard()
	}
	for _, s := range p.stages {
		s.manifest.Input, s.manifest.Configuration = r.input, r.configuration
		s.manifest.Checks = quality.Passed(r.findings.Checks, p.Output, p.Name)
		changed, err := r.publishOne(ctx, s)
		if err != nil {
			return err
		}
		out.Figures = s.manifest.Status
		if changed {
			out.Status = Published
		}
		out.Folders = append(out.Folders, s.folder)
		out.Files += len(s.manifest.Files)
		for _, f := range s.manifest.Files {
			out.Rows += f.Rows
		}
	}
	if err := p.discard(); err != nil {
		return err
	}
	if p.Output == "new-members" && !r.failed() {
		if err := archive.Freeze(ctx, r.store, r.warehouse, r.work.Path, r.key, p.params.AsOf); err != nil {
			return err
		}
	}
	if out.Delivery, err = r.delivered(ctx, out); err != nil {
		return err
	}
	r.summary.Outputs = append(r.summary.Outputs, out)
	return nil
}

// warn tells of warnings that were not told yet.
func (r *run) warn() {
	for _, c := range r.findings.Checks[r.told:] {
		if c.Result == quality.Warned {
			r.summary.Warnings++
			r.o.Events(Event{Kind: Warning, Name: c.Name, Text: strings.TrimSpace(c.Period + " " + c.Text["en"])})
		}
	}
	r.told = len(r.findings.Checks)
}

// failed says whether any check has failed so far that speaks against the data: then nothing of
// them is kept for later runs.
func (r *run) failed() bool {
	return slices.ContainsFunc(r.findings.Checks, func(c quality.Check) bool { return c.Result == quality.Failed && !c.Protects })
}

// publishOne puts one folder in place, unless it is there already with the same content.
func (r *run) publishOne(ctx context.Context, s *staged) (changed bool, err error) {
	before, err := archive.ReadManifest(ctx, r.store, s.folder)
	if err != nil {
		return false, err
	}
	slices.SortFunc(s.manifest.Files, func(a, b archive.File) int { return slices.Compare([]string{a.Name}, []string{b.Name}) })
	if before != nil && before.SameContent(&s.manifest) {
		return false, nil
	}
	if s.supersedes != nil && (s.supersedes.SameMembers(&s.manifest) || s.supersedes.Status != "" && s.supersedes.SameFigures(&s.manifest)) {
		s.folder, s.manifest.Status = s.manifest.Replaces.Folder, s.supersedes.Status // nothing to correct
		return false, nil
	}
	if s.manifest.Ledger, err = r.ledger.Anchor(ctx); err != nil {
		return false, err
	}
	text, err := s.manifest.Encode()
	if err != nil {
		return false, err
	}
	if s.manifest.Output == "cbs" {
		if err := r.recordCBS(ctx, s, text); err != nil {
			return false, err
		}
	}
	if s.before != nil {
		if err := s.before(ctx); err != nil {
			return false, fmt.Errorf("keep what %s tells: %w", s.folder, err)
		}
	}
	if s.members != nil {
		if err := s.members.Commit(); err != nil {
			return false, fmt.Errorf("publish the member set of %s: %w", s.folder, err)
		}
	}
	if err := s.set.Publish(ctx, text); err != nil {
		return false, fmt.Errorf("publish %s: %w", s.folder, err)
	}
	return true, nil
}

// keep stores what later runs need of this one, if it published anything.
func (r *run) keep(ctx context.Context) error {
	if len(r.plan.periods) > 0 && !slices.ContainsFunc(r.summary.Outputs, func(o Output) bool { return o.Status != Withheld }) {
		return nil
	}
	if err := archive.Mark(ctx, r.store, r.o.Version); err != nil {
		return err
	}
	if !r.failed() {
		if err := r.closeMonths(ctx); err != nil {
			return err
		}
		if err := r.keepFirsts(ctx); err != nil {
			return err
		}
		text, err := json.MarshalIndent(archive.StateManifest{Version: archive.ManifestVersion, KeyID: r.key.ID(), Since: r.since.Format(time.DateOnly)}, "", "  ")
		if err != nil {
			return fmt.Errorf("keep the state: %w", err)
		}
		if err := r.state.Publish(ctx, append(text, '\n')); err != nil {
			return fmt.Errorf("keep the state: %w", err)
		}
		if err := archive.DropOldStates(ctx, r.store, transforms.AddMonths(r.plan.params.SnapshotOn, -int(r.c.Retention.Contact))); err != nil {
			return err
		}
	}
	if err := r.dropErased(ctx); err != nil {
		return err
	}
	if err := r.keepExtract(ctx); err != nil {
		return err
	}
	return archive.WriteIndex(ctx, r.store, r.c)
}
