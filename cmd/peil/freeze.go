package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/archive"
)

func (a *app) freezeCommand() *cobra.Command {
	var asOf, file string
	cmd := &cobra.Command{
		Use:   "freeze",
		Short: "Keep the figures of closed months that later years cannot count any more",
		Long: `Every run freezes the months of which whoever left is still in the source. freeze does only that:
run it once a month where nothing else runs as often. --import takes figures of months before Peil
from a CSV file with the columns month (2023-04), branch (the library's own code), item (members at
the end of the month, new, re_registered, lapsed), age_group (youth, adult, unknown; on 31 December
of the year) and persons. A month that a run has frozen is never replaced.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, day, err := a.loadFor("as-of", asOf)
			if err != nil {
				return err
			}
			p := a.progress()
			o := pipeline.Options{Config: c, Periods: []archive.Period{}, AsOf: day, Version: version(), Env: a.env, Now: a.now, Random: a.random, Events: p.event}
			var done *pipeline.FrozenMonths
			if file != "" {
				done, err = pipeline.ImportFrozen(cmd.Context(), o, file)
			} else {
				done, err = pipeline.Freeze(cmd.Context(), o)
			}
			p.clear()
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", done)
			}
			for _, month := range done.Months {
				a.printf("%s frozen\n", month)
			}
			for _, month := range done.Kept {
				a.printf("%s stays as a run froze it\n", month)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "`DATE` the run speaks of, YYYY-MM-DD (default today)")
	cmd.Flags().StringVar(&file, "import", "", "CSV `FILE` with figures of earlier months, instead of the source")
	return cmd
}
