package main

import (
	"context"
	"strings"

	"peil/pipeline"
)

// runDue does what is due, and says so.
func (a *app) runDue(ctx context.Context, o pipeline.Options) (*pipeline.DueSummary, error) {
	d, err := pipeline.RunDue(ctx, o)
	a.live.clear()
	a.status = d.ExitStatus()
	if err != nil && len(d.Runs) == 0 && len(d.Sent) == 0 {
		return d, err
	}
	if printErr := a.dueSummary(d); printErr != nil {
		return d, printErr
	}
	return d, err
}

// dueSummary prints one line if nothing was due.
func (a *app) dueSummary(d *pipeline.DueSummary) error {
	if a.json() {
		return a.message("summary", d)
	}
	if len(d.Due) == 0 {
		a.printf("nothing is due on %s%s\n", d.AsOf, nextDue(d.Upcoming))
		return nil
	}
	a.printf("Due\n")
	for _, t := range d.Due {
		a.printf("  %-12s %-10s since %s: to %s\n", t.Output, t.Period, t.Since, t.Do)
	}
	for _, s := range d.Sent {
		a.printf("Sent %s %s to %s, %s (entry %d of the ledger)\n", s.Output, s.Period, s.Recipient, s.To, s.Entry)
	}
	for _, s := range d.Runs {
		if s.Outputs == nil {
			continue // it failed before it made anything
		}
		if err := a.summary(s); err != nil {
			return err
		}
	}
	return nil
}

// nextDue says what is due next.
func nextDue(upcoming []pipeline.Upcoming) string {
	var first []string
	on := ""
	for _, u := range upcoming {
		switch {
		case u.On == "":
		case on == "" || u.On < on:
			first, on = []string{u.Output}, u.On
		case u.On == on:
			first = append(first, u.Output)
		}
	}
	if on == "" {
		return ""
	}
	return "; next: " + strings.Join(first, ", ") + " on " + on
}
