package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"peil/pipeline"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/reports/quality"
)

// reports are files for CI that tell what a run did, also of one that failed.
type reports struct {
	markdown string // appended to, as CI systems want it of a step's summary
	junit    string
}

// write writes them. Of a run that is not one of what is due, d holds that run alone.
func (f reports) write(d *pipeline.DueSummary, failure error, status int) error {
	if f.markdown != "" {
		if err := appendFile(f.markdown, markdown(d, failure, status)); err != nil {
			return fmt.Errorf("write --markdown: %w", err)
		}
	}
	if f.junit == "" {
		return nil
	}
	var b bytes.Buffer
	if err := quality.WriteJUnit(&b, "peil.run", asChecks(d, failure, status)); err != nil {
		return fmt.Errorf("write --junit: %w", err)
	}
	if err := os.WriteFile(f.junit, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write --junit: %w", err)
	}
	return nil
}

func appendFile(path, text string) error {
	out, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = out.WriteString(text)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}

// headline says in one line what happened.
func headline(d *pipeline.DueSummary, failure error) string {
	counts := map[string]int{}
	for _, s := range d.Runs {
		for _, o := range s.Outputs {
			counts[o.Status]++
			if o.Delivery != "" {
				counts[o.Delivery]++
			}
		}
	}
	counts[dispatch.Delivered] += len(d.Sent)
	var parts []string
	for _, c := range []struct{ status, words string }{
		{pipeline.Published, "published"}, {pipeline.Unchanged, "unchanged"}, {pipeline.Withheld, "withheld"},
		{dispatch.Delivered, "delivered"}, {dispatch.AwaitingApproval, "awaiting approval"}, {dispatch.DeliveryFailed, "not delivered"},
	} {
		if n := counts[c.status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.words))
		}
	}
	if failure != nil {
		parts = append(parts, "failed")
	}
	if len(parts) == 0 {
		return "nothing is due" + nextDue(d.Upcoming)
	}
	return strings.Join(parts, ", ")
}

var statusWords = map[int]string{
	exit.Done: "done", exit.Failed: "failed", exit.Usage: "wrong usage or configuration", exit.Warned: "published, with warnings",
	exit.Withheld: "at least one output withheld", exit.Source: "the source cannot be read or is stale",
	exit.Delivery: "delivery failed", exit.Held: "another run holds the store", exit.Interrupted: "interrupted",
}

// markdown is the summary of a step.
func markdown(d *pipeline.DueSummary, failure error, status int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Peil %s: %s\n\nExit status %d: %s.\n", d.AsOf, headline(d, failure), status, statusWords[status])
	if failure != nil {
		fmt.Fprintf(&b, "\n> %s\n", strings.ReplaceAll(cell(failure.Error()), "\n", " "))
	}
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	if len(d.Sent) > 0 || slices.ContainsFunc(d.Runs, func(s *pipeline.Summary) bool { return len(s.Outputs) > 0 }) {
		b.WriteString("\n| output | period | status | files | rows | delivery |\n| --- | --- | --- | ---: | ---: | --- |\n")
	}
	for _, s := range d.Sent {
		row(s.Output, s.Period, "made before", fmt.Sprint(len(s.Files)), "", dispatch.Delivered+" to "+s.Recipient)
	}
	for _, s := range d.Runs {
		for _, o := range s.Outputs {
			row(o.Name, o.Period, o.Status+by(o.Why), fmt.Sprint(o.Files), thousands(o.Rows), o.Delivery)
		}
	}
	listed := false
	for _, s := range d.Runs {
		for _, c := range s.Checks {
			if c.Result == quality.OK {
				continue
			}
			if !listed {
				b.WriteString("\n| check | result | what was found |\n| --- | --- | --- |\n")
				listed = true
			}
			row(strings.TrimSpace(c.Name+" "+c.Period), c.Result, c.Text["en"])
		}
	}
	for _, s := range d.Runs {
		fmt.Fprintf(&b, "\nRun %s, %.0f s.\n", s.Run, s.Seconds)
	}
	b.WriteString("\n")
	return b.String()
}

// cell keeps a text within one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(text)
}

// asChecks tells what became of each output as a check, before the checks themselves.
func asChecks(d *pipeline.DueSummary, failure error, status int) []quality.Check {
	run := quality.Check{Name: "run", Result: quality.OK, Text: map[string]string{"en": statusWords[status]}}
	if failure != nil {
		run.Result, run.Text = quality.Failed, map[string]string{"en": failure.Error()}
	}
	all := []quality.Check{run}
	add := func(output, period, delivery string, why []string) {
		c := quality.Check{Name: "output." + output, Period: period, Result: quality.OK}
		switch {
		case len(why) > 0:
			c.Result, c.Text = quality.Failed, map[string]string{"en": "withheld" + by(why)}
		case delivery == dispatch.DeliveryFailed:
			c.Result, c.Text = quality.Failed, map[string]string{"en": "it was made, and its delivery failed"}
		case delivery == dispatch.AwaitingApproval:
			c.Result, c.Text = quality.Warned, map[string]string{"en": "it awaits approval: peil deliver " + output + " --period " + period + " --approve \"NAME, REASON\""}
		}
		all = append(all, c)
	}
	for _, s := range d.Sent {
		add(s.Output, s.Period, dispatch.Delivered, nil)
	}
	for _, s := range d.Runs {
		for _, o := range s.Outputs {
			add(o.Name, o.Period, o.Delivery, o.Why)
		}
		all = append(all, s.Checks...)
	}
	return all
}
