package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline"
	"peil/pipeline/dispatch"
)

// dryRun tells what a run would do.
func (a *app) dryRun(ctx context.Context, o pipeline.Options, due bool) error {
	switch {
	case due:
		h, err := pipeline.RehearseDue(ctx, o)
		return a.rehearsal(h, err)
	case slices.Equal(o.Outputs, []string{"cbs"}) && o.From.IsZero() && o.Resume == "":
		return a.acceptance(ctx, o)
	}
	h, err := pipeline.Rehearse(ctx, o)
	return a.rehearsal(h, err)
}

// acceptance prints what a data officer signs.
func (a *app) acceptance(ctx context.Context, o pipeline.Options) error {
	report, status, err := pipeline.Accept(ctx, o)
	a.live.clear()
	if err != nil {
		return err
	}
	a.status = status
	if a.json() {
		return a.message("summary", report)
	}
	return report.Write(a.stdout, o.Config.Library.Language)
}

func (a *app) rehearsal(h *pipeline.Rehearsal, err error) error {
	a.live.clear()
	if err != nil {
		return err
	}
	a.status = h.Status
	if a.json() {
		return a.message("summary", h)
	}
	for _, t := range h.Due {
		a.printf("due: %s %s since %s, to %s\n", t.Output, t.Period, t.Since, t.Do)
	}
	for _, o := range h.Outputs {
		a.printf("%-12s %-10s would be %s%s\n", o.Name, o.Period, o.Status, by(o.Why))
	}
	if len(h.Writes) > 0 {
		a.printf("Would write in %s\n", h.Store)
	}
	for _, w := range h.Writes {
		rows := ""
		if w.Rows > 0 {
			rows = thousands(w.Rows) + " rows"
		}
		a.printf("  %-72s %14s %12s bytes\n", w.Name, rows, thousands(w.Bytes))
	}
	for _, name := range h.Removes {
		a.printf("  %-72s would be removed\n", name)
	}
	for _, d := range h.Deliveries {
		a.printf("Would deliver %s %s to %s, %s: %s\n", d.Output, d.Period, d.Recipient, d.To, wouldSend(d))
	}
	if len(h.Outputs) == 0 && len(h.Deliveries) == 0 {
		a.printf("nothing is due on %s\n", h.AsOf)
	}
	a.printf("Nothing was changed.\n")
	return nil
}

func by(checks []string) string {
	if len(checks) == 0 {
		return ""
	}
	return " by " + strings.Join(checks, ", ")
}

func wouldSend(d pipeline.WouldSend) string {
	switch {
	case d.Delivery == dispatch.AwaitingApproval:
		return "once it is approved"
	case d.Delivery == dispatch.DeliveryFailed:
		return "it would be refused"
	case len(d.Files) == 0:
		return "as it was made before"
	}
	return fmt.Sprintf("%d files, %s", len(d.Files), strings.Join(d.Files, ", "))
}
