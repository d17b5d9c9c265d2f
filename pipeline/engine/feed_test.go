package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

func TestPiecesAreTheWholeInOrder(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	random := rand.New(rand.NewPCG(1, 2))
	var want []string
	var text bytes.Buffer
	for i := range 3000 {
		value := strings.Repeat([]string{"x", "\n", `"`, ",", "\r\n"}[random.IntN(5)], random.IntN(40))
		want = append(want, fmt.Sprint(i, value))
		fmt.Fprintf(&text, "%d,\"%s\"\n", i, strings.ReplaceAll(value, `"`, `""`))
	}
	for _, limit := range []int{1, 100, 5000, text.Len() - 1, text.Len(), 1 << 20} {
		pieces := 0
		w := &pieceWriter{db: db, ctx: t.Context(), dir: dir, limit: limit, statement: func(path string) string {
			pieces++
			return "INSERT INTO t SELECT * FROM read_csv(" + Literal(path) + `, columns={'n':'INTEGER','v':'VARCHAR'}, auto_detect=false, header=false, quote='"', escape='"', delim=',', new_line='\n', parallel=false)`
		}}
		if limit == 1 && testing.Short() {
			continue
		}
		rest := text.Bytes()
		if limit == 1 {
			rest = rest[:bytes.Index(rest, []byte("\n40,"))+1] // a statement a record is slow
		}
		total := bytes.Count(rest, nil) - 1
		if err := errors.Join(db.Exec(t.Context(), "CREATE OR REPLACE TABLE t (n INTEGER, v VARCHAR)"), w.begin()); err != nil {
			t.Fatal(err)
		}
		for len(rest) > 0 {
			n := min(1+random.IntN(700), len(rest))
			if m, err := w.Write(rest[:n]); err != nil || m != n {
				t.Fatalf("limit %d: wrote %d of %d: %v", limit, m, n, err)
			}
			rest = rest[n:]
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		if many := total > limit; many != (pieces > 1) {
			t.Errorf("limit %d: %d pieces of %d bytes", limit, pieces, total)
		}
		rows, err := db.Query(t.Context(), "SELECT n || coalesce(v, '') FROM t ORDER BY rowid")
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			if s != want[got] {
				t.Fatalf("limit %d: row %d is %q, want %q", limit, got, s, want[got])
			}
			got++
		}
		rows.Close()
		if limit > 1 && got != len(want) || got < 40 {
			t.Errorf("limit %d: %d rows, want %d", limit, got, len(want))
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("pipes left behind: %v", left)
	}
}

func TestFeedFromSaysWhatFailed(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	read := func(path string) string {
		return "INSERT INTO t SELECT * FROM read_csv(" + Literal(path) + ", columns={'v':'VARCHAR'}, auto_detect=false, header=false)"
	}
	if err := db.Exec(t.Context(), "CREATE TABLE t (v VARCHAR)"); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("source gone")
	if err := db.FeedFrom(t.Context(), dir, func(w io.Writer) error { io.WriteString(w, "a\n"); return gone }, read); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
	if n, _ := db.Count(t.Context(), "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows of a piece that was cut off", n)
	}
	many := func(w io.Writer) error { _, err := io.WriteString(w, strings.Repeat("abc\n", 1<<20)); return err }
	if err := db.FeedFrom(t.Context(), dir, many, func(string) string { return "SELECT * FROM no_such_table" }); err == nil || !strings.Contains(err.Error(), "no_such_table") {
		t.Errorf("got %v, want an error that names the table", err)
	}
	if err := db.FeedFrom(t.Context(), dir, func(io.Writer) error { return nil }, read); err != nil {
		t.Errorf("no rows: %v", err)
	}
}
