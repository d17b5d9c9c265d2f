package main

import (
	_ "embed"

	"github.com/spf13/cobra"
)

//go:embed threats.md
var threats string

func (a *app) threatsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "threats",
		Short: "Print the threat model: who might do what, what meets it, where that is tested, what remains",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json() {
				return a.message("summary", struct {
					Markdown string `json:"markdown"`
				}{threats})
			}
			a.printf("%s", threats)
			return nil
		},
	}
}
