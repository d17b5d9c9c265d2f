package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
)

func (a *app) checkCommand() *cobra.Command {
	var connect bool
	var public string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check configuration, key, store and the headings of the source; reads no rows",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if public != "" {
				return a.checkPublic(c, public)
			}
			if connect {
				return a.checkConnection(cmd.Context(), c)
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
				a.printf("%s: %s", t.Table, strings.Join(t.Parts, ", "))
				if t.Bytes > 0 {
					a.printf(" (%s bytes)", thousands(t.Bytes))
				}
				a.printf("\n")
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
			a.printf("%s is in order\n", c.File())
			return nil
		},
	}
	cmd.Flags().BoolVar(&connect, "connect", false, "ask the database of the source what is there and may be read, and print the rights it takes")
	cmd.Flags().StringVar(&public, "public", "", "`PLACE` that is to be shown to others, as static hosting or an artefact of CI: only check that nothing private is in it")
	return cmd
}

// checkPublic says whether a place may be shown.
func (a *app) checkPublic(c *config.Config, place string) error {
	if err := dispatch.CheckPublic(c, place); err != nil {
		return err
	}
	if a.json() {
		return a.message("summary", struct {
			Public string `json:"public"`
		}{place})
	}
	a.printf("%s may be shown: nothing private is in it\n", place)
	return nil
}

// checkConnection prints what the database says.
func (a *app) checkConnection(ctx context.Context, c *config.Config) error {
	n, err := intake.Connect(ctx, c, a.env)
	if err != nil {
		return err
	}
	for _, p := range n.Parts {
		if p.Problem != "" {
			a.status = exit.Source
		}
		if err := a.connected(p); err != nil {
			return err
		}
	}
	if a.json() {
		return a.message("summary", n)
	}
	a.printf("server %s, %s UTC", n.Server, n.At)
	if n.Release != "" {
		a.printf(", %s %s", c.Source.Type, n.Release)
	}
	a.printf("\n")
	for _, y := range n.Compared {
		a.printf("  %s: %s loans by %s borrowers; the other table of this system says %s by %s\n", y.Year,
			thousands(y.Loans), thousands(y.Borrowers), thousands(y.OtherLoans), thousands(y.OtherBorrowers))
	}
	if len(n.Grants) > 0 {
		a.printf("\nThe least rights that the account needs; an administrator of the database gives them with\n\n%s\n", strings.Join(n.Grants, "\n"))
	}
	if len(n.CompareGrants) > 0 && len(n.Compared) == 0 {
		a.printf("\nWith these as well Peil compares the loans of statistics with those of issues\n\n%s\n", strings.Join(n.CompareGrants, "\n"))
	}
	return nil
}

// connected prints what the database says of one table, or a part of one.
func (a *app) connected(p intake.Connected) error {
	if a.json() {
		return a.message("table", p)
	}
	if p.Problem != "" {
		a.printf("%s from %s: cannot be read\n  %s\n", p.Table, p.Part, p.Problem)
		return nil
	}
	a.printf("%s from %s: %s rows", p.Table, p.Part, thousands(p.Rows))
	if p.Newest != "" {
		a.printf(", last changed %s", p.Newest)
	}
	a.printf("\n")
	if len(p.Missing) > 0 {
		a.printf("  absent:   %s\n", strings.Join(p.Missing, ", "))
	}
	for _, list := range slices.Sorted(maps.Keys(p.Unmapped)) {
		if codes := p.Unmapped[list]; len(codes) > 0 {
			a.printf("  unmapped: %s in source.codes.%s\n", strings.Join(codes, ", "), list)
		}
	}
	return nil
}
