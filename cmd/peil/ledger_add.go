package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline/dispatch"
)

func (a *app) ledgerAddCommand() *cobra.Command {
	var o dispatch.DisclosureOptions
	subject := false
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Write down a disclosure that Peil did not make, such as one that the law demanded",
		Long: "The ledger keeps to whom, on which basis, what, why and by whose decision. No entry can be changed\n" +
			"or removed: write nothing about a member in it. With --subject the id of the member whom it was about is\n" +
			"asked for, or read from standard input: it is kept as a keyed id, and the member's access letter tells of\n" +
			"the disclosure.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			o.Config, o.Env, o.Now, o.Random = c, a.env, a.now, a.random
			if subject {
				if o.Members, err = a.memberID(cmd.InOrStdin(), nil); err != nil {
					return err
				}
			}
			e, err := dispatch.AddDisclosure(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", e)
			}
			a.printf("Entry %d of the ledger.\n", e.Seq)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.To, "to", "", "`NAME` of who received the data")
	flags.StringVar(&o.Basis, "basis", "", "`TEXT`: legal basis, as \"legal duty, order of the examining magistrate 25/117\"")
	flags.StringVar(&o.What, "what", "", "`TEXT`: which data, as \"name and address of one member\"")
	flags.StringVar(&o.Reason, "reason", "", "`TEXT`: why")
	flags.StringVar(&o.By, "by", "", "`NAME` of who decided it")
	flags.BoolVar(&subject, "subject", false, "it was about one member: ask for the id")
	for _, name := range []string{"to", "basis", "what", "reason", "by"} {
		cmd.MarkFlagRequired(name)
	}
	return cmd
}
