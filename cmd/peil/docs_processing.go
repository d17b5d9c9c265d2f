package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline/exit"
	"peil/reports/privacy"
)

func (a *app) processingCommand() *cobra.Command {
	var language string
	cmd := &cobra.Command{
		Use: "processing", Short: "Print a draft of the register of processing activities (GDPR art. 30), from the configuration", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if language == "" {
				language = c.Library.Language
			}
			if language != "nl" && language != "en" {
				return exit.Usagef("--language %s: write nl or en", language)
			}
			return privacy.WriteProcessing(a.stdout, c, language)
		},
	}
	cmd.Flags().StringVar(&language, "language", "", "nl or en (default: the library's)")
	return cmd
}
