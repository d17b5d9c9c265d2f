package cbs

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/config"
	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/source"
	"peil/reports"
	"peil/reports/quality"
	"peil/transforms"
	"peil/transforms/parse"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with, or writes, a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// csvPart is a table of the source, written as CSV without quotes.
type csvPart struct{ table, text string }

func (p csvPart) Name() string                                        { return p.table }
func (p csvPart) Size() int64                                         { return 0 }
func (p csvPart) Lines(_ context.Context, n []int64) ([]int64, error) { return n, nil }
func (p csvPart) Read(ctx context.Context, db *engine.DB, statement func(string) string) ([]source.Reject, error) {
	lines := strings.Split(strings.TrimSpace(p.text), "\n")
	given := map[string]int{}
	for i, name := range strings.Split(lines[0], ",") {
		given[name] = i
	}
	var rows []string
	for _, line := range lines[1:] {
		fields, row := strings.Split(line, ","), []string{}
		for _, c := range source.Columns[p.table] {
			value := "NULL::VARCHAR"
			if i, ok := given[c.Name]; ok && fields[i] != "" {
				value = engine.Literal(fields[i])
			}
			row = append(row, value+" AS "+engine.Ident(c.Name))
		}
		rows = append(rows, "SELECT "+strings.Join(row, ", "))
	}
	return nil, db.Exec(ctx, statement("("+strings.Join(rows, " UNION ALL ")+")"))
}

const branches = `branch,name
01,Forum
02,Oost; "Linde"
`

const members = `member_id,person_id,kind,birth_date,sex,postcode,house_number,branch,subscription,last_registered_on,valid_until
1,,,1980-02-29,V,2711 EC,12a,01,BASIS,2020-05-01,
2,,,1990-12-31,M,2711EC,44-bis,02,PLUS,2021-05-01,2025-12-31
3,,,2015-06-01,,2712AB,1,01,JEUGD,2024-12-30,
4,,,,M,B-9000,7,02,BASIS,2019-01-02,
5,,,1970-01-01,M,2713AA,12-14,02,BASIS,2019-01-03,
6,p,,1955-03-04,V,2713AA,3,02,BASIS,2018-01-03,
7,p,,1955-03-04,V,2713AA,3,01,PLUS,2017-01-03,
8,,,1966-01-01,V,2713AA,5,01,PERSONEEL,2017-01-03,
9,,INSTELLING,2019-01-01,,2713AA,6,01,,2017-01-03,
10,,,1966-01-02,V,2713AA,8,01,BASIS,2017-01-03,2024-12-31
11,,,1966-01-03,V,2713AA,9,01,BASIS,2017-01-03,2023-12-31
`

