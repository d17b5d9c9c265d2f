package newmembers

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"peil/pipeline/engine"
)

var update = flag.Bool("update", false, "write the golden files")

func small(t testing.TB) (*engine.DB, Options) {
	script, err := os.ReadFile("testdata/small.sql")
	if err != nil {
		t.Fatal(err)
	}
	return open(t, string(script)), Options{From: month2024(1), Until: month2024(4), AgeClasses: []int{0, 18}, Population: population()}
}

func month2024(m time.Month) time.Time { return time.Date(2024, m, 1, 0, 0, 0, 0, time.UTC) }

// tables joins the CSV files of an edition, in the order in which they were staged.
func (s *memory) tables() string {
	var b strings.Builder
	for _, name := range s.names {
		if strings.HasSuffix(name, ".csv") {
			fmt.Fprintf(&b, "-- %s (%d rows) --\n%s", name, s.rows[name], bytes.ReplaceAll(s.files[name], []byte("\r\n"), []byte("\n")))
		}
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	db, o := small(t)
	internal, public := newMemory(), newMemory()
	result, err := Write(t.Context(), db, about("nl"), o, internal, public)
	if err != nil {
		t.Fatal(err)
	}
	want := Result{NewMembers: 57, Members: 733, Months: 3, LowerBound: 1, Breaks: 1, Branches: 4, GroupedBranches: 3, PublicCells: result.PublicCells, Deviation: result.Deviation}
	if diff := cmp.Diff(want, result, cmpopts.IgnoreFields(Result{}, "Release", "Tables")); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	for name, s := range map[string]*memory{"internal": internal, "public": public} {
		path := filepath.Join("testdata", "small-"+name+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(s.tables()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(golden), s.tables()); diff != "" {
			t.Errorf("%s edition (-want +got):\n%s", name, diff)
		}
	}
}

func TestSameBytesAgainAndSameHeadingsInBothLanguages(t *testing.T) {
	db, o := small(t)
	editions := func(language string) map[string]*memory {
		internal, public := newMemory(), newMemory()
		if _, err := Write(t.Context(), db, about(language), o, internal, public); err != nil {
			t.Fatal(err)
		}
		return map[string]*memory{"internal": internal, "public": public}
	}
	dutch, again, english := editions("nl"), editions("nl"), editions("en")
	for edition := range dutch {
		if diff := cmp.Diff(dutch[edition].names, english[edition].names); diff != "" {
			t.Errorf("%s: files (-nl +en):\n%s", edition, diff)
		}
		for name, b := range dutch[edition].files {
			if !bytes.Equal(b, again[edition].files[name]) {
				t.Errorf("%s: %s differs when written again", edition, name)
			}
			heading, _, _ := bytes.Cut(b, []byte("\r\n"))
			other, _, _ := bytes.Cut(english[edition].files[name], []byte("\r\n"))
			if strings.HasSuffix(name, ".csv") && !bytes.Equal(heading, other) {
				t.Errorf("%s: %s has headings %s and %s", edition, name, heading, other)
			}
		}
	}
}

// TestWords: a text that was forgotten in one language would show in the other.
func TestWords(t *testing.T) {
	for key, h := range headings {
		if h.nl == "" || h.en == "" || language("nl").means(key) == "" || language("en").means(key) == "" {
			t.Errorf("column %s lacks a title or definition in one language", key)
		}
	}
}

// records reads a table back; a month has a row a branch.
func (s *memory) records(t *testing.T, table string) []map[string]string {
	t.Helper()
	b, ok := s.files[table+".csv"]
	if !ok {
		t.Fatalf("there is no %s.csv", table)
	}
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		r := map[string]string{}
		for i, key := range lines[0] {
			r[key] = line[i]
		}
		out = append(out, r)
	}
	return out
}

// n is a count; what is not available counts as zero, as in sums.
func n(t *testing.T, r map[string]string, key string) int64 {
	t.Helper()
	if r[key] == "" {
		return 0
	}
	v, err := strconv.ParseInt(r[key], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var libraries = []library{
	{seed: 1, branches: 6, months: 36, size: 3000, frozen: 30, moves: true, loans: true, owners: true},
	{seed: 2, branches: 5, months: 36, size: 1500, low: 30},
	{seed: 3, branches: 9, months: 30, size: 900, low: 8, frozen: 12, moves: true, loans: true},
	{seed: 4, branches: 12, months: 13, size: 300, moves: true},
	{seed: 5, branches: 3, months: 5, size: 120, loans: true},
	{seed: 6, branches: 2, months: 24, size: 25, moves: true, loans: true},
	{seed: 7, branches: 1, months: 1, size: 2000},
	{seed: 8, branches: 40, months: 25, size: 700, low: 1, frozen: 4, moves: true, loans: true},
}

func TestFiguresAddUp(t *testing.T) {
	for _, l := range libraries {
		t.Run(fmt.Sprintf("seed %d", l.seed), func(t *testing.T) {
			internal, public := newMemory(), newMemory()
			result, err := Write(t.Context(), l.warehouse(t), about("en"), l.options(), internal, public)
			if err != nil {
				t.Fatal(err)
			}
			result.Release.Cells = nil
			t.Logf("%+v", result)
			checkEdition(t, internal, true)
			checkEdition(t, public, !result.OrganisationAlone)
			if result.Unsafe == 0 {
				checkSafe(t, public, 5)
			}
			if n := internal.records(t, "totals"); len(n) != l.months {
				t.Errorf("%d months, want %d", len(n), l.months)
			}
		})
	}
}

// checkEdition asserts what must always hold of the published files.
func checkEdition(t *testing.T, s *memory, branches bool) {
	t.Helper()
	closes := func(what string, r map[string]string) {
		if n(t, r, "begin_members")+n(t, r, "new")+n(t, r, "re_registered")+n(t, r, "moved_in")-n(t, r, "lapsed")-n(t, r, "moved_out") != n(t, r, "end_members") {
			t.Errorf("%s: the balance does not close: %v", what, r)
		}
	}
	totals := map[string]map[string]string{}
	for _, r := range s.records(t, "totals") {
		totals[r["month"]] = r
		closes("totals", r)
		if n(t, r, "moved_in") != n(t, r, "moved_out") {
			t.Errorf("totals: moved in differs from moved out: %v", r)
		}
	}
	for _, r := range s.records(t, "new-by-age-total") {
		checkClasses(t, "new-by-age-total", r)
		if r["new"] != totals[r["month"]]["new"] {
			t.Errorf("new by age of %s adds up to %s, new is %s", r["month"], r["new"], totals[r["month"]]["new"])
		}
	}
	if !branches {
		if _, ok := s.files["balance.csv"]; ok {
			t.Error("branches are published that are too small")
		}
		return
	}
	sums := map[string]map[string]int64{}
	perBranch := map[string]int64{}
	for _, r := range s.records(t, "balance") {
		closes("balance", r)
		if sums[r["month"]] == nil {
			sums[r["month"]] = map[string]int64{}
		}
		for _, key := range []string{"begin_members", "new", "re_registered", "moved_in", "lapsed", "moved_out", "end_members"} {
			sums[r["month"]][key] += n(t, r, key)
		}
		perBranch[r["branch"]] += n(t, r, "new")
	}
	for month, sum := range sums {
		for key, v := range sum {
			if v != n(t, totals[month], key) {
				t.Errorf("%s of %s: branches add up to %d, the total is %s", key, month, v, totals[month][key])
			}
		}
	}
	for _, r := range s.records(t, "new-by-age-branch") {
		checkClasses(t, "new-by-age-branch", r)
		if n(t, r, "new_period") != perBranch[r["branch"]] {
			t.Errorf("new by age of branch %s adds up to %s, new to %d", r["branch"], r["new_period"], perBranch[r["branch"]])
		}
	}
	for _, table := range []string{"new-by-age", "new-by-sex", "new-by-subscription"} {
		if _, ok := s.files[table+".csv"]; ok {
			for _, r := range s.records(t, table) {
				checkClasses(t, table, r)
			}
		}
	}
}

// checkClasses: the classes of a row add up to its new members.
func checkClasses(t *testing.T, table string, r map[string]string) {
	t.Helper()
	var sum, all int64
	for key := range r {
		switch {
		case key == "new" || key == "new_period":
			all = n(t, r, key)
		case strings.HasPrefix(key, "new_"):
			sum += n(t, r, key)
		}
	}
	if sum != all {
		t.Errorf("%s: classes add up to %d of %d: %v", table, sum, all, r)
	}
}

// checkSafe looks at every whole number in every table but those of loans.
func checkSafe(t *testing.T, s *memory, threshold int64) {
	t.Helper()
	for name := range s.files {
		table, isCSV := strings.CutSuffix(name, ".csv")
		if !isCSV {
			continue
		}
		for _, r := range s.records(t, table) {
			for key, v := range r {
				if h := headings[key]; key == "loans" || key == "loans_of_known" || h.kind != count && !strings.HasPrefix(key, "new_") || h.kind == percent || v == "" {
					continue
				}
				if c := n(t, r, key); c < 0 || c > 0 && c < threshold {
					t.Errorf("%s publishes %s = %d", name, key, c)
				}
			}
		}
	}
}

// TestParquetBesideEveryCSV has DuckDB read the Parquet files.
func TestParquetBesideEveryCSV(t *testing.T) {
	db, o := small(t)
	internal, public := newMemory(), newMemory()
	if _, err := Write(t.Context(), db, about("nl"), o, internal, public); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*memory{internal, public} {
		dir := t.TempDir()
		s.save(t, dir)
		for _, name := range s.names {
			table, isCSV := strings.CutSuffix(name, ".csv")
			if !isCSV {
				continue
			}
			var heading string
			var rows int64
			file := "read_parquet(" + engine.Literal(filepath.Join(dir, table+".parquet")) + ")"
			err := db.Get(t.Context(), []any{&heading, &rows}, "SELECT (SELECT string_agg(column_name, ',') FROM (DESCRIBE FROM "+file+")), (SELECT count(*) FROM "+file+")")
			if err != nil {
				t.Fatal(err)
			}
			if want, _, _ := strings.Cut(string(s.files[name]), "\r\n"); heading != want || rows != s.rows[name] {
				t.Errorf("%s.parquet has %d rows of %s; the CSV has %d of %s", table, rows, heading, s.rows[name], want)
			}
		}
	}
}

func TestWorkbooksReadBack(t *testing.T) {
	db, o := small(t)
	internal, public := newMemory(), newMemory()
	if _, err := Write(t.Context(), db, about("en"), o, internal, public); err != nil {
		t.Fatal(err)
	}
	for banner, s := range map[string]*memory{"Internal edition: contains exact figures, do not distribute": internal, "Public edition: small counts are protected": public} {
		f, err := excelize.OpenReader(bytes.NewReader(s.files[workbookName]))
		if err != nil {
			t.Fatal(err)
		}
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			marked := false
			for _, row := range rows[:min(8, len(rows))] {
				marked = marked || len(row) > 0 && strings.HasPrefix(row[0], banner)
			}
			if !marked {
				t.Errorf("sheet %s does not say: %s", sheet, banner)
			}
		}
		want := s.records(t, "totals")[2]
		rows, err := f.GetRows("Totals", excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		got := rows[len(rows)-1]
		for i, key := range []string{"begin_members", "new", "re_registered", "moved_in", "lapsed", "moved_out", "end_members"} {
			if got[i+1] != want[key] {
				t.Errorf("March's %s is %s in the workbook, %s in the CSV", key, got[i+1], want[key])
			}
		}
	}
}
