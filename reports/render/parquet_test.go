package render

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
)

// readParquet has DuckDB, which shares no code with the writer, tell what is in a file.
func readParquet(t *testing.T, content []byte, query string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.parquet")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(t.Context(), fmt.Sprintf(query, engine.Literal(path)))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWriteParquet(t *testing.T) {
	table := &Table{ID: "t", Columns: []Column{
		{Key: "name"}, {Key: "n", Kind: KindCount}, {Key: "d", Kind: KindDecimal}, {Key: "p", Kind: KindPercent},
		{Key: "y", Kind: KindYear}, {Key: "m", Kind: KindMonth}, {Key: "day", Kind: KindDate},
	}, Rows: [][]Value{
		{Text("Forum"), Int(1 << 53), Float(1.5), Float(0.125), Int(2024), Month(2024, 2), Date(sampleTime)},
		{Text("=1+1"), AtLeast(7), Int(3), NotAvailable(), Int(1999), Month(1969, 12), NotAvailable()},
		{Text(""), Protected(), NotAvailable(), Float(0), NotAvailable(), NotAvailable(), NotAvailable()},
	}}
	var first, second bytes.Buffer
	for _, w := range []io.Writer{&first, &second} {
		if err := WriteParquet(w, table); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two writes of one table differ")
	}
	types := readParquet(t, first.Bytes(), "SELECT column_name || ' ' || column_type FROM (DESCRIBE FROM read_parquet(%s))")
	if diff := cmp.Diff([]string{"name VARCHAR", "n BIGINT", "d DOUBLE", "p DOUBLE", "y BIGINT", "m DATE", "day DATE", "cell_status VARCHAR"}, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	rows := readParquet(t, first.Bytes(), "SELECT concat_ws('|', name, coalesce(n::VARCHAR, '-'), coalesce(d::VARCHAR, '-'), coalesce(p::VARCHAR, '-'), coalesce(y::VARCHAR, '-'), coalesce(m::VARCHAR, '-'), coalesce(day::VARCHAR, '-'), cell_status) FROM read_parquet(%s)")
	want := []string{
		"Forum|9007199254740992|1.5|0.125|2024|2024-02-01|2025-01-02|",
		"=1+1|7|3.0|-|1999|1969-12-01|-|n=lower_bound;p=not_available;day=not_available",
		"|-|-|0.0|-|-|-|n=protected;d=not_available;y=not_available;m=not_available;day=not_available",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestWriteParquetOfNoRowsAndOfMany(t *testing.T) {
	for _, n := range []int{0, parquetRows, 2*parquetRows + 3} {
		table := &Table{ID: "t", Columns: []Column{{Key: "i", Kind: KindCount}}, Rows: make([][]Value, n)}
		for i := range table.Rows {
			table.Rows[i] = []Value{Int(int64(i))}
		}
		var out bytes.Buffer
		if err := WriteParquet(&out, table); err != nil {
			t.Fatal(err)
		}
		got := readParquet(t, out.Bytes(), "SELECT count(*) || ' ' || coalesce(sum(i), 0) FROM read_parquet(%s)")
		if want := fmt.Sprintf("%d %d", n, n*(n-1)/2); got[0] != want {
			t.Errorf("%d rows came back as %s, want %s", n, got[0], want)
		}
	}
}

func TestWriteParquetDoesNotCloseItsWriter(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteParquet(f, &Table{ID: "t", Columns: []Column{{Key: "i", Kind: KindCount}}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("close the file that the caller opened: %v", err)
	}
}

func TestWriteParquetRefusesWhatCSVRefuses(t *testing.T) {
	table := &Table{ID: "t", Columns: []Column{{Key: "Bad Key"}}}
	if err := WriteParquet(io.Discard, table); err == nil || !strings.Contains(err.Error(), "Bad Key") {
		t.Errorf("got %v, want an error about the key", err)
	}
}
