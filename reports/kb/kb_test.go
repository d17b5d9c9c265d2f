package kb_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/reports"
	"peil/reports/kb"
	"peil/transforms"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	week  = kb.Week{From: time.Date(2024, 12, 30, 0, 0, 0, 0, time.UTC), Until: time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)}
	about = reports.About{Library: "Bibliotheek Voorbeeld", ISIL: "NL-0823450000", Language: "nl", AsOf: week.Until, SnapshotOn: week.Until, Threshold: 5, K: 10, L: 2}
)

// open makes a warehouse with what SQL statements put into it, and runs the models.
func open(t *testing.T, statements ...string) (db *engine.DB, dir string) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	db, err := engine.Open(ctx, engine.Options{Dirs: []string{dir}, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, r := range append(transforms.AllowList, transforms.Loans) {
		columns := make([]string, len(r.Columns))
		for i, c := range r.Columns {
			columns[i] = engine.Ident(c.Name) + " " + c.Type
		}
		if err := db.Exec(ctx, "CREATE TABLE "+r.Name+" ("+strings.Join(columns, ", ")+")"); err != nil {
			t.Fatal(err)
		}
	}
	p := transforms.Parameters{AsOf: week.Until, Peildatum: week.Until, SnapshotOn: week.Until, KBFrom: week.From, KBUntil: week.Until,
		AgeClasses: []int{0, 4, 13, 18, 30, 50, 65}, K: about.K, L: about.L}
	if err := p.Install(ctx, db); err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if err := db.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := transforms.Run(ctx, db, transforms.Warehouse(), nil, func(transforms.Step) {}); err != nil {
		t.Fatal(err)
	}
	if err := transforms.Count(ctx, db, "kb", p, func(transforms.Step) {}); err != nil {
		t.Fatal(err)
	}
	return db, dir
}

func library(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "library.sql"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// staged keeps the files of an output in memory.
type staged struct {
	files map[string][]byte
	rows  map[string]int64
}

func (s *staged) File(_ context.Context, name string, write func(io.Writer) (int64, error)) error {
	var b bytes.Buffer
	rows, err := write(&b)
	s.files[name], s.rows[name] = b.Bytes(), rows
	return err
}

func write(t *testing.T, db *engine.DB, dir string) (*staged, kb.Result) {
	t.Helper()
	out := &staged{map[string][]byte{}, map[string]int64{}}
	result, err := kb.Write(t.Context(), db, dir, about, week, out)
	if err != nil {
		t.Fatal(err)
	}
	return out, result
}

func records(t *testing.T, b []byte) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFeedsAreAsBefore(t *testing.T) {
	db, dir := open(t, library(t))
	out, result := write(t, db, dir)
	for _, name := range []string{"kb-leden.csv", "kb-uitleningen.csv", "risk.json"} {
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, out.files[name], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(out.files[name])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	again, _ := write(t, db, dir)
	for name, b := range out.files {
		if !bytes.Equal(b, again.files[name]) {
			t.Errorf("%s differs when written twice", name)
		}
	}
	for _, feed := range []string{"kb-leden", "kb-uitleningen"} {
		rows := int64(len(records(t, out.files[feed+".csv"])))
		if out.rows[feed+".csv"] != rows || out.rows[feed+".parquet"] != rows {
			t.Errorf("%s has %d rows, reported %v", feed, rows, out.rows)
		}
		for _, ext := range []string{".csv", ".parquet"} {
			if err := os.WriteFile(filepath.Join(dir, feed+ext), out.files[feed+ext], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text := "(SELECT COLUMNS(*)::VARCHAR FROM '" + filepath.Join(dir, feed) + ".parquet')"
		n, err := db.Count(t.Context(), "SELECT count(*) FROM (FROM "+text+" EXCEPT ALL FROM read_csv('"+filepath.Join(dir, feed)+".csv', all_varchar = true))")
		if err != nil || n != 0 {
			t.Errorf("%s: %d rows of the Parquet file are not in the CSV file, %v", feed, n, err)
		}
	}
	result.Totals = nil // in the manifest
	if want := (kb.Result{Members: 859, Suppressed: 0, Smallest: 10}); !cmp.Equal(result, want) {
		t.Errorf("got %+v, want %+v", result, want)
	}
}

// What the recipient can do with the files alone: nothing smaller than k, sums that
// agree with the stated totals, and nothing that looks like a person.
func TestFeedsKeepTheirPromises(t *testing.T) {
	db, dir := open(t, library(t))
	out, _ := write(t, db, dir)
	var risk kb.Risk
	if err := json.Unmarshal(out.files["risk.json"], &risk); err != nil {
		t.Fatal(err)
	}
	var members int64
	for _, row := range records(t, out.files["kb-leden.csv"]) {
		n := number(t, row["personen"])
		members += n
		if n < 10 || n%5 != 0 {
			t.Errorf("a group of %d persons", n)
		}
	}
	for _, words := range []string{"Is in de weekbestanden nog iemand te herkennen?", "minstens 10 personen", "vestiging, leeftijdsklasse, geslacht, pc4", "een grotere bevolking is er niet", "Personen die alleen staan", "Wat kb-leden niet zegt", "nauwste ruimte van een verandering"} {
		if !bytes.Contains(out.files["risk.html"], []byte(words)) {
			t.Errorf("risk.html does not say %q", words)
		}
	}
	if a := risk.Attack; a.Exposed != 0 || a.NarrowestChange < 4 || a.Counts < risk.Members.Groups {
		t.Errorf("the attack: %+v", a)
	}
	if m := risk.Members; m.UniqueBefore == 0 || m.UniqueAfter != 0 || m.JournalistRisk != m.ProsecutorRisk || len(m.Detail) != 6 || len(risk.Loans.Detail) != 8 {
		t.Errorf("members: %+v", m)
	}
	if m := risk.Members; members != m.InFeed || m.Total != m.InFeed+m.Residual {
		t.Errorf("members: the feed holds %d, stated %+v", members, m)
	}
	events := map[string]int64{}
	for _, row := range records(t, out.files["kb-uitleningen.csv"]) {
		if row["niveau"] != "5" && number(t, row["personen"]) < 10 || row["niveau"] == "5" && row["personen"] != "" {
			t.Errorf("a row of %s persons at level %s", row["personen"], row["niveau"])
		}
		period := map[string]string{"week": "week", "maand": "month"}[row["periode_soort"]]
		events[period+" "+row["soort"]] += number(t, row["aantal"])
	}
	for _, total := range risk.Loans.Totals {
		if n := events[total.Period+" "+total.Kind]; n != total.InFeed || total.Events != total.InWeeks+total.InFeed+total.Residual {
			t.Errorf("events: the feed holds %d, stated %+v", n, total)
		}
	}
	date := regexp.MustCompile(`\d{4}-\d{2}-\d{2}|[0-9a-f]{8}-[0-9a-f]{4}`)
	for _, name := range []string{"kb-leden.csv", "kb-uitleningen.csv"} {
		if found := date.Find(out.files[name]); found != nil {
			t.Errorf("%s holds %q, which is a date or a pseudonym", name, found)
		}
	}
}

// Of two successive feeds the difference is public too: one newcomer must not show as a
// difference of one.
func TestOneNewcomerDoesNotShowAsOne(t *testing.T) {
	const people = `INSERT INTO branches VALUES (0, '?', NULL, NULL, NULL, NULL, NULL), (1, '0101', 'Centrum', 'NL-0823451001', 'vestiging', NULL, NULL);
		INSERT INTO members SELECT i, 'person', 'F', '2711', 1, 'x', 'adult', false, DATE '2020-01-01', false FROM range(1, $n + 1) t(i);
		INSERT INTO stays SELECT mk, 1, 'x', first_on, NULL, 'new', NULL, false, false, 40 FROM members;
		INSERT INTO age_spans SELECT mk, on_date, on_date, 40 FROM members CROSS JOIN reference_dates`
	var got []string
	for n := 9; n <= 24; n++ {
		db, dir := open(t, strings.ReplaceAll(people, "$n", strconv.Itoa(n)))
		out, result := write(t, db, dir)
		shown := "none"
		for _, row := range records(t, out.files["kb-leden.csv"]) {
			shown = row["personen"]
		}
		got = append(got, shown)
		if n == 9 && (result.Members != 9 || result.Suppressed != 9) {
			t.Errorf("nine members: got %+v", result)
		}
		// The total is stated: if all members are in one group, its count is known.
		if n > 9 && result.Exposed != 1 {
			t.Errorf("%d members in one group: %d counts exposed", n, result.Exposed)
		}
	}
	want := strings.Fields("none 10 10 10 15 15 15 15 15 20 20 20 20 20 25 25")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shown for 9 to 24 members (-want +got):\n%s", diff)
	}
}

func TestWriteRefusesAnotherWeek(t *testing.T) {
	db, dir := open(t)
	other := kb.Week{From: week.From.AddDate(0, 0, -7), Until: week.From}
	_, err := kb.Write(t.Context(), db, dir, about, other, &staged{map[string][]byte{}, map[string]int64{}})
	if err == nil || !strings.Contains(err.Error(), "2024-W52") || !strings.Contains(err.Error(), "another week") {
		t.Errorf("got %v", err)
	}
}

func TestWeekOverTheYearEnd(t *testing.T) {
	for from, want := range map[string]string{"2024-12-30": "2025-W01", "2020-12-28": "2020-W53", "2021-01-04": "2021-W01", "2024-12-23": "2024-W52"} {
		monday, err := time.Parse(time.DateOnly, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := (kb.Week{From: monday, Until: monday.AddDate(0, 0, 7)}).String(); got != want {
			t.Errorf("week of %s: got %s, want %s", from, got, want)
		}
	}
}
