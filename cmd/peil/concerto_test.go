package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sharedData is the folder of real data sets, which are no part of the project: a person's
// machine may lack it.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("PEIL_SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir, err := filepath.Abs(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no %s: set PEIL_SHARED_DATA to the folder that holds it", name)
	}
	return dir
}

// planted are the columns of Concerto that Peil must never read; a mark is put into each.
var planted = map[string][]string{
	"actor.usr.csv":         {"passwd", "usrname", "email", "first_given_name", "second_given_name", "family_name", "alias", "day_phone", "evening_phone", "ident_value", "name_keywords", "name_kw_tsvector"},
	"actor.usr_address.csv": {"street2", "city", "county"},
}

// plant copies a CSV file and marks its personal columns.
func plant(t *testing.T, from, to string, columns []string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range columns {
		i := -1
		for j, heading := range rows[0] {
			if heading == column {
				i = j
			}
		}
		if i < 0 {
			t.Fatalf("%s has no column %s any more: the test would prove nothing", from, column)
		}
		for _, row := range rows[1:] {
			row[i] = mark + row[i]
		}
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConcerto(t *testing.T) {
	data := sharedData(t, "evergreen-concerto")
	root := t.TempDir()
	l := markedLibrary{dir: filepath.Join(root, "lib"), runtime: filepath.Join(root, "run")}
	if err := os.CopyFS(l.dir, os.DirFS(filepath.Join("..", "..", "testdata", "concerto"))); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{l.runtime, filepath.Join(l.dir, "data")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(data, "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", data, err)
	}
	for _, f := range files {
		plant(t, f, filepath.Join(l.dir, "data", filepath.Base(f)), planted[filepath.Base(f)])
	}
	if out, err := l.command(t.Context(), t, "key", "new").CombinedOutput(); err != nil {
		t.Fatalf("peil key new: %v\n%s", err, out)
	}
	var stdout, stderr bytes.Buffer
	cmd := l.command(t.Context(), t, "run", "--as-of", "2020-11-02", "--plaintext-ok", "--format", "json")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Five of its patrons expired before they were created: a warning, and nothing is withheld.
	err = cmd.Run()
	if cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("peil run: %v\n%s%s", err, stdout.String(), stderr.String())
	}
	checkWarnings(t, stderr.String(), "input.members: 5 rows with an end before the last registration.")
	checkConcerto(t, stdout.Bytes(), filepath.Join(l.dir, "out"))
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.Contains(path, filepath.Join("lib", "data")) {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte(mark)) {
			t.Errorf("%s holds a value that is never to be read", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stdout.Bytes(), []byte(mark)) || bytes.Contains(stderr.Bytes(), []byte(mark)) {
		t.Error("the command printed a value that is never to be read")
	}
}

// checkWarnings asserts that a run warned once, of what.
func checkWarnings(t *testing.T, log, what string) {
	t.Helper()
	var warnings []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"level":"WARN"`) {
			warnings = append(warnings, line)
		}
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], what) {
		t.Errorf("warnings: got %q, want one of %q", warnings, what)
	}
}

// checkConcerto asserts what 378 patrons can support and what they cannot.
func checkConcerto(t *testing.T, summary []byte, store string) {
	t.Helper()
	var s struct {
		Read []struct {
			Table                                  string
			Rows, Accepted, Rejected, Merged, Past int64
		}
		Outputs []struct{ Output, Status string }
		Counted struct {
			Population int64
		}
	}
	if err := json.Unmarshal(bytes.TrimSpace(summary), &s); err != nil {
		t.Fatal(err)
	}
	var accounts []string
	for _, a := range s.Read {
		accounts = append(accounts, strings.Join([]string{a.Table, thousands(a.Rows), thousands(a.Accepted), thousands(a.Rejected), thousands(a.Past)}, " "))
	}
	if diff := cmp.Diff([]string{"branches 16 16 0 0", "members 378 375 0 3", "loans 486 486 0 0"}, accounts); diff != "" {
		t.Errorf("rows, counted, rejected, past (-want +got):\n%s", diff)
	}
	if s.Counted.Population != 236 {
		t.Errorf("%d members on the peildatum, want 236", s.Counted.Population)
	}
	for _, o := range s.Outputs {
		if o.Status != "published" {
			t.Errorf("%s is %s", o.Output, o.Status)
		}
	}
	var risk struct {
		K       int64
		Members struct {
			Total         int64
			SmallestGroup int64 `json:"smallest_group"`
			Suppressed    int64
		}
	}
	text, err := os.ReadFile(filepath.Join(store, "public", "kb", "2020-W44", "risk.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &risk); err != nil {
		t.Fatal(err)
	}
	if risk.Members.Total != 234 && risk.Members.Total != 236 || risk.Members.SmallestGroup < risk.K || risk.K != 10 {
		t.Errorf("weekly members: %+v", risk)
	}
	checkReport(t, store)
	checkMicrodata(t, filepath.Join(store, "public", "kb", "2020-W44", "kb-leden.csv"), "personen", risk.K)
	checkMicrodata(t, filepath.Join(store, "public", "kb", "2020-W44", "kb-uitleningen.csv"), "personen", risk.K)
}

// checkReport asserts that branches of some forty members are shown to the library itself, and
// to the public only the organisation, without the one who left.
func checkReport(t *testing.T, store string) {
	t.Helper()
	last := func(edition string) string {
		text, err := os.ReadFile(filepath.Join(store, edition, "new-members", "2020-10", "totals.csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		return strings.Join(strings.Split(lines[len(lines)-1], ",")[:8], ",")
	}
	// month, begin, new, re-registered, moved in (not available), lapsed, moved out, end
	if got, want := last("private"), "2020-10,0,237,0,,1,,236"; got != want {
		t.Errorf("internal totals: got %s, want %s", got, want)
	}
	if got, want := last("public"), "2020-10,0,237,0,,0,,237"; got != want {
		t.Errorf("public totals: got %s, want %s", got, want)
	}
	for _, file := range []string{"balance.csv", "branches.csv", "new-by-age-branch.csv"} {
		if _, err := os.Stat(filepath.Join(store, "public", "new-members", "2020-10", file)); err == nil {
			t.Errorf("%s is public, and its branches are too small", file)
		}
	}
	if _, err := os.Stat(filepath.Join(store, "private", "new-members", "2020-10", "balance.csv")); err != nil {
		t.Errorf("the internal edition lacks its branches: %v", err)
	}
}

// checkMicrodata asserts that every group of a feed that names its persons holds k of them.
func checkMicrodata(t *testing.T, path, column string, k int64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for i, heading := range rows[0] {
			if heading != column || row[i] == "" {
				continue
			}
			var n int64
			if err := json.Unmarshal([]byte(row[i]), &n); err != nil || n < k {
				t.Errorf("%s: a group of %s persons", filepath.Base(path), row[i])
			}
		}
	}
}
