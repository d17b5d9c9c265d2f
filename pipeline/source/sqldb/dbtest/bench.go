package dbtest

import (
	"bufio"
	"context"
	"database/sql/driver"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
)

// BenchRows is how many events the benchmarks read: few enough for a machine that does other
// things, or PEIL_BENCH_ROWS.
func BenchRows(b *testing.B) int64 {
	b.Helper()
	text, ok := os.LookupEnv("PEIL_BENCH_ROWS")
	if !ok {
		return 500_000
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		b.Fatalf("PEIL_BENCH_ROWS is %q: give a number of rows", text)
	}
	return n
}

// Compare measures how fast the vault stores the rows of a part, beside how fast the same
// client library can read the same query and throw its rows away. dir is the RunDir of
// the database that the part is of.
func (s *Server) Compare(b *testing.B, database, query string, part source.Part, rows int64, dir string) {
	b.Run("drained", func(b *testing.B) {
		before := processorTime(b)
		for b.Loop() {
			s.drain(b, database, query)
		}
		report(b, rows, before)
	})
	b.Run("stored", func(b *testing.B) {
		before := processorTime(b)
		for b.Loop() {
			Store(b, part, rows, dir)
		}
		report(b, rows, before)
	})
}

// Store reads a part into the vault, and fails if it has not so many rows.
func Store(b *testing.B, part source.Part, rows int64, dir string) {
	b.Helper()
	path := filepath.Join(dir, "bench.duckdb") // loans go into a file
	vault, err := engine.Open(b.Context(), engine.Options{Path: path, Memory: "400MB", TempDir: filepath.Join(dir, "spill"), Dirs: []string{dir}})
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(path)
	defer vault.Close()
	if err := vault.Exec(b.Context(), "CREATE TABLE t AS FROM "+source.Empty(source.Loans)); err != nil {
		b.Fatal(err)
	}
	if _, err := part.Read(b.Context(), vault, func(relation string) string { return "INSERT INTO t FROM " + relation }); err != nil {
		b.Fatal(err)
	}
	if n, err := vault.Count(b.Context(), "SELECT count(*) FROM t"); err != nil || n != rows {
		b.Fatalf("%d rows, %v", n, err)
	}
}

// processorTime is what all threads of this process, the server's apart, have used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report adds rows a second, rows a second of processor time since before, which a busy
// machine changes less, and the peak of memory of this process so far.
func report(b *testing.B, rows int64, before time.Duration) {
	read := float64(b.N) * float64(rows)
	b.ReportMetric(read/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(read/(processorTime(b)-before).Seconds(), "rows/cpu-s")
	status, err := os.ReadFile(filepath.Join("/proc", "self", "status"))
	if err != nil {
		return // only Linux tells
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if n, err := strconv.ParseFloat(kib, 64); err == nil {
		b.ReportMetric(n/1024, "MiB-peak")
	}
}

// drain reads all rows with the client library alone, in its fastest form.
func (s *Server) drain(b *testing.B, database, query string) {
	b.Helper()
	if s.System == sqldb.PostgreSQL {
		conn := s.Postgres(b, database)
		defer conn.Close(context.Background())
		if _, err := conn.CopyTo(b.Context(), bufio.NewWriterSize(io.Discard, 1<<18), "COPY ("+query+") TO STDOUT (FORMAT binary)"); err != nil {
			b.Fatal(err)
		}
		return
	}
	db := s.Maria(b, database)
	defer db.Close()
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(b.Context(), query, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		values := make([]driver.Value, len(rows.Columns()))
		for err == nil {
			err = rows.Next(values)
		}
		if err == io.EOF {
			return nil
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
