package pipeline_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/source/sqldb/dbtest"
)

// TestDatabaseFaults: whatever happens to the database, the run says what and where, ends
// with the status of a source, and publishes nothing.
func TestDatabaseFaults(t *testing.T) {
	s := dbtest.MariaDB(t)
	kohaDatabase(t, s)
	s.Exec(t, "", "REVOKE ALL ON koha.* FROM 'peil'@'%'")
	c := kohaLibrary(t, s, "")
	c.Source.Connection.StatementTimeout = 2 * time.Second
	env := func(string) (string, bool) { return "geheim", true }
	n, err := intake.Connect(t.Context(), c, env)
	if err == nil {
		t.Fatalf("an account without rights connects: %+v", n)
	}
	wantExit(t, err, exit.Source, "has no right in database koha")
	s.Exec(t, "", "GRANT SELECT ON koha.* TO 'peil'@'%'")
	if n, err = intake.Connect(t.Context(), c, env); err != nil {
		t.Fatal(err)
	}
	s.Exec(t, "", "REVOKE ALL ON koha.* FROM 'peil'@'%'; "+strings.Join(n.Grants, "\n"))
	locked := s.Maria(t, "koha")
	locked.SetMaxOpenConns(1)
	defer locked.Close()
	for _, fault := range []struct {
		name  string
		cause func()
		says  string
		cured string
	}{
		{"a column is revoked", func() { s.Exec(t, "", "REVOKE SELECT (zipcode) ON koha.borrowers FROM 'peil'@'%'") }, "cannot read borrowers.zipcode", "GRANT SELECT (zipcode) ON koha.borrowers TO 'peil'@'%'"},
		{"a column is gone", func() { s.Exec(t, "koha", "ALTER TABLE borrowers RENAME COLUMN sex TO geslacht") }, "cannot read borrowers.sex", "ALTER TABLE koha.borrowers RENAME COLUMN geslacht TO sex"},
		{"a table is locked", func() {
			if _, err := locked.ExecContext(t.Context(), "LOCK TABLES borrowers WRITE"); err != nil {
				t.Fatal(err)
			}
		}, "2s", ""},
	} {
		t.Run(fault.name, func(t *testing.T) {
			fault.cause()
			_, err := run(t, c, "geheim")
			wantExit(t, err, exit.Source, fault.says)
			wantNothing(t, c)
			if fault.cured != "" {
				s.Exec(t, "", fault.cured)
			}
		})
	}
	locked.Close() // ends the lock
	t.Run("the server is killed while it is read", func(t *testing.T) {
		_, err := pipeline.Run(t.Context(), pipeline.Options{
			Config: c, AsOf: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), PlaintextOK: true, SinceLast: true, Version: "test", Env: env, Now: time.Now, Random: ones{},
			Events: func(e pipeline.Event) {
				if e.Text == "read deletedborrowers" {
					s.Kill()
				}
			},
		})
		wantExit(t, err, exit.Source, "run again when the server is up")
		wantNothing(t, c)
	})
}

// wantNothing fails if a run left something for others, or something of persons.
func wantNothing(t *testing.T, c *config.Config) {
	t.Helper()
	filepath.WalkDir(c.Path("out"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, "/private/runs/") && !strings.Contains(path, "/.") {
			t.Errorf("there is %s", path)
		}
		return nil
	})
}
