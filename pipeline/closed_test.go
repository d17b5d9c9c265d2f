package pipeline_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/reports/wsob"
)

// Libraries that forget: their members leave, and after six months nobody knows them; whom
// a loan was to is gone sooner or as late. What a run a month froze must give the year that is
// counted from everything, whenever the runs were and whatever was purged between them.

type patron struct {
	id                 int
	branch             string
	born, joined, left time.Time // born zero: not known; left: the last valid day; zero: a member still
	borrowed           []time.Time
}

func TestAYearFromFrozenMonthsIsTheYearFromFullData(t *testing.T) {
	libraries := uint64(3)
	if testing.Short() {
		libraries = 1
	}
	for seed := range libraries {
		t.Run(fmt.Sprint("library ", seed), func(t *testing.T) {
			rng := mathrand.New(mathrand.NewPCG(seed, 2024))
			patrons := randomPatrons(rng, 600+rng.IntN(600))
			l := newLater(t)
			l.write("peil.yaml", strings.NewReplacer("members: members.csv", "members: members.csv, loans: loans.csv", "{new-members: {months: 12}}", "{wsob: {}}").Replace(laterConfig))
			// Every month must be over, and nothing of it forgotten, on the day of some run.
			apart := 115 + rng.IntN(35)
			l.forgets = apart + 31 + rng.IntN(180-apart-30)
			on := day(t, "2024-01-03").AddDate(0, 0, rng.IntN(apart))
			last := day(t, "2025-07-15").AddDate(0, 0, rng.IntN(120))
			for ; on.Year() == 2024 || on.AddDate(0, 0, -apart).Year() == 2024; on = on.AddDate(0, 0, apart) {
				l.export(patrons, on)
				l.make(on)
				if _, _, err := l.purge(on.AddDate(0, 0, rng.IntN(apart)).Format(time.DateOnly), true); err != nil {
					t.Fatal(err)
				}
			}
			l.export(patrons, last)
			l.make(last)
			want := map[string]int64{}
			for _, p := range patrons {
				p.count(want, 2024)
			}
			for figure, n := range want { // as the return shows it
				if strings.HasPrefix(figure, "borrowers") {
					want[figure] = (n + 2) / 5 * 5
				}
			}
			got, rounded := l.returned(2024)
			for figure, is := range rounded { // each branch by less than the threshold
				if d := got[figure] - want[figure]; is && max(d, -d) <= 2*4 {
					got[figure] = want[figure]
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the year 2024 as a run of %s counts it, runs %d days apart (-full data +frozen):\n%s", last.Format(time.DateOnly), apart, diff)
			}
			if _, err := os.Stat(filepath.Join(l.dir, "out", "private", "state", "firsts-2024")); !os.IsNotExist(err) {
				t.Errorf("the markers of 2024 outlived the year: %v", err)
			}
		})
	}
}

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func randomPatrons(rng *mathrand.Rand, n int) []*patron {
	begin := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []*patron
	for i := range n {
		p := &patron{id: i + 1, branch: []string{"A", "B"}[rng.IntN(2)], born: begin.AddDate(-8-rng.IntN(50), 0, rng.IntN(365)), joined: begin.AddDate(0, 0, rng.IntN(3*365))}
		if rng.IntN(10) == 0 {
			p.born = time.Time{}
		}
		if rng.IntN(3) == 0 {
			p.left = p.joined.AddDate(0, 0, 1+rng.IntN(700))
		}
		for range rng.IntN(6) {
			on := p.joined.AddDate(0, 0, rng.IntN(900))
			if on.Year() < 2025 && (p.left.IsZero() || !on.After(p.left)) {
				p.borrowed = append(p.borrowed, on)
			}
		}
		all = append(all, p)
	}
	return all
}

// count adds what the person means to the figures of a year.
func (p *patron) count(figures map[string]int64, year int) {
	end := time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)
	group := "adult"
	switch {
	case p.born.IsZero():
		group = "unknown"
	case p.born.AddDate(18, 0, 0).After(end):
		group = "youth"
	}
	if !p.joined.After(end) && (p.left.IsZero() || !p.left.Before(end)) {
		figures["members "+group]++
	}
	if p.joined.Year() == year {
		figures["new "+group]++
	}
	if !p.left.IsZero() && p.left.AddDate(0, 0, 1).Year() == year {
		figures["lapsed "+group]++
	}
	units := map[string]bool{}
	for _, on := range p.borrowed {
		if on.Year() == year {
			figures["loans"]++
			units["borrowers of "+fmt.Sprint(year)] = true
			units["borrowers of "+fmt.Sprintf("%d-Q%d", year, (int(on.Month())+2)/3)] = true
			units["borrowers of "+on.Format("2006-01")] = true
		}
	}
	for unit := range units {
		figures[unit]++
	}
}

