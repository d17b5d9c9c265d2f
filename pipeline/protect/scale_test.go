package protect

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"peil/pipeline"
	"peil/pipeline/engine"
)

// BenchmarkProtect reads, protects and writes 3.6 million members as the country has them:
// five quasi-identifiers, 1,200 combinations of levels.
func BenchmarkProtect(b *testing.B) {
	dir := b.TempDir()
	file := filepath.Join(dir, "members.parquet")
	db, err := engine.Open(b.Context(), engine.Options{})
	if err != nil {
		b.Fatal(err)
	}
	// hash makes the same members each time. Who is where decides most of the branch, age most of
	// the subscription.
	err = db.Exec(b.Context(), `COPY (
		SELECT 2024 - age AS birth_year, CASE WHEN hash(i, 2) % 100 < 44 THEN 'M' WHEN hash(i, 2) % 100 < 98 THEN 'F' ELSE 'X' END AS sex, pc4,
			CASE WHEN age < 18 THEN 'Y' || age // 6 || hash(i, 3) % 2 ELSE 'A' || hash(i, 4) % 3 || (hash(i, 5) % 10) // 8 END AS subscription,
			printf('%03d-%02d', pc4 // 60, CASE WHEN hash(i, 6) % 10 < 8 THEN pc4 % 60 // 10 ELSE hash(i, 7) % 6 END) AS branch
		FROM (SELECT i, CAST(CASE WHEN hash(i, 0) % 100 < 62 THEN hash(i, 8) % 18 ELSE 18 + hash(i, 9) % 78 END AS INTEGER) AS age, CAST(1000 + least(hash(i, 1) % 9000, hash(i, 10) % 9000) // 2 * 2 AS INTEGER) AS pc4
			FROM range(3600000) r(i))) TO `+engine.Literal(file))
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "sex.csv"), []byte("M;known;*\nF;known;*\nX;unknown;*\n"), 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	const protection = `mode: microdata
k: 5
suppress_at_most: 5%
local: true
quasi:
  - {column: birth_year, digits: [3, 2, 1]}
  - {column: sex, hierarchy: sex.csv}
  - {column: pc4, digits: [3, 2, 1]}
  - {column: subscription, digits: [2, 1]}
  - {column: branch, digits: [3, 2]}
`
	if err := os.WriteFile(filepath.Join(dir, "protection.yaml"), []byte(protection), 0o600); err != nil {
		b.Fatal(err)
	}
	p, err := LoadConfig(filepath.Join(dir, "protection.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	used := func() (processor time.Duration, peakKB int64) {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano()), int64(u.Maxrss)
	}
	for b.Loop() {
		before, _ := used()
		s, err := Run(b.Context(), Options{File: file, Config: p, Output: filepath.Join(b.TempDir(), "out"), Events: func(pipeline.Event) {}, Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		after, peak := used()
		b.ReportMetric((after - before).Seconds(), "CPU-s")
		b.ReportMetric(float64(peak)/1000, "peak-MB")
		b.ReportMetric(float64(s.Report.Microdata.Combinations), "nodes")
	}
}
