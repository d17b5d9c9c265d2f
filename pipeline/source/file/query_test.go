package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// queryOptions configure branches as a query over one file "b" beside plain members.
func queryOptions(t *testing.T, query, csv string) (Options, string) {
	t.Helper()
	dir := t.TempDir()
	return Options{
		Tables: map[string]Input{
			source.Branches: {Query: write(t, dir, "branches.sql", query), Files: map[string][]string{"b": {write(t, dir, "b.csv", csv)}}},
			source.Members:  {Paths: []string{write(t, dir, "members.csv", "member_id,branch\n")}},
		},
		RunDir: t.TempDir(), Threads: 1, Rel: filepath.Base,
	}, dir
}

func TestQueryReadsAFileThatHasToBeTranscoded(t *testing.T) {
	o, _ := queryOptions(t, "WITH n AS (SELECT \"My Code\" AS code, naam FROM b)\nSELECT code AS Branch, naam || '' AS name, 1.50::DECIMAL(4,2) AS isil, ' ' AS type, code AS extra FROM n ORDER BY code DESC; -- last first",
		"My Code;naam;\n1;Caf\xe9;x\n2;\"a\r\n\"\"b\"\"\"; \nonly\n3;;\n")
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	branches := s.Tables()[0]
	got, rejects := rows(t, vault(t, o.RunDir, s.Paths()), branches.Parts[0])
	want := [][]string{
		{"3", "∅", "1.50", "∅", "∅", "∅", "∅", "∅"},
		{"2", "a\r\n\"b\"", "∅", "∅", "∅", "∅", "∅", "∅"},
		{"1", "Café", "∅", "∅", "∅", "∅", "∅", "∅"},
	}
	want[1][2], want[2][2] = "1.50", "1.50"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]source.Reject{{Part: "b.csv", Line: 5, Code: tooFewColumns}}, rejects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"branch", "name", "isil", "type"}, branches.Present); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"extra"}, branches.Ignored); diff != "" {
		t.Error(diff)
	}
	lines, err := branches.Parts[0].Lines(t.Context(), []int64{0, 2})
	if diff := cmp.Diff([]int64{0, 0}, lines); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestQueryOverSeveralFilesScannedTwice(t *testing.T) {
	o, dir := queryOptions(t, "SELECT x.code AS branch, y.name FROM b x JOIN b y USING (code) ORDER BY branch", "code,name\n1,a\n")
	write(t, dir, "b2.csv", "name,code,since\nb\x00,2,2020\nc,3,2021\n\"5\" disk,\n\"x\"\"\ny\",4,\n")
	o.Tables[source.Branches].Files["b"][0] = filepath.Join(dir, "b*.csv")
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	got, rejects := rows(t, vault(t, o.RunDir, s.Paths()), s.Tables()[0].Parts[0])
	want := [][]string{{"1", "a"}, {"3", "c"}, {"4", "x\"\ny"}}
	for i := range got {
		got[i] = got[i][:2]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]source.Reject{{Part: "b2.csv", Line: 2, Code: nulByte}, {Part: "b2.csv", Line: 4, Code: textAfterQuote}}, rejects); diff != "" {
		t.Error(diff)
	}
}

