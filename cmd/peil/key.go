package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline"
	"peil/pipeline/pseudonym"
)

func (a *app) keyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Make the library's secret key", Args: cobra.NoArgs}
	cmd.AddCommand(&cobra.Command{
		Use:   "new",
		Short: "Write a new key where the configuration says; never overwrites one",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if c.Keys.File == "" {
				return pipeline.Usage("the configuration takes the key from elsewhere than a file: write keys: {file: PATH} in %s to have one made", c.File())
			}
			path := c.Path(c.Keys.File)
			key, err := pseudonym.Create(path, a.random)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", struct {
					Path  string `json:"path"`
					KeyID string `json:"key_id"`
				}{path, key.ID()})
			}
			a.printf("key %s written to %s\nKeep a copy apart from the store: without it, frozen figures and state cannot be read.\n", key.ID(), path)
			return nil
		},
	})
	return cmd
}
