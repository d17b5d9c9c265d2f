package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

//go:embed init.yaml
var initYAML []byte

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a commented configuration to begin with; never overwrites one",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path := a.config
			if path == "" {
				path, _ = a.env("PEIL_CONFIG")
			}
			if path == "" {
				path = "peil.yaml"
			}
			f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("write %s: it is there already and is never overwritten; name another with --config", path)
			}
			if err != nil {
				return fmt.Errorf("write configuration: %w", err)
			}
			_, err = f.Write(initYAML)
			if err := errors.Join(err, f.Close()); err != nil {
				os.Remove(path)
				return fmt.Errorf("write configuration: %w", err)
			}
			if a.json() {
				return a.message("summary", struct {
					Path string `json:"path"`
				}{path})
			}
			a.printf("%s written. Fill in the library and its files, then: peil key new, peil check, peil run\n", path)
			return nil
		},
	}
}
