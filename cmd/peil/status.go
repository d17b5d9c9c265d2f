package main

import (
	"github.com/spf13/cobra"

	"peil/pipeline"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "List what the store holds",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, s, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			state, err := pipeline.Status(cmd.Context(), s)
			if err != nil {
				return err
			}
			if a.json() {
				for _, o := range state.Outputs {
					if err := a.message("output", o); err != nil {
						return err
					}
				}
				return a.message("summary", struct {
					Store   string `json:"store"`
					Outputs int    `json:"outputs"`
					LastRun string `json:"last_run,omitempty"`
				}{state.Store, len(state.Outputs), state.LastRun})
			}
			a.printf("%s\n", state.Store)
			for _, o := range state.Outputs {
				a.printf("  %-12s %-10s %-8s as of %s: %d files, %s bytes in %s\n", o.Output, o.Period, o.Edition, o.AsOf, o.Files, thousands(o.Bytes), o.Folder)
			}
			if state.LastRun == "" {
				a.printf("  nothing has been run yet\n")
			} else {
				a.printf("last run: %s\n", state.LastRun)
			}
			return nil
		},
	}
}
