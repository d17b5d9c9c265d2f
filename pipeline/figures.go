package pipeline

import (
	"context"
	"strings"

	"peil/pipeline/config"
	"peil/reports/kb"
	"peil/reports/newmembers"
	"peil/reports/quality"
	"peil/reports/wsob"
)

// stageFigures stages every output that is made from the warehouse.
func (r *run) stageFigures(ctx context.Context) error {
	for _, o := range []struct {
		name  string
		stage func(context.Context) error
	}{
		{"new-members", r.stageNewMembers},
		{"kb", r.stageKB},
		{"wsob", r.stageWSOB},
		{"quality", r.stageQuality}, // last: it tells what the others found
	} {
		if !r.plan.has(o.name) {
			continue
		}
		r.o.Events(Event{Kind: StepBegun, Name: o.name, Text: "write " + o.name, Done: r.inputs.bytes, Total: r.inputs.bytes})
		if err := o.stage(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) stageNewMembers(ctx context.Context) error {
	folders := r.planned("new-members").Folders
	public, err := r.stage(ctx, "new-members", folders[0], "public", "new-members/1")
	if err != nil {
		return err
	}
	internal, err := r.stage(ctx, "new-members", folders[1], "internal", "new-members/1")
	if err != nil {
		return err
	}
	p := r.plan.params
	made, err := newmembers.Write(ctx, r.warehouse, r.about(), newmembers.Options{
		From: p.MonthsFrom, Until: p.MonthsUntil, AgeClasses: p.AgeClasses,
	}, internal, public)
	if err != nil {
		return err
	}
	public.manifest.Facts = map[string]any{"rounding_base": r.c.Protection.Threshold, "largest_deviation": made.Deviation, "branches_published_together": made.GroupedBranches}
	internal.manifest.Facts = map[string]any{"new_members": made.NewMembers, "members": made.Members, "months_lower_bound": made.LowerBound, "breaks_in_series": made.Breaks}
	r.add(quality.Require("new-members.threshold", made.Unsafe, []string{"new-members"},
		"Aantallen personen onder de drempel in de publieke editie: %d.", "Counts of persons below the threshold in the public edition: %d."))
	return nil
}

func (r *run) stageKB(ctx context.Context) error {
	s, err := r.stage(ctx, "kb", r.planned("kb").Folders[0], "public", strings.Join(kb.Layouts, ", "))
	if err != nil {
		return err
	}
	p := r.plan.params
	found, err := kb.Write(ctx, r.warehouse, r.work.path, r.about(), kb.Week{From: p.KBFrom, Until: p.KBUntil}, s)
	if err != nil {
		return err
	}
	small := int64(0)
	if found.Smallest > 0 {
		small = max(int64(p.K)-found.Smallest, 0)
	}
	suppressed := quality.Bounded("kb.suppressed", found.Suppressed, found.Members, config.Bounds{Warn: r.c.Protection.SuppressAtMost, Fail: r.c.Protection.SuppressAtMost},
		"%d van %d leden in geen enkele groep van de weekbestanden.", "%d of %d members in no group of the weekly files.")
	if suppressed.Result != quality.OK {
		suppressed.Withholds = []string{"kb"}
	}
	r.add(suppressed, quality.Require("kb.groups", small, []string{"kb"},
		"Personen die de kleinste groep in de weekbestanden te weinig telt: %d.", "Persons that the smallest group in the weekly files lacks: %d."))
	return nil
}

func (r *run) stageWSOB(ctx context.Context) error {
	s, err := r.stage(ctx, "wsob", r.planned("wsob").Folders[0], "public", wsob.Layout)
	if err != nil {
		return err
	}
	_, err = wsob.Write(ctx, r.warehouse, r.about(), r.plan.params.WSOBYear, s)
	return err
}

func (r *run) stageQuality(ctx context.Context) error {
	s, err := r.stage(ctx, "quality", r.planned("quality").Folders[0], "internal", "quality/1")
	if err != nil {
		return err
	}
	r.concludeContracts()
	return quality.Write(ctx, r.about(), r.findings, s)
}
