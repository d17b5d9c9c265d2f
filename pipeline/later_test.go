package pipeline_test

import (
	"crypto/rand"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/exit"
)

// These tests run the same library on successive days, as a real one does: what an earlier
// run kept is what a later one knows.

const laterConfig = `version: 1
library: {name: Test, isil: NL-0823450000, language: en}
source: {type: file, members: members.csv, branches: branches.csv}
keys: {file: peil.key}
store: out
outputs: {new-members: {months: 12}}
`

type later struct {
	t       *testing.T
	dir     string
	forgets int // days after which the source does not know any more whom a loan was to
}

func newLater(t *testing.T) later {
	t.Helper()
	l := later{t, t.TempDir(), 125}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	l.write("peil.yaml", laterConfig)
	l.write("peil.key", strings.Repeat("3c", 32))
	l.write("branches.csv", "branch,name\nA,Aa\nB,Bee\n")
	return l
}

func (l later) write(name, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// run runs the library as it stands on a day, and returns its balance by month and branch, in
// the order of the columns of the report, leaving out rows in which all is zero.
func (l later) run(day, members string) map[string]string {
	l.t.Helper()
	l.write("members.csv", "member_id,branch,first_registered_on,last_registered_on,ended_on,deleted\n"+members)
	c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
	if err != nil {
		l.t.Fatal(err)
	}
	asOf, err := time.Parse(time.DateOnly, day)
	if err != nil {
		l.t.Fatal(err)
	}
	s, err := pipeline.Run(l.t.Context(), pipeline.Options{
		Config: c, AsOf: asOf, Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
	if err != nil || s.ExitStatus() != exit.Done {
		l.t.Fatalf("run of %s: %+v, %v", day, s, err)
	}
	return l.balance(filepath.Join(l.dir, "out", "private", "new-members", s.Outputs[0].Period, "balance.csv"))
}

func (l later) balance(path string) map[string]string {
	l.t.Helper()
	f, err := os.Open(path)
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		l.t.Fatal(err)
	}
	at := map[string]int{}
	for i, heading := range rows[0] {
		at[heading] = i
	}
	found := map[string]string{}
	for _, row := range rows[1:] {
		var figures []string
		for _, column := range []string{"begin_members", "new", "re_registered", "moved_in", "lapsed", "moved_out", "end_members"} {
			v := row[at[column]]
			if v == "" {
				v = "-" // not available
			}
			figures = append(figures, v)
		}
		if strings.Trim(strings.Join(figures, ""), "0-") != "" {
			found[row[at["month"]]+" "+row[at["branch_name"]]+" "+row[at["basis"]]] = strings.Join(figures, " ")
		}
	}
	return found
}

func TestAMoveBetweenTwoSnapshotsIsCountedInTheMonthOfTheLater(t *testing.T) {
	l := newLater(t)
	first := l.run("2024-11-05", "1,A,2020-01-01,2020-01-01,,\n2,A,2020-01-01,2020-01-01,,\n")
	if got := first["2024-10 Aa exact"]; got != "2 0 0 - 0 - 2" {
		t.Errorf("without history or earlier snapshot moves are not available: got %q", got)
	}
	moved := "1,B,2020-01-01,2020-01-01,,\n2,A,2020-01-01,2020-01-01,,\n"
	l.run("2024-12-05", moved)
	january := l.run("2025-01-05", moved)
	want := map[string]string{"2024-12 Aa exact": "2 0 0 0 0 1 1", "2024-12 Bee exact": "0 0 0 1 0 0 1", "2024-11 Aa exact": "2 0 0 - 0 - 2"}
	for month, figures := range want {
		if january[month] != figures {
			t.Errorf("%s: got %q, want %q", month, january[month], figures)
		}
	}
	if diff := cmp.Diff(january, l.run("2025-01-05", moved)); diff != "" {
		t.Errorf("the same day again differs (-first +again):\n%s", diff)
	}
}

func TestADeletionWithoutADateEndsOnTheFirstSnapshotThatShowsIt(t *testing.T) {
	l := newLater(t)
	l.run("2024-10-05", "1,A,2020-01-01,2020-01-01,,\n")
	gone := "1,A,2020-01-01,2020-01-01,,true\n"
	l.run("2024-11-05", gone)
	january := l.run("2025-01-05", gone)
	if got, want := january["2024-11 Aa exact"], "1 0 0 0 1 0 0"; got != want {
		t.Errorf("2024-11: got %q, want %q", got, want)
	}
}

func TestFrozenMonthsStayExactWhenTheSourceHasForgotten(t *testing.T) {
	l := newLater(t)
	before := l.run("2024-07-03", "1,A,2020-01-01,2020-01-01,,\n2,A,2020-01-01,2020-01-01,2024-05-20,\n3,A,2024-06-10,2024-06-10,,\n")
	// a year later the source knows nothing of who left; 3 left in between
	after := l.run("2025-05-03", "1,A,2020-01-01,2020-01-01,,\n")
	for _, month := range []string{"2024-05", "2024-06"} {
		if exact, frozen := before[month+" Aa exact"], after[month+" Aa frozen"]; exact == "" || frozen != exact {
			t.Errorf("%s: frozen %q, counted exactly %q", month, frozen, exact)
		}
	}
	if got, want := before["2024-05 Aa exact"], "2 0 0 - 1 - 1"; got != want {
		t.Errorf("2024-05: got %q, want %q", got, want)
	}
	if got, want := after["2024-08 Aa lower bound"], "1 0 0 0 0 0 1"; got != want {
		t.Errorf("2024-08 holds survivors only: got %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(l.dir, "out", "private", "state", "2024-07-03")); err == nil {
		t.Error("a state that retention does not allow any more is still there")
	}
}

func TestAnotherKeyIsRefusedWhereTheStoreWasBegunWithOne(t *testing.T) {
	l := newLater(t)
	l.run("2024-11-05", "1,A,2020-01-01,2020-01-01,,\n")
	l.write("peil.key", strings.Repeat("4d", 32))
	c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Run(t.Context(), pipeline.Options{
		Config: c, AsOf: time.Date(2024, 12, 5, 0, 0, 0, 0, time.UTC), Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
	if err == nil || !strings.Contains(err.Error(), "use the key that this store was begun with") {
		t.Errorf("got %v", err)
	}
}

func TestAHistoryShowsThatNobodyMoved(t *testing.T) {
	l := newLater(t)
	l.write("peil.yaml", strings.Replace(laterConfig, "branches: branches.csv", "branches: branches.csv, memberships: memberships.csv", 1))
	l.write("memberships.csv", "member_id,branch,valid_from,valid_to\n1,A,2020-01-01,\n")
	got := l.run("2025-01-05", "1,A,2020-01-01,2020-01-01,,\n")
	if want := "1 0 0 0 0 0 1"; got["2024-10 Aa exact"] != want {
		t.Errorf("2024-10: got %q, want %q", got["2024-10 Aa exact"], want)
	}
}
