package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/reports/wsob"
)

// runFlags are those of run.
type runFlags struct {
	asOf                   string
	days                   span
	due, dryRun, plaintext bool
	resume                 string
	since                  sinceFlag
	accept                 []string
	reason                 string
	files                  reports
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:       "run [OUTPUT ...]",
		Short:     "Make the outputs that are configured, or those named",
		ValidArgs: config.OutputNames,
		RunE: func(cmd *cobra.Command, outputs []string) error {
			d, err := a.makes(cmd.Context(), outputs, &f)
			a.live.clear()
			status := a.status
			if err != nil {
				status, err = a.statusOf(cmd.Context(), err)
				err = &exit.Error{Status: status, Err: err}
			}
			if f.dryRun {
				return err
			}
			return errors.Join(err, f.files.write(d, err, status))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "`DATE` the run speaks of, YYYY-MM-DD (default today)")
	f.days.flags(cmd)
	flags.BoolVar(&f.due, "due", false, "make and deliver what the calendar says is due and missing, oldest first")
	flags.StringVar(&f.resume, "resume", "", "`RUN` to go on with: what it published is not made again")
	flags.BoolVar(&f.plaintext, "plaintext-ok", false, "write the CBS file in clear where no recipient's key is configured")
	flags.Var(&f.since, "since", "`last`: of a database read only what has changed since the last run with this flag")
	flags.BoolVar(&f.dryRun, "dry-run", false, "change nothing: name every file and recipient with the number of rows; of cbs alone the acceptance report, for signing")
	flags.StringArrayVar(&f.accept, "accept", nil, "`CHECK` of the reconciliation that may fail; needs --reason")
	flags.StringVar(&f.reason, "reason", "", "`TEXT`: why it is accepted; manifest and ledger keep it")
	flags.StringVar(&f.files.markdown, "markdown", "", "`FILE` to append what the run did to, as the summary of a step of CI; also of a run that fails")
	flags.StringVar(&f.files.junit, "junit", "", "`FILE` for outputs and checks as the results of tests; also of a run that fails")
	return cmd
}

// makes runs what the flags say, and prints what was done. The summary is never nil.
func (a *app) makes(ctx context.Context, outputs []string, f *runFlags) (*pipeline.DueSummary, error) {
	none := &pipeline.DueSummary{AsOf: f.asOf}
	switch given := f.days != (span{}) || len(outputs) > 0; {
	case f.resume != "" && (given || f.asOf != ""):
		return none, exit.Usagef("--resume goes on with the plan of that run: leave out --as-of, --from, --to and outputs")
	case f.due && (given || f.resume != ""):
		return none, exit.Usagef("--due makes what the calendar says: leave out --from, --to, --resume and outputs")
	}
	c, day, err := a.loadFor("as-of", f.asOf)
	if err != nil {
		return none, err
	}
	none.AsOf = day.Format(time.DateOnly)
	from, to, err := f.days.parse()
	if err != nil {
		return none, err
	}
	p := a.progress()
	o := pipeline.Options{
		Config: c, Outputs: outputs, AsOf: day, From: from, To: to, Resume: f.resume, PlaintextOK: f.plaintext, SinceLast: f.since == "last", Accept: f.accept, Reason: f.reason,
		Version: version(), Env: a.env, Now: a.now, Random: a.random, Events: p.event,
	}
	switch {
	case f.dryRun:
		return none, a.dryRun(ctx, o, f.due)
	case f.due:
		return a.runDue(ctx, o)
	}
	s, err := pipeline.Run(ctx, o)
	p.clear()
	if s != nil {
		none.Runs = []*pipeline.Summary{s}
	}
	if err != nil {
		return none, err
	}
	a.status = s.ExitStatus()
	return none, a.summary(s)
}

