package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/reports/cbs"
)

func (a *app) compareCommand() *cobra.Command {
	var periods []string
	var all bool
	cmd := &cobra.Command{
		Use:       "compare cbs --period A --period B",
		Short:     "Show the difference between two deliveries to CBS, in counts",
		Long:      "A period alone is its last correction; 2025-01-01/r1 is the first delivery of it, 2025-01-01/r2 the second.",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"cbs"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(periods) != 2 {
				return pipeline.Usage("compare needs two periods: --period A --period B")
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			s, err := pipeline.OpenStore(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer s.Close()
			found, err := pipeline.Compare(cmd.Context(), s, periods[0], periods[1])
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", found)
			}
			a.printf("%-18s %-56s %10s %10s\n", "", "", found.Before, found.After)
			for _, d := range found.Differences {
				if d.Before != d.After || all {
					a.printf("%-18s %-56s %10d %10d %+10d\n", cbs.SubjectName("en", d.Subject), cbs.PartName("en", d.Subject, d.Part, d.Label), d.Before, d.After, d.After-d.Before)
				}
			}
			if found.SameMembers {
				a.printf("the member files are equal\n")
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&periods, "period", nil, "`PERIOD` of a delivery, as 2025-01-01; given twice")
	cmd.Flags().BoolVar(&all, "all", false, "also the figures that are equal")
	cmd.MarkFlagRequired("period")
	return cmd
}
