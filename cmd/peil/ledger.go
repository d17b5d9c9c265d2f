package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
)

func (a *app) ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "The record of what was sent, approved and accepted", Args: cobra.NoArgs}
	cmd.AddCommand(a.ledgerShowCommand(), a.ledgerVerifyCommand(), a.ledgerAddCommand())
	return cmd
}

func (a *app) ledgerShowCommand() *cobra.Command {
	page := false
	cmd := &cobra.Command{
		Use: "show", Short: "List every entry, oldest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if page {
				c, err := a.load()
				if err != nil {
					return err
				}
				return archive.WriteLedgerPage(cmd.Context(), a.stdout, c, a.env, a.now)
			}
			entries, _, err := a.ledger(cmd)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if a.json() {
					if err := a.message("entry", e); err != nil {
						return err
					}
					continue
				}
				a.printf("%4d %s %s%s\n", e.Seq, e.At, strings.TrimSpace(fmt.Sprintf("%-10s %s %s", e.Kind, e.Output, e.Period)), said(e))
			}
			return a.ledgerSummary(entries)
		},
	}
	cmd.Flags().BoolVar(&page, "page", false, "write a page (HTML) for the privacy officer instead: what went to whom, and the rights in force in numbers")
	return cmd
}

func (a *app) ledgerVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "Check that no entry was changed, removed, or added without the library's key",
		Long: "Every entry is held against the one before it and against the library's key; the whole against every\n" +
			"manifest and record of a run that remembers its head, which shows whether its end was cut off; and the\n" +
			"member sets of deliveries against what it says of them. The exit status is 1 where something is wrong.\n" +
			"Who removes the ledger and everything that remembers it leaves nothing to see: note the head elsewhere\n" +
			"now and then, or keep the store in a bucket with object lock.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			v, err := archive.VerifyLedger(cmd.Context(), c, a.env, a.now)
			if err != nil {
				return err
			}
			if len(v.Faults) > 0 {
				a.status = exit.Failed
			}
			if a.json() {
				return a.message("summary", v)
			}
			for _, fault := range v.Faults {
				a.printf("FAULT %s\n", fault)
			}
			if len(v.Faults) > 0 {
				a.printf("%d entries before it are whole\n", v.Entries)
				return nil
			}
			a.printf("%d entries, whole and in order; head %s\n%d manifests and records of runs remember it so; %d member sets are as it says\n",
				v.Entries, cmp.Or(v.Head, "(none)"), v.Anchors, v.Sets)
			return nil
		},
	}
}

func (a *app) ledger(cmd *cobra.Command) ([]delivery.Entry, string, error) {
	c, err := a.load()
	if err != nil {
		return nil, "", err
	}
	l, err := archive.OpenLedger(cmd.Context(), c, a.env, a.now)
	if err != nil {
		return nil, "", err
	}
	return l.Entries(cmd.Context())
}

func (a *app) ledgerSummary(entries []delivery.Entry) error {
	if a.json() {
		return a.message("summary", struct {
			Entries int `json:"entries"`
		}{len(entries)})
	}
	if len(entries) == 0 {
		a.printf("the ledger is empty: nothing was sent, approved or accepted\n")
	}
	return nil
}

// said are the words of an entry: who, why, to whom, what became of it.
func said(e delivery.Entry) string {
	var words []string
	add := func(what, value string) {
		if value != "" {
			words = append(words, what+value)
		}
	}
	add("", e.What)
	add("check ", e.Check)
	add("by ", e.By)
	add("because ", e.Reason)
	if e.Recipient != nil {
		add("to ", e.Recipient.Name)
		add("on the basis of ", e.Recipient.Basis)
		add("agreement ", e.Recipient.Agreement)
	}
	add("at ", e.To)
	add("", e.Error)
	if e.Who != nil {
		add("run by ", e.Who.String())
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}
