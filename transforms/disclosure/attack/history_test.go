package attack

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReleases(t *testing.T) {
	at := func(by, site, class string, value int64) Told {
		return Told{Place: Place{"new", by, "2024-01", site, class}, Value: value}
	}
	loose := func(c Told) Told { c.Loose = true; return c }
	release := func(cells ...Told) Release { return Release{Period: "2024-12", Base: 5, Cells: cells} }
	for _, tt := range []struct {
		name     string
		releases []Release
		exact    []Exact
		want     []string
	}{
		{"one edition", []Release{release(at("age", "A", "0", 0), at("age", "A", "18", 5), at("age", "A", "65", 17))}, nil, nil},
		{"followed", []Release{release(at("age", "A", "0", 17)), release(at("age", "A", "0", 22))}, nil, nil},
		{"not followed", []Release{release(at("age", "A", "0", 17)), release(at("age", "A", "0", 19))}, nil,
			[]string{"new by age, release 1: change 2 to 2, unsafe"}},
		{"not followed, but harmless", []Release{release(at("age", "A", "0", 17)), release(at("age", "A", "0", 59))}, nil, nil},
		{"another table that leaves nothing open", // 20 in all, so that 3 are left for M and X
			[]Release{release(at("age", "A", "0", 20), at("sex", "A", "F", 17), at("sex", "A", "M", 5))}, nil,
			[]string{"new by sex, release 0: count 3 to 3, unsafe"}},
		{"another table with one that makes up for the others",
			[]Release{release(at("age", "A", "0", 20), loose(at("sex", "A", "F", 15)), at("sex", "A", "M", 5))}, nil, nil},
		{"another table of all sites", []Release{release(at("age", "A", "0", 20), at("age", "B", "0", 8), at("pc4", "", "2711", 24), at("pc4", "", "2712", 5))}, nil,
			[]string{"new by pc4, release 0: count 4 to 4, unsafe"}},
		{"an exact sum elsewhere", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{Where: "wsob/2024", Figure: "new", Periods: []string{"2024-01"}, Low: 22, High: 22}},
			[]string{"new by age, release 0: count 2 to 2, unsafe"}},
		{"an exact sum elsewhere that leaves room", []Release{release(at("age", "A", "0", 0), at("age", "A", "18", 0), at("age", "B", "18", 0), at("age", "B", "0", 0))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Periods: []string{"2024-01"}, Low: 8, High: 8}}, nil},
		{"an exact sum of another day", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{Where: "wsob/2024", Figure: "new", Periods: []string{"2024-01"}, Low: 30, High: 30}}, nil},
		{"an exact sum of more months", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{Where: "wsob/2024", Figure: "new", Periods: []string{"2024-01", "2024-02"}, Low: 22, High: 22}}, nil},
		{"an exact sum of one site", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0), at("age", "B", "0", 0), at("age", "B", "18", 0))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A"}, Periods: []string{"2024-01"}, Low: 22, High: 22}},
			[]string{"new by age, release 0: count 2 to 2, unsafe"}},
		{"a sum of one site with bounds", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A"}, Periods: []string{"2024-01"}, Low: 20, High: 24}}, nil},
		{"a sum of one site with bounds that leave too little", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A"}, Periods: []string{"2024-01"}, Low: 22, High: Unbounded}},
			[]string{"new by age, release 0: count 2 to 4, unsafe"}},
		{"a part of one site", []Release{release(at("age", "A", "0", 0), at("age", "A", "13", 20), at("age", "A", "18", 0), at("age", "A", "65", 0))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A"}, Periods: []string{"2024-01"}, High: Unbounded, Parts: []Part{{[]string{"0", "13"}, 23, Unbounded}, {[]string{"18", "65"}, 0, Unbounded}}}},
			[]string{"new by age, release 0: count 3 to 4, unsafe"}},
		{"of two sites one of another day, whatever another table says", []Release{release(at("age", "A", "0", 0), at("age", "A", "18", 0), at("age", "B", "0", 0), at("age", "B", "18", 0), at("pc4", "", "2711", 0), at("pc4", "", "2712", 0))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A"}, Periods: []string{"2024-01"}, Low: 8, High: 8}, {Where: "wsob/2024", Figure: "new", Sites: []string{"B"}, Periods: []string{"2024-01"}, Low: 8, High: 8}},
			[]string{"new by age, release 0: count 4 to 4, unsafe", "new by age, release 0: count 4 to 4, unsafe", "new by pc4, release 0: count 4 to 4, unsafe", "new by pc4, release 0: count 4 to 4, unsafe"}},
		{"a sum of two sites", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0), at("age", "B", "0", 7))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A", "B"}, Periods: []string{"2024-01"}, Low: 29, High: 29}},
			[]string{"new by age, release 0: count 2 to 2, unsafe"}},
		{"a sum with a site that nothing is told of", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0), at("age", "B", "0", 7))},
			[]Exact{{Where: "wsob/2024", Figure: "new", Sites: []string{"A", "C"}, Periods: []string{"2024-01"}, Low: 23, High: 23}},
			[]string{"new by age, release 0: count 0 to 3, unsafe"}},
		{"nobody there is no harm", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{Where: "wsob/2024", Figure: "new", Periods: []string{"2024-01"}, Low: 20, High: 20}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Releases(t.Context(), tt.releases, tt.exact)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range l.Exposed {
				kind := "count"
				if e.Change {
					kind = "change"
				}
				got = append(got, fmt.Sprintf("%s, release %d: %s %d to %d, %v", e.Table(), e.Release, kind, e.Low, e.High, e.Verdict))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("exposed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTell: what is told twice of the same persons is known as closely as both say, of others as
// the last says.
func TestTell(t *testing.T) {
	e := func(site string, low, high, partLow int64) Exact {
		return Exact{Figure: "new", Sites: []string{site}, Periods: []string{"2024-01"}, Low: low, High: high, Parts: []Part{{[]string{"0"}, partLow, 9}}}
	}
	var known []Exact
	for _, told := range []Exact{e("A", 10, 20, 3), e("B", 10, 12, 3), e("A", 12, 30, 2), e("B", 13, 14, 1)} {
		known = Tell(known, told)
	}
	want := []Exact{e("A", 12, 20, 3), e("B", 13, 14, 1)}
	if diff := cmp.Diff(want, known); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
}

// TestRoundedSum tries all that may lie behind a sum of rounded parts.
func TestRoundedSum(t *testing.T) {
	const base, most = 3, 9
	type bounds struct{ low, high int64 }
	var all func(parts int64) map[int64]bounds
	all = func(parts int64) map[int64]bounds {
		if parts == 0 {
			return map[int64]bounds{0: {}}
		}
		found := map[int64]bounds{}
		for value, b := range all(parts - 1) {
			for v := range int64(most) {
				if 0 < v && v < base {
					continue
				}
				low, high := Rounded(v, base)
				f, known := found[value+v]
				if f.high = max(f.high, b.high+high); !known || b.low+low < f.low {
					f.low = b.low + low
				}
				found[value+v] = f
			}
		}
		return found
	}
	for parts := range int64(4) {
		for value, b := range all(parts + 1) {
			if value >= most {
				continue
			}
			if low, high := RoundedSum(value, base, parts+1); low != b.low || high != b.high {
				t.Errorf("%d of %d parts: %d to %d, want %d to %d", value, parts+1, low, high, b.low, b.high)
			}
		}
	}
}

// randomHistory is of successive releases of three tables at some sites and one of all,
// and of what is published elsewhere of each site over their months.
func randomHistory(rng *rand.Rand, sites, months int) history {
	h := history{last: map[line]map[Place]told{}}
	counts, before := map[Place]int64{}, map[Place]int64{}
	for release := range 2 {
		r := Release{Period: fmt.Sprint("edition ", release), Base: 5}
		all := make([]Exact, sites)
		for m := range months {
			month := fmt.Sprintf("2024-%02d", m+1)
			areas := make([]int64, 3)
			for site := range sites {
				total := int64(rng.IntN(30))
				at := &all[site]
				at.Figure, at.Sites, at.Periods = "new", []string{fmt.Sprint("site ", site)}, append(at.Periods, month)
				at.Low, at.High = at.Low+total, at.High+total
				for _, by := range []string{"age", "class", "sex"} {
					left := total
					for class := range 3 {
						n := left
						if class < 2 {
							n = rng.Int64N(left + 1)
						}
						left -= n
						counts[Place{"new", by, month, fmt.Sprint("site ", site), fmt.Sprint(class)}] = n
						if by == "age" && m == 0 {
							at.Parts = append(at.Parts, Part{[]string{fmt.Sprint(class)}, 0, Unbounded})
						}
						if by == "age" && class == 0 {
							at.Parts[0].Low += max(0, n-1) // some were told of in another class
						}
					}
				}
				areas[rng.IntN(len(areas))] += total
			}
			for area, n := range areas {
				counts[Place{"new", "pc4", month, "", fmt.Sprint(area)}] = n
			}
		}
		for _, p := range slices.SortedFunc(maps.Keys(counts), Place.Compare) {
			n := counts[p]
			value := n
			if was, again := before[p]; again {
				value = max(was+(n-was)/r.Base*r.Base, min(was, r.Base+was%r.Base))
			} else if 0 < n && n < r.Base {
				value = r.Base * rng.Int64N(2)
			}
			before[p] = value
			r.Cells = append(r.Cells, Told{Place: p, Value: value, Loose: p.By != "age" && p.Class == "0"})
		}
		h.add(release, r)
		if release == 1 {
			for _, e := range all {
				h.link(e)
			}
		}
	}
	return h
}

// TestReleasesAreNetworks: what is told of the same persons is a network, and its bounds are
// those that linear programming and a complete search find.
func TestReleasesAreNetworks(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2024))
	compared, effort := 0, maxWork
	for range 60 {
		parts, _, err := divide(randomHistory(rng, 1+rng.IntN(3), 1+rng.IntN(2)).problem)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range parts {
			g := c.network()
			if g == nil {
				t.Fatalf("a part of %d unknowns and %d equations is no network", len(c.cells), len(c.rows))
			}
			before := slices.Clone(c.found)
			if err := g.bound(t.Context(), c, false); err != nil {
				t.Fatal(err)
			}
			found := slices.Clone(c.found)
			c.found, c.solution = slices.Clone(before), nil
			if err := c.network().bound(t.Context(), c, true); err != nil {
				t.Fatal(err)
			}
			for _, x := range c.targets {
				exact, enough := found[x], c.found[x]
				if enough.verdict(c.cell[x]) != exact.verdict(c.cell[x]) || enough.low > exact.low || enough.high < exact.high ||
					enough.least < exact.least || enough.most > exact.most || enough.verdict(c.cell[x]) != Safe && enough != exact {
					t.Errorf("cell %d: %+v, where enough will do %+v", x, exact, enough)
				}
			}
			c.found, c.solution = before, nil
			if err := c.program(t.Context(), false, &effort); err != nil {
				t.Fatal(err)
			}
			for _, x := range c.targets {
				if f := c.found[x]; f.low != f.least || f.high != f.most {
					continue // not exact
				}
				compared++
				if found[x] != c.found[x] {
					t.Errorf("cell %d: %+v as a network, %+v as a linear program", x, found[x], c.found[x])
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("%d intervals compared", compared)
	}
}

// TestReleasesOfAThousandSites: a whole country is attacked in seconds, and every interval is
// exact.
func TestReleasesOfAThousandSites(t *testing.T) {
	h := randomHistory(rand.New(rand.NewPCG(4, 1000)), 1000, 2)
	report, err := Audit(t.Context(), h.problem)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if !f.Exact {
			t.Fatalf("%s: %+v", h.problem.Cells[f.Cell].Name, f)
		}
	}
	if len(report.Findings) < 30_000 {
		t.Errorf("%d cells", len(report.Findings))
	}
}

// BenchmarkThousandSites: what publishing asks, beside the exact intervals.
func BenchmarkThousandSites(b *testing.B) {
	h := randomHistory(rand.New(rand.NewPCG(4, 1000)), 1000, 2)
	for _, enough := range []bool{true, false} {
		b.Run(fmt.Sprintf("enough=%t", enough), func(b *testing.B) {
			for b.Loop() {
				if _, err := (&Auditor{Effort: maxWork, Enough: enough}).Audit(b.Context(), h.problem); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
