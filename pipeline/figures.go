package pipeline

import (
	"context"

	"peil/reports/cbs"
	"peil/reports/quality"
)

// stageCBS stages the member file from the vault, where the addresses are.
func (r *run) stageCBS(ctx context.Context) error {
	if !r.plan.has("cbs") {
		return nil
	}
	s, err := r.stage(ctx, "cbs", r.planned("cbs").Folders[0], "personal", cbs.Contract)
	if err != nil {
		return err
	}
	p := r.plan.params
	s.manifest.Peildatum, s.manifest.AddressesAsOf = date(p.Peildatum), date(p.SnapshotOn)
	if len(r.recipients) == 0 {
		_, err = cbs.Write(ctx, r.vault, r.work.path, r.about(), p.Peildatum, s, s)
		return err
	}
	_, err = cbs.Write(ctx, r.vault, r.work.path, r.about(), p.Peildatum, encrypted{s}, s)
	return err
}

// stageFigures stages every output that is made from the warehouse.
func (r *run) stageFigures(ctx context.Context) error {
	for _, o := range []struct {
		name  string
		stage func(context.Context) error
	}{
		{"quality", r.stageQuality},
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

func (r *run) stageQuality(ctx context.Context) error {
	s, err := r.stage(ctx, "quality", r.planned("quality").Folders[0], "internal", "quality/1")
	if err != nil {
		return err
	}
	return quality.Write(ctx, r.about(), r.findings, s)
}
