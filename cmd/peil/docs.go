package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/config"
)

func (a *app) docsCommand() *cobra.Command {
	var language string
	cmd := &cobra.Command{
		Use:       "docs cbs",
		Short:     "Print the record description of the member file, for its recipient",
		Long:      "The description is that of the configured layout, or of the default one where there is no configuration.",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"cbs"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if language != "nl" && language != "en" {
				return pipeline.Usage("--language %s: write nl or en", language)
			}
			c, err := a.load()
			var bad *config.Error
			if errors.As(err, &bad) && errors.Is(bad, fs.ErrNotExist) && a.config == "" {
				c, err = nil, nil
			}
			if err != nil {
				return err
			}
			layout, err := pipeline.CBSLayout(c)
			if err != nil {
				return err
			}
			dir, err := os.MkdirTemp("", "peil-docs-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			return layout.Describe(cmd.Context(), a.stdout, language, dir)
		},
	}
	cmd.Flags().StringVar(&language, "language", "nl", "nl or en")
	cmd.AddCommand(a.processingCommand(), a.threatsCommand())
	return cmd
}