func TestQueryOverOneColumn(t *testing.T) {
	o, _ := queryOptions(t, "SELECT code AS branch, code AS name FROM b", "code\n1\n\n\"\"\n2\n")
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := rows(t, vault(t, o.RunDir, s.Paths()), s.Tables()[0].Parts[0])
	for i := range got {
		got[i] = got[i][:1]
	}
	if diff := cmp.Diff([][]string{{"1"}, {"∅"}, {"2"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestQueryRefused(t *testing.T) {
	const good = "SELECT code AS branch, name FROM b"
	for _, c := range []struct {
		query, want string
		line        int64
	}{
		{"", "0 statements", 0},
		{"-- nothing", "0 statements", 0},
		{good + "; " + good, "2 statements", 0},
		{good + "; COPY b TO 'x.csv'", "may only select", 0},
		{"COPY (" + good + ") TO 'x.csv'", "may only select", 0},
		{"ATTACH 'x.db'", "may only select", 0},
		{"PRAGMA version", "may only select", 0},
		{"SET threads = 1", "may only select", 0},
		{"INSTALL httpfs", "may only select", 0},
		{"CREATE TABLE t AS " + good, "may only select", 0},
		{"INSERT INTO b VALUES ('1', '2')", "may only select", 0},
		{"EXPLAIN " + good, "may only select", 0},
		{"CALL pragma_version()", "may only select", 0},
		{"DESCRIBE b", "DESCRIBE", 0},
		{"SUMMARIZE b", "SUMMARIZE", 0},
		{"SELECT * FROM read_csv('/etc/passwd')", "read_csv(...) is not allowed", 0},
		{"SELECT '' AS branch, content AS name FROM READ_TEXT('/etc/passwd')", "read_text(...) is not allowed", 0},
		{good + " WHERE name = (SELECT max(file) FROM glob('*'))", "glob(...) is not allowed", 0},
		{"WITH g AS (SELECT * FROM glob('*')) " + good, "glob(...) is not allowed", 0},
		{good + " UNION ALL SELECT '', message FROM enable_logging(storage := 'file')", "enable_logging(...) is not allowed", 0},
		{"SELECT * FROM query('" + good + "')", "query(...) is not allowed", 0},
		{"SELECT * FROM '/etc/passwd'", "/etc/passwd", 1},
		{"SELECT * FROM '../x.csv'", "../x.csv", 0},
		{"SELECT code AS branch,\n  nmae AS name\nFROM b", "nmae", 2},
		{"SELECT code AS branch\n\nnaam naam naam FROM b", "syntax error", 3},
		{"SELECT code AS branch, name FROM c", "c does not exist", 1},
		{"SELECT code AS branch, name, ? AS isil FROM b", "parameters", 0},
		{"SELECT code, name FROM b", "does not yield the required column branch of branches; it yields code, name", 0},
		{"SELECT code AS branch, name, name FROM b", "the column name twice", 0},
		{"SELECT code AS branch, name FROM b LIMIT CAST('geheim' AS INTEGER)", "on its values", 1},
	} {
		o, _ := queryOptions(t, c.query, "code,name\n1,a\n")
		_, err := Open(t.Context(), o)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || e.Line != c.line || e.Path != "branches.sql" {
			t.Errorf("%s\ngot %v, want it to say %q in line %d", c.query, err, c.want, c.line)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("a value in %q", err)
		}
	}
}

func TestQueryFailsOnAValue(t *testing.T) {
	o, _ := queryOptions(t, "SELECT code AS branch, name, CAST(name AS DATE) AS opened_on FROM b", "code,name\n1,geheim\n")
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Tables()[0].Parts[0].Read(t.Context(), vault(t, o.RunDir, s.Paths()), func(relation string) string {
		return "CREATE TABLE t AS SELECT * FROM " + relation
	})
	var e *Error
	if !errors.As(err, &e) || e.Path != "branches.sql" || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "conversion error") {
		t.Errorf("got %v", err)
	}
}

// What the parser lets through, the instance still refuses.
func TestSandboxReadsNothingElse(t *testing.T) {
	outside := write(t, t.TempDir(), "secret.csv", "code,name\n9,geheim\n")
	o, dir := queryOptions(t, "SELECT code AS branch, name FROM b", "code,name\n1,a\n")
	if err := os.Symlink(outside, filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	p, _, err := openQuery(t.Context(), o, source.Branches, o.Tables[source.Branches])
	if err != nil {
		t.Fatal(err)
	}
	box := t.TempDir()
	db, _, err := p.sandbox(t.Context(), box)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n, err := db.Count(t.Context(), "SELECT count(*) FROM files.result"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	b := o.Tables[source.Branches].Files["b"][0]
	for _, q := range []string{
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT * FROM read_csv(" + engine.Literal(outside) + ")",
		"SELECT * FROM read_csv(" + engine.Literal(filepath.Join(dir, "link.csv")) + ")",
		"SELECT * FROM read_csv('../x')",
		"SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM glob('/etc/*')",
		"SELECT * FROM glob(" + engine.Literal(filepath.Join(dir, "*")) + ")",
		"ATTACH " + engine.Literal(filepath.Join(dir, "x.db")),
		"COPY b TO " + engine.Literal(filepath.Join(dir, "x.csv")),
		"COPY b TO " + engine.Literal(filepath.Join(o.RunDir, "x.csv")),
		"SET enable_external_access = true",
		"LOAD httpfs",
	} {
		if err := db.Exec(t.Context(), q); err == nil {
			t.Errorf("the sandbox ran %s", q)
		}
	}
	if text, err := os.ReadFile(b); err != nil || string(text) != "code,name\n1,a\n" {
		t.Errorf("the file is now %q, %v", text, err)
	}
}
