package main

import (
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
)

func (a *app) planCommand() *cobra.Command {
	var asOf string
	var days span
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
			if a.json() {
				return a.message("summary", struct {
					Outputs int `json:"outputs"`
				}{len(planned)})
			}
			return nil
		},
	}
	days.flags(cmd)
	cmd.Flags().StringVar(&asOf, "as-of", "", "`DATE` the run would speak of, YYYY-MM-DD (default today)")
	return cmd
}