// summary prints what a run did.
func (a *app) summary(s *pipeline.Summary) error {
	if a.json() {
		return a.message("summary", s)
	}
	a.printf("Read\n")
	for _, t := range s.Read {
		a.printf("  %-12s %12s rows: %s counted%s\n", t.Table, thousands(t.Rows), thousands(t.Accepted), remainder([]part{
			{t.Rejected, "rejected"}, {t.Merged, "merged"}, {t.Past, "ended too long ago to keep"}, {t.Away, "erased or restricted"}, {t.Unmatched, "of nobody among the members"},
		}))
	}
	a.fetched(s)
	if s.Counted.Peildatum != "" {
		a.printf("Counted\n  %s members valid on %s, %s institutions left out\n",
			thousands(s.Counted.Population), s.Counted.Peildatum, thousands(s.Counted.Institutions))
	}
	a.printf("Checks\n  %d in order", len(s.Checks)-s.Warnings-failed(s))
	if s.Warnings > 0 {
		a.printf(", %d warnings", s.Warnings)
	}
	if n := failed(s); n > 0 {
		a.printf(", %d failed", n)
	}
	a.printf("\n")
	for _, c := range s.Checks {
		if c.Result != "ok" {
			a.printf("  %s %s: %s\n", c.Result, c.Name, c.Text["en"])
		}
	}
	a.printf("Outputs in %s\n", s.Store)
	for _, o := range s.Outputs {
		switch o.Status {
		case pipeline.Withheld:
			a.printf("  %-12s %-10s withheld by %s\n", o.Name, o.Period, strings.Join(o.Why, ", "))
		default:
			status := o.Status
			if o.Run != "" {
				status += " by run " + o.Run
			}
			a.printf("  %-12s %-10s %s: %s\n", o.Name, o.Period+star(o.Figures), status, strings.Join(o.Folders, ", "))
			a.statLine(o.StatLine)
			switch o.Delivery {
			case "":
			case dispatch.AwaitingApproval:
				a.printf("  %-12s %-10s held until: peil deliver %s --period %s --approve \"NAME, REASON\"\n", "", "", o.Name, o.Period)
			default:
				a.printf("  %-12s %-10s delivery: %s\n", "", "", o.Delivery)
			}
		}
	}
	switch due := s.Retention; {
	case due.Removed > 0:
		a.printf("Retention: %d things held on persons were past their time and are removed\n", due.Removed)
	case due.Past > 0:
		a.printf("Retention: %d things held on persons are past their time: peil purge\n", due.Past)
	}
	a.printf("Done in %.1f s, run %s\n", s.Seconds, s.Run)
	return nil
}

// fetched prints what the database was asked for, where that was not everything.
func (a *app) fetched(s *pipeline.Summary) {
	for _, f := range s.Fetched {
		rest := "; the others are as they were"
		if f.Fetched == f.Rows {
			rest = ""
		}
		a.printf("  %-12s %12s of %s rows of %s fetched%s\n", f.Table, thousands(f.Fetched), thousands(f.Rows), f.Part, rest)
	}
}

// sinceFlag takes what --since can be.
type sinceFlag string

func (f *sinceFlag) String() string { return string(*f) }
func (f *sinceFlag) Type() string   { return "last" }
func (f *sinceFlag) Set(s string) error {
	if s != "last" {
		return fmt.Errorf("use --since last")
	}
	*f = sinceFlag(s)
	return nil
}

// statLine prints a yearly return in the lines of CBS.
func (a *app) statLine(lines []wsob.StatLine) {
	if len(lines) == 0 {
		return
	}
	cell := func(f wsob.Figure) string { return knownAs(f.Value, f.Status == wsob.LowerBound) }
	a.printf("    %-46s %14s %14s\n", "as CBS StatLine 70763ned divides it", "year", "year before")
	for _, line := range lines {
		a.printf("    %-46s %14s %14s\n", line.Name, cell(line.Figure), cell(line.Previous))
	}
}

func failed(s *pipeline.Summary) int {
	n := 0
	for _, c := range s.Checks {
		if c.Result == "failed" {
			n++
		}
	}
	return n
}

type part struct {
	n    int64
	what string
}

// remainder lists the parts that are not zero.
func remainder(parts []part) string {
	text := ""
	for _, p := range parts {
		if p.n > 0 {
			text += fmt.Sprintf(", %s %s", thousands(p.n), p.what)
		}
	}
	return text
}

// thousands groups the digits of a number by blanks that do not break.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "\u00a0" + digits[i:]
	}
	return digits
}
