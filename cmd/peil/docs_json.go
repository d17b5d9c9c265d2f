package main

import (
	_ "embed"

	"github.com/spf13/cobra"
)

// jsonFields is made from the types that the commands print, and their comments: see
// json_test.go.
//
//go:embed json.md
var jsonFields string

func (a *app) docsJSONCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "json",
		Short: "Print what --format json writes, field by field",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a.printf("%s", jsonFields)
			return nil
		},
	}
}
