package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [DIR]",
		Short: "Recompute the hash of every published file, in a folder of the store or in all of it",
		Long: "DIR is a folder of the store, as private/cbs/2025-01-01, or its path on this machine. Without it the\n" +
			"whole store is verified. What differs from its manifest is named, and the exit status is then 1.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, s, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			folder := ""
			if len(args) == 1 {
				folder = inStore(c.Path(c.Store), args[0])
			}
			found, err := pipeline.Verify(cmd.Context(), s, folder)
			if err != nil {
				return err
			}
			return a.verified(found)
		},
	}
}

// inStore makes the name of a folder in the store of a path on this machine.
func inStore(root, path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
			if rel == "." {
				return ""
			}
			return filepath.ToSlash(rel)
		}
	}
	return path
}

func (a *app) verified(found []pipeline.Verified) error {
	differ, files := 0, 0
	for _, v := range found {
		files += v.Files
		if len(v.Differs) > 0 {
			differ++
		}
		if a.json() {
			if err := a.message("verified", v); err != nil {
				return err
			}
			continue
		}
		if len(v.Differs) == 0 {
			a.printf("%s: %d files as their manifest says\n", v.Folder, v.Files)
		} else {
			a.printf("%s: %s\n", v.Folder, strings.Join(v.Differs, "; "))
		}
	}
	if a.json() {
		if err := a.message("summary", struct {
			Folders int `json:"folders"`
			Files   int `json:"files"`
			Differ  int `json:"differ"`
		}{len(found), files, differ}); err != nil {
			return err
		}
	}
	if differ > 0 {
		return fmt.Errorf("%d of %d folders differ from their manifests", differ, len(found))
	}
	if len(found) == 0 && !a.json() {
		a.printf("nothing has been published yet\n")
	}
	return nil
}
