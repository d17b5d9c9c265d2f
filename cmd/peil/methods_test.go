package main

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"peil/transforms/disclosure"
	"peil/transforms/disclosure/attack"
)

// BenchmarkMethods protects the demo's new members by rounding and by suppression, and has the attacker
// try both: branch, month of the last year and age class, with all totals.
//
//	go test ./cmd/peil -run '^$' -bench Methods -benchtime 1x
func BenchmarkMethods(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "lib")
	demo := exec.Command(os.Args[0], "demo", "--as-of", "2025-01-01", "--loans", "1000", "--quiet", dir)
	demo.Env = append(os.Environ(), "PEIL_TEST_COMMAND=1")
	if out, err := demo.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, "out", "private", "new-members", "2024-12", "new-by-age.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	t := disclosure.Table{Dimensions: []disclosure.Dimension{{Name: "branch", Total: "all"}, {Name: "month", Total: "all"}, {Name: "age", Total: "all"}}}
	small := 0
	for _, row := range rows[1:] {
		if !strings.HasPrefix(row[2], "2024-") {
			continue
		}
		for i, class := range rows[0] {
			if !strings.HasPrefix(class, "new_") {
				continue
			}
			n, err := strconv.ParseInt(row[i], 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			if n > 0 && n < 5 {
				small++
			}
			t.Cells = append(t.Cells, disclosure.Cell{Codes: []string{row[1], row[2], class}, Count: n})
		}
	}
	exposed := func(r *attack.Report) int { return len(r.Exposed()) }
	b.Run("rounding", func(b *testing.B) {
		for b.Loop() {
			r, err := disclosure.Round(t, 5)
			if err != nil {
				b.Fatal(err)
			}
			p, err := attack.Join(r.Attack(t, "new"))
			if err != nil {
				b.Fatal(err)
			}
			report, err := attack.Audit(b.Context(), p)
			if err != nil {
				b.Fatal(err)
			}
			largest, mean := r.Deviation()
			changed := 0
			for _, c := range r.Cells {
				if c.Count != c.Value {
					changed++
				}
			}
			b.ReportMetric(float64(len(r.Cells)), "cells")
			b.ReportMetric(float64(small), "small")
			b.ReportMetric(float64(changed), "changed")
			b.ReportMetric(0, "hidden")
			b.ReportMetric(float64(largest), "most-off")
			b.ReportMetric(mean, "mean-off")
			b.ReportMetric(float64(len(report.Findings)), "attacked")
			b.ReportMetric(float64(exposed(report)), "exposed")
		}
	})
	b.Run("suppression", func(b *testing.B) {
		for b.Loop() {
			s, report, err := disclosure.Suppress(b.Context(), t, disclosure.Rule{Threshold: 5}, "new")
			if err != nil {
				b.Fatal(err)
			}
			hidden := len(s.Cells) - len(slices.DeleteFunc(slices.Clone(s.Cells), func(c disclosure.SuppressedCell) bool { return c.Status != disclosure.Shown }))
			b.ReportMetric(float64(len(s.Cells)), "cells")
			b.ReportMetric(float64(small), "small")
			b.ReportMetric(0, "changed")
			b.ReportMetric(float64(hidden), "hidden")
			b.ReportMetric(0, "most-off")
			b.ReportMetric(0, "mean-off")
			b.ReportMetric(float64(len(report.Findings)), "attacked")
			b.ReportMetric(float64(exposed(report)), "exposed")
		}
	})
}
