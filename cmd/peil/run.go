package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
)

func (a *app) runCommand() *cobra.Command {
	var asOf string
	var days span
	var resume string
	var plaintext, dryRun, due bool
	var accept []string
	var reason string
	var since sinceFlag
	cmd := &cobra.Command{
		Use:       "run [OUTPUT ...]",
		Short:     "Make the outputs that are configured, or those named",
		ValidArgs: config.OutputNames,
		RunE: func(cmd *cobra.Command, outputs []string) error {
			if resume != "" && (asOf != "" || days != (span{}) || len(outputs) > 0) {
				return pipeline.Usage("--resume goes on with the plan of that run: leave out --as-of, --from, --to and outputs")
			}
			c, day, err := a.loadFor("as-of", asOf)
			if err != nil {
				return err
			}
			from, to, err := days.parse()
			if err != nil {
				return err
			}
			p := a.progress()
			o := pipeline.Options{
				Config: c, Outputs: outputs, AsOf: day, From: from, To: to, Resume: resume, PlaintextOK: plaintext, SinceLast: since == "last", Accept: accept, Reason: reason,
				Version: version(), Env: a.env, Now: a.now, Random: a.random, Events: p.event,
			}
			if due && (resume != "" || days != (span{}) || len(outputs) > 0) {
				return pipeline.Usage("--due makes what the calendar says: leave out --from, --to, --resume and outputs")
			}
			if dryRun {
				return a.dryRun(cmd.Context(), o, due)
			}
			if due {
				return a.runDue(cmd.Context(), o)
			}
			s, err := pipeline.Run(cmd.Context(), o)
			p.clear()
			if err != nil {
				return err
			}
			a.status = s.ExitStatus()
			return a.summary(s)
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "`DATE` the run speaks of, YYYY-MM-DD (default today)")
	days.flags(cmd)
	cmd.Flags().BoolVar(&due, "due", false, "make and deliver what the calendar says is due and missing, oldest first")
	cmd.Flags().StringVar(&resume, "resume", "", "`RUN` to go on with: what it published is not made again")
	cmd.Flags().BoolVar(&plaintext, "plaintext-ok", false, "write the CBS file in clear where no recipient's key is configured")
	cmd.Flags().Var(&since, "since", "`last`: of a database read only what has changed since the last run with this flag")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "change nothing: name every file and recipient with the number of rows; of cbs alone the acceptance report, for signing")
	cmd.Flags().StringArrayVar(&accept, "accept", nil, "`CHECK` of the reconciliation that may fail; needs --reason")
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT`: why it is accepted; manifest and ledger keep it")
	return cmd
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
			a.printf("  %-12s %-10s %s: %s\n", o.Name, o.Period, status, strings.Join(o.Folders, ", "))
			switch o.Delivery {
			case "":
			case pipeline.AwaitingApproval:
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
