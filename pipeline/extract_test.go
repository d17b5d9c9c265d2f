package pipeline_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/source/sqldb/dbtest"
)

func sinceLast(c *config.Config, now time.Time) pipeline.Options {
	return pipeline.Options{
		Config: c, AsOf: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), PlaintextOK: true, SinceLast: true, Version: "test",
		Env: func(string) (string, bool) { return "geheim", true },
		Now: func() time.Time { return now }, Random: ones{}, Events: func(pipeline.Event) {},
	}
}

func runSinceLast(t *testing.T, c *config.Config, now time.Time) *pipeline.Summary {
	t.Helper()
	summary, err := pipeline.Run(t.Context(), sinceLast(c, now))
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// made are the files of the outputs, by name.
func made(t *testing.T, c *config.Config) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(c.Path("out"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".age") || strings.Contains(path, "manifest.json") || strings.Contains(path, "/runs/") || strings.Contains(path, "/ledger/") || strings.Contains(path, "/.") {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, c.Path("out"))] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSinceLast: what is made of what has changed is what is made of everything, and what is
// remembered can be read by nobody and lies no longer than it may.
func TestSinceLast(t *testing.T) {
	s := dbtest.MariaDB(t)
	kohaDatabase(t, s)
	c := kohaLibrary(t, s, "")
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, change := range []string{
		"",
		"UPDATE borrowers SET zipcode = '2719 ZZ' WHERE borrowernumber = 1; DELETE FROM borrowers WHERE borrowernumber = 3",
		"UPDATE statistics SET borrowernumber = 2 WHERE borrowernumber = 1; INSERT INTO deletedborrowers SELECT * FROM borrowers WHERE borrowernumber = 1; DELETE FROM borrowers WHERE borrowernumber = 1",
	} {
		if change != "" {
			s.Exec(t, "koha", change)
		}
		now = now.Add(24 * time.Hour)
		summary := runSinceLast(t, c, now)
		whole := kohaLibrary(t, s, "")
		if _, err := run(t, whole, "geheim"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(made(t, whole), made(t, c)); diff != "" {
			t.Errorf("after %q (-whole +since last):\n%s", change, diff)
		}
		var fetched, rows int64
		for _, f := range summary.Fetched {
			fetched, rows = fetched+f.Fetched, rows+f.Rows
		}
		if len(summary.Fetched) != 3 || change == "" && fetched != rows || change != "" && (fetched == 0 || fetched >= rows) {
			t.Errorf("after %q: %+v", change, summary.Fetched)
		}
	}
	extract := c.Path(filepath.Join("out", "private", "state", "extract"))
	files, err := filepath.Glob(filepath.Join(extract, "*.age"))
	if err != nil || len(files) != 4 {
		t.Errorf("%v, %v", files, err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err != nil || !bytes.HasPrefix(text, []byte("age-encryption.org/v1\n")) || bytes.Contains(text, []byte("2719")) {
			t.Errorf("%s is not sealed (%v)", f, err)
		}
	}
	damaged := filepath.Join(extract, "members-1.csv.zst.age")
	whole, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Run(t.Context(), sinceLast(c, now))
	if err == nil || !strings.Contains(err.Error(), "remove private/state/extract from the store") {
		t.Errorf("of a damaged extract: %v", err)
	}
	if _, err := run(t, c, "geheim"); err != nil { // keeps nothing, and drops what is too old
		t.Fatal(err)
	}
	if _, err := os.Stat(extract); err == nil {
		t.Error("an extract that nobody has used for more than a month is still there")
	}
	c.Source = config.Source{Type: "file"}
	_, err = pipeline.Run(t.Context(), pipeline.Options{Config: c, SinceLast: true, Now: time.Now, Random: ones{}, Events: func(pipeline.Event) {}})
	wantExit(t, err, pipeline.ExitUsage, "--since last is for databases")
}
