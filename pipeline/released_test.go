package pipeline_test

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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

// publish runs the library as it stands on a day: who registers later is not there yet. Unless
// outputs are named, it makes both.
func (m *months) publish(day string, outputs ...string) (*pipeline.Summary, error) {
	m.t.Helper()
	if len(outputs) == 0 {
		outputs = []string{"new-members", "wsob"}
	}
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
		Config: c, Outputs: outputs, AsOf: asOf, Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
}

func (m *months) status(day string, outputs ...string) map[string]string {
	m.t.Helper()
	s, err := m.publish(day, outputs...)
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
	for _, item := range m.returned("2024").Items {
		for _, p := range item.Branches {
			if item.Code == "d3" || item.Code == "d4" || item.Code == "d0b" {
				rounded[p.Branch[:1]] += *p.Value
			}
		}
	}
	if diff := cmp.Diff(told, rounded); diff != "" || len(told) != 2 {
		t.Errorf("new members by branch (-told +returned):\n%s", diff)
	}

	// The final return counts others than the provisional one, which some heard of late were not in.
	m.register(time.Date(2024, 11, 15, 0, 0, 0, 0, time.UTC), 70)
	if got := m.status("2025-02-05"); got["new-members"] != "published" || got["wsob"] != "published" {
		t.Errorf("the final return: %v", got)
	}

	// Nobody knows which branches a return tells of that names no codes.
	name := filepath.Join(m.dir, "out", "public", "wsob", "2024", "wsob.json")
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, bytes.ReplaceAll(text, []byte("branch_code"), []byte("code_of_old")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"new-members": "withheld new-members.returns", "wsob": "withheld wsob.returns"}
	if diff := cmp.Diff(want, m.status("2025-03-05")); diff != "" {
		t.Error(diff)
	}
}

// Where an edition told of many whose age was not known, and hardly any are left when the return
// is made, the return would tell that they are one each month. It leaves out how the new members
// of that branch divide, and of a second, so that nobody can take it from the total.
func TestAReturnLeavesOutWhatExposes(t *testing.T) {
	m := newMonths(t)
	m.write("branches.csv", "branch,name\nA,Aa\nB,Bee\nC,Cee\n")
	for i := range m.rows {
		if i%2 == 0 {
			m.rows[i] = strings.Replace(m.rows[i], ",B,", ",C,", 1)
		}
	}
	for i := range 48 {
		m.rows = append(m.rows, fmt.Sprintf("u%d,A,,F,2711,2024-%02d-10", i, 1+i%12))
	}
	if got := m.status("2025-01-05", "new-members"); got["new-members"] != "published" {
		t.Fatal(got)
	}
	for i, row := range m.rows {
		if strings.HasPrefix(row, "u") && !slices.Contains(strings.Fields("u1 u2 u3 u4 u5 u6 u7 u8"), row[:strings.IndexByte(row, ',')]) {
			m.rows[i] = strings.Replace(row, ",A,,", ",A,1980-05-05,", 1)
		}
	}
	if diff := cmp.Diff(map[string]string{"wsob": "published"}, m.status("2025-02-05", "wsob")); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(map[string]string{"wsob": "unchanged"}, m.status("2025-02-05", "wsob")); diff != "" {
		t.Errorf("the same again: %s", diff)
	}
	const first, second = "A", "C"
	ret := m.returned("2024")
	if branches, all := ret.Protected(2024, "new"); all || !slices.Equal(branches, []string{first, second}) {
		t.Errorf("protected are %v, of the organisation %t", branches, all)
	}
	for _, item := range ret.Items {
		for _, p := range item.Branches {
			divides := item.Code == "d3" || item.Code == "d4" || item.Code == "d0b"
			if out := divides && (p.Code == first || p.Code == second); item.Value == nil && item.Status != wsob.NotAvailable || item.Value != nil && (p.Value == nil) != out || (p.Status == wsob.Protected) != out {
				t.Errorf("%s: %v %s, of branch %s %v %s", item.Code, item.Value, item.Status, p.Code, p.Value, p.Status)
			}
		}
	}
	for name, text := range map[string]string{
		"wsob.csv":   "d3,Aantal nieuwe jeugdleden (leeftijd t/m 17 jaar),yes,,Aa,2024,,protected",
		"wsob.json":  "Of 2024 this is protected at 2 branches: beside the months in the report on new members it would tell exactly how many persons stand behind small numbers there. They are in the total.",
		"index.html": "d3, d4, d0b: Of 2024 this is protected at 2 branches:",
	} {
		b, err := os.ReadFile(filepath.Join(m.dir, "out", "public", "wsob", "2024", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), text) {
			t.Errorf("%s does not say %q", name, text)
		}
	}

	if diff := cmp.Diff(map[string]string{"new-members": "published", "wsob": "published"}, m.status("2026-02-05")); diff != "" {
		t.Fatal(diff)
	}
	after := m.returned("2025")
	if branches, all := after.Protected(2025, "new"); all || len(branches) > 0 {
		t.Errorf("a year later %v are protected, of the organisation %t", branches, all)
	}
	for i, item := range after.Items {
		if diff := cmp.Diff(ret.Items[i].Figure, item.Previous); diff != "" {
			t.Errorf("%s of the year before (-published +repeated):\n%s", item.Code, diff)
		}
		for k, p := range item.Branches {
			if was := ret.Items[i].Branches[k]; was.Status != p.PreviousStatus || !cmp.Equal(was.Value, p.Previous) {
				t.Errorf("%s of branch %s: published %v %s, repeated %v %s", item.Code, p.Code, was.Value, was.Status, p.Previous, p.PreviousStatus)
			}
		}
	}
}

// returned is the public return of a year.
func (m *months) returned(year string) *wsob.Return {
	m.t.Helper()
	ret := &wsob.Return{}
	text, err := os.ReadFile(filepath.Join(m.dir, "out", "public", "wsob", year, "wsob.json"))
	if err == nil {
		err = json.Unmarshal(text, ret)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return ret
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
