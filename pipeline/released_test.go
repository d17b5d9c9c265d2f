package pipeline_test

import (
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/reports/wsob"
)

const releasedConfig = `version: 1
library: {name: Test, isil: NL-0823450000, language: en}
source: {type: file, members: members.csv, branches: branches.csv, loans: loans.csv}
keys: {file: peil.key}
store: out
protection: {threshold: 5}
outputs: {new-members: {months: 12}, wsob: {}}
`

// months publishes editions of one library on successive days.
type months struct {
	later
	rng  *mathrand.Rand
	rows []string
}

func newMonths(t *testing.T) *months {
	m := &months{later: newLater(t), rng: mathrand.New(mathrand.NewPCG(5, 5))}
	m.write("peil.yaml", releasedConfig)
	m.write("loans.csv", "member_id,branch,material,kind,loaned_at\nm1,A,book,loan,2024-02-01\n")
	for at := time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC); at.Year() == 2024; at = at.AddDate(0, 0, 1) {
		m.register(at, 4)
	}
	return m
}

// register adds members who registered around a day.
func (m *months) register(at time.Time, n int) {
	for range n {
		day := at.AddDate(0, 0, -m.rng.IntN(3)).Format(time.DateOnly)
		m.rows = append(m.rows, fmt.Sprintf("m%d,%s,%d-05-05,%s,%d,%s", len(m.rows), []string{"A", "A", "B"}[m.rng.IntN(3)], 1940+m.rng.IntN(75), []string{"F", "M"}[m.rng.IntN(2)], 2711+m.rng.IntN(4), day))
	}
}

// publish runs the library as it stands on a day: who registers later is not there yet.
func (m *months) publish(day string) (*pipeline.Summary, error) {
	m.t.Helper()
	text := "member_id,branch,birth_date,sex,postcode,first_registered_on\n"
	for _, row := range m.rows {
		if row[strings.LastIndexByte(row, ',')+1:] < day {
			text += row + "\n"
		}
	}
	m.write("members.csv", text)
	c, err := config.Load(filepath.Join(m.dir, "peil.yaml"))
	if err != nil {
		m.t.Fatal(err)
	}
	asOf, err := time.Parse(time.DateOnly, day)
	if err != nil {
		m.t.Fatal(err)
	}
	return pipeline.Run(m.t.Context(), pipeline.Options{
		Config: c, Outputs: []string{"new-members", "wsob"}, AsOf: asOf, Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
}

func (m *months) status(day string) map[string]string {
	m.t.Helper()
	s, err := m.publish(day)
	if err != nil {
		m.t.Fatal(err)
	}
	out := map[string]string{}
	for _, o := range s.Outputs {
		out[o.Name] = strings.TrimSpace(o.Status + " " + strings.Join(o.Why, " "))
	}
	return out
}

// balances are a period's public new members by branch and month.
func (m *months) balances(period string) map[string]int {
	m.t.Helper()
	f, err := os.Open(filepath.Join(m.dir, "out", "public", "new-members", period, "balance.csv"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		m.t.Fatal(err)
	}
	found := map[string]int{}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[4])
		if err != nil {
			m.t.Fatal(err)
		}
		found[row[1]+" "+row[2]] = n
	}
	return found
}

func TestEditionsFollowEachOther(t *testing.T) {
	m := newMonths(t)
	published := map[string]string{"new-members": "published", "wsob": "published"}
	unchanged := map[string]string{"new-members": "unchanged", "wsob": "unchanged"}
	if diff := cmp.Diff(published, m.status("2024-11-05")); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(unchanged, m.status("2024-11-05")); diff != "" {
		t.Errorf("the same again: %s", diff)
	}
	before := m.balances("2024-10")
	m.register(time.Date(2024, 10, 20, 0, 0, 0, 0, time.UTC), 90) // heard of late
	if got := m.status("2024-12-05"); got["new-members"] != "published" {
		t.Fatal(got)
	}
	after := m.balances("2024-11")
	same, steps := 0, 0
	for place, n := range before {
		now, both := after[place]
		switch {
		case !both:
		case n == now:
			same++
		case (now-n)%5 != 0:
			t.Errorf("%s: %d, then %d", place, n, now)
		default:
			steps++
		}
	}
	if same < 16 || steps == 0 {
		t.Errorf("%d numbers stayed, %d moved", same, steps)
	}
	var manifest struct {
		Facts struct {
			Attack struct{ Editions, Counts, Changes, Exposed int }
		}
	}
	text, err := os.ReadFile(filepath.Join(m.dir, "out", "public", "new-members", "2024-11", "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	if a := manifest.Facts.Attack; a.Editions != 2 || a.Exposed != 0 || a.Counts == 0 || a.Changes == 0 {
		t.Errorf("the manifest tells of the attack %+v", a)
	}
	if got := m.status("2024-11-05"); got["new-members"] == "withheld" {
		t.Errorf("the earlier edition again: %v", got)
	}

	// Nobody knows how an edition was rounded whose release is gone.
	if err := os.RemoveAll(filepath.Join(m.dir, "out", "private", "frozen", "released")); err != nil {
		t.Fatal(err)
	}
	if got := m.status("2025-01-05")["new-members"]; got != "withheld new-members.releases" {
		t.Errorf("without the releases: %s", got)
	}
}

// What the yearly return tells of a branch is what editions of new-members tell of it: an exact
// count over the year would tell the small months in it.
func TestReturnsTellOfNoBranchMoreThanEditions(t *testing.T) {
	m := newMonths(t)
	m.register(time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC), 60)
	if diff := cmp.Diff(map[string]string{"new-members": "published", "wsob": "published"}, m.status("2025-01-05")); diff != "" {
		t.Fatal(diff)
	}
	told, rounded := map[string]int64{}, map[string]int64{}
	for place, n := range m.balances("2024-12") {
		told[place[:1]] += int64(n)
	}
	ret := &wsob.Return{}
	text, err := os.ReadFile(filepath.Join(m.dir, "out", "public", "wsob", "2024", "wsob.json"))
	if err == nil {
		err = json.Unmarshal(text, ret)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range ret.Items {
		for _, p := range item.Branches {
			if item.Code == "d3" || item.Code == "d4" || item.Code == "d0b" {
				rounded[p.Branch[:1]] += *p.Value
			}
		}
	}
	if diff := cmp.Diff(told, rounded); diff != "" || len(told) != 2 {
		t.Errorf("new members by branch (-told +returned):\n%s", diff)
	}
}

func TestAThresholdStaysWhatItWas(t *testing.T) {
	m := newMonths(t)
	if got := m.status("2024-11-05"); got["new-members"] != "published" {
		t.Fatal(got)
	}
	m.write("peil.yaml", strings.Replace(releasedConfig, "threshold: 5", "threshold: 7", 1))
	_, err := m.publish("2024-12-05")
	var failed *exit.Error
	if !errors.As(err, &failed) || failed.Status != exit.Usage || !strings.Contains(err.Error(), "protection.threshold is 7") {
		t.Errorf("got %v", err)
	}
}
