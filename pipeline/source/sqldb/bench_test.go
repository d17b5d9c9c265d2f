package sqldb_test

import (
	"bufio"
	"context"
	"database/sql/driver"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// benchRows are few enough for a machine that does other things too.
const benchRows = 500_000

const benchColumns = "member_id, branch, owner_branch, title_id, material, audience, genre, kind, loaned_at"

var benchTables = map[sqldb.System]string{
	sqldb.MariaDB: `CREATE DATABASE bench; USE bench; CREATE TABLE events ENGINE=InnoDB AS SELECT seq AS member_id, CONCAT('BR', seq % 40) AS branch,
		CONCAT('BR', seq % 37) AS owner_branch, seq % 90000 AS title_id, 'BK' AS material, 'JEUGD' AS audience, IF(seq % 3, 'FICTIE', NULL) AS genre, 'issue' AS kind,
		TIMESTAMP('2024-01-01') + INTERVAL seq MINUTE AS loaned_at FROM seq_1_to_ROWS; GRANT SELECT ON bench.* TO 'peil'@'%' IDENTIFIED BY 'geheim'`,
	sqldb.PostgreSQL: `CREATE TABLE events AS SELECT n AS member_id, 'BR' || n % 40 AS branch, 'BR' || n % 37 AS owner_branch, n % 90000 AS title_id,
		'BK' AS material, 'JEUGD' AS audience, CASE WHEN n % 3 > 0 THEN 'FICTIE' END AS genre, 'issue' AS kind,
		timestamp '2024-01-01' + n * interval '1 minute' AS loaned_at FROM generate_series(1, ROWS) s (n); CREATE ROLE peil LOGIN PASSWORD 'geheim'; GRANT SELECT ON events TO peil`,
}

// BenchmarkRead compares what the vault stores with what the same client library can
// read and throw away.
func BenchmarkRead(b *testing.B) {
	for _, start := range []func(testing.TB) *dbtest.Server{dbtest.MariaDB, dbtest.Postgres} {
		s := start(b)
		database, table := "bench", strings.ReplaceAll(benchTables[s.System], "ROWS", strconv.Itoa(benchRows))
		if s.System == sqldb.PostgreSQL {
			s.Exec(b, "", "CREATE DATABASE bench")
			s.Exec(b, database, table)
		} else {
			s.Exec(b, "", table)
		}
		b.Run(string(s.System)+"/drained", func(b *testing.B) {
			for b.Loop() {
				drain(b, s)
			}
			report(b)
		})
		b.Run(string(s.System)+"/stored", func(b *testing.B) {
			o := s.Options(database, "peil", "geheim")
			o.RunDir = b.TempDir()
			db, err := sqldb.Open(b.Context(), o)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			table, err := db.Table(b.Context(), source.Loans, []sqldb.Query{{Name: "events", SQL: "SELECT " + benchColumns + " FROM events"}})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				vault, err := engine.Open(b.Context(), engine.Options{Memory: "1GB", Dirs: []string{o.RunDir}})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := table.Parts[0].Read(b.Context(), vault, func(relation string) string { return "CREATE TABLE t AS FROM " + relation }); err != nil {
					b.Fatal(err)
				}
				if n, err := vault.Count(b.Context(), "SELECT count(loaned_at) FROM t"); err != nil || n != benchRows {
					b.Fatalf("%d rows, %v", n, err)
				}
				vault.Close()
			}
			report(b)
		})
		s.Kill()
	}
}

// report adds rows a second and the peak of memory of this process.
func report(b *testing.B) {
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
	if status, err := os.ReadFile(filepath.Join("/proc", "self", "status")); err == nil {
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if n, err := strconv.ParseFloat(kib, 64); err == nil {
			b.ReportMetric(n/1024, "MiB-peak")
		}
	}
}

// drain reads all rows with the client library alone.
func drain(b *testing.B, s *dbtest.Server) {
	b.Helper()
	if s.System == sqldb.PostgreSQL {
		conn := s.Postgres(b, "bench")
		defer conn.Close(context.Background())
		if _, err := conn.CopyTo(b.Context(), bufio.NewWriterSize(io.Discard, 1<<18), "COPY events TO STDOUT (FORMAT binary)"); err != nil {
			b.Fatal(err)
		}
		return
	}
	db := s.Maria(b, "bench")
	defer db.Close()
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(b.Context(), "SELECT "+benchColumns+" FROM events", nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		values := make([]driver.Value, len(rows.Columns()))
		for {
			if err := rows.Next(values); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
}
