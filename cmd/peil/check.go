package main

import (
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check configuration, key, store and the headings of the source; reads no rows",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			tables, err := pipeline.Inspect(cmd.Context(), c, a.env)
			if err != nil {
				return err
			}
			for _, t := range tables {
				if a.json() {
					if err := a.message("table", t); err != nil {
						return err
					}
					continue
				}
				a.printf("%s: %s (%s bytes)\n", t.Table, strings.Join(t.Parts, ", "), thousands(t.Bytes))
				a.printf("  read:    %s\n", strings.Join(t.Present, ", "))
				if len(t.Missing) > 0 {
					a.printf("  absent:  %s\n", strings.Join(t.Missing, ", "))
				}
				if len(t.Ignored) > 0 {
					a.printf("  ignored: %s\n", strings.Join(t.Ignored, ", "))
				}
			}
			unsent := len(c.Deliver)+len(c.Calendar) > 0
			if a.json() {
				return a.message("summary", struct {
					Tables int `json:"tables"`
				}{len(tables)})
			}
			if unsent {
				a.printf("deliver and calendar are understood, but this version neither sends nor schedules\n")
			}
			a.printf("%s is in order\n", c.File())
			return nil
		},
	}
}
