package wsob

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/reports"
	"peil/transforms"
)

var update = flag.Bool("update", false, "write the golden files anew")

var about = reports.About{Library: "Bibliotheek Voorbeeld", ISIL: "NL-0823450000", Language: "nl", AsOf: day("2025-02-01"), SnapshotOn: day("2025-02-01"), Cutoff: day("2024-08-01"),
	Source: "ledenbestand en uitleningen van 1 februari 2025", Threshold: 5}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// open makes a warehouse with what SQL statements put into it, and runs the models.
func open(t *testing.T, statements string) *engine.DB {
	t.Helper()
	ctx := t.Context()
	db, err := engine.Open(ctx, engine.Options{Threads: 2})
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
	p := transforms.Parameters{AsOf: about.AsOf, Peildatum: about.AsOf, SnapshotOn: about.AsOf, AgeClasses: []int{0, 18}, K: 10, L: 2}.WholeYear(2024)
	if err := db.Exec(ctx, "CREATE TABLE firsts (mk INTEGER, quarter DATE, month DATE); CREATE TABLE firsts_gone (quarter DATE, month DATE, first_in_year BOOLEAN, persons BIGINT)"); err != nil {
		t.Fatal(err)
	}
	if err := p.Install(ctx, db); err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(ctx, statements); err != nil {
		t.Fatal(err)
	}
	if _, err := transforms.Run(ctx, db, transforms.Warehouse(), nil, func(transforms.Step) {}); err != nil {
		t.Fatal(err)
	}
	if err := transforms.Count(ctx, db, "wsob", p, func(transforms.Step) {}); err != nil {
		t.Fatal(err)
	}
	return db
}

// write makes a return and stages it.
func write(t *testing.T, db *engine.DB, about reports.About, year int, edition Edition, out reports.Sink) (Result, error) {
	t.Helper()
	r, err := Make(t.Context(), db, about, year, edition)
	if err != nil {
		return Result{}, err
	}
	return r.Write(t.Context(), about, out)
}

// final is a first edition, with nothing published before it.
var final = Edition{State: "final"}

// staged keeps the files of an output in memory.
type staged map[string][]byte

func (s staged) File(_ context.Context, name string, write func(io.Writer) (int64, error)) error {
	var b bytes.Buffer
	_, err := write(&b)
	s[name] = b.Bytes()
	return err
}

