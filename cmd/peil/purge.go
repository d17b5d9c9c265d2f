package main

import (
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/retention"
)

func (a *app) purgeCommand() *cobra.Command {
	var confirm bool
	var atMost string
	cmd := &cobra.Command{
		Use:   "purge",
		Short: "Remove what the store holds on persons for longer than the library has promised",
		Long: "Times are those of retention: in the configuration, counted by today's date. Without --confirm nothing is\n" +
			"removed. What goes is written down in a certificate in the store, of which the ledger keeps the hash, and\n" +
			"a scan of the whole store then shows that nothing older is left; if it is, the exit status is 1.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			o := retention.PurgeOptions{Config: c, Confirm: confirm, Version: version(), Env: a.env, Now: a.now, Random: a.random}
			if atMost != "" {
				var share config.Percent
				if err := yaml.Unmarshal([]byte(atMost), &share); err != nil {
					return exit.Usagef("--at-most %s: write a share such as 100%%", atMost)
				}
				o.AtMost = &share
			}
			made, err := retention.Purge(cmd.Context(), o)
			if made != nil {
				if showErr := a.certificate(made, confirm); showErr != nil {
					return showErr
				}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&confirm, "confirm", false, "remove it")
	cmd.Flags().StringVar(&atMost, "at-most", "", "`SHARE` that may go this once, in the place of retention.purge_at_most")
	return cmd
}

func (a *app) certificate(c *retention.Certificate, confirm bool) error {
	if a.json() {
		for _, r := range c.Removed {
			if err := a.message("removed", r); err != nil {
				return err
			}
		}
		for _, r := range c.Reduced {
			if err := a.message("reduced", r); err != nil {
				return err
			}
		}
		return a.message("summary", struct {
			*retention.Certificate
			// listed above
			Removed   int    `json:"removed"`
			Reduced   int    `json:"reduced"`
			Confirmed bool   `json:"confirmed"`
			At        string `json:"certificate,omitempty"`
		}{c, len(c.Removed), len(c.Reduced), confirm, c.At})
	}
	a.printf("who left before %s is no longer known (loans: %s; who was in a delivery: %s)\n",
		c.Retention["contact"].Before, c.Retention["loans"].Before, c.Retention["member_sets"].Before)
	for _, r := range c.Removed {
		a.printf("  %-16s %s: %s%s\n", r.Kind, r.Name, removedWhy(r), removedNotes(r))
	}
	for _, r := range c.Reduced {
		what := "its rows are taken apart by characteristic"
		if r.Kind == retention.MemberState {
			what = thousands(r.Rows) + " rows of who left, " + thousands(r.Left) + " stay"
		}
		a.printf("  %-16s %s: %s\n", r.Kind, r.Name, what)
	}
	switch {
	case c.Nothing():
		a.printf("nothing is past its time: %d things held on persons\n", c.Held)
	case !confirm:
		a.printf("%d of %d things held on persons would go (%s), %d be reduced; nothing was done: give --confirm\n", len(c.Removed), c.Held, c.Share, len(c.Reduced))
	case c.Finished != "":
		a.printf("%d of %d things held on persons removed (%s), %d reduced; certificate %s\n", len(c.Removed), c.Held, c.Share, len(c.Reduced), c.At)
	}
	for _, sentence := range c.Beyond {
		a.printf("  %s\n", sentence)
	}
	if s := c.Scan; s != nil && s.Clean() {
		a.printf("scan: %s objects, %d things about persons, %s sealed rows opened: nothing older is left\n", thousands(int64(s.Objects)), s.Holdings, thousands(s.Rows))
	}
	return nil
}

func removedWhy(r retention.Removed) string {
	if r.Kind == retention.Leftover {
		return "no manifest names it"
	}
	return "speaks of " + r.Of + ", kept until " + r.KeptUntil
}

func removedNotes(r retention.Removed) string {
	var notes []string
	for _, g := range r.Given {
		notes = append(notes, "sent to "+g.To+" on "+g.At)
	}
	if r.Unfrozen {
		notes = append(notes, "its figures were never frozen and go with it")
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}
