package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"peil/pipeline/subject"
)

func (a *app) accessCommand() *cobra.Command {
	return &cobra.Command{
		Use: "access [ID]", Short: "Write the letter that tells a member what Peil knows of them and who got it", Args: cobra.MaximumNArgs(1),
		Long: "The library system is read for it, as a run does. The letter is in the library's language; with\n" +
			"--format json the same as JSON. Deliveries stand in it for as long as their member sets are kept.",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.subjectOptions(cmd, args)
			if err != nil {
				return err
			}
			letter, err := subject.Access(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", letter)
			}
			return letter.Write(a.stdout, o.Config.Library.Language)
		},
	}
}

func (a *app) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "export [ID]", Short: "Write what a member may take along, as JSON", Args: cobra.MaximumNArgs(1),
		Long: "The member's records, memberships and loans as the library system holds them, under the names of the\n" +
			"columns in the README. Peil reads no names and no e-mail addresses: those come from the system itself.",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.subjectOptions(cmd, args)
			if err != nil {
				return err
			}
			export, err := subject.Export(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", export)
			}
			text, err := json.MarshalIndent(export, "", "  ")
			if err != nil {
				return err
			}
			a.printf("%s\n", text)
			return nil
		},
	}
}

func (a *app) subjectOptions(cmd *cobra.Command, args []string) (o subject.Options, err error) {
	c, today, err := a.loadFor("on", "")
	if err != nil {
		return o, err
	}
	o = subject.Options{Config: c, On: today, Version: version(), Env: a.env, Now: a.now, Random: a.random}
	o.Members, err = a.memberID(cmd.InOrStdin(), args)
	return o, err
}
