package file

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
)

// shared is a folder of public data sets that stand beside the project; without it
// the tests that read them are skipped.
func shared(t testing.TB, elements ...string) string {
	t.Helper()
	dir := os.Getenv("PEIL_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no shared data; set PEIL_SHARED_DATA to its folder")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{dir}, elements...)...)
}

// readAll reads all columns of a CSV file through the layer below the headings.
func readAll(t *testing.T, path string) (headings []string, all [][]string, rejects []source.Reject) {
	t.Helper()
	runDir := t.TempDir()
	f, err := openFile(t.Context(), Options{Rel: filepath.Base}, path)
	if err != nil {
		t.Fatal(err)
	}
	needed := make([]bool, len(f.headings()))
	for i := range needed {
		needed[i] = true
	}
	f.use(needed)
	db := vault(t, runDir, []string{path})
	rejects, err = f.read(t.Context(), db, runDir, func(relation string, _ bool) string {
		return "CREATE TABLE t AS SELECT * FROM " + relation
	})
	if err != nil {
		t.Fatal(err)
	}
	return f.headings(), table(t, db, "t"), rejects
}

func TestSpectrum(t *testing.T) {
	paths, err := filepath.Glob(shared(t, "csv-spectrum", "csvs", "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(shared(t, "csv-spectrum", "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			b = bytes.ReplaceAll(b, []byte(`\r\n`), []byte(`\n`)) // as the set's own files have it
			var want []map[string]string
			if b[0] == '{' {
				b = []byte("[" + string(b) + "]")
			}
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			if name == "location_coordinates" {
				want[0]["Contact Phone Number"] = "2095257564" // the set contradicts itself
			}
			headings, all, rejects := readAll(t, path)
			var got []map[string]string
			for _, row := range all {
				m := map[string]string{}
				for i, h := range headings {
					if m[h] = row[i]; row[i] == "∅" {
						m[h] = ""
					}
				}
				got = append(got, m)
			}
			if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
				t.Error(diff, rejects)
			}
		})
	}
}

// Every naughty string is a value like another, quoted as a careful exporter does.
func TestNaughtyStringsSurvive(t *testing.T) {
	b, err := os.ReadFile(shared(t, "naughty", "blns.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("n;v\n")
	var want [][]string
	for _, s := range strings.Split(string(b), "\n") {
		text.WriteString(`x;"` + strings.ReplaceAll(s, `"`, `""`) + "\"\n")
		if s == "" {
			s = "∅"
		}
		want = append(want, []string{"x", s})
	}
	_, got, rejects := readAll(t, write(t, t.TempDir(), "naughty.csv", text.String()))
	if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
		t.Error(diff, rejects)
	}
}

// The sample data of a real library system becomes canonical tables by small queries.
func TestConcerto(t *testing.T) {
	file := func(name string) []string { return []string{shared(t, "evergreen-concerto", name+".csv")} }
	dir, runDir := t.TempDir(), t.TempDir()
	members := write(t, dir, "members.sql", `
		SELECT u.id AS member_id, o.shortname AS branch, u.dob AS birth_date, a.post_code AS postcode,
		       a.country, g.name AS subscription, u.create_date AS first_registered_on, u.expire_date AS valid_until,
		       u.deleted = '1' AS deleted
		FROM usr u
		JOIN org_unit o ON o.id = u.home_ou
		LEFT JOIN grp_tree g ON g.id = u.profile
		LEFT JOIN usr_address a ON a.id = u.mailing_address
		ORDER BY u.id::INTEGER;`)
	loans := write(t, dir, "loans.sql", `
		SELECT c.usr AS member_id, o.shortname AS branch, 'book' AS material, c.xact_start AS loaned_at, c.checkin_time AS returned_at,
		       CASE WHEN c.parent_circ IS NULL THEN 'loan' ELSE 'renewal' END AS kind, i.call_number AS title_id
		FROM circulation c JOIN org_unit o ON o.id = c.circ_lib JOIN copy i ON i.id = c.target_copy
		ORDER BY c.id::INTEGER -- as they were made`)
	branches := write(t, dir, "branches.sql", "SELECT shortname AS branch, name FROM org_unit ORDER BY id::INTEGER")
	s, err := Open(t.Context(), Options{
		Tables: map[string]Input{
			source.Members: {Query: members, Files: map[string][]string{"usr": file("actor.usr"), "usr_address": file("actor.usr_address"),
				"org_unit": file("actor.org_unit"), "grp_tree": file("permission.grp_tree")}},
			source.Loans:    {Query: loans, Files: map[string][]string{"circulation": file("action.circulation"), "org_unit": file("actor.org_unit"), "copy": file("asset.copy")}},
			source.Branches: {Query: branches, Files: map[string][]string{"org_unit": file("actor.org_unit")}},
		},
		RunDir: runDir, Memory: "500MB", Threads: 1, Rel: filepath.Base,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(s.Paths()) > 0 {
		t.Errorf("the vault need not read %v", s.Paths())
	}
	db := vault(t, runDir, nil)
	got := map[string]int{}
	for _, table := range s.Tables() {
		all, rejects := rows(t, db, table.Parts[0])
		got[table.Name] = len(all)
		if len(rejects) > 0 {
			t.Error(rejects)
		}
		if table.Name == source.Members {
			// The rows come in the order that the query asks for.
			if diff := cmp.Diff([]string{"2", "SPLS-BKM"}, all[0][:2]); diff != "" {
				t.Error(diff)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"members": 378, "loans": 486, "branches": 22}, got); diff != "" {
		t.Error(diff)
	}
	if left, _ := filepath.Glob(filepath.Join(runDir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
