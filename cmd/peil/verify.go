package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/dispatch"
	"peil/pipeline/store"
)

func (a *app) verifyCommand() *cobra.Command {
	var save string
	cmd := &cobra.Command{
		Use:   "verify [DIR | FILE]",
		Short: "Recompute the hash of every published file, in a folder of the store or in all of it",
		Long: "DIR is a folder of the store, as private/cbs/2025-01-01, or its path on this machine; FILE one file in it.\n" +
			"Without it the whole store is verified. What differs from its manifest is named, and the exit status is\n" +
			"then 1. Of a FILE elsewhere it is told which published file it is a copy of.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, s, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			name := ""
			if len(args) == 1 {
				name = inStore(c, args[0])
			}
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				return a.identify(cmd.Context(), s, name)
			}
			found, err := archive.Verify(cmd.Context(), s, name)
			if err != nil {
				return err
			}
			if err := a.verified(found); err != nil || save == "" || len(found) == 0 {
				return err
			}
			if err := dispatch.CheckPublic(c, save); err != nil {
				return err
			}
			return archive.SavePublic(cmd.Context(), s, found, save)
		},
	}
	cmd.Flags().StringVar(&save, "save", "", "`FOLDER` for a copy of what was verified, for static hosting or an artefact of CI; only of public/")
	return cmd
}

// identify says which published file a file elsewhere is a copy of.
func (a *app) identify(ctx context.Context, s store.Store, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	names, err := archive.Identify(ctx, s, f)
	if err != nil {
		return err
	}
	if a.json() {
		if err := a.message("summary", struct {
			File   string   `json:"file"`
			CopyOf []string `json:"copy_of"`
		}{file, append([]string{}, names...)}); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("verify %s: no published file of the store has this content", file)
	}
	if !a.json() {
		a.printf("%s is a copy of %s\n", file, strings.Join(names, ", "))
	}
	return nil
}

// inStore makes a name in the store of a path on this machine, or of a URL of its bucket.
func inStore(c *config.Config, path string) string {
	if name, ok := strings.CutPrefix(path, strings.TrimSuffix(c.Store, "/")+"/"); ok && strings.Contains(c.Store, "://") {
		return name
	}
	root := c.Path(c.Store)
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

func (a *app) verified(found []archive.Verified) error {
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
