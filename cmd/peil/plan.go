package main

import (
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/transforms"
)

func (a *app) planCommand() *cobra.Command {
	var asOf string
	var days span
	var steps bool
	cmd := &cobra.Command{
		Use:       "plan [OUTPUT ...]",
		Short:     "List what a run would make, for which periods, and where; makes nothing",
		ValidArgs: config.OutputNames,
		RunE: func(cmd *cobra.Command, outputs []string) error {
			c, day, err := a.loadFor("as-of", asOf)
			if err != nil {
				return err
			}
			o := pipeline.Options{Config: c, Outputs: outputs, AsOf: day, Env: a.env}
			if o.From, o.To, err = days.parse(); err != nil {
				return err
			}
			planned, err := pipeline.Plan(cmd.Context(), o)
			if err != nil {
				return err
			}
			for _, p := range planned {
				if a.json() {
					if err := a.message("planned", p); err != nil {
						return err
					}
					continue
				}
				note := ""
				if p.Basis == pipeline.LowerBound {
					note = " (lower bound: who left is gone from the source)"
				}
				a.printf("%-12s %-10s from %s until %s into %s%s\n", p.Output, p.Period, p.From, p.Until, strings.Join(p.Folders, ", "), note)
			}
			if steps {
				if err := a.steps(pipeline.Steps(planned)); err != nil {
					return err
				}
			}
			if a.json() {
				return a.message("summary", struct {
					Outputs int `json:"outputs"`
				}{len(planned)})
			}
			return nil
		},
	}
	days.flags(cmd)
	cmd.Flags().BoolVar(&steps, "steps", false, "also every step of the run: what it reads and makes, and its privacy class")
	cmd.Flags().StringVar(&asOf, "as-of", "", "`DATE` the run would speak of, YYYY-MM-DD (default today)")
	return cmd
}

// steps prints what a run does, a line for every step.
func (a *app) steps(all []transforms.Traced) error {
	for _, s := range all {
		if a.json() {
			if err := a.message("step", s); err != nil {
				return err
			}
			continue
		}
		a.printf("%-32s %-13s %s", s.Model, s.Class, strings.Join(s.Makes, ", "))
		if len(s.Reads) > 0 {
			a.printf("  from %s", strings.Join(s.Reads, ", "))
		}
		a.printf("\n")
	}
	return nil
}
