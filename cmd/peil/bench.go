package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/bench"
	"peil/pipeline/exit"
)

func (a *app) benchCommand() *cobra.Command {
	o := bench.Options{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Time runs on a fictional library of your size, step by step; leaves nothing behind",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Runs < 1 {
				return exit.Usagef("--runs %d: at least 1", o.Runs)
			}
			p := a.progress()
			o.Progress = func(what string) { p.event(pipeline.Event{Kind: pipeline.StepBegun, Text: what}) }
			o.Library.AsOf = a.now()
			o.Run = pipeline.Options{Version: version(), Env: a.env, Now: a.now, Random: a.random}
			report, err := bench.Measure(cmd.Context(), o)
			p.clear()
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", report)
			}
			a.benchReport(report)
			return nil
		},
	}
	libraryFlags(cmd.Flags(), &o.Library)
	cmd.Flags().IntVar(&o.Runs, "runs", 3, "`NUMBER` of runs; medians are printed")
	return cmd
}

func (a *app) benchReport(r *bench.Report) {
	a.printf("%s members, %s loans, runs: %d\n", thousands(int64(r.Members)), thousands(int64(r.Loans)), r.Runs)
	for _, s := range r.Steps {
		a.printf("  %-26s %8.2f s", s.Name, s.Seconds)
		if s.Rows > 0 && s.Seconds > 0 {
			a.printf("  %s rows, %s a second", thousands(s.Rows), thousands(int64(float64(s.Rows)/s.Seconds)))
		}
		a.printf("\n")
	}
	a.printf("A run took %.2f s (%.2f to %.2f), %.2f s of processor time; the process held %s MiB at most\n",
		r.Total[1], r.Total[0], r.Total[2], r.CPU, thousands(r.Peak>>20))
}