var asOf = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// vault runs the models over a small library.
func vault(t *testing.T, members string) (*engine.DB, string) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	db, err := engine.Open(ctx, engine.Options{Dirs: []string{dir}, KeepJoinOrder: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	key, err := pseudonym.Parse([]byte(strings.Repeat("5a", 32)))
	if err != nil {
		t.Fatal(err)
	}
	params := transforms.Parameters{
		AsOf: asOf, Peildatum: asOf, SnapshotOn: asOf, AgeClasses: []int{0, 18, 65}, K: 3, L: 1,
		LeaveOut: []transforms.LeaveOut{{Why: "staff", Codes: []string{"PERSONEEL"}}, {Why: "trial"}, {Why: "test", Codes: []string{"TEST"}}},
	}
	tables := []source.Table{{Name: "branches", Parts: []source.Part{csvPart{"branches", branches}}}, {Name: "members", Parts: []source.Part{csvPart{"members", members}}}}
	_, err = func() ([]transforms.Read, error) {
		for _, install := range []error{parse.Install(ctx, db, "Europe/Amsterdam"), key.Install(db, pseudonym.Register), params.Install(ctx, db), transforms.CreatePrior(ctx, db), db.Lock(ctx)} {
			if install != nil {
				return nil, install
			}
		}
		return transforms.Run(ctx, db, transforms.Vault(), tables, func(transforms.Step) {})
	}()
	if err != nil {
		t.Fatal(err)
	}
	return db, dir
}

// files is a sink that keeps what it is given.
type files struct {
	names []string
	text  map[string]string
}

func (f *files) File(_ context.Context, name string, write func(io.Writer) (int64, error)) error {
	var b bytes.Buffer
	rows, err := write(&b)
	if f.text == nil {
		f.text = map[string]string{}
	}
	f.names = append(f.names, fmt.Sprintf("%s %d", name, rows))
	f.text[name] = b.String()
	return err
}

func deliveryOf(t *testing.T, layout string) Delivery {
	t.Helper()
	l, err := parseLayout([]byte(layout))
	if err != nil {
		t.Fatal(err)
	}
	return Delivery{Layout: l, About: reports.About{ISIL: "NL-0823450000", SnapshotOn: asOf}, Peildatum: asOf, Revision: 1}
}

func builtInText(t *testing.T) string {
	t.Helper()
	text, err := builtIn(DefaultLayout)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const short = `layout: test/1
fields:
  - {name: Geboren, value: birth_date}
  - {name: Geslacht, value: sex, codes: {M: man, F: vrouw, X: é}, empty: "?"}
  - {name: Toevoeging, value: house_letter_and_addition}
`

func TestWriteMembers(t *testing.T) {
	db, dir := vault(t, members)
	for _, c := range []struct {
		name, layout string
		want         map[string]string
	}{
		{"the default", builtInText(t), map[string]string{"cbs-lgb-1_NL-0823450000_20250101.csv": "geboortedatum;geslacht;laatste_inschrijfdatum;isil;postcode;huisnummer;huisnummertoevoeging;werkelijke_peildatum\r\n" +
			"19550304;2;20180103;NL-0823450000;2713AA;3;;20250101\r\n" +
			"19700101;1;20190103;NL-0823450000;2713AA;12;;20250101\r\n" +
			"19800229;2;20200501;NL-0823450000;2711EC;12;A;20250101\r\n" +
			"19901231;1;20210501;NL-0823450000;2711EC;44;BIS;20250101\r\n" +
			"20150601;-;20241230;NL-0823450000;2712AB;1;;20250101\r\n" +
			";1;20190102;NL-0823450000;;7;;20250101\r\n"}},
		{"always quoted, dates with hyphens, LF, no heading", "quoting: always\nline_end: lf\nheading: false\ndate: DD-MM-YYYY\nseparator: \"\\t\"\n" + short, map[string]string{"test-1_NL-0823450000_20250101.csv": "\"04-03-1955\"\t\"vrouw\"\t\"\"\n" +
			"\"01-01-1970\"\t\"man\"\t\"\"\n" + "\"29-02-1980\"\t\"vrouw\"\t\"A\"\n" + "\"31-12-1990\"\t\"man\"\t\"BIS\"\n" + "\"01-06-2015\"\t\"?\"\t\"\"\n" + "\"\"\t\"man\"\t\"\"\n"}},
		{"in parts", "rows_per_file: 4\nheading: false\nline_end: lf\nempty: \"0\"\n" + short, map[string]string{
			"test-1_NL-0823450000_20250101_1.csv": "19550304;vrouw;0\n19700101;man;0\n19800229;vrouw;A\n19901231;man;BIS\n",
			"test-1_NL-0823450000_20250101_2.csv": "20150601;?;0\n0;man;0\n"}},
		{"Windows-1252", "encoding: windows-1252\nheading: false\nline_end: lf\nquoting: never\n" + strings.ReplaceAll(short, "man", "m€"), map[string]string{"test-1_NL-0823450000_20250101.csv": "19550304;vrouw;\n" +
			"19700101;m\x80;\n19800229;vrouw;A\n19901231;m\x80;BIS\n20150601;?;\n;m\x80;\n"}},
		{"a character that ISO 8859-1 lacks", "encoding: iso-8859-1\nlacking: \"~\"\nheading: false\nline_end: lf\n" + strings.ReplaceAll(short, "man", "m€"), map[string]string{"test-1_NL-0823450000_20250101.csv": "19550304;vrouw;\n" +
			"19700101;m~;\n19800229;vrouw;A\n19901231;m~;BIS\n20150601;?;\n;m~;\n"}},
		{"quoted where needed", "heading: true\nline_end: lf\naddition_joined_by: \";\"\nempty: \"\"\n" + strings.ReplaceAll(strings.ReplaceAll(short, "M: man", `M: "m;n"`), "F: vrouw", `F: 'v"'`), map[string]string{"test-1_NL-0823450000_20250101.csv": "Geboren;Geslacht;Toevoeging\n" +
			"19550304;\"v\"\"\";\n19700101;\"m;n\";\n19800229;\"v\"\"\";A\n19901231;\"m;n\";BIS\n20150601;?;\n;\"m;n\";\n"}},
		{"byte order mark", "encoding: utf-8-bom\nline_end: lf\nlayout: test/1\nfields: [{name: peil datum, value: peildatum}]", map[string]string{
			"test-1_NL-0823450000_20250101.csv": "\ufeffpeil datum\n" + strings.Repeat("20250101\n", 6)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out files
			n, err := deliveryOf(t, c.layout).WriteMembers(t.Context(), db, dir, &out)
			if err != nil || n != 6 {
				t.Errorf("%d persons, %v", n, err)
			}
			if diff := cmp.Diff(c.want, out.text); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodyIsInTheFile(t *testing.T) {
	db, dir := vault(t, "member_id,branch,last_registered_on,valid_until\n1,01,2010-01-01,2011-01-01\n")
	for layout, want := range map[string]string{builtInText(t): "cbs-lgb-1_NL-0823450000_20250101.csv 0", "rows_per_file: 3\n" + short: "test-1_NL-0823450000_20250101_1.csv 0"} {
		var out files
		if n, err := deliveryOf(t, layout).WriteMembers(t.Context(), db, dir, &out); err != nil || n != 0 {
			t.Errorf("%d persons, %v", n, err)
		}
		if diff := cmp.Diff([]string{want}, out.names); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	}
}

// The sums and counts of the control file are those that its reader finds in the file.
func TestControl(t *testing.T) {
	db, dir := vault(t, members)
	d := deliveryOf(t, builtInText(t))
	var out files
	if _, err := d.WriteMembers(t.Context(), db, dir, &out); err != nil {
		t.Fatal(err)
	}
	counts, err := CountPopulation(t.Context(), db, Source{Rows: 12, Rejected: 1, Merged: 1})
	if err != nil {
		t.Fatal(err)
	}
	if n := counts.Unaccounted(); n != 0 {
		t.Errorf("%d rows are not accounted for", n)
	}
	checkSums(t, out.text[d.FileName(1)], counts)
	d.Revision = 2
	var control bytes.Buffer
	replaces := &Replaced{Folder: "private/cbs/2025-01-01", DeliveredAt: "2025-02-01T10:00:00Z", Files: []File{{"cbs-lgb-1_NL-0823450000_20250101.csv.age", strings.Repeat("a", 64)}}}
	sent := []Written{{Name: d.FileName(1) + ".age", Rows: 6, SHA256: strings.Repeat("b", 64), PlaintextHMAC: strings.Repeat("c", 64)}}
	n, err := d.WriteControl(&control, counts, sent, replaces)
	if err != nil || n != int64(bytes.Count(control.Bytes(), []byte("\n"))-1) {
		t.Errorf("%d rows, %v", n, err)
	}
	golden(t, "control.csv", control.Bytes())
}

func checkSums(t *testing.T, file string, counts Counts) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(file))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for column, name := range map[int]string{0: "birth_date", 2: "last_registered_on", 4: "postcode", 5: "house_number"} {
		for _, row := range rows[1:] {
			digits := strings.TrimRight(row[column], "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
				got["sum "+name] += n
				got["filled "+name]++
			}
		}
	}
	got["persons "] = int64(len(rows) - 1)
	for key, n := range got {
		subject, part, _ := strings.Cut(key, " ")
		if stated := counts.Of(subject, part); stated != n {
			t.Errorf("%s: the file has %d, the control file says %d", key, n, stated)
		}
	}
}

func TestExpectedMatch(t *testing.T) {
	db, _ := vault(t, members)
	counts, err := CountPopulation(t.Context(), db, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%.1f %.1f", counts.ExpectedMatch(), Counts{}.ExpectedMatch()); got != "66.7 0.0" {
		t.Errorf("got %s", got) // of six, one has no birth date and one an ambiguous number
	}
}

func TestReconcile(t *testing.T) {
	before := Counts{{"persons", "", "", 1000}, {"branch", "code 1", "1 One", 600}, {"branch", "code 2", "2 Two", 400}, {"branch", "code 3", "3 Three", 99}, {"sex", "M", "", 500}, {"sum", "house_number", "", 10}}
	after := Counts{{"persons", "", "", 1101}, {"branch", "code 1", "1 One", 450}, {"branch", "code 4", "4 Four", 651}, {"sex", "M", "", 624}, {"sum", "house_number", "", 99}}
	got := Reconcile(before, after, config.Tolerance{Total: 10, Part: 25, From: 100})
	want := []Reconciled{
		{"persons", 1, []Difference{{"persons", "", "", 1000, 1101}}},
		{"branch", 3, []Difference{{"branch", "code 4", "4 Four", 0, 651}, {"branch", "code 2", "2 Two", 400, 0}}}, // exactly a quarter is within
		{"age", 0, nil}, {"sex", 1, nil}, {"subscription", 0, nil}, {"filled", 0, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCountsSurviveAManifest(t *testing.T) {
	want := Counts{{"persons", "", "", 3}, {"branch", "code 1", "1 One", 3}}
	got, err := ParseCounts([]any{map[string]any{"subject": "persons", "part": "", "n": 3}, map[string]any{"subject": "branch", "part": "code 1", "label": "1 One", "n": 3}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := ParseCounts("nothing"); err == nil {
		t.Error("a text was read as counts")
	}
}

func TestRareSubscriptionsAreNotShown(t *testing.T) {
	var text strings.Builder
	text.WriteString("member_id,branch,subscription,last_registered_on\n")
	for i := range 9 {
		subscription := "BASIS"
		if i > 4 {
			subscription = fmt.Sprintf("Mevrouw %d", i)
		}
		fmt.Fprintf(&text, "%d,01,%s,2020-01-01\n", i+1, subscription)
	}
	db, _ := vault(t, text.String())
	counts, err := CountPopulation(t.Context(), db, Source{})
	if err != nil {
		t.Fatal(err)
	}
	var got Counts
	for _, c := range counts {
		if c.Subject == "subscription" {
			got = append(got, c)
		}
	}
	if diff := cmp.Diff(Counts{{"subscription", "code BASIS", "BASIS", 5}, {"subscription", "rare", "", 4}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The order of the file survives several threads: the same bytes with one and with two.
func TestSameBytesWithSeveralThreads(t *testing.T) {
	var written []string
	for _, threads := range []int{1, 2} {
		dir := t.TempDir()
		db, err := engine.Open(t.Context(), engine.Options{Dirs: []string{dir}, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := fillPopulation(t.Context(), db, 400_000); err != nil {
			t.Fatal(err)
		}
		var out files
		d := deliveryOf(t, builtInText(t))
		if n, err := d.WriteMembers(t.Context(), db, dir, &out); err != nil || n != 400_000 {
			t.Fatal(n, err)
		}
		written = append(written, out.text[d.FileName(1)])
	}
	if written[0] != written[1] {
		t.Error("one thread and two threads write different files")
	}
	lines := strings.Split(strings.TrimSuffix(written[1], "\r\n"), "\r\n")[1:]
	if !slices.IsSortedFunc(lines, func(a, b string) int { return strings.Compare(a[:8], b[:8]) }) {
		t.Error("the file is not sorted by its first field")
	}
}

// fillPopulation makes a population in which hardly two persons are alike.
func fillPopulation(ctx context.Context, db *engine.DB, persons int64) error {
	return db.Exec(ctx, `CREATE TABLE population AS SELECT i AS mk, DATE '1940-01-01' + (hash(i) % 30000)::INTEGER AS birth_date, ['M', 'F', 'X', NULL][1 + (hash(i, 1) % 40 // 19)::INTEGER] AS sex,
			DATE '2005-01-01' + (hash(i, 2) % 7300)::INTEGER AS last_on, (1000 + hash(i, 3) % 8999) || chr(65 + (hash(i, 4) % 18)::INTEGER) || chr(65 + (hash(i, 5) % 18)::INTEGER) AS postcode,
			(1 + hash(i, 6) % 300)::INTEGER AS house_number, CASE WHEN hash(i, 7) % 9 = 0 THEN 'A' END AS house_letter, CASE WHEN hash(i, 8) % 9 = 0 THEN 'BIS' END AS house_addition
		FROM range(?) t(i)`, persons)
}

func TestAcceptanceReport(t *testing.T) {
	db, _ := vault(t, members)
	counts, err := CountPopulation(t.Context(), db, Source{Rows: 12, Rejected: 1, Merged: 1})
	if err != nil {
		t.Fatal(err)
	}
	a := &Acceptance{
		Library: "Bibliotheek Voorbeeld", ISIL: "NL-0823450000", AsOf: "2024-12-31", Peildatum: "2025-01-01", AddressesAsOf: "2025-01-01",
		Layout: DefaultLayout, File: "cbs-lgb-1_NL-0823450000_20250101_r2.csv", Replaces: &Replaced{Folder: "private/cbs/2025-01-01"},
		Recipient: config.Recipient{Name: "CBS", Basis: "public task", Agreement: "A 1", Keys: []string{"age1x", "age1y"}},
		Counts:    counts, ExpectedMatch: counts.ExpectedMatch(), Against: "2025-01-01",
		Differences: Compare(Counts{{"persons", "", "", 9}, {"sex", "M", "", 3}, {"sex", "X", "", 2}}, Counts{{"persons", "", "", 6}, {"sex", "M", "", 3}}),
		Checks: []quality.Check{
			quality.Require("population.empty", 0, nil, "Er zijn leden (%d).", "There are members (%d)."),
			quality.Require("reconcile.persons", 1, []string{"cbs"}, "%d cijfer wijkt af.", "%d figure differs."),
		},
		Withheld: []string{"reconcile.persons"},
	}
	for _, language := range []string{"nl", "en"} {
		var b bytes.Buffer
		if err := a.Write(&b, language); err != nil {
			t.Fatal(err)
		}
		golden(t, "acceptance."+language+".txt", b.Bytes())
	}
}

// Both languages have the same words.
func TestWords(t *testing.T) {
	for name, all := range map[string]map[string]map[string]string{"words": words, "acceptances": acceptances, "descriptions": descriptions} {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(all["nl"])), slices.Sorted(maps.Keys(all["en"]))); diff != "" {
			t.Errorf("%s (-nl +en):\n%s", name, diff)
		}
	}
}

// A library may call a subscription what a spreadsheet would compute.
func TestControlHoldsNoFormula(t *testing.T) {
	layout, err := LoadLayout(DefaultLayout, "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	counts := Counts{{Subject: "persons", N: 7}, {Subject: "subscription", Part: "code =1+1", Label: "=1+1", N: 7}}
	if _, err := (Delivery{Layout: layout}).WriteControl(&b, counts, nil, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), ";'=1+1;7") {
		t.Errorf("the formula is not inert:\n%s", b.String())
	}
}
