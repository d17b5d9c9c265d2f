package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/reports/kb"
	"peil/reports/newmembers"
	"peil/reports/quality"
	"peil/reports/wsob"
	"peil/transforms"
)

// makePeriods counts, stages, checks and publishes one period after another. What a failing
// one leaves undone the record of the run tells.
func (r *run) makePeriods(ctx context.Context) error {
	for i, p := range r.plan.periods {
		if p.done != nil {
			r.summary.Outputs = append(r.summary.Outputs, *p.done)
			continue
		}
		text := "write " + p.Output + " " + p.Name
		if n := len(r.plan.periods); n > len(r.c.Outputs.Configured()) {
			text += fmt.Sprintf(" (%d of %d)", i+1, n)
		}
		r.o.Events(Event{Kind: StepBegun, Name: p.Output, Text: text, Done: r.inputs.Bytes, Total: r.inputs.Bytes})
		if err := r.stagePeriod(ctx, p); err != nil {
			return fmt.Errorf("make %s of %s: %w", p.Output, p.Name, err)
		}
		if err := r.publish(ctx, p); err != nil {
			return err
		}
		if err := r.record(ctx, Running, nil); err != nil {
			return err
		}
	}
	return nil
}

// stagePeriod counts a period in the warehouse and stages its files. Those of cbs are staged
// before, from the vault; quality, which comes last, tells what the others found.
func (r *run) stagePeriod(ctx context.Context, p *planned) error {
	stage := map[string]func(context.Context, *planned) error{
		"new-members": r.stageNewMembers, "kb": r.stageKB, "wsob": r.stageWSOB, "quality": r.stageQuality,
	}[p.Output]
	if stage == nil {
		return nil
	}
	if archive.Whole(p.Output) {
		p.params.MovesFrom = r.movesFrom()
		if err := transforms.Count(ctx, r.warehouse, p.Output, p.params, r.step); err != nil {
			return err
		}
	}
	return stage(ctx, p)
}

func (r *run) stageNewMembers(ctx context.Context, p *planned) error {
	if err := archive.SpliceFrozen(ctx, r.store, r.warehouse, r.work.Path, r.key); err != nil {
		return err
	}
	open, err := r.warehouse.Count(ctx, "SELECT count(*) FROM balance WHERE begin_members + new + re_registered + moved_in - lapsed - moved_out <> end_members")
	if err != nil {
		return err
	}
	r.addTo(p, quality.Require("balance.closes", open, []string{"new-members"},
		"Vestigingen en maanden waarin begin + in - uit niet het eind is: %d.", "Branches and months in which begin + in - out is not the end: %d."))
	public, err := r.stage(ctx, p, p.folders[0], "public", "new-members/1")
	if err != nil {
		return err
	}
	internal, err := r.stage(ctx, p, p.folders[1], "internal", "new-members/1")
	if err != nil {
		return err
	}
	earlier, err := r.releases(ctx, p.params.MonthsFrom)
	if err != nil {
		return err
	}
	made, err := newmembers.Write(ctx, r.warehouse, r.about(), newmembers.Options{
		From: p.params.MonthsFrom, Until: p.params.MonthsUntil, AgeClasses: p.params.AgeClasses, Earlier: earlier,
		Population: r.areas.Population, Serves: r.c.Outputs.NewMembers.Serves(), Areas: r.areas.Tables,
	}, internal, public)
	if frozen := (*newmembers.FrozenError)(nil); errors.As(err, &frozen) {
		return exit.With(exit.Usage, err)
	}
	if err != nil {
		return err
	}
	attacked, err := r.attackEdition(ctx, p, earlier, made, internal)
	if err != nil {
		return err
	}
	public.before = func(ctx context.Context) error { return r.keepRelease(ctx, earlier, made.Release) }
	public.manifest.Facts = map[string]any{"rounding_base": r.c.Protection.Threshold, "largest_deviation": made.Deviation, "branches_published_together": made.GroupedBranches, "attack": attacked}
	internal.manifest.Facts = map[string]any{"new_members": made.NewMembers, "members": made.Members, "months_lower_bound": made.LowerBound, "breaks_in_series": made.Breaks}
	r.protects(p, quality.Require("new-members.threshold", made.Unsafe, []string{"new-members"},
		"Aantallen personen onder de drempel in de publieke editie: %d.", "Counts of persons below the threshold in the public edition: %d."))
	return nil
}

