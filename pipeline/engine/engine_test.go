package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peil/pipeline/engine"
)

func open(t *testing.T, o engine.Options) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestCopyToStreamsTheSameBytesAsRows(t *testing.T) {
	dir := t.TempDir()
	db := open(t, engine.Options{Dirs: []string{dir}})
	if err := db.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := db.CopyTo(t.Context(), dir, "SELECT range AS n FROM range(300000) ORDER BY ALL", "FORMAT csv, HEADER", &got); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(got.Bytes(), []byte("\n")); n != 300001 {
		t.Errorf("got %d lines, want 300001", n)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 0 {
		t.Errorf("pipes left behind: %v", left)
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestCopyToReportsAFailingWriterAndDoesNotHang(t *testing.T) {
	dir := t.TempDir()
	db := open(t, engine.Options{Dirs: []string{dir}})
	err := db.CopyTo(t.Context(), dir, "SELECT range, repeat('x', 100) FROM range(1000000)", "FORMAT csv", &failing{after: 5 << 20})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got error %v, want disk full", err)
	}
	if n, err := db.Count(t.Context(), "SELECT 42"); err != nil || n != 42 {
		t.Errorf("instance unusable after a failed copy: %v, %v", n, err)
	}
}

func TestFeedFrom(t *testing.T) {
	dir := t.TempDir()
	db := open(t, engine.Options{Dirs: []string{dir}})
	read := func(path string) string {
		return "CREATE OR REPLACE TABLE t AS SELECT * FROM read_csv(" + engine.Literal(path) + ", columns={'a':'VARCHAR','b':'VARCHAR'}, auto_detect=false, header=false)" // small: one piece
	}
	fill := func(w io.Writer) error {
		for i := range 100000 {
			if _, err := fmt.Fprintf(w, "%d,x%d\n", i, i); err != nil {
				return err
			}
		}
		return nil
	}
	if err := db.FeedFrom(t.Context(), dir, fill, read); err != nil {
		t.Fatal(err)
	}
	if n, _ := db.Count(t.Context(), "SELECT count(*) FROM t"); n != 100000 {
		t.Errorf("got %d rows, want 100000", n)
	}
	short := func(w io.Writer) error { _, err := io.WriteString(w, "1,2\n"); return err }
	for range 50 {
		if err := db.FeedFrom(t.Context(), dir, short, read); err != nil {
			t.Fatal(err)
		}
		if n, _ := db.Count(t.Context(), "SELECT count(*) FROM t"); n != 1 {
			t.Fatalf("a short feed arrived as %d rows, want 1", n)
		}
	}
	broken := errors.New("source gone")
	err := db.FeedFrom(t.Context(), dir, func(w io.Writer) error { io.WriteString(w, "1,2\n"); return broken }, read)
	if !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	err = db.FeedFrom(t.Context(), dir, fill, func(string) string { return "SELECT * FROM no_such_table" })
	if err == nil || !strings.Contains(err.Error(), "no_such_table") {
		t.Errorf("got error %v, want one that names the table", err)
	}
}

// One thread reads a pipe; afterwards the instance has as many as it was opened with, also
// when it is locked, and whatever came of the feed.
func TestFeedFromReadsWithOneThread(t *testing.T) {
	dir := t.TempDir()
	for _, threads := range []int{0, 3} {
		db := open(t, engine.Options{Dirs: []string{dir}, Threads: threads})
		const now = "SELECT current_setting('threads')"
		before, err := db.Count(t.Context(), now)
		if err := errors.Join(err, db.Lock(t.Context()), db.Exec(t.Context(), "CREATE TABLE t AS SELECT 0 AS threads")); err != nil {
			t.Fatal(err)
		}
		read := func(path string) string {
			return "INSERT INTO t SELECT current_setting('threads') FROM read_csv(" + engine.Literal(path) + ", columns={'a':'VARCHAR'}, auto_detect=false, header=false)"
		}
		if err := db.FeedFrom(t.Context(), dir, func(w io.Writer) error { _, err := io.WriteString(w, "a\n"); return err }, read); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Count(t.Context(), "SELECT max(threads) FROM t"); n != 1 || err != nil {
			t.Errorf("a pipe is read with %d threads, %v", n, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = db.FeedFrom(ctx, dir, func(io.Writer) error { cancel(); return ctx.Err() }, read)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want that the context was cancelled", err)
		}
		if after, err := db.Count(t.Context(), now); after != before || err != nil {
			t.Errorf("%d threads before a feed and %d after it, %v", before, after, err)
		}
	}
}

func TestErrorsHoldNoValue(t *testing.T) {
	db := open(t, engine.Options{})
	err := db.Exec(t.Context(), "SELECT CAST('MARK-Jansen' AS DATE)")
	if err == nil || strings.Contains(err.Error(), "MARK") {
		t.Errorf("got %q, want an error without the value", err)
	}
}

func TestLockConfinesTheInstance(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	db := open(t, engine.Options{Dirs: []string{dir}})
	if err := db.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"SELECT * FROM read_csv(" + engine.Literal(outside) + ")",
		"SELECT * FROM read_csv(" + engine.Literal(filepath.Join(dir, "../x.csv")) + ")",
		"SELECT * FROM read_csv(" + engine.Literal(filepath.Join(dir, "link.csv")) + ")",
		"COPY (SELECT 1) TO " + engine.Literal(outside),
		"ATTACH " + engine.Literal(outside+".db"),
		"INSTALL httpfs", "LOAD httpfs",
		"SET memory_limit = '1GB'", "SET allowed_configs = ['memory_limit']", "SET lock_configuration = false",
		"SELECT * FROM read_csv('https://127.0.0.1:1/x.csv')",
	} {
		if err := db.Exec(t.Context(), q); err == nil {
			t.Errorf("a locked instance ran %s", q)
		}
	}
}

func TestSpillingIsForbiddenWithoutAFolder(t *testing.T) {
	db := open(t, engine.Options{Memory: "100MB", Threads: 2})
	err := db.Exec(t.Context(), "CREATE TABLE t AS SELECT range, md5(range::VARCHAR) m FROM range(20000000) ORDER BY m")
	var e *engine.Error
	if !errors.As(err, &e) || !e.OutOfMemory {
		t.Errorf("got error %v, want out of memory", err)
	}
}

func FuzzQuoting(f *testing.F) {
	for _, s := range []string{`a`, `"`, `'`, `a'; DROP TABLE t; --`, "\x00", `""`, "é", `\'`} {
		f.Add(s)
	}
	db, err := engine.Open(f.Context(), engine.Options{Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	f.Fuzz(func(t *testing.T, s string) {
		if !strings.Contains(s, "\x00") && strings.ToValidUTF8(s, "") == s && s != "" {
			var value, name string
			if err := db.Get(t.Context(), []any{&value}, "SELECT "+engine.Literal(s)); err != nil || value != s {
				t.Fatalf("Literal(%q) read back as %q, %v", s, value, err)
			}
			if err := db.Get(t.Context(), []any{&name}, "SELECT column_name FROM (DESCRIBE SELECT 1 AS "+engine.Ident(s)+")"); err != nil || name != s {
				t.Fatalf("Ident(%q) read back as %q, %v", s, name, err)
			}
		}
	})
}
