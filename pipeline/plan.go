package pipeline

import (
	"context"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/source"
	"peil/reports/wsob"
	"peil/transforms"
)

// Planned is one period of one output that a run would make.
type Planned struct {
	Output  string   `json:"output"`
	Period  string   `json:"period"`
	From    string   `json:"from"`
	Until   string   `json:"until"` // exclusive
	Folders []string `json:"folders"`
	// Basis is lower_bound where members who left in or before the period are gone from the
	// source by retention, else exact.
	Basis string `json:"basis"`
}

// Bases of a planned period.
const (
	Exact      = "exact"
	LowerBound = "lower_bound"
)

// Plan lists what a run with these options makes, and where. Only what says what to make is
// read of the options, and Env.
func Plan(ctx context.Context, o Options) ([]Planned, error) {
	s, err := intake.OpenSource(ctx, o.Config, "", o.Env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	p, err := newPlan(o, s)
	if err != nil {
		return nil, err
	}
	return p.list(), nil
}

// plan is what a run makes.
type plan struct {
	params  transforms.Parameters // of the run; those of a period are its own
	periods []*planned            // in the order in which they are made
}

// planned is one period on its way to being published.
type planned struct {
	archive.Period
	covers  time.Time // the first day that the output tells of
	folders []string
	params  transforms.Parameters
	stages  []*staged
	// statLine is what a yearly return says in the lines of CBS.
	statLine []wsob.StatLine
	done     *Output // by the run that this one resumes; else nil
}

// find is the first period of an output; nil if the output is not planned.
func (p *plan) find(output string) *planned {
	i := slices.IndexFunc(p.periods, func(o *planned) bool { return o.Output == output })
	if i < 0 {
		return nil
	}
	return p.periods[i]
}

// has says whether anything of an output is still to be made.
func (p *plan) has(output string) bool {
	return slices.ContainsFunc(p.periods, func(o *planned) bool { return o.Output == output && o.done == nil })
}

// list tells the plan to others.
func (p *plan) list() []Planned {
	all := make([]Planned, len(p.periods))
	for i, o := range p.periods {
		all[i] = Planned{Output: o.Output, Period: o.Name, From: o.covers.Format(time.DateOnly), Until: o.Until.Format(time.DateOnly), Folders: o.folders, Basis: Exact}
		if archive.Whole(o.Output) && o.Until.AddDate(0, 0, -1).Before(p.params.Cutoff()) {
			all[i].Basis = LowerBound
		}
	}
	return all
}

// referenceDates are the days on which any period needs ages.
func (p *plan) referenceDates() []time.Time {
	days := p.params.Closing().ReferenceDates()
	for _, o := range p.periods {
		if o.done == nil {
			days = append(days, o.params.ReferenceDates()...)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

// newPlan needs to know of the source whether it holds validity dates, and the day that
// it speaks of.
func newPlan(o Options, s source.Source) (*plan, error) {
	p := &plan{params: intake.Parameters(o.Config, s, o.AsOf)}
	periods, err := o.periods(p.params.Peildatum)
	if err != nil {
		return nil, err
	}
	for _, period := range periods {
		one := &planned{Period: period, params: p.params}
		one.cover(o.Config)
		p.periods = append(p.periods, one)
	}
	for _, one := range p.periods {
		p.params.NeedTitles(one.params)
	}
	return p, nil
}

// periods lists what the options ask for, in the order in which it is made.
func (o Options) periods(peildatum time.Time) ([]archive.Period, error) {
	if o.Periods != nil {
		return o.given(peildatum)
	}
	configured := o.Config.Outputs.Configured()
	for _, output := range o.Outputs {
		if err := o.mayMake(output); err != nil {
			return nil, err
		}
		if !o.From.IsZero() && output == "cbs" {
			return nil, exit.Usagef("output cbs is made as of a day: write peil run cbs --as-of DATE, without --from and --to")
		}
	}
	var all []archive.Period
	for _, output := range config.OutputNames {
		switch {
		case len(o.Outputs) == 0 && !slices.Contains(configured, output), len(o.Outputs) > 0 && !slices.Contains(o.Outputs, output):
		case output == "cbs":
			if o.From.IsZero() {
				all = append(all, archive.PeriodOf(output, peildatum))
			}
		case o.From.IsZero() || output == "quality":
			all = append(all, archive.LastPeriod(output, o.AsOf))
		default:
			to := o.To
			if before := o.AsOf.AddDate(0, 0, -1); to.IsZero() || to.After(before) {
				to = before // what has not ended cannot be counted
			}
			all = append(all, archive.PeriodsBetween(output, o.From, to)...)
		}
	}
	if !slices.ContainsFunc(all, func(p archive.Period) bool { return o.From.IsZero() || archive.Whole(p.Output) }) {
		return nil, exit.Usagef("no whole period of these outputs lies from %s on and had ended by %s, or by --to", o.From.Format(time.DateOnly), o.AsOf.Format(time.DateOnly))
	}
	return all, nil
}

// given checks and orders periods that the caller names one by one.
func (o Options) given(peildatum time.Time) ([]archive.Period, error) {
	for _, p := range o.Periods {
		if err := o.mayMake(p.Output); err != nil {
			return nil, err
		}
		only := map[string]time.Time{"cbs": peildatum, "quality": o.AsOf}
		if on, ok := only[p.Output]; ok && !p.From.Equal(on) {
			return nil, exit.Usagef("%s of %s cannot be made as of %s: of the run it would be %s", p.Output, p.Name, o.AsOf.Format(time.DateOnly), on.Format(time.DateOnly))
		}
		if archive.Whole(p.Output) && p.Until.After(o.AsOf) {
			return nil, exit.Usagef("%s of %s cannot be made as of %s: it has not ended by then", p.Output, p.Name, o.AsOf.Format(time.DateOnly))
		}
	}
	all := slices.Clone(o.Periods)
	slices.SortStableFunc(all, func(a, b archive.Period) int {
		if a.Output != b.Output {
			return slices.Index(config.OutputNames, a.Output) - slices.Index(config.OutputNames, b.Output)
		}
		return a.From.Compare(b.From)
	})
	return slices.CompactFunc(all, func(a, b archive.Period) bool { return a == b }), nil
}

// mayMake refuses an output that the configuration does not ask for.
func (o Options) mayMake(output string) error {
	if !slices.Contains(config.OutputNames, output) {
		return exit.Usagef("unknown output %q: use one or more of %s", output, strings.Join(config.OutputNames, ", "))
	}
	if !slices.Contains(o.Config.Outputs.Configured(), output) {
		return exit.Usagef("output %s is not configured: add it under outputs: in %s", output, o.Config.File())
	}
	return nil
}

// cover gives what the models must know to count the period, and the first day that the
// output covers.
func (p *planned) cover(c *config.Config) {
	p.covers = p.From
	switch p.Output {
	case "new-members":
		p.covers = p.Until.AddDate(0, -c.Outputs.NewMembers.Months, 0)
		p.params.MonthsFrom, p.params.MonthsUntil = p.covers, p.Until
	case "kb":
		p.params.KBFrom, p.params.KBUntil = p.From, p.Until
	case "wsob":
		p.params = p.params.WholeYear(p.From.Year())
	}
	p.folders = p.Period.Folders()
}