// export writes what the library system still knows on a day.
func (l later) export(patrons []*patron, on time.Time) {
	members, loans := "member_id,branch,birth_date,first_registered_on,last_registered_on,ended_on\n", "member_id,branch,material,audience,genre,kind,loaned_at\n"
	for _, p := range patrons {
		gone := !p.left.IsZero() && p.left.Before(on.AddDate(0, -6, 0))
		if p.joined.Before(on) && !gone {
			born, ended := "", ""
			if !p.born.IsZero() {
				born = p.born.Format(time.DateOnly)
			}
			if !p.left.IsZero() && p.left.Before(on) {
				ended = p.left.Format(time.DateOnly)
			}
			members += fmt.Sprintf("%d,%s,%s,%s,%s,%s\n", p.id, p.branch, born, p.joined.Format(time.DateOnly), p.joined.Format(time.DateOnly), ended)
		}
		for _, at := range p.borrowed {
			if !at.Before(on) {
				continue
			}
			who := fmt.Sprint(p.id)
			if gone || at.Before(on.AddDate(0, 0, -l.forgets)) {
				who = ""
			}
			loans += fmt.Sprintf("%s,%s,book,adult,fiction,loan,%s\n", who, p.branch, at.Format(time.DateOnly))
		}
	}
	l.write("members.csv", members)
	l.write("loans.csv", loans)
}

func (l later) make(on time.Time) {
	l.t.Helper()
	c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
	if err != nil {
		l.t.Fatal(err)
	}
	if s, err := pipeline.Run(l.t.Context(), pipeline.Options{
		Config: c, AsOf: on, From: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(on.Year()-2025, 0, 0), Version: "test",
		Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	}); err != nil || s.ExitStatus() == exit.Withheld {
		l.t.Fatalf("run of %s: %+v, %v", on.Format(time.DateOnly), s, err)
	}
}

