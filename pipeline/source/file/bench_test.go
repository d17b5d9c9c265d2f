package file

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// BenchmarkLoans reads 2 million loans into a table: what is added to bare read_csv
// by looking before reading, and by a pipe where one is needed.
func BenchmarkLoans(b *testing.B) {
	dir, runDir := b.TempDir(), b.TempDir()
	db, err := engine.Open(b.Context(), engine.Options{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, format := range map[string]string{
		"plain.csv": "FORMAT csv, HEADER", "quoted.csv": "FORMAT csv, HEADER, FORCE_QUOTE *",
		"plain.csv.gz": "FORMAT csv, HEADER, COMPRESSION gzip", "plain.csv.zst": "FORMAT csv, HEADER, COMPRESSION zstd", "plain.parquet": "FORMAT parquet",
	} {
		if err := db.Exec(b.Context(), `COPY (SELECT 20000000000 + hash(range) % 50000 AS member_id, 'NL-082345' || (1000 + range % 7) AS branch,
			'NL-0823451000' AS owner_branch, hash(range * 7) % 900000 AS title_id, 'BOEK' AS material, 'JEUGD' AS audience,
			CASE WHEN range % 3 = 0 THEN 'fiction' END AS genre, 'loan' AS kind, TIMESTAMP '2024-01-01' + INTERVAL (range) SECOND AS loaned_at,
			TIMESTAMP '2024-02-01' + INTERVAL (range) SECOND AS returned_at FROM range(2000000)) TO `+engine.Literal(path(name))+" ("+format+")"); err != nil {
			b.Fatal(err)
		}
	}
	plain, err := os.ReadFile(path("plain.csv"))
	if err != nil {
		b.Fatal(err)
	}
	write(b, dir, "one-bad.csv", string(plain)+"x\n")
	write(b, dir, "windows-1252.csv", string(plain)+"1,Caf\xe9,,,book,,,loan,2024-01-01,\n")
	write(b, dir, "loans.sql", "SELECT * FROM l")

	b.Run("bare read_csv", func(b *testing.B) {
		defer reportCPU(b, len(plain))()
		for b.Loop() {
			if err := db.Exec(b.Context(), `CREATE OR REPLACE TABLE t AS SELECT * FROM read_csv(`+engine.Literal(path("plain.csv"))+`, auto_detect = false, header = true, delim = ',', columns = {
				a: 'VARCHAR', b: 'VARCHAR', c: 'VARCHAR', d: 'VARCHAR', e: 'VARCHAR', f: 'VARCHAR', g: 'VARCHAR', h: 'VARCHAR', i: 'VARCHAR', j: 'VARCHAR'})`); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("survey alone", func(b *testing.B) {
		defer reportCPU(b, len(plain))()
		for b.Loop() {
			f, err := openFile(b.Context(), Options{Rel: filepath.Base}, path("plain.csv"))
			if err != nil {
				b.Fatal(err)
			}
			f.use(make([]bool, len(f.headings())))
			if _, err := f.(*csvFile).survey(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, name := range []string{"plain.csv", "quoted.csv", "plain.csv.gz", "plain.csv.zst", "plain.parquet", "one-bad.csv", "windows-1252.csv", "loans.sql"} {
		b.Run(name, func(b *testing.B) {
			defer reportCPU(b, len(plain))()
			named, _ := newNames(source.Loans, nil)
			for b.Loop() {
				o := Options{RunDir: runDir, Threads: 2, Rel: filepath.Base}
				var p source.Part
				var err error
				if strings.HasSuffix(name, ".sql") {
					p, _, err = openQuery(b.Context(), o, source.Loans, Input{Query: path(name), Files: map[string][]string{"l": {path("plain.csv")}}})
				} else {
					p, _, err = openPart(b.Context(), o, named, path(name))
				}
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Read(b.Context(), db, func(relation string) string { return "CREATE OR REPLACE TABLE t AS SELECT * FROM " + relation }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// reportCPU adds the CPU time, which tells more than the clock on a busy machine.
func reportCPU(b *testing.B, bytes int) func() {
	b.SetBytes(int64(bytes))
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := used()
	return func() { b.ReportMetric((used()-start).Seconds()/float64(b.N), "cpu-s/op") }
}