func (r *run) stageKB(ctx context.Context, p *planned) error {
	s, err := r.stageRevision(ctx, p, strings.Join(kb.Layouts, ", "))
	if err != nil {
		return err
	}
	found, err := kb.Write(ctx, r.warehouse, r.work.Path, r.about(), kb.Week{From: p.From, Until: p.Until}, s)
	if err != nil {
		return err
	}
	if err := s.tell(found.Totals, nil); err != nil {
		return err
	}
	small := int64(0)
	if found.Smallest > 0 {
		small = max(int64(p.params.K)-found.Smallest, 0)
	}
	suppressed := quality.Bounded("kb.suppressed", found.Suppressed, found.Members, config.Bounds{Warn: r.c.Protection.SuppressAtMost, Fail: r.c.Protection.SuppressAtMost},
		"%d van %d leden in geen enkele groep van de weekbestanden.", "%d of %d members in no group of the weekly files.")
	if suppressed.Result != quality.OK {
		suppressed.Withholds = []string{"kb"}
	}
	r.protects(p, suppressed, quality.Require("kb.groups", small, []string{"kb"},
		"Personen die de kleinste groep in de weekbestanden te weinig telt: %d.", "Persons that the smallest group in the weekly files lacks: %d."),
		quality.Require("kb.attack", found.Exposed, []string{"kb"},
			"Aantallen in de weekbestanden waarvan niet bewezen is dat een verandering onzeker blijft: %d.", "Counts in the weekly files of which it is not proven that a change stays uncertain: %d."))
	return nil
}

func (r *run) stageWSOB(ctx context.Context, p *planned) error {
	s, err := r.stageRevision(ctx, p, wsob.Layout)
	if err != nil {
		return err
	}
	if err := r.restoreMonths(ctx, p.params); err != nil {
		return err
	}
	edition := wsob.Edition{State: s.manifest.Status, Revision: s.manifest.Revision}
	if s.replaced != nil {
		before, err := s.replaced.Totals()
		if err != nil {
			return err
		}
		edition.Corrects = before.Values
	}
	if edition.LastYear, edition.LastYearIn, err = r.lastReturn(ctx, p.params.WSOBYear-1); err != nil {
		return err
	}
	year := p.params.WSOBYear
	releases, err := r.releases(ctx, time.Date(year-1, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return err
	}
	for i := range edition.Told {
		for _, told := range newmembers.TellOf(releases, year-i) {
			edition.Told[i] = append(edition.Told[i], wsob.Told(told))
		}
	}
	ret, err := wsob.Make(ctx, r.warehouse, r.about(), year, edition)
	if err != nil {
		return err
	}
	if err := r.protectReturn(ctx, p, releases, ret); err != nil {
		return err
	}
	made, err := ret.Write(ctx, r.about(), s)
	if err != nil {
		return err
	}
	if err := s.tell(made.Totals, made.Bounds); err != nil {
		return err
	}
	p.statLine = made.StatLine
	return nil
}

// lastReturn is the return of a year as it was published last, and where; nil if it was not.
func (r *run) lastReturn(ctx context.Context, year int) (*wsob.Return, string, error) {
	base := fmt.Sprint("public/wsob/", year)
	m, err := archive.LastRevision(ctx, r.store, base)
	if err != nil || m == nil {
		return nil, "", err
	}
	folder := archive.RevisionFolder(base, m.Revision)
	made, err := r.readReturn(ctx, folder)
	return made, folder, err
}

// readReturn reads a published return.
func (r *run) readReturn(ctx context.Context, folder string) (*wsob.Return, error) {
	text, err := store.ReadFile(ctx, r.store, path.Join(folder, "wsob.json"))
	if err != nil {
		return nil, fmt.Errorf("read the return in %s: %w", folder, err)
	}
	made := &wsob.Return{}
	if err := json.Unmarshal(text, made); err != nil {
		return nil, fmt.Errorf("read the return in %s: it is damaged: %w", folder, err)
	}
	return made, nil
}

func (r *run) stageQuality(ctx context.Context, p *planned) error {
	s, err := r.stage(ctx, p, p.folders[0], "internal", "quality/1")
	if err != nil {
		return err
	}
	r.concludeContracts(p)
	r.findings.Now = r.history()
	s.manifest.Facts = map[string]any{factHistory: r.findings.Now}
	return quality.Write(ctx, r.about(), r.findings, s)
}