// returned reads the figures of a yearly return, none of which may be a bound only, and says
// which of them hold small parts that were rounded.
func (l later) returned(year int) (figures map[string]int64, rounded map[string]bool) {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, "out", "public", "wsob", fmt.Sprint(year), "wsob.json"))
	if err != nil {
		l.t.Fatal(err)
	}
	var r struct {
		Items []struct {
			Code, Status string
			Value        *int64
		}
		Borrowers []struct {
			Period, Status string
			Value          *int64
		} `json:"active_borrowers"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		l.t.Fatal(err)
	}
	names := map[string]string{"c0": "loans", "d1": "members youth", "d2": "members adult", "d3": "new youth", "d4": "new adult", "d5": "lapsed youth", "d6": "lapsed adult",
		"d0a": "members unknown", "d0b": "new unknown", "d0c": "lapsed unknown"}
	figures, rounded = map[string]int64{}, map[string]bool{}
	for _, item := range r.Items {
		if name := names[item.Code]; name != "" {
			if item.Value == nil || item.Status != "exact" && item.Status != "rounded" {
				l.t.Errorf("%s is %s", name, item.Status)
				continue
			}
			figures[name] = *item.Value
			rounded[name] = item.Status == "rounded"
		}
	}
	for _, b := range r.Borrowers {
		if b.Value != nil && b.Status == "rounded" && strings.HasPrefix(b.Period, fmt.Sprint(year)) {
			figures["borrowers of "+b.Period] = *b.Value
		}
	}
	return figures, rounded
}

// A loan that comes in after its week is final changes no published file: it makes a numbered
// correction that says what it replaces and what changed.
func TestALateLoanMakesANumberedCorrection(t *testing.T) {
	l := newLater(t)
	l.write("peil.yaml", strings.NewReplacer("members: members.csv", "members: members.csv, loans: loans.csv", "{new-members: {months: 12}}", "{kb: {}}").Replace(laterConfig))
	var patrons []*patron
	for i := range 400 { // in groups enough for rounding to hide a change of one of them
		p := &patron{id: i + 1, branch: []string{"A", "B"}[i%2], born: day(t, "1950-01-01").AddDate(i%3*20, 0, 0), joined: day(t, "2020-01-01")}
		if i < 130 {
			p.borrowed = []time.Time{day(t, "2024-10-01")}
		}
		patrons = append(patrons, p)
	}
	make := func() *pipeline.Summary {
		t.Helper()
		l.export(patrons, day(t, "2024-12-02"))
		c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := pipeline.Run(t.Context(), pipeline.Options{
			Config: c, AsOf: day(t, "2024-12-02"), Periods: []archive.Period{archive.PeriodOf("kb", day(t, "2024-10-01")), archive.PeriodOf("kb", day(t, "2024-11-25"))},
			Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	summary := func(s *pipeline.Summary) string {
		var words []string
		for _, o := range s.Outputs {
			words = append(words, o.Period, o.Status, o.Figures, strings.Join(o.Folders, " "))
		}
		return strings.Join(words, ", ")
	}
	week := filepath.Join(l.dir, "out", "public", "kb", "2024-W40")
	if diff := cmp.Diff("2024-W40, published, final, public/kb/2024-W40, 2024-W48, published, provisional, public/kb/2024-W48", summary(make())); diff != "" {
		t.Errorf("first run (-want +got):\n%s", diff)
	}
	before, err := os.ReadFile(filepath.Join(week, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range patrons[130:170] {
		p.borrowed = []time.Time{day(t, "2024-10-02"), day(t, "2024-11-26")}
	}
	if diff := cmp.Diff("2024-W40, published, revised, public/kb/2024-W40/r2, 2024-W48, published, provisional, public/kb/2024-W48", summary(make())); diff != "" {
		t.Errorf("with late loans (-want +got):\n%s", diff)
	}
	var m archive.Manifest
	text, err := os.ReadFile(filepath.Join(week, "r2", "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	was, is := int64(130), int64(170)
	want := archive.Change{Figure: "uitlening", Before: &was, After: &is}
	if len(m.Changes) == 0 || !cmp.Equal(m.Changes[0], want) || m.Revision != 2 || m.Replaces == nil || m.Replaces.Folder != "public/kb/2024-W40" {
		t.Errorf("correction: %+v", m)
	}
	if after, err := os.ReadFile(filepath.Join(week, "manifest.json")); err != nil || string(after) != string(before) {
		t.Errorf("the final week changed: %v", err)
	}
	if diff := cmp.Diff("2024-W40, unchanged, revised, public/kb/2024-W40/r2, 2024-W48, unchanged, provisional, public/kb/2024-W48", summary(make())); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}
}

// Loans of last year come in after its return is out: this year's repeats what was published
// and says that it counts otherwise now; last year's own return is corrected.
func TestAReturnRepeatsWhatWasPublishedOfTheYearBefore(t *testing.T) {
	l := newLater(t)
	l.write("peil.yaml", strings.NewReplacer("members: members.csv", "members: members.csv, loans: loans.csv", "{new-members: {months: 12}}", "{wsob: {}}").Replace(laterConfig))
	patrons := []*patron{{id: 1, branch: "A", born: day(t, "1980-01-01"), joined: day(t, "2020-01-01"), borrowed: []time.Time{day(t, "2024-03-01"), day(t, "2025-03-01")}}}
	returned := func(year string) (r wsob.Return) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(l.dir, "out", "public", "wsob", year, "wsob.json"))
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	run := func(on string, years ...string) {
		t.Helper()
		l.export(patrons, day(t, on))
		var periods []archive.Period
		for _, year := range years {
			periods = append(periods, archive.PeriodOf("wsob", day(t, year+"-06-01")))
		}
		if _, err := pipeline.Run(t.Context(), pipeline.Options{
			Config: l.load(), AsOf: day(t, on), Periods: periods, Version: "test",
			Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
		}); err != nil {
			t.Fatal(err)
		}
	}
	total := func(r wsob.Return) wsob.Item {
		return r.Items[slices.IndexFunc(r.Items, func(i wsob.Item) bool { return i.Code == "c0" })]
	}
	run("2025-01-10", "2024")
	if r := returned("2024"); r.State != "provisional" || r.PreviousSource != "counted" {
		t.Errorf("of 2024 in January: %s, year before %s", r.State, r.PreviousSource)
	}
	run("2025-02-10", "2024")
	if r := returned("2024"); r.State != "final" {
		t.Errorf("of 2024 in February: %s", r.State)
	}
	patrons[0].borrowed = append(patrons[0].borrowed, day(t, "2024-03-02"))
	run("2026-02-10", "2025")
	r := returned("2025")
	if c0 := total(r); r.PreviousSource != "published" || r.PreviousIn != "public/wsob/2024" || *c0.Previous.Value != 1 || !strings.Contains(strings.Join(c0.Warnings, " "), "published at least 1; counted now it is 2") {
		t.Errorf("of 2025: year before %s in %s, %+v", r.PreviousSource, r.PreviousIn, c0)
	}
	run("2026-02-10", "2024", "2025")
	if r := returned("2024/r2"); r.State != "revised" || r.Revision != 2 || len(r.Changes) == 0 || *r.Changes[len(r.Changes)-1].After != 2 {
		t.Errorf("of 2024, corrected: %+v", r)
	}
	if r := returned("2025/r2"); r.PreviousIn != "public/wsob/2024/r2" || r.PreviousState != "revised" || *total(r).Previous.Value != 2 || len(r.Changes) > 0 {
		t.Errorf("of 2025, after 2024 was corrected: year before %s in %s, %+v", r.PreviousState, r.PreviousIn, r.Changes)
	}
}
