package main

import (
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/delivery"
)

func (a *app) ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ledger", Short: "The record of what was sent, approved and accepted", Args: cobra.NoArgs}
	cmd.AddCommand(
		&cobra.Command{
			Use: "show", Short: "List every entry, oldest first", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
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
					a.printf("%4d %s %-10s %s %s%s\n", e.Seq, e.At, e.Kind, e.Output, e.Period, said(e))
				}
				return a.ledgerSummary(entries, "")
			},
		},
		&cobra.Command{
			Use: "verify", Short: "Check that no entry was changed, removed or added without the library's key",
			Long: "The head that it prints is the hash of the last entry. Whoever notes it elsewhere can later see whether\n" +
				"the end of the ledger was cut off: every later ledger holds it as the previous hash of an entry.",
			Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				entries, head, err := a.ledger(cmd)
				if err != nil {
					return err
				}
				if !a.json() && len(entries) > 0 {
					a.printf("%d entries, whole and in order; head %s\n", len(entries), head)
				}
				return a.ledgerSummary(entries, head)
			},
		})
	return cmd
}

func (a *app) ledger(cmd *cobra.Command) ([]delivery.Entry, string, error) {
	c, err := a.load()
	if err != nil {
		return nil, "", err
	}
	l, err := pipeline.OpenLedger(cmd.Context(), c, a.env, a.now)
	if err != nil {
		return nil, "", err
	}
	return l.Entries(cmd.Context())
}

func (a *app) ledgerSummary(entries []delivery.Entry, head string) error {
	if a.json() {
		return a.message("summary", struct {
			Entries int    `json:"entries"`
			Head    string `json:"head,omitempty"`
		}{len(entries), head})
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
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}
