package main

import (
	"context"

	"github.com/spf13/cobra"

	"peil/pipeline/archive"
	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/reports/cbs"
)

func (a *app) compareCommand() *cobra.Command {
	var periods []string
	var all bool
	cmd := &cobra.Command{
		Use:       "compare cbs|kb|wsob --period A --period B",
		Short:     "Show the difference between two deliveries or periods, in counts",
		Long:      "A period alone is its last correction; 2025-01-01/r1 is the first delivery of it, 2025-01-01/r2 the second. Provisional figures bear a *.",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"cbs", "kb", "wsob"},
		RunE: func(cmd *cobra.Command, outputs []string) error {
			if len(periods) != 2 {
				return exit.Usagef("compare needs two periods: --period A --period B")
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			s, err := archive.OpenStore(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer s.Close()
			if outputs[0] != "cbs" {
				return a.compareFigures(cmd.Context(), s, outputs[0], periods, all)
			}
			found, err := archive.Compare(cmd.Context(), s, periods[0], periods[1])
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

// compareFigures prints the totals of two periods of kb or wsob side by side.
func (a *app) compareFigures(ctx context.Context, s store.Store, output string, periods []string, all bool) error {
	found, err := archive.CompareFigures(ctx, s, output, periods[0], periods[1])
	if err != nil {
		return err
	}
	if a.json() {
		return a.message("summary", found)
	}
	a.printf("%-48s %14s %14s\n", "", found.Before+star(found.BeforeIs), found.After+star(found.AfterIs))
	for _, d := range found.Differences {
		switch whole := d.Before != nil && d.After != nil; {
		case whole && *d.Before == *d.After && !all:
		case whole && !d.BeforeAtLeast && !d.AfterAtLeast:
			a.printf("%-48s %14s %14s %+d\n", d.Figure, thousands(*d.Before), thousands(*d.After), *d.After-*d.Before)
		default: // no difference of what is known in part
			a.printf("%-48s %14s %14s\n", d.Figure, knownAs(d.Before, d.BeforeAtLeast), knownAs(d.After, d.AfterAtLeast))
		}
	}
	if found.SameFigures {
		a.printf("the figures are equal\n")
	}
	return nil
}

// knownAs is a figure, perhaps a lower bound, perhaps not there.
func knownAs(n *int64, atLeast bool) string {
	switch {
	case n == nil:
		return "not available"
	case atLeast:
		return "≥ " + thousands(*n)
	}
	return thousands(*n)
}

// star marks figures that are provisional.
func star(status string) string {
	if status == archive.Provisional {
		return "*"
	}
	return ""
}
