package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline/dispatch"
)

func (a *app) deliverCommand() *cobra.Command {
	o := dispatch.DeliverOptions{}
	cmd := &cobra.Command{
		Use:   "deliver OUTPUT --period PERIOD",
		Short: "Send a published output to its recipient, once; the ledger keeps who let it go and why",
		Long: "OUTPUT goes where deliver.OUTPUT.to says, under a folder of its period. With deliver.OUTPUT.approve:\n" +
			"manual (the default) it is held in the store until somebody approves it. What was sent is not sent\n" +
			"again, unless --again is given with a reason. If sending fails, the exit status is 6.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			o.Config, o.Output, o.Env, o.Now, o.Random = c, args[0], a.env, a.now, a.random
			d, err := dispatch.Deliver(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", d)
			}
			a.printf("%s %s was sent to %s, %s\n", d.Output, d.Period, d.Recipient, d.To)
			for _, f := range d.Files {
				a.printf("  %s %s %s bytes\n", f.SHA256, f.Name, thousands(f.Bytes))
			}
			a.printf("Entry %d of the ledger.\n", d.Entry)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Period, "period", "", "`PERIOD` to send, as 2025-01-01; of a corrected one its last correction")
	flags.StringVar(&o.Approve, "approve", "", "`\"NAME, REASON\"`: who lets it go and why")
	flags.BoolVar(&o.Again, "again", false, "send what was sent before, or may have been")
	flags.StringVar(&o.Reason, "reason", "", "`TEXT`: why it is sent again")
	cmd.MarkFlagRequired("period")
	return cmd
}
