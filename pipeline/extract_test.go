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
	"peil/pipeline/exit"
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

func fetched(s *pipeline.Summary) (rows int64) {
	for _, f := range s.Fetched {
		rows += f.Fetched
	}
	return rows
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
	c.Outputs.KB = nil
	first := runSinceLast(t, c, now)
	s.Exec(t, "koha", `UPDATE borrowers SET zipcode = '2719 ZZ' WHERE borrowernumber = 2; DELETE FROM borrowers WHERE borrowernumber = 3; UPDATE statistics SET borrowernumber = 2 WHERE borrowernumber = 1;
		INSERT INTO deletedborrowers SELECT * FROM borrowers WHERE borrowernumber = 1; DELETE FROM borrowers WHERE borrowernumber = 1`)
	now = now.Add(24 * time.Hour)
	second := runSinceLast(t, c, now)
	whole := kohaLibrary(t, s, "")
	whole.Outputs.KB = nil
	if _, err := run(t, whole, "geheim"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made(t, whole), made(t, c)); diff != "" {
		t.Errorf("(-whole +since last):\n%s", diff)
	}
	if all, some := fetched(first), fetched(second); len(first.Fetched) != 3 || all != 18 || some == 0 || some >= 17 {
		t.Errorf("%d rows were fetched, then %d: %+v", all, some, second.Fetched)
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
	for _, f := range files {
		if err := os.Truncate(f, 300); err != nil {
			t.Fatal(err)
		}
	}
	_, err = pipeline.Run(t.Context(), sinceLast(c, now))
	if err == nil || !strings.Contains(err.Error(), "remove private/state/extract from the store") {
		t.Errorf("of a damaged extract: %v", err)
	}
	// What nobody has used for a month is gone before it is looked at.
	if third := runSinceLast(t, c, now.AddDate(0, 0, 40)); fetched(third) != 17 {
		t.Errorf("an extract that is too old is used: %+v", third.Fetched)
	}
	c.Source = config.Source{Type: "file"}
	_, err = pipeline.Run(t.Context(), pipeline.Options{Config: c, SinceLast: true, Now: time.Now, Random: ones{}, Events: func(pipeline.Event) {}})
	wantExit(t, err, exit.Usage, "--since last is for databases")
}
