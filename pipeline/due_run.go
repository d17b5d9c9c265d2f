package pipeline

import (
	"context"
	"errors"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/store"
	"peil/pipeline/workdir"
)

// DueSummary is what a run of what was due did.
type DueSummary struct {
	AsOf     string              `json:"as_of"`
	Due      []Task              `json:"due"`
	Sent     []dispatch.Delivery `json:"sent"` // that had been made before
	Runs     []*Summary          `json:"runs"`
	Upcoming []Upcoming          `json:"upcoming"`
}

// ExitStatus is the status that it ends with.
func (d *DueSummary) ExitStatus() int {
	status := exit.Done
	for _, s := range d.Runs {
		status = worse(status, s.ExitStatus())
	}
	return status
}

// worse is the one of two exit statuses that the command ends with, when both apply.
func worse(a, b int) int {
	for _, status := range []int{exit.Interrupted, exit.Held, exit.Usage, exit.Failed, exit.Source, exit.Withheld, exit.Delivery, exit.Warned} {
		if a == status || b == status {
			return status
		}
	}
	return exit.Done
}

// RunDue does what the calendar asks for by o.AsOf, in order: it sends what was made and has
// not arrived, and makes what is missing. It reads the source only if something is to be
// made; Outputs, From, To, Periods and Resume do not count. What a failure keeps from being
// done is due at the next run.
func RunDue(ctx context.Context, o Options) (*DueSummary, error) {
	d := &DueSummary{AsOf: o.AsOf.Format(time.DateOnly), Due: []Task{}, Sent: []dispatch.Delivery{}, Runs: []*Summary{}, Upcoming: []Upcoming{}}
	due, next, err := WhatIsDue(ctx, o)
	if err != nil {
		return d, err
	}
	d.Due, d.Upcoming = append(d.Due, due...), append(d.Upcoming, next...)
	if o.rehearsal == nil {
		workdir.Sweep(o.Env)
		if len(due) == 0 {
			return d, repair(ctx, o)
		}
	}
	var errs []error
	var periods []archive.Period
	for _, due := range d.Due {
		switch {
		case due.Do == Send:
			errs = append(errs, d.send(ctx, o, due))
		case due.Output == "cbs":
			// The population is that of the day on which it was due.
			errs = append(errs, d.run(ctx, o, due.period.From, []string{due.Output}, nil))
		case archive.Whole(due.Output):
			if err := intake.CheckFresh(ctx, o.Config, due.period); err != nil {
				errs = append(errs, err)
				continue
			}
			periods = append(periods, due.period)
		default:
			periods = append(periods, archive.PeriodOf(due.Output, o.AsOf))
		}
		if ctx.Err() != nil {
			return d, errors.Join(errs...)
		}
	}
	if len(periods) > 0 {
		errs = append(errs, d.run(ctx, o, o.AsOf, nil, periods))
	}
	return d, gravest(errs)
}

// repair takes the store and gives it back, for a run that died once all was done: whoever
// takes the store removes what such a run left in it.
func repair(ctx context.Context, o Options) error {
	id, err := archive.NewName(o.Now(), o.Random)
	if err != nil {
		return err
	}
	s, err := o.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	err = archive.Locked(ctx, s, id, o.Now(), func(context.Context) error { return nil })
	if errors.Is(err, store.ErrHeld) {
		return nil
	}
	return err
}

func (d *DueSummary) run(ctx context.Context, o Options, asOf time.Time, outputs []string, periods []archive.Period) error {
	o.AsOf, o.Outputs, o.Periods, o.From, o.To, o.Resume = asOf, outputs, periods, time.Time{}, time.Time{}, ""
	s, err := Run(ctx, o)
	if s != nil {
		d.Runs = append(d.Runs, s)
	}
	return err
}

// send delivers what was made before. That it failed is told, and no reason not to go on.
func (d *DueSummary) send(ctx context.Context, o Options, due Task) error {
	if h := o.rehearsal; h != nil {
		h.Deliveries = append(h.Deliveries, WouldSend{
			Output: due.Output, Period: due.Period, Delivery: dispatch.Delivered, Files: []string{},
			Recipient: o.Config.Recipients[due.Output].Name, To: archive.Absolute(o.Config, o.Config.Deliver[due.Output].To),
		})
		return nil
	}
	id, err := archive.NewName(o.Now(), o.Random)
	if err != nil {
		return err
	}
	key, err := archive.LoadKey(ctx, o.Config, o.Env)
	if err != nil {
		return err
	}
	s, err := o.openStore(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	c := dispatch.Courier{Desk: archive.Desk{Config: o.Config, Store: s, Ledger: archive.LedgerOf(s, key, o.Env, o.Now), Key: key, Run: id}, Target: o.target}
	if err := c.Address(due.Output); err != nil {
		return err
	}
	return archive.Locked(ctx, s, id, o.Now(), func(ctx context.Context) error {
		sent, err := c.Deliver(ctx, dispatch.DeliverOptions{Output: due.Output, Period: due.Period})
		if sent != nil {
			d.Sent = append(d.Sent, *sent)
		}
		return err
	})
}

// gravest joins errors, of which the one whose status counts comes first.
func gravest(errs []error) error {
	status := exit.Done
	for _, err := range errs {
		if err != nil {
			status = worse(status, exitOf(err))
		}
	}
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	return exit.With(status, err)
}

func exitOf(err error) int {
	var failed *exit.Error
	if errors.As(err, &failed) {
		return failed.Status
	}
	return exit.Failed
}
