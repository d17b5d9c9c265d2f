package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is that of the program: the module's when it was installed as one, else the
// commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "development"
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of peil and of what it is built with",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			duckdb := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, d := range info.Deps {
					if d.Path == "github.com/duckdb/duckdb-go/v2" {
						duckdb = d.Version
					}
				}
			}
			if a.json() {
				return a.message("summary", struct {
					Version string `json:"version"`
					DuckDB  string `json:"duckdb_driver"`
					Go      string `json:"go"`
				}{version(), duckdb, runtime.Version()})
			}
			a.printf("peil %s, DuckDB driver %s, %s %s/%s\n", version(), duckdb, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
