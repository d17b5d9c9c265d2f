package pipeline_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/pseudonym"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// ones reads ones: what is random otherwise is the same each time.
type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
	}
	return len(p), nil
}

const kohaConfig = `version: 1
library: {name: Bibliotheek Voorbeeld, isil: NL-0823450000}
source:
  type: koha
  connection: {host: 127.0.0.1, port: %d, database: koha, user: peil, password: {env: KOHA_PASSWORD}, retry_for: 0s}
%s
keys: {file: peil.key}
store: out
limits: {snapshot_lag: 100000, rejected: {warn: 20%%, fail: 20%%}}
outputs: {cbs: , kb: , quality: }
`

// kohaLibrary writes the configuration of a library with Koha, more lines of its source
// included.
func kohaLibrary(t *testing.T, s *dbtest.Server, more string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "peil.yaml")
	for name, text := range map[string]string{
		"peil.yaml":    fmt.Sprintf(kohaConfig, s.Port, more),
		"branches.csv": "branch,name,merged_into,closed_on\nFORUM,Forum,,\nROKK,Rokkeveen,,\nGONE,Weg,ROKK,2024-01-01\nMERGED,Ook weg,FORUM,2020-01-01\nOPACRENEW,Internet,,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pseudonym.Create(filepath.Join(dir, "peil.key"), ones{}); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kohaDatabase makes a Koha database with a row for each trap.
func kohaDatabase(t *testing.T, s *dbtest.Server) {
	t.Helper()
	s.Exec(t, "", "CREATE DATABASE koha CHARACTER SET utf8mb4; GRANT SELECT ON koha.* TO 'peil'@'%' IDENTIFIED BY 'geheim'")
	for _, name := range []string{"schema.sql", "rows.sql"} {
		text, err := os.ReadFile(filepath.Join("source", "koha", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		s.Exec(t, "koha", string(text))
	}
}

func run(t *testing.T, c *config.Config, password string) (*pipeline.Summary, error) {
	t.Helper()
	return pipeline.Run(t.Context(), pipeline.Options{
		Config: c, AsOf: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), PlaintextOK: true, Version: "test",
		Env: func(name string) (string, bool) { return password, name == "KOHA_PASSWORD" },
		Now: time.Now, Random: ones{}, Events: func(pipeline.Event) {},
	})
}

func TestKoha(t *testing.T) {
	s := dbtest.MariaDB(t)
	kohaDatabase(t, s)
	t.Run("run", func(t *testing.T) { testRun(t, s) })
	t.Run("connect", func(t *testing.T) { testConnect(t, s) }) // last: it takes rights away
}

func testRun(t *testing.T, s *dbtest.Server) {
	for _, tt := range []struct {
		name, more string
		want       []string
	}{
		// Of nine persons and institutions one ended long ago; two rows of the deleted are
		// of others. The loan without a time is the reject.
		{"from the database alone", "", []string{
			"branches rows 3 accepted 3 rejected 0 merged 0 past 0", "members rows 11 accepted 8 rejected 0 merged 2 past 1", "loans rows 7 accepted 6 rejected 1 merged 0 past 0",
			"population 3 institutions 3", "2 of 7 rows: loans of an unknown branch.",
		}},
		{"with branches of a file", "  branches: branches.csv", []string{
			"branches rows 5 accepted 5 rejected 0 merged 0 past 0", "members rows 11 accepted 8 rejected 0 merged 2 past 1", "loans rows 7 accepted 6 rejected 1 merged 0 past 0",
			"population 3 institutions 3", "0 of 7 rows: loans of an unknown branch.",
		}},
		// Of staff who count as persons CBS still gets none.
		{"staff counted as persons", "  codes: {member_kind: {st: person}}\n  loans_from: issues", []string{
			"branches rows 3 accepted 3 rejected 0 merged 0 past 0", "members rows 11 accepted 8 rejected 0 merged 2 past 1", "loans rows 5 accepted 5 rejected 0 merged 0 past 0",
			"population 3 institutions 2", "1 of 5 rows: loans of an unknown branch.",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := kohaLibrary(t, s, tt.more)
			summary, err := run(t, c, "geheim")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range summary.Read {
				got = append(got, fmt.Sprintf("%s rows %d accepted %d rejected %d merged %d past %d", a.Table, a.Rows, a.Accepted, a.Rejected, a.Merged, a.Past))
			}
			got = append(got, fmt.Sprintf("population %d institutions %d", summary.Counted.Population, summary.Counted.Institutions))
			for _, c := range summary.Checks {
				if c.Name == "unmapped.loan_branch" {
					got = append(got, c.Text["en"])
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, o := range summary.Outputs {
				if o.Name == "cbs" && o.Status != pipeline.Published {
					t.Errorf("%s is %s: %v", o.Name, o.Status, o.Why)
				}
			}
		})
	}
	t.Run("own queries alone", func(t *testing.T) {
		c := kohaLibrary(t, s, "  members: {query: members.sql}\n  branches: {query: branches.sql}\n  loans: {query: loans.sql}")
		c.Source.Type, c.Source.Connection.System = "sql", "mariadb"
		for name, query := range map[string]string{
			"members.sql":  "SELECT borrowernumber AS Member_ID, branchcode AS branch, 'ignored' AS surname, dateexpiry AS valid_until FROM borrowers WHERE categorycode = 'V' ORDER BY 1;",
			"branches.sql": "\uFEFF-- of today\nSELECT branchcode AS branch, branchname AS name FROM branches",
			"loans.sql":    "SELECT branch, itemtype AS material, type AS kind, datetime AS loaned_at, borrowernumber AS member_id FROM statistics WHERE type = 'issue' -- no renewals",
		} {
			if err := os.WriteFile(c.Path(name), []byte(query), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		summary, err := run(t, c, "geheim")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, a := range summary.Read {
			got[a.Table] = a.Rows
		}
		if diff := cmp.Diff(map[string]int64{"branches": 3, "members": 4, "loans": 3}, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	t.Run("a source that refuses is exit 5", func(t *testing.T) {
		_, err := run(t, kohaLibrary(t, s, ""), "wrong")
		wantExit(t, err, exit.Source, "user peil is refused")
	})
	t.Run("a source that is lost is exit 5", func(t *testing.T) {
		// The query is changed behind the back of the run: it fails only when it is read.
		c := kohaLibrary(t, s, "  loans: {query: loans.sql}")
		query := "SELECT branch, itemtype AS material, type AS kind, (SELECT branch FROM statistics) AS loaned_at FROM statistics"
		if err := os.WriteFile(c.Path("loans.sql"), []byte(query), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := run(t, c, "geheim")
		wantExit(t, err, exit.Source, "loans.sql at 127.0.0.1")
	})
}

func testConnect(t *testing.T, s *dbtest.Server) {
	s.Exec(t, "", "REVOKE ALL ON koha.* FROM 'peil'@'%'; GRANT SELECT (categorycode) ON koha.categories TO 'peil'@'%'")
	env := func(string) (string, bool) { return "geheim", true }
	for _, loansFrom := range []string{"statistics", "issues"} {
		c := kohaLibrary(t, s, "  loans_from: "+loansFrom)
		n, err := intake.Connect(t.Context(), c, env)
		if err != nil {
			t.Fatal(err)
		}
		if p := n.Parts[0]; loansFrom == "statistics" && (p.Table != "branches" || !strings.Contains(p.Problem, "anything of branches")) {
			t.Errorf("an account without rights: %+v", p)
		}
		s.Exec(t, "", strings.Join(n.Grants, "\n"))
		if n, err = intake.Connect(t.Context(), c, env); err != nil {
			t.Fatal(err)
		}
		for _, p := range n.Parts {
			if p.Problem != "" {
				t.Errorf("with the rights that were printed: %s", p.Problem)
			}
		}
		if loansFrom == "issues" {
			if want := (sqldb.Compared{Year: "2025", Loans: 2, Borrowers: 1, OtherLoans: 3, OtherBorrowers: 1}); len(n.Compared) != 1 || n.Compared[0] != want {
				t.Errorf("with the rights to both tables: %+v", n.Compared)
			}
			if n := n.Parts[len(n.Parts)-2]; n.Part != "checkout_renewals" || n.Rows != 2 {
				t.Errorf("renewals: %+v", n)
			}
			continue
		}
		if len(n.Compared) > 0 || len(n.CompareGrants) != 3 {
			t.Errorf("without the rights to it loans are compared: %+v, %q", n.Compared, n.CompareGrants)
		}
		var got []string
		for _, p := range n.Parts {
			got = append(got, fmt.Sprintf("%s from %s: %d rows, %s", p.Table, p.Part, p.Rows, p.Newest))
		}
		want := []string{
			"branches from branches: 3 rows, ", "members from borrowers: 8 rows, 2025-01-01 10:00:00 UTC",
			"members from deletedborrowers: 3 rows, 2024-12-31 23:30:00 UTC", "loans from statistics: 7 rows, 2026-01-01 00:00:00",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string][]string{"audience": {"JFIC"}, "genre": {"JFIC"}, "branch": {"MERGED", "OPACRenew"}}, n.Parts[3].Unmapped); diff != "" {
			t.Errorf("codes (-want +got):\n%s", diff)
		}
		if all := strings.Join(n.Grants, "\n"); !strings.Contains(all, "`anonymized`") {
			t.Errorf("whether a member is anonymised cannot be read with\n%s", all)
		}
		for _, g := range n.Grants {
			for _, never := range []string{"surname", "password", "email", "cardnumber", "*"} {
				if strings.Contains(g, never) {
					t.Errorf("more than the least right: %s", g)
				}
			}
		}
	}
}

func wantExit(t *testing.T, err error, status int, says string) {
	t.Helper()
	var failed *exit.Error
	if !errors.As(err, &failed) || failed.Status != status || !strings.Contains(err.Error(), says) {
		t.Errorf("got error %v, want status %d and %q", err, status, says)
	}
}
