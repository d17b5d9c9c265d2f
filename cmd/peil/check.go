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
			var layout string
			if c.Outputs.CBS != nil {
				l, err := pipeline.CBSLayout(c)
				if err != nil {
					return err
				}
				layout = l.Name
				if !a.json() {
					a.printf("cbs: layout %s, %d fields\n", l.Name, len(l.Fields))
				}
			}
			if a.json() {
				return a.message("summary", struct {
					Tables int    `json:"tables"`
					Layout string `json:"layout,omitempty"`
				}{len(tables), layout})
			}
			if len(c.Calendar) > 0 {
				a.printf("calendar is understood, but this version does not schedule\n")
			}
			a.printf("%s is in order\n", c.File())
			return nil
		},
	}
}
