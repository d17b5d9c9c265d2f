package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
)

func (a *app) statusCommand() *cobra.Command {
	var asOf string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what the store holds, what is due, what became of the last run, and how fresh the source is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, day, err := a.loadFor("as-of", asOf)
			if err != nil {
				return err
			}
			state, err := pipeline.Status(cmd.Context(), pipeline.Options{Config: c, AsOf: day, Env: a.env, Now: a.now})
			if err != nil {
				return err
			}
			if a.json() {
				for _, o := range state.Outputs {
					if err := a.message("output", o); err != nil {
						return err
					}
				}
				return a.message("summary", state)
			}
			a.state(state)
			return nil
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "`DATE` by which something is due, YYYY-MM-DD (default today)")
	return cmd
}

func (a *app) state(s *pipeline.State) {
	a.printf("%s\n", s.Store)
	for _, o := range s.Outputs {
		delivery := ""
		if o.Delivery != "" {
			delivery = ", " + o.Delivery
		}
		a.printf("  %-12s %-10s %-8s as of %s: %d files, %s bytes in %s%s\n", o.Output, o.Period, o.Edition, o.AsOf, o.Files, thousands(o.Bytes), o.Folder, delivery)
	}
	a.lastRun(s.LastRun)
	for _, t := range s.Due {
		a.printf("due: %s %s since %s, to %s\n", t.Output, t.Period, t.Since, t.Do)
	}
	for _, u := range s.Upcoming {
		if u.On != "" {
			a.printf("next: %s on %s (%s)\n", u.Output, u.On, u.Schedule)
		}
	}
	for _, f := range s.Source {
		switch {
		case f.At == "":
			a.printf("source: a database, read as it is\n")
		case f.Stale:
			a.printf("source: %s of %s, too old for what is due: export again\n", f.Table, f.At)
		default:
			a.printf("source: %s of %s\n", f.Table, f.At)
		}
	}
	a.printf("use: %d objects, %s bytes", s.Use.Objects, thousands(s.Use.Bytes))
	if s.Use.Free > 0 {
		a.printf("; %s bytes free on the disk", thousands(s.Use.Free))
	}
	a.printf("\n")
	for _, part := range slices.Sorted(maps.Keys(s.Use.Parts)) {
		a.printf("  %-24s %16s bytes\n", part, thousands(s.Use.Parts[part]))
	}
}

func (a *app) lastRun(r *pipeline.LastRun) {
	if r == nil {
		a.printf("nothing has been run yet\n")
		return
	}
	a.printf("last run: %s, begun %s, %s", r.Run, r.Begun, r.State)
	if r.State == pipeline.Running {
		a.printf(", or it was killed")
	}
	a.printf("\n")
	if r.Error != "" {
		a.printf("  %s\n", r.Error)
	}
	if len(r.Withheld) > 0 {
		a.printf("  withheld: %s\n", strings.Join(r.Withheld, ", "))
	}
	if r.Resume != "" {
		a.printf("  to go on: %s\n", r.Resume)
	}
}
