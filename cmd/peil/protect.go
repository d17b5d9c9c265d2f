package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline/exit"
	"peil/pipeline/protect"
	"peil/reports/risk"
)

func (a *app) protectCommand() *cobra.Command {
	var o protect.Options
	cmd := &cobra.Command{
		Use:   "protect FILE",
		Short: "Make a CSV or Parquet file of any origin safe to publish, with a report on the risk that is left",
		Long: "FILE holds rows about persons, or counts of persons. What is to be done is written in a file of its\n" +
			"own, named by --config (default ./protection.yaml). The protected file, risk.html and risk.json are\n" +
			"written into a new folder. What cannot be made safe enough is not written, and the exit status is\n" +
			"then 4.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Language != "" && o.Language != "nl" && o.Language != "en" {
				return exit.Usagef("--language %s: write nl or en", o.Language)
			}
			path := a.config
			if path == "" {
				path = "protection.yaml"
			}
			var err error
			if o.Config, err = protect.LoadConfig(path); err != nil {
				return err
			}
			o.File = args[0]
			if o.Output == "" {
				base := filepath.Base(o.File)
				o.Output = strings.TrimSuffix(base, filepath.Ext(base)) + "-protected"
			}
			p := a.progress()
			o.Now, o.Events = a.now, p.event
			s, err := protect.Run(cmd.Context(), o)
			p.clear()
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", s)
			}
			a.protected(s.Report)
			for _, f := range s.Files {
				a.printf("%s\n", filepath.Join(s.Folder, f))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Output, "output", "", "`DIR` to write, new or empty (default the file's name with -protected, in the current folder)")
	cmd.Flags().StringVar(&o.Language, "language", "", "of risk.html: nl or en (default as the configuration says, else nl)")
	return cmd
}

// protected prints what was done to a file.
func (a *app) protected(r *risk.Report) {
	if t := r.Table; t != nil {
		a.printf("%s cells, %s of them too small; ", thousands(int64(t.Cells)), thousands(int64(t.SmallCells)))
		if t.Method == "rounding" {
			a.printf("%s changed by rounding, by %d at most\n", thousands(int64(t.Changed)), t.LargestDeviation)
		} else {
			a.printf("%s hidden, and %s more to protect those\n", thousands(int64(t.Primary)), thousands(int64(t.Secondary)))
		}
		a.printf("All %s cells that need protection are proven safe against an attacker\n", thousands(int64(t.Attacked)))
		return
	}
	m := r.Microdata
	a.printf("%s persons in %s rows, %s rows suppressed; loss %.6f, the least of %s combinations\n",
		thousands(m.Persons), thousands(m.Rows), thousands(m.SuppressedRows), m.Loss, thousands(int64(m.Combinations)))
	for _, s := range m.Scheme {
		a.printf("  %-20s level %d of %d, %.1f%% lost\n", s.Column, s.Level, s.Levels, 100*s.Loss)
	}
	a.printf("Unique persons: %s before, %s after; highest chance to be found: %.1f%% before, %.1f%% after\n",
		thousands(m.Before.Uniques), thousands(m.After.Uniques), 100*m.Before.Prosecutor, 100*m.After.Prosecutor)
	if len(m.Kept) > 0 {
		a.printf("Kept as they were and not assessed: %s\n", strings.Join(m.Kept, ", "))
	}
}
