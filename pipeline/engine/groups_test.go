package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

func TestGroupsAreTheWholeInOrder(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	const records = 3000
	var want []string
	var text bytes.Buffer
	for i := range records {
		value := strings.Repeat([]string{"x", "\n", `"`, ",", "\r\n"}[random.IntN(5)], random.IntN(40))
		want = append(want, fmt.Sprint(i, value))
		fmt.Fprintf(&text, "%d,\"%s\"\n", i, strings.ReplaceAll(value, `"`, `""`))
	}
	for _, threads := range []int{1, 2, 5} {
		db, err := Open(t.Context(), Options{Dirs: []string{dir}, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, rows := range []int{70, records / groupPipes, records - 1, records, groupRows} {
			statements := 0
			w := newGroupWriter(t.Context(), db, dir, func(files string) string {
				statements++
				return "INSERT INTO t SELECT * FROM read_csv(" + files + `, columns={'n':'INTEGER','v':'VARCHAR'}, auto_detect=false, header=false, quote='"', escape='"', delim=',', new_line='\n', parallel=false)`
			})
			w.rows = rows
			if err := db.Exec(t.Context(), "CREATE OR REPLACE TABLE t (n INTEGER, v VARCHAR)"); err != nil {
				t.Fatal(err)
			}
			err := w.feed(func(io.Writer) error {
				for rest := text.Bytes(); len(rest) > 0; {
					n := min(1+random.IntN(700), len(rest))
					if m, err := w.Write(rest[:n]); err != nil || m != n {
						return fmt.Errorf("wrote %d of %d: %w", m, n, err)
					}
					rest = rest[n:]
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if groups := (records + rows - 1) / rows; statements != (groups+groupPipes-1)/groupPipes {
				t.Errorf("%d statements read %d groups", statements, groups)
			}
			got, err := db.Query(t.Context(), "SELECT n || coalesce(v, '') FROM t ORDER BY rowid")
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for ; got.Next(); n++ {
				var s string
				if err := got.Scan(&s); err != nil || s != want[n] {
					t.Fatalf("%d threads, groups of %d: row %d is %q, want %q (%v)", threads, rows, n, s, want[n], err)
				}
			}
			got.Close()
			if n != records {
				t.Errorf("%d threads, groups of %d: %d rows, want %d", threads, rows, n, records)
			}
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("pipes left behind: %v", left)
	}
}

// TestFullGroupsKeepTheirOrder: groups as large as DuckDB's own, which two threads store.
func TestFullGroupsKeepTheirOrder(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Path: filepath.Join(dir, "db"), Dirs: []string{dir}, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const records = (groupPipes+2)*groupRows + 17
	if err := db.Exec(t.Context(), "CREATE TABLE t (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	err = db.FeedGroups(t.Context(), dir, func(w io.Writer) error {
		var b bytes.Buffer
		for i := range records {
			fmt.Fprintln(&b, i)
			if b.Len() > 1<<16 {
				if _, err := b.WriteTo(w); err != nil {
					return err
				}
			}
		}
		_, err := b.WriteTo(w)
		return err
	}, readNumbers)
	if err != nil {
		t.Fatal(err)
	}
	n, err := db.Count(t.Context(), "SELECT count(*) FILTER (WHERE n = rowid) FROM t")
	if n != records || err != nil {
		t.Errorf("%d of %d rows are in their place, %v", n, records, err)
	}
}

func readNumbers(files string) string {
	return "INSERT INTO t SELECT * FROM read_csv(" + files + ", columns={'n':'INTEGER'}, auto_detect=false, header=false, parallel=false)"
}

func TestFeedGroupsSaysWhatFailed(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Dirs: []string{dir}, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Exec(t.Context(), "CREATE TABLE t (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	numbers := func(n int, end error) func(io.Writer) error {
		return func(w io.Writer) error {
			for range n {
				if _, err := io.WriteString(w, strings.Repeat("1\n", 1000)); err != nil {
					return err
				}
			}
			return end
		}
	}
	gone := errors.New("source gone")
	ctx, cancel := context.WithCancel(t.Context())
	for _, tt := range []struct {
		name      string
		ctx       context.Context
		fill      func(io.Writer) error
		statement func(files string) string
		says      string
	}{
		{"at once", t.Context(), numbers(1, gone), readNumbers, "source gone"},
		{"in mid-stream", t.Context(), numbers(300, gone), readNumbers, "source gone"},
		{"no such table", t.Context(), numbers(2000, nil), func(string) string { return "SELECT * FROM no_such_table" }, "no_such_table"},
		{"a value that does not fit", t.Context(), func(w io.Writer) error { io.WriteString(w, "x\n"); return numbers(2000, nil)(w) }, readNumbers, "conversion error"},
		{"cancelled", ctx, func(w io.Writer) error { numbers(300, nil)(w); cancel(); return ctx.Err() }, readNumbers, "canceled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := db.FeedGroups(tt.ctx, dir, tt.fill, tt.statement); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
				t.Errorf("pipes left behind: %v", left)
			}
		})
	}
	if n, _ := db.Count(t.Context(), "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows of statements that were cut off", n)
	}
	if err := db.FeedGroups(t.Context(), dir, numbers(0, nil), readNumbers); err != nil {
		t.Errorf("no rows: %v", err)
	}
}
