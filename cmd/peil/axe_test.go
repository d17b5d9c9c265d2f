package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"peil/reports/render/rendertest"
)

// Every page that a library gets, public and private, and every page that a command
// prints, is read by the accessibility checker, in light and dark.
func TestAxeOnEveryPage(t *testing.T) {
	axe := rendertest.NewAxe(t)
	b := rendertest.NewBrowser(t)
	lib := filepath.Join(t.TempDir(), "lib")
	command(t, "demo", "--quiet", "--as-of", "2025-01-01", "--members", "3000", "--loans", "20000", lib)
	var pages []string
	err := filepath.WalkDir(lib, func(path string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".html") {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	printed := t.TempDir()
	for name, args := range map[string][]string{
		"docs-nl": {"docs", "--html"},
		"docs-en": {"docs", "--html", "--language", "en"},
		"ledger":  {"ledger", "show", "--page", "--config", filepath.Join(lib, "peil.yaml")},
	} {
		path := filepath.Join(printed, name+".html")
		if err := os.WriteFile(path, command(t, args...), 0o600); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, path)
	}
	// The index, new members twice with their risk page, the yearly return, the risk page
	// of the KB files, quality.
	if len(pages) < 7+3 {
		t.Fatalf("only %d pages: %v", len(pages), pages)
	}
	for _, scheme := range []string{"light", "dark"} {
		b.Scheme(t, scheme)
		for _, path := range pages {
			name := strings.TrimPrefix(path, filepath.Join(lib, "out")+string(filepath.Separator))
			t.Run(scheme+" "+strings.TrimPrefix(name, printed), func(t *testing.T) {
				b.Open(t, path)
				axe.Check(t, b)
				b.Quiet(t)
			})
		}
	}
}

// command is what peil prints, run as a user runs it. A status of 3 is a run with
// warnings, which the sample library has.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), "PEIL_TEST_COMMAND=1")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("peil %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.Bytes()
}
