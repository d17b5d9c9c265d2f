package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/source"
	"peil/transforms"
)

// Planned is one output that a run would make.
type Planned struct {
	Output  string   `json:"output"`
	Period  string   `json:"period"`
	From    string   `json:"from"`
	Until   string   `json:"until"` // exclusive
	Folders []string `json:"folders"`
}

// Plan lists what a run of the outputs as of a day makes, and where.
func Plan(ctx context.Context, c *config.Config, outputs []string, asOf time.Time, env func(string) (string, bool)) ([]Planned, error) {
	s, err := openSource(ctx, c, "", env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	p, err := newPlan(c, outputs, asOf, s)
	if err != nil {
		return nil, err
	}
	return p.outputs, nil
}

// plan is what a run makes, with the parameters that follow from it.
type plan struct {
	outputs []Planned
	params  transforms.Parameters
}

func (p *plan) has(output string) bool {
	return slices.ContainsFunc(p.outputs, func(o Planned) bool { return o.Output == output })
}

// newPlan needs to know of the source whether it holds validity dates, and the day that
// it speaks of.
func newPlan(c *config.Config, outputs []string, asOf time.Time, s source.Source) (*plan, error) {
	configured := c.Outputs.Configured()
	if len(outputs) == 0 {
		outputs = configured
	}
	for _, o := range outputs {
		if !slices.Contains(config.OutputNames, o) {
			return nil, Usage("unknown output %q: use one or more of %s", o, strings.Join(config.OutputNames, ", "))
		}
		if !slices.Contains(configured, o) {
			return nil, Usage("output %s is not configured: add it under outputs: in %s", o, c.File())
		}
	}
	p := &plan{params: transforms.Parameters{
		AsOf: asOf, SnapshotOn: asOf, RenewalGrace: c.Counting.RenewalGrace, AgeClasses: c.Counting.AgeClasses,
		Retention: transforms.Retention{Contact: int(c.Retention.Contact), Loans: int(c.Retention.Loans)},
		K:         c.Protection.K, L: c.Protection.L, LeaveOut: leaveOut(c),
	}}
	if on := snapshotOn(c, s); !on.IsZero() {
		p.params.SnapshotOn = on
	}
	p.params.Peildatum = p.params.SnapshotOn
	if holdsValidity(s) && asOf.Before(p.params.SnapshotOn) {
		p.params.Peildatum = asOf // the population of an earlier day can be told from the dates
	}
	for _, name := range config.OutputNames {
		if slices.Contains(outputs, name) {
			p.add(c, name)
		}
	}
	return p, nil
}

func (p *plan) add(c *config.Config, name string) {
	asOf := p.params.AsOf
	month := time.Date(asOf.Year(), asOf.Month(), 1, 0, 0, 0, 0, time.UTC)
	add := func(period string, from, until time.Time, prefixes ...string) {
		o := Planned{Output: name, Period: period, From: from.Format(time.DateOnly), Until: until.Format(time.DateOnly)}
		for _, prefix := range prefixes {
			o.Folders = append(o.Folders, prefix+"/"+name+"/"+period)
		}
		p.outputs = append(p.outputs, o)
	}
	switch name {
	case "cbs":
		on := p.params.Peildatum
		add(on.Format(time.DateOnly), on, on.AddDate(0, 0, 1), "private")
	case "new-members":
		p.params.MonthsFrom, p.params.MonthsUntil = month.AddDate(0, -c.Outputs.NewMembers.Months, 0), month
		add(month.AddDate(0, -1, 0).Format("2006-01"), p.params.MonthsFrom, month, "public", "private")
	case "kb":
		monday := asOf.AddDate(0, 0, -(int(asOf.Weekday())+6)%7)
		p.params.KBFrom, p.params.KBUntil = monday.AddDate(0, 0, -7), monday
		year, week := p.params.KBFrom.ISOWeek()
		add(fmt.Sprintf("%d-W%02d", year, week), p.params.KBFrom, monday, "public")
	case "wsob":
		p.params.WSOBYear = asOf.Year() - 1
		from := time.Date(p.params.WSOBYear, 1, 1, 0, 0, 0, 0, time.UTC)
		add(fmt.Sprint(p.params.WSOBYear), from, from.AddDate(1, 0, 0), "public")
	case "quality":
		add(asOf.Format(time.DateOnly), asOf, asOf.AddDate(0, 0, 1), "private")
	}
}