func TestReturnIsAsBefore(t *testing.T) {
	library, err := os.ReadFile(filepath.Join("testdata", "library.sql"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, string(library))
	first, again := staged{}, staged{}
	result, err := write(t, db, about, 2024, final, first)
	if err != nil {
		t.Fatal(err)
	}
	result.StatLine, result.Totals, result.Bounds = nil, nil, nil // in the files, and in the manifest
	if want := (Result{Answered: 20, Unanswered: 3, Warnings: 19}); !cmp.Equal(result, want) {
		t.Errorf("got %+v, want %+v", result, want)
	}
	for _, name := range []string{"wsob.csv", "wsob.json"} {
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, first[name], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(first[name])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := write(t, db, about, 2024, final, again); err != nil {
		t.Fatal(err)
	}
	for name, b := range first {
		if !bytes.Equal(b, again[name]) {
			t.Errorf("%s differs when written twice", name)
		}
	}
	page := string(first["index.html"])
	for _, s := range []string{"Totaal aantal jeugdleden (leeftijd t/m 17 jaar)", "Publieke editie", "de tarieven van de bibliotheek", "Vestiging onbekend"} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if strings.Contains(page, "Nooit gebruikt") {
		t.Error("the page shows a branch that has nothing to show")
	}

	english := about
	english.Language = "en"
	if _, err := write(t, db, english, 2024, final, again); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"Totaal aantal jeugdleden (leeftijd t/m 17 jaar)", "Public edition", "the library&#39;s rates", "Branch unknown"} {
		if !strings.Contains(string(again["index.html"]), s) {
			t.Errorf("the English page does not say %q", s)
		}
	}
	if _, err := write(t, db, about, 2023, final, again); err == nil || !strings.Contains(err.Error(), "another year") {
		t.Errorf("a return of another year than the models': got %v", err)
	}
}

// Every combination of a loan's codes is one branch, with as many events as its place in
// the list.
func TestWhichItemALoanBelongsTo(t *testing.T) {
	cases := []struct {
		loan string // kind, material, audience, genre, school
		want string
	}{
		{"loan book youth fiction false", "c1"}, {"loan book youth nonfiction false", "c2"}, {"loan book youth unknown false", "c0a"},
		{"loan book youth fiction true", "c3"}, {"loan book youth nonfiction true", "c4"}, {"loan book youth unknown true", "c0b"},
		{"loan book adult fiction false", "c5"}, {"loan book adult nonfiction false", "c6"}, {"loan book adult unknown false", "c0c"},
		{"loan book adult fiction true", "c5"}, {"loan book unknown fiction false", "c0d"}, {"loan book unknown fiction true", "c0d"},
		{"loan audiovisual youth fiction true", "c7a"}, {"loan sheetmusic unknown unknown false", "c7b"}, {"loan magazine adult unknown false", "c7c"},
		{"loan game youth unknown false", "c7d"}, {"loan other unknown unknown false", "c7e"},
		{"reservation book adult fiction false", "c8"}, {"ill_in book adult fiction false", "c9"}, {"ill_out book adult fiction false", "c10"},
		{"renewal book youth fiction false", ""}, {"return book youth fiction false", ""}, {"inhouse book youth fiction false", ""}, {"unknown book youth fiction false", ""},
	}
	sql := "INSERT INTO branches VALUES (0, '?', NULL, NULL, NULL, NULL, NULL);"
	for i, c := range cases {
		f := strings.Fields(c.loan)
		sql += fmt.Sprintf("INSERT INTO branches VALUES (%d, 'K', %s, NULL, NULL, NULL, NULL);", i+1, engine.Literal(c.loan))
		sql += fmt.Sprintf("INSERT INTO loans_read SELECT NULL, 'anonymous', %d, NULL, '%s', '%s', '%s', '%s', DATE '2024-05-01', %s, NULL, NULL, NULL, NULL, NULL, NULL FROM range(%d);", i+1, f[1], f[2], f[3], f[0], f[4], i+1)
	}
	r, err := read(t.Context(), open(t, sql), about, 2024, [2][]Told{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, item := range r.Items {
		for _, p := range item.Branches {
			if p.Value != nil && *p.Value != 0 && item.Code != "c0" {
				got[p.Branch] += fmt.Sprint(item.Code, "=", *p.Value)
			}
		}
	}
	for i, c := range cases {
		want := ""
		if c.want != "" {
			want = fmt.Sprint(c.want, "=", i+1)
		}
		if got[c.loan] != want {
			t.Errorf("%s: got %q, want %q", c.loan, got[c.loan], want)
		}
	}
	if total := r.Items[15]; total.Code != "c0" || *total.Value != 17*18/2 || total.Status != LowerBound || total.Previous.Status != NotAvailable {
		t.Errorf("loans in one month of the year only: got %+v", total)
	}
}

// random makes counts as they may be: many small ones.
func random(r *rand.Rand) *counts {
	c := &counts{school: r.IntN(4) > 0}
	for i := range 1 + r.IntN(8) {
		c.branches = append(c.branches, branch{no: int64(i), code: fmt.Sprint(i), name: fmt.Sprint("B", i)})
	}
	for i := range c.years {
		y := &c.years[i]
		*y = yearly{events: map[string]map[int64]int64{}, persons: map[persons]map[int64]int64{}, rounded: map[persons]bool{}, follows: map[persons]map[int64]bool{},
			membersExact: r.IntN(2) > 0, changesExact: r.IntN(2) > 0, months: r.IntN(13), day: day("2024-05-05")}
		for _, b := range c.branches {
			for _, s := range catalogue {
				if s.persons != nil && r.IntN(3) > 0 {
					add(y.persons, *s.persons, b.no, int64(r.IntN([]int{6, 30, 1000}[r.IntN(3)])))
				} else if s.sum == nil && !c.unmarked(s) && r.IntN(3) > 0 {
					add(y.events, s.code, b.no, int64(r.IntN(50)))
				}
			}
		}
	}
	return c
}

func TestPartsAddUpAndNobodyIsBelowTheThreshold(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		a := about
		a.Threshold = 3 + int(seed%8)
		ret, err := newReturn(random(r), a, 2024)
		if err != nil {
			t.Fatal(err)
		}
		small := func(n *int64) bool { return n != nil && *n > 0 && *n < int64(a.Threshold) }
		value := map[string]int64{}
		for _, item := range ret.Items {
			for i, f := range []Figure{item.Figure, item.Previous} {
				if (f.Value == nil) != (f.Status == NotAvailable) {
					t.Fatalf("seed %d: %s is %s with value %v", seed, item.Code, f.Status, f.Value)
				}
				if f.Value == nil {
					continue
				}
				value[fmt.Sprint(item.Code, i)] = *f.Value
				var sum int64
				for _, p := range item.Branches {
					part := []*int64{p.Value, p.Previous}[i]
					sum += *part
					if item.Unit == "persons" && small(part) {
						t.Fatalf("seed %d: a part of %s is %d", seed, item.Code, *part)
					}
				}
				if sum != *f.Value || item.Unit == "persons" && small(f.Value) {
					t.Fatalf("seed %d: %s is %d, its parts are %d", seed, item.Code, *f.Value, sum)
				}
			}
		}
		for _, s := range catalogue {
			for i := range 2 {
				total, ok := value[fmt.Sprint(s.code, i)]
				for _, code := range s.sum {
					total -= value[fmt.Sprint(code, i)]
				}
				if s.sum != nil && ok && total != 0 {
					t.Fatalf("seed %d: %s differs from the sum of its items by %d", seed, s.code, total)
				}
			}
		}
		if err := document(ret, a).Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func TestHowSureAFigureIs(t *testing.T) {
	whole := func() *counts {
		c := &counts{school: true, branches: []branch{{1, "1", "Centrum", ""}}}
		for i := range c.years {
			c.years[i] = yearly{events: map[string]map[int64]int64{}, persons: map[persons]map[int64]int64{}, rounded: map[persons]bool{}, follows: map[persons]map[int64]bool{}, membersExact: true, changesExact: true,
				new: 100, lapsed: 100, months: 12, day: day("2024-09-01")}
			for _, s := range catalogue {
				if s.persons != nil {
					add(c.years[i].persons, *s.persons, 1, 100)
				} else if s.sum == nil && !s.absent {
					add(c.years[i].events, s.code, 1, 100)
				}
			}
			for _, unknown := range []string{"c0a", "c0b", "c0c", "c0d"} {
				delete(c.years[i].events, unknown)
			}
			for _, item := range []string{"members", "new", "lapsed"} {
				delete(c.years[i].persons, persons{item, "unknown"})
			}
		}
		return c
	}
	for _, c := range []struct {
		name   string
		change func(*counts, *reports.About)
		want   string // what differs from exact without a warning: code status warnings
	}{
		{"all is known", func(*counts, *reports.About) {}, ""},
		{"a small part", func(c *counts, _ *reports.About) { c.years[0].persons[persons{"new", "youth"}][1] = 2 }, "d3 rounded 0"},
		{"left before the cut-off", func(c *counts, _ *reports.About) { c.years[0].changesExact = false },
			"d3 lower_bound 1, d4 lower_bound 1, d0b lower_bound 1, d5 lower_bound 1, d6 lower_bound 1, d0c lower_bound 1"},
		{"left before the cut-off, which is after the year", func(c *counts, _ *reports.About) { c.years[0].changesExact, c.years[0].membersExact = false, false },
			"d1 lower_bound 1, d2 lower_bound 1, d0a lower_bound 1, d0 lower_bound 1, d3 lower_bound 1, d4 lower_bound 1, d0b lower_bound 1, d5 not_available 0, d6 not_available 0, d0c not_available 0"},
		{"no mark of school loans", func(c *counts, _ *reports.About) {
			c.school = false
			delete(c.years[0].events, "c3")
			delete(c.years[0].events, "c4")
		},
			"c1 exact 1, c2 exact 1, c3 not_available 0, c4 not_available 0, c0b not_available 0"},
		{"no reservations in either year", func(c *counts, _ *reports.About) { delete(c.years[0].events, "c8"); delete(c.years[1].events, "c8") }, "c8 not_available 0"},
		{"no reservations this year", func(c *counts, _ *reports.About) { delete(c.years[0].events, "c8") }, ""},
		{"unknown audience", func(c *counts, _ *reports.About) { add(c.years[0].events, "c0d", 1, 1) }, "c1 exact 1, c2 exact 1, c3 exact 1, c4 exact 1, c5 exact 1, c6 exact 1"},
		{"unknown kind", func(c *counts, _ *reports.About) { add(c.years[0].events, "unknown", 1, 1) }, "c0 exact 1"},
		{"unknown age", func(c *counts, _ *reports.About) { add(c.years[0].persons, persons{"members", "unknown"}, 1, 7) }, "d1 exact 1, d2 exact 1"},
		{"a migration", func(c *counts, _ *reports.About) { c.years[0].oneDay = 50 }, "d3 exact 1, d4 exact 1, d0b exact 1"},
		{"a busy day", func(c *counts, _ *reports.About) { c.years[0].oneDay = 49 }, ""},
		{"a busy day of a large library", func(c *counts, _ *reports.About) { c.years[0].oneDay, c.years[0].new = 50, 501 }, ""},
		{"first registrations unknown", func(c *counts, _ *reports.About) { c.years[0].firstUnknown = 6 }, "d3 exact 1, d4 exact 1, d0b exact 1"},
		{"ends presumed", func(c *counts, _ *reports.About) { c.years[0].presumed = 5 }, "d5 exact 1, d6 exact 1, d0c exact 1"},
		{"a few ends presumed", func(c *counts, _ *reports.About) { c.years[0].presumed = 4 }, ""},
		{"read before the year was over", func(_ *counts, a *reports.About) { a.SnapshotOn = day("2024-12-30") },
			"c0 exact 1, c8 exact 1, c9 exact 1, c10 exact 1, d1 exact 1, d2 exact 1, d0 exact 1, d3 exact 1, d4 exact 1, d5 exact 1, d6 exact 1"},
	} {
		counted, a := whole(), about
		c.change(counted, &a)
		r, err := newReturn(counted, a, 2024)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range r.Items {
			if !item.absent && (item.Status != Exact || len(item.Warnings) > 0) {
				got = append(got, fmt.Sprint(item.Code, " ", item.Status, " ", len(item.Warnings)))
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestStatLineAddsUpToTheSameTotals(t *testing.T) {
	c := random(rand.New(rand.NewPCG(3, 3)))
	for i := range c.years {
		c.years[i].months, c.years[i].membersExact = 12, true
	}
	r, err := newReturn(c, about, 2024)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[bool]int64{}
	for i, line := range r.StatLine {
		sums[i < 9] += *line.Value
	}
	items := map[string]int64{}
	for _, item := range r.Items {
		if item.Value != nil {
			items[item.Code] = *item.Value
		}
	}
	if sums[true] != items["c0"] || sums[false] != items["d0"]-items["d0a"] {
		t.Errorf("lines add up to %v, items are %v", sums, items)
	}
}

func TestJSONCanBeReadBack(t *testing.T) {
	r, err := newReturn(random(rand.New(rand.NewPCG(5, 5))), about, 2024)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Return
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("JSON read back and written again differs, %v", err)
	}
}

func TestBranchesOfOneNameAreToldApart(t *testing.T) {
	db := open(t, `
		INSERT INTO branches (branch_no, branch, name) VALUES (0, '?', NULL), (1, '0101', 'De Meander'), (2, '0201', 'De Meander');
		INSERT INTO members (mk, kind, branch_no) SELECT range, 'person', 1 + range % 2 FROM range(200);
		INSERT INTO stays (mk, branch_no, from_on, entry) SELECT range, 1 + range % 2, DATE '2020-01-01', 'new' FROM range(200);
		INSERT INTO age_spans SELECT range, on_date, on_date, 30 FROM range(200), reference_dates`)
	out := staged{}
	if _, err := write(t, db, about, 2024, final, out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"De Meander (0101)", "De Meander (0201)"} {
		if !strings.Contains(string(out["wsob.csv"]), name) {
			t.Errorf("wsob.csv does not name %s", name)
		}
	}
}

// What the report on new members tells of a branch is what the return tells too: also where
// the branch would be right without, and whatever is left of the small ones.
func TestBranchesFollowTheReportOnNewMembers(t *testing.T) {
	followed, stepped, other := 0, 0, 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 8))
		c := random(rng)
		var told []Told
		for _, b := range c.branches {
			c.years[0].membersExact = true
			exact := map[string]int64{}
			for p, branches := range c.years[0].persons {
				exact[p.item] += branches[b.no]
				exact[p.item+" "+p.group] += branches[b.no]
			}
			n := func(item string) *int64 {
				n := exact[item] + rng.Int64N(21) - 10
				if rng.IntN(5) == 0 {
					n = exact[item] + 300 // others, counted on another day
				}
				if n < 5 {
					n = 0
				}
				return &n
			}
			youth, adult, unknown := n("new youth"), n("new adult"), n("new unknown")
			all := *youth + *adult + *unknown
			told = append(told, Told{[]string{b.code}, n("members"), &all, n("lapsed"), *youth, *adult})
		}
		c.years[0].told = told
		exact := map[persons]map[int64]int64{}
		for p, branches := range c.years[0].persons {
			exact[p] = maps.Clone(branches)
		}
		r, err := newReturn(c, about, 2024)
		if err != nil {
			t.Fatal(err)
		}
		known := r.Known()
		for _, tell := range told {
			for item, n := range map[string]*int64{"members": tell.Members, "new": tell.New, "lapsed": tell.Lapsed} {
				var sum, parts, loose, count int64
				for _, s := range catalogue {
					if s.persons == nil || s.persons.item != item {
						continue
					}
					for _, p := range (writer{r}).item(s.code).Branches {
						if p.Code != tell.Branches[0] {
							continue
						}
						at := slices.IndexFunc(c.branches, func(b branch) bool { return b.code == p.Code })
						count += exact[*s.persons][c.branches[at].no]
						if sum += *p.Value; *p.Value < 0 || *p.Value > 0 && *p.Value < 5 {
							t.Errorf("seed %d: %d", seed, *p.Value)
						}
						if parts++; p.Follows {
							loose++
						}
						if p.Follows && s.code == "d3" && *p.Value > tell.NewYouth {
							t.Errorf("seed %d: %d youth among new members, told are %d", seed, *p.Value, tell.NewYouth)
						}
					}
				}
				switch {
				case loose > 0 && item == "members" && sum != *n:
					if stepped++; (sum-*n)%5 != 0 || max(sum-count, count-sum) > 4 && sum >= 10 {
						t.Errorf("seed %d: the stand of branch %s is %d, told %d, counted %d", seed, tell.Branches[0], sum, *n, count)
					}
				case loose > 0 && sum != *n:
					t.Errorf("seed %d: %s of branch %s add up to %d, told are %d", seed, item, tell.Branches[0], sum, *n)
				case loose > 0:
					followed++
				default:
					other++
				}
			}
		}
		for _, k := range known {
			if k.Item == "new" && k.Group == "youth" && k.Follows && k.Value >= 10 && k.Year == 2024 {
				k.Low = k.Value - 4 // no more than told of, however many there are
			}
			if k.Item == "new" && k.Group != "youth" && k.Follows && k.Year == 2024 {
				k.Low, k.High = k.Value-Near(k.Value, 5, 1)-4, k.Value+Near(k.Value, 5, 1)+4
			}
			if n := exact[persons{k.Item, k.Group}]; k.Year == 2024 {
				at := slices.IndexFunc(c.branches, func(b branch) bool { return b.code == k.Branches[0] })
				if count := n[c.branches[at].no]; count < k.Low || count > k.High {
					t.Errorf("seed %d: %+v is %d", seed, k, count)
				}
			}
		}
	}
	if followed < 1000 || stepped < 50 || other < 100 {
		t.Errorf("%d followed, %d by steps, %d did not", followed, stepped, other)
	}
}
