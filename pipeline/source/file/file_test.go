package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// write makes a file with the given text in a folder of the test.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func stamped(t testing.TB, path string) stamp {
	t.Helper()
	s, err := stampFile(path, filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vault opens an instance as the pipeline does: confined to the source's paths.
func vault(t testing.TB, runDir string, paths []string) *engine.DB {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Options{ReadPaths: paths, Dirs: []string{runDir}, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Lock(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
}

// rows reads a whole part; a NULL becomes "∅".
func rows(t testing.TB, db *engine.DB, p source.Part) ([][]string, []source.Reject) {
	t.Helper()
	rejects, err := p.Read(t.Context(), db, func(relation string) string {
		return "CREATE OR REPLACE TABLE t AS SELECT * FROM " + relation
	})
	if err != nil {
		t.Fatal(err)
	}
	return table(t, db, "t"), rejects
}

func table(t testing.TB, db *engine.DB, name string) [][]string {
	t.Helper()
	r, err := db.Query(t.Context(), "SELECT coalesce(COLUMNS(*), '∅') FROM "+engine.Ident(name))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	columns, _ := r.Columns()
	var out [][]string
	for r.Next() {
		values := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := r.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, values)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// one opens a source of which the branches come from the text, and returns that part.
func one(t testing.TB, name, text string) (*engine.DB, source.Table) {
	t.Helper()
	dir, runDir := t.TempDir(), t.TempDir()
	s, err := Open(t.Context(), Options{
		Tables: map[string]Input{
			source.Branches: {Paths: []string{write(t, dir, name, text)}},
			source.Members:  {Paths: []string{write(t, dir, "members.csv", "member_id,branch\n")}},
		},
		RunDir: runDir,
		Rel:    filepath.Base,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return vault(t, runDir, s.Paths()), s.Tables()[0]
}

func TestReadBranches(t *testing.T) {
	db, branches := one(t, "b.csv", "Code;Naam; sluitings-datum ;x\r\n1;Forum;;y\r\n2;\"Rokke\r\nveen\";  ;y\r\n\r\n3;Oost;2024-01-01;\r\n")
	got, rejects := rows(t, db, branches.Parts[0])
	want := [][]string{
		{"1", "Forum", "∅", "∅", "∅", "∅", "∅", "∅"},
		{"2", "Rokke\r\nveen", "∅", "∅", "∅", "∅", "∅", "∅"},
		{"3", "Oost", "∅", "∅", "∅", "∅", "2024-01-01", "∅"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(rejects) > 0 {
		t.Error(rejects)
	}
	if diff := cmp.Diff([]string{"branch", "name", "closed_on"}, branches.Present); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"x"}, branches.Ignored); diff != "" {
		t.Error(diff)
	}
	lines, err := branches.Parts[0].Lines(t.Context(), []int64{0, 1, 2})
	if err != nil || fmt.Sprint(lines) != "[2 3 6]" {
		t.Errorf("got lines %v, %v", lines, err)
	}
}
