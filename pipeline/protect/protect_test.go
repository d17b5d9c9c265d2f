package protect

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/reports/risk"
)

var updateProtected = flag.Bool("update", false, "write the golden files anew")

// protectWith protects a file with a protection in the same folder as its files.
func protectWith(t *testing.T, file, folder, protection string) (*risk.Report, string, error) {
	t.Helper()
	p, err := parseConfig(filepath.Join(folder, "protection.yaml"), []byte(protection))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	s, err := Run(t.Context(), Options{File: file, Config: p, Output: out, Events: func(pipeline.Event) {},
		Now: func() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }})
	if err != nil {
		if entries, _ := os.ReadDir(filepath.Dir(out)); len(entries) > 0 {
			t.Errorf("after the error %v something is left: %v", err, entries)
		}
		return nil, "", err
	}
	return s.Report, filepath.Join(out, s.Files[0]), nil
}

// write makes a file of a test.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// records reads a CSV file without its headings.
func records(t *testing.T, path string, comma rune) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// shared is a file of real data that are no part of the project.
func shared(t *testing.T, path ...string) string {
	t.Helper()
	root := os.Getenv("PEIL_SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	file, err := filepath.Abs(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no shared data: %v", err)
	}
	return file
}

func scratch(t *testing.T) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestProtectMembers compares a small file and its risk.json with what they should be.
func TestProtectMembers(t *testing.T) {
	folder := filepath.Join("..", "..", "testdata", "protect")
	protection, err := os.ReadFile(filepath.Join(folder, "members.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, written, err := protectWith(t, filepath.Join(folder, "members.csv"), folder, string(protection))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{written: "members-protected.csv", filepath.Join(filepath.Dir(written), "risk.json"): "members-risk.json"} {
		text, err := os.ReadFile(got)
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join(folder, want)
		if *updateProtected {
			if err := os.WriteFile(golden, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		expected, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(expected), string(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want, diff)
		}
		if info, err := os.Stat(got); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", got, info.Mode(), err)
		}
	}
	if info, err := os.Stat(filepath.Dir(written)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("output folder: %v, %v", info.Mode(), err)
	}
}

// TestProtectAdult compares with the optima that ARX finds on the same data, and counts the
// groups of the file that was written.
func TestProtectAdult(t *testing.T) {
	narrow := []string{"sex", "age", "race", "marital-status", "education"}
	wide := append(slices.Clone(narrow), "native-country", "workclass", "occupation", "salary-class")
	for _, tt := range []struct {
		columns    []string
		k          int
		suppress   string
		metric     string
		nodes      int
		loss       float64
		suppressed int64
	}{
		{narrow, 5, "0%", "loss", 240, 0.48663218618, 0},
		{narrow, 5, "2%", "loss", 240, 0.12390086122, 407},
		{narrow, 5, "5%", "loss", 240, 0.08254000780, 1385},
		{narrow, 5, "2%", "precision", 240, 0.26168689078973545, 470},
		{wide, 5, "2%", "loss", 12960, 0.35748248986666664, 506},
		{wide, 10, "5%", "loss", 12960, 0.3178416058111111, 1437},
	} {
		t.Run(fmt.Sprintf("%d columns k=%d %s %s", len(tt.columns), tt.k, tt.suppress, tt.metric), func(t *testing.T) {
			file := shared(t, "adult", "adult.csv")
			protection := fmt.Sprintf("mode: microdata\nk: %d\nsuppress_at_most: %s\nmetric: %s\nquasi:\n", tt.k, tt.suppress, tt.metric)
			for _, c := range tt.columns {
				protection += fmt.Sprintf("  - {column: %s, hierarchy: hier/%s.csv}\n", c, c)
			}
			r, written, err := protectWith(t, file, filepath.Dir(file), protection)
			if err != nil {
				t.Fatal(err)
			}
			m := r.Microdata
			if m.Combinations != tt.nodes || m.SuppressedRows != tt.suppressed || abs(m.Loss-tt.loss) > 1e-9 {
				t.Errorf("%d combinations, %d suppressed, loss %.12f; want %d, %d, %.12f", m.Combinations, m.SuppressedRows, m.Loss, tt.nodes, tt.suppressed, tt.loss)
			}
			if tt.metric == "loss" && abs(m.DetailLost-tt.loss) > 1e-9 {
				t.Errorf("detail lost %.12f, which is the mean of all columns, differs from the loss", m.DetailLost)
			}
			groups(t, written, tt.columns, tt.k, tt.suppressed)
		})
	}
}

func abs(f float64) float64 { return max(f, -f) }

// groups asserts by SQL that a file has groups of k, and so many rows that say nothing.
func groups(t *testing.T, path string, columns []string, k int, suppressed int64) {
	t.Helper()
	var by, blank []string
	for _, c := range columns {
		by, blank = append(by, engine.Ident(c)), append(blank, engine.Ident(c)+" = '*'")
	}
	var rows, smallest, empty int64
	err := scratch(t).Get(t.Context(), []any{&rows, &smallest, &empty}, fmt.Sprintf(
		"SELECT CAST(sum(n) AS BIGINT), min(n) FILTER (NOT blank), coalesce(CAST(sum(n) FILTER (blank) AS BIGINT), 0) FROM (SELECT count(*) AS n, bool_and(%s) AS blank FROM read_csv(%s, all_varchar = true, delim = ';') GROUP BY %s)",
		strings.Join(blank, " AND "), engine.Literal(path), strings.Join(by, ", ")))
	if err != nil {
		t.Fatal(err)
	}
	if rows != 30162 || smallest < int64(k) || empty != suppressed {
		t.Errorf("%d rows, smallest group %d, %d blank", rows, smallest, empty)
	}
}

// loans are rows of which several are about one person.
func loans(rng *rand.Rand, n int) [][]string {
	var rows [][]string
	for range n {
		person := rng.IntN(n / 6)
		rows = append(rows, []string{fmt.Sprint(person), fmt.Sprint(person % 9 * 10), []string{"thriller", "poetry", "law"}[rng.IntN(3)*rng.IntN(2)], fmt.Sprint(rng.IntN(4))})
	}
	return rows
}

func joined(heading string, rows [][]string) string {
	for _, r := range rows {
		heading += "\n" + strings.Join(r, ",")
	}
	return heading + "\n"
}

const loanProtection = `mode: microdata
quasi:
  - {column: age, intervals: [0, 18, 40, 65]}
  - {column: branch, suppress: true}
sensitive: [{column: genre, l: 1.5, entropy: true}]
person: member
k: 6
suppress_at_most: 10%
local: true
`

// TestProtectCountsPersons: a group of loans holds k members, however many loans.
func TestProtectCountsPersons(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	rows := loans(rng, 600)
	rows = append(rows, slices.Repeat([][]string{{"heavy", "20", "law", "9"}}, 50)...) // fifty loans of one person
	const headings = "member,age,genre,branch"
	r, written, err := protectWith(t, write(t, "loans.csv", joined(headings, rows)), "", loanProtection)
	if err != nil {
		t.Fatal(err)
	}
	m := r.Microdata
	if m.Rows != 650 || m.Persons < 80 || m.Persons > 101 || m.After.Prosecutor > 1.0/6 || m.Before.Uniques == 0 || m.Before.Classes < m.After.Classes {
		t.Errorf("rows, persons or risk: %+v", m)
	}
	text, _ := os.ReadFile(written)
	if strings.Contains(string(text), "heavy") || !strings.HasPrefix(string(text), "age,genre,branch\n") {
		t.Errorf("the file tells who borrowed: %.200s", text)
	}
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	_, again, err := protectWith(t, write(t, "loans.csv", joined(headings, rows)), "", loanProtection)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"loans-protected.csv", "risk.json", "risk.html"} {
		a, err := os.ReadFile(filepath.Join(filepath.Dir(written), name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(filepath.Dir(again), name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(a), string(b)); diff != "" {
			t.Errorf("%s depends on the order of the rows:\n%s", name, diff)
		}
	}
}

// TestProtectedRowsMeetTheModel counts persons and values in what becomes of each row, from
// the rows that were given: a kept number tells which is which.
func TestProtectedRowsMeetTheModel(t *testing.T) {
	rows := loans(rand.New(rand.NewPCG(3, 4)), 500)
	for i := range rows {
		rows[i] = append(rows[i], fmt.Sprint(i))
	}
	_, written, err := protectWith(t, write(t, "loans.csv", joined("member,age,genre,branch,number", rows)), "", loanProtection+"keep: [number]\n")
	if err != nil {
		t.Fatal(err)
	}
	members, genres, blank := map[string]map[string]bool{}, map[string]map[string]bool{}, 0
	for _, r := range records(t, written, ',') {
		age, genre, branch, number := r[0], r[1], r[2], r[3]
		if number == "" {
			blank++
			if age != "*" || branch != "*" || genre != "" {
				t.Errorf("a suppressed row still reads %v", r)
			}
			continue
		}
		var i int
		if _, err := fmt.Sscan(number, &i); err != nil {
			t.Fatal(err)
		}
		group := age + "|" + branch
		if members[group] == nil {
			members[group], genres[group] = map[string]bool{}, map[string]bool{}
		}
		members[group][rows[i][0]], genres[group][rows[i][2]] = true, true
		if genre != rows[i][2] || branch != "*" && branch != rows[i][3] {
			t.Errorf("row %d reads %v", i, r)
		}
	}
	for g := range members {
		if len(members[g]) < 6 || len(genres[g]) < 2 {
			t.Errorf("group %s holds %d persons and %d genres", g, len(members[g]), len(genres[g]))
		}
	}
	if len(members) < 3 || blank > 50 {
		t.Errorf("%d groups, %d rows suppressed", len(members), blank)
	}
}

// TestProtectParquet: types of columns that stay are kept, what is not there is blank.
func TestProtectParquet(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.parquet")
	db := scratch(t)
	err := db.Exec(t.Context(), `COPY (SELECT CAST(1980 + range % 3 AS INTEGER) AS "year of birth", DATE '2020-01-01' + CAST(range AS INTEGER) AS since,
		CASE WHEN range = 4 THEN NULL ELSE range * 1.5 END AS fine, 'x' || range AS name FROM range(10)) TO `+engine.Literal(in)+` (FORMAT parquet)`)
	if err != nil {
		t.Fatal(err)
	}
	_, written, err := protectWith(t, in, "", "mode: microdata\nquasi: [{column: year of birth, digits: [3]}]\nsensitive: [{column: fine}]\nkeep: [since]\nk: 2\n")
	if err != nil {
		t.Fatal(err)
	}
	var columns, years string
	var fines float64
	if err := db.Get(t.Context(), []any{&columns}, "SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE SELECT * FROM read_parquet("+engine.Literal(written)+"))"); err != nil {
		t.Fatal(err)
	}
	if want := "year of birth VARCHAR, since DATE, fine DECIMAL(21,1)"; columns != want {
		t.Errorf("columns %s, want %s", columns, want)
	}
	err = db.Get(t.Context(), []any{&years, &fines}, `SELECT string_agg(DISTINCT "year of birth", ' ' ORDER BY "year of birth"), CAST(sum(fine) AS DOUBLE) FROM read_parquet(`+engine.Literal(written)+")")
	if err != nil || years != "1980 1981 1982" || fines != 61.5 {
		t.Errorf("years %s, fines %v, %v", years, fines, err)
	}
}

// TestProtectReadsByTheLetter: what a value holds may look like the end of it.
func TestProtectReadsByTheLetter(t *testing.T) {
	for name, content := range map[string]string{
		"LF":        "a,q,b\n1,z,\"p\nq\"\n2,z,\"say \"\"x\"\", y\"\n",
		"CRLF, BOM": "\xEF\xBB\xBFa,q,b\r\n1,z,\"p\r\nq\"\r\n2,z,\"say \"\"x\"\", y\"\r\n",
		"semicolon": "a;q;b\n\n1;z;\"p\nq\"\n2;z;\"say \"\"x\"\", y\"",
		"tab":       "a\tq\tb\r\n1\tz\t\"p\nq\"\n2\tz\t\"say \"\"x\"\", y\"\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, written, err := protectWith(t, write(t, "f.txt", content), "", "mode: microdata\nquasi: [{column: q, suppress: true}]\nkeep: [b]\nk: 2\n")
			if err != nil {
				t.Fatal(err)
			}
			comma := ','
			switch name {
			case "semicolon":
				comma = ';'
			case "tab":
				comma = '\t'
			}
			if diff := cmp.Diff([][]string{{"z", "p\nq"}, {"z", `say "x", y`}}, records(t, written, comma)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProtectRefuses(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"nested.csv": "1;a;x\n2;a;y\n", "short.csv": "1;a;*\n", "comma.csv": "1,a,*\n", "empty.csv": "", "ragged.csv": "1;a;*\n2;a\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	microdata := func(quasi, more string) string {
		return "mode: microdata\nk: 2\nquasi: [" + quasi + "]\n" + more
	}
	const people = "q,r,r2\n1,5,PIET\n2,6,JAN\n2,7,KEES\n"
	table := "mode: table\ndimensions: [{column: q}]\ncount: r\n"
	for _, tt := range []struct {
		name, content, protection, want string
		status                          int
	}{
		{"missing column", people, microdata("{column: z, suppress: true}", ""), `no column "z"`, exit.Usage},
		{"missing sensitive column", people, microdata("{column: q, suppress: true}", "sensitive: [{column: Q}]"), `no column "Q"`, exit.Usage},
		{"value not in hierarchy", people, microdata("{column: q, hierarchy: short.csv}", ""), "1 values that its hierarchy short.csv does not hold, the first in row 2", exit.Usage},
		{"hierarchy does not nest", people, microdata("{column: q, hierarchy: nested.csv}", ""), "nested.csv: invalid hierarchy", exit.Usage},
		{"hierarchy with commas", people, microdata("{column: q, hierarchy: comma.csv}", ""), "a semicolon", exit.Usage},
		{"hierarchy is empty", people, microdata("{column: q, hierarchy: empty.csv}", ""), "empty.csv is empty", exit.Usage},
		{"hierarchy is ragged", people, microdata("{column: q, hierarchy: ragged.csv}", ""), "record on line 2", exit.Usage},
		{"hierarchy is not there", people, microdata("{column: q, hierarchy: none.csv}", ""), "read hierarchy none.csv", exit.Usage},
		{"intervals of words", people, microdata("{column: r2, intervals: [0, 5]}", ""), "not all values are whole numbers", exit.Usage},
		{"empty file", "", microdata("{column: q, suppress: true}", ""), "must hold the headings", exit.Failed},
		{"headings only", "q,r\n", microdata("{column: q, suppress: true}", ""), "no rows below the headings", exit.Failed},
		{"heading twice", "q,r,q\n1,2,3\n", microdata("{column: r, suppress: true}", ""), "columns 1 and 3 have the same heading", exit.Failed},
		{"headings differ by capitals", "q,r,Q\n1,2,3\n", microdata("{column: r, suppress: true}", ""), "columns 1 and 3 have the same heading", exit.Failed},
		{"row too short", "q,r\n1,2\nPIET\n", microdata("{column: r, suppress: true}", ""), "line 3: wrong number of fields", exit.Failed},
		{"quote in a value", "q,r\n1,2\nPIET \"x\",3\n", microdata("{column: r, suppress: true}", ""), "line 3", exit.Failed},
		{"not UTF-8", "q,r\n1,2\n1,PI\xcbT\n", microdata("{column: r, suppress: true}", ""), "line 3 is not text in UTF-8", exit.Failed},
		{"UTF-16", "\xff\xfeq\x00,\x00r\x00\n\x00", microdata("{column: r, suppress: true}", ""), "UTF-8", exit.Failed},
		{"CR alone", "q,r\rPIET,2\r", microdata("{column: r, suppress: true}", ""), "CR alone", exit.Failed},
		{"nothing is anonymous enough", people, "mode: microdata\nk: 4\nquasi: [{column: q, suppress: true}]\n", "no recoding is anonymous enough", exit.Withheld},
		{"counts that are none", "q,r\n1,PIET\n", table, "row 1 below the headings: r is not a whole number", exit.Failed},
		{"negative counts", "q,r\n1,2\n2,-1\n", table, "row 2 below the headings", exit.Failed},
		{"totals that do not fit", "q,r\n1,2\n2,4\nTotal,7\n", table, "are not those of its cells", exit.Failed},
		{"totals only", "q,r\nTotal,7\n", table, "no cells beside its totals", exit.Failed},
		{"a code in two groups", "q,g,r\n1,a,2\n1,b,4\n", "mode: table\ndimensions: [{column: q, groups: [g]}]\ncount: r\n", "one code stands in two groups", exit.Usage},
		{"code not in hierarchy", "q,r\n1,2\n2,4\n", "mode: table\ndimensions: [{column: q, hierarchy: short.csv}]\ncount: r\n", "does not hold", exit.Usage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := protectWith(t, write(t, "f.csv", tt.content), folder, tt.protection)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error with %q", err, tt.want)
			}
			status := exit.Failed
			var failed *exit.Error
			if errors.As(err, &failed) {
				status = failed.Status
			}
			if status != tt.status {
				t.Errorf("status %d, want %d: %v", status, tt.status, err)
			}
			if strings.Contains(err.Error(), "PI") {
				t.Errorf("the message holds a value: %v", err)
			}
		})
	}
}

func TestProtectNeverOverwrites(t *testing.T) {
	p, err := parseConfig("protection.yaml", []byte("mode: microdata\nquasi: [{column: q, suppress: true}]\nk: 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	in := write(t, "f.csv", "q\n1\n1\n")
	out := t.TempDir() // empty folders may be filled
	o := Options{File: in, Config: p, Output: out, Events: func(pipeline.Event) {}, Now: time.Now}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	before := names(t, out)
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "nothing is ever overwritten") {
		t.Errorf("got %v, want a refusal", err)
	}
	if diff := cmp.Diff([]string{"f-protected.csv", "risk.html", "risk.json"}, before); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, names(t, out)); diff != "" {
		t.Errorf("a refused run changed the folder: %s", diff)
	}
	o.Output = in
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "cannot be the output folder") {
		t.Errorf("got %v, want a refusal of a file for a folder", err)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestIntervals(t *testing.T) {
	got := map[string]string{}
	rows, err := intervals([]string{"-3", "0", "3", "4", "5", "17", "18", "99", "", " 7"}, []int{0, 4, 5, 18})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		got[r[0]] = strings.Join(r[1:], " ")
	}
	want := map[string]string{"-3": "<0 *", "0": "0-3 *", "3": "0-3 *", "4": "4 *", "5": "5-17 *", "17": "5-17 *", "18": "18+ *", "99": "18+ *", "": " *", " 7": "5-17 *"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrefixes(t *testing.T) {
	want := [][]string{{"1234AB", "1234*", "12*", "*"}, {"1234", "1234", "12*", "*"}, {"é", "é", "é", "*"}, {"", "", "", "*"}}
	if diff := cmp.Diff(want, prefixes([]string{"1234AB", "1234", "é", ""}, []int{4, 2})); diff != "" {
		t.Error(diff)
	}
}

func TestProtectionFaults(t *testing.T) {
	const rows = "mode: microdata\nquasi:\n  - {column: age, digits: [2, 1]}\nk: 5\n"
	const counts = "mode: table\ndimensions:\n  - {column: age}\ncount: n\n"
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", `mode "" is unknown`},
		{"mode", "mode: magic\n", "line 1, column 7"},
		{"syntax", "mode: [\n", "configuration p.yaml: line 1"},
		{"tag", rows + "keep: !a [x]\n", "line 5, column 7: tags, anchors and aliases"},
		{"alias", rows + "keep: [&a x, *a]\n", "line 5, column 8: tags, anchors and aliases"},
		{"unknown key", rows + "epsilon: 1\n", `line 5, column 1: unknown field "epsilon"`},
		{"unknown key deeper down", strings.Replace(rows, "digits", "digit", 1), `line 3, column 19: unknown field "digit"`},
		{"key of the other mode", counts + "k: 5\n", `unknown field "k"`},
		{"key twice", rows + "k: 6\n", "already defined"},
		{"language", rows + "language: fr\n", `line 5, column 11: language: language "fr"`},
		{"no k", strings.Replace(rows, "k: 5", "", 1), "k: groups of 0 protect nobody"},
		{"k", strings.Replace(rows, "k: 5", "k: 1", 1), "line 4, column 4: k: groups of 1 protect nobody"},
		{"percentage", rows + "suppress_at_most: 2\n", `line 5, column 19: "2" is not a percentage`},
		{"metric", rows + "metric: entropy\n", `metric "entropy" is unknown`},
		{"no quasi-identifier", "mode: microdata\nk: 5\n", "quasi: there is none"},
		{"no way", strings.Replace(rows, ", digits: [2, 1]", "", 1), "0 ways to make column age coarser"},
		{"two ways", strings.Replace(rows, "[2, 1]", "[2, 1], suppress: true", 1), "2 ways to make column age coarser"},
		{"digits ascend", strings.Replace(rows, "[2, 1]", "[1, 2]", 1), "do not descend"},
		{"intervals descend", strings.Replace(rows, "digits: [2, 1]", "intervals: [2, 1]", 1), "do not ascend"},
		{"weight", strings.Replace(rows, "[2, 1]", "[2, 1], weight: -1", 1), "weight -1 is out of range"},
		{"column twice", rows + "keep: [age]\n", "line 5, column 8: keep[0]: column age is named twice"},
		{"no column", rows + "sensitive: [{l: 2}]\n", "the column is missing"},
		{"l", rows + "sensitive: [{column: x, l: 0.5}]\n", "0.5 different values"},
		{"entropy without l", rows + "sensitive: [{column: x, entropy: true}]\n", "entropy needs l"},
		{"threshold", counts + "threshold: 1\n", "a threshold of 1 protects nobody"},
		{"method", counts + "method: magic\n", `method "magic" is unknown`},
		{"zeros of rounding", counts + "zeros: true\n", "only suppression can hide empty cells"},
		{"groups of rounding", counts + "group_disclosure: true\n", "only suppression can hide the full cells"},
		{"two hierarchies", strings.Replace(counts, "{column: age}", "{column: age, hierarchy: h.csv, groups: [g]}", 1), "a hierarchy file and columns with groups"},
		{"no dimension", "mode: table\ncount: n\n", "dimensions: there is none"},
		{"dimension named count", "mode: table\ndimensions: [{column: count}]\n", "column count is named twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseConfig("p.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func FuzzProtection(f *testing.F) {
	f.Add("mode: microdata\nquasi:\n  - {column: age, digits: [2, 1]}\nk: 5\n")
	f.Add("mode: table\ndimensions:\n  - {column: age, groups: [a]}\ncount: n\n")
	f.Add("mode: &a [*a]")
	f.Add("mode: table\ndimensions:\n !0 #")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseConfig("p.yaml", []byte(text))
		if (p == nil) == (err == nil) {
			t.Fatalf("got protection %v and error %v", p, err)
		}
	})
}

// TestProtectReportIsComplete: every column of the file is accounted for.
func TestProtectReportIsComplete(t *testing.T) {
	in := write(t, "f.csv", "id,q,s,k,x\n1,a,u,1,x\n2,a,v,1,x\n3,a,u,2,x\n")
	r, written, err := protectWith(t, in, "", "mode: microdata\nk: 2\nquasi: [{column: q, suppress: true}]\nsensitive: [{column: s, l: 2}]\nperson: id\nkeep: [k]\n")
	if err != nil {
		t.Fatal(err)
	}
	var stored risk.Report
	text, err := os.ReadFile(filepath.Join(filepath.Dir(written), "risk.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, &stored); diff != "" {
		t.Errorf("risk.json is not the report: %s", diff)
	}
	named := map[string]string{}
	for _, s := range r.Microdata.Scheme {
		named[s.Column] = "quasi"
	}
	for _, s := range r.Microdata.Sensitive {
		named[s.Column] = "sensitive"
	}
	for _, c := range r.Microdata.Kept {
		named[c] = "kept"
	}
	for _, c := range r.Microdata.Dropped {
		named[c] = "dropped"
	}
	if diff := cmp.Diff(map[string]string{"id": "dropped", "q": "quasi", "s": "sensitive", "k": "kept", "x": "dropped"}, maps.Clone(named)); diff != "" {
		t.Error(diff)
	}
}
