package attack

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// smallHistory is of successive releases of one month: tables by age, sex and, of all sites,
// postcode, with counts so small that all can be tried. It follows the rule of rounding to 3.
func smallHistory(rng *rand.Rand) (h history, counts []map[Place]int64) {
	const base = 3
	h = history{last: map[line]map[Place]told{}}
	before := map[Place]int64{}
	sites, classes := 1+rng.IntN(2), 2
	loose := rng.IntN(2) == 0
	for release := range 2 + rng.IntN(2) {
		now := map[Place]int64{{"new", "pc4", "2024-01", "", "0"}: 0, {"new", "pc4", "2024-01", "", "1"}: 0}
		for site := range sites {
			total := int64(rng.IntN(8))
			for _, by := range []string{"age", "sex"} {
				left := total
				for class := range classes {
					n := left
					if class < classes-1 {
						n = rng.Int64N(left + 1)
					}
					left -= n
					now[Place{"new", by, "2024-01", fmt.Sprint("site ", site), fmt.Sprint(class)}] = n
				}
			}
			now[Place{"new", "pc4", "2024-01", "", fmt.Sprint(rng.IntN(2))}] += total
		}
		r := Release{Base: base}
		var places []Place
		for p := range now {
			places = append(places, p)
		}
		slices.SortFunc(places, Place.Compare)
		for _, p := range places {
			n := now[p]
			value := n
			if was, again := before[p]; again {
				value = was
				if n-was >= base || was-n >= base {
					value = max(was+(n-was)/base*base, min(was, base+was%base))
				}
			} else if 0 < n && n < base {
				value = base * rng.Int64N(2)
			}
			before[p] = value
			r.Cells = append(r.Cells, Told{Place: p, Value: value, Loose: loose && p.By == "sex" && p.Class == "0"})
		}
		h.add(release, r)
		counts = append(counts, now)
	}
	return h, counts
}

// of is the part of a problem with the cells of one release, whose counts are tied to no other's.
func (h *history) of(release int) (p Problem, first int) {
	first = slices.IndexFunc(h.cells, func(c tellings) bool { return c.release == release })
	last := first
	for last < len(h.cells) && h.cells[last].release == release {
		last++
	}
	p.Cells = h.problem.Cells[first:last]
	for _, e := range h.problem.Equations {
		if e.Terms[0].Cell < first || e.Terms[0].Cell >= last {
			continue
		}
		moved := Equation{Sum: e.Sum}
		for _, t := range e.Terms {
			moved.Terms = append(moved.Terms, Term{t.Cell - first, t.Factor})
		}
		p.Equations = append(p.Equations, moved)
	}
	return p, first
}

// TestReleasesAgainstBruteForce: of small releases in succession the attacker's bounds are those
// that trying all counts gives, and the true counts lie within them.
func TestReleasesAgainstBruteForce(t *testing.T) {
	const most = 30
	checked, changes := 0, 0
	for seed := range uint64(200) {
		h, counts := smallHistory(rand.New(rand.NewPCG(seed, 17)))
		low, high := make([]int64, len(h.cells)), make([]int64, len(h.cells))
		complete := true
		for release := range counts {
			p, first := h.of(release)
			lo, hi, _, ok := enumerate(p, most, 300_000)
			complete = complete && ok
			copy(low[first:], lo)
			copy(high[first:], hi)
		}
		if !complete {
			continue
		}
		report, err := Audit(t.Context(), h.problem)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, f := range report.Findings {
			known := h.cells[f.Cell]
			if n, counted := counts[known.release][known.place]; counted && (n < f.Low || n > f.High) {
				t.Errorf("seed %d: %s is %d, bounds %d to %d", seed, h.problem.Cells[f.Cell].Name, n, f.Low, f.High)
			}
			if high[f.Cell] > most/2 {
				continue // without a limit that was reached
			}
			checked++
			if f.Low > low[f.Cell] || f.High < high[f.Cell] || f.Exact && (f.Low != low[f.Cell] || f.High != high[f.Cell]) || !f.Exact {
				t.Errorf("seed %d: %s is %+v, brute force %d to %d", seed, h.problem.Cells[f.Cell].Name, f, low[f.Cell], high[f.Cell])
			}
		}
		l := &Learnt{Narrowest: Unbounded}
		h.judge(report, l)
		changes += l.Changes
		// A change is exposed if and only if both its counts leave it no room.
		exposed := 0
		for _, e := range l.Exposed {
			if e.Change {
				exposed++
			}
		}
		want := 0
		for i, known := range h.cells {
			if known.before < 0 || high[i] > most/2 || high[known.before] > most/2 {
				continue
			}
			b := known.before
			from, to := low[i]-high[b], high[i]-low[b]
			width := known.base - 1
			open := func(c int) bool { return h.problem.Cells[c].Low < h.problem.Cells[c].High && high[c]-low[c] >= width }
			if !open(i) && !open(b) && !(from == 0 && to == 0) && from <= width && to >= -width {
				want++
			}
		}
		if exposed != want {
			t.Errorf("seed %d: %d changes exposed, brute force %d", seed, exposed, want)
		}
	}
	if t.Logf("%d counts, %d changes", checked, changes); checked < 1500 || changes < 1000 {
		t.Errorf("%d counts and %d changes checked", checked, changes)
	}
}

// TestSitesTogetherAgainstBruteForce: of several sites only what they count together is known, by
// class; of the others what each counts. The attacker's bounds are those that trying all counts
// gives, and the true counts lie within them.
func TestSitesTogetherAgainstBruteForce(t *testing.T) {
	const base, most, sites = 3, 30, 4
	checked, narrowed := 0, 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 41))
		together := 2 + rng.IntN(2) // the first of them
		r := Release{Base: base}
		var counts []int64
		exact := []Exact{{Figure: "new", Periods: []string{"2024-01"}, High: Unbounded, Parts: []Part{{Classes: []string{"0"}}, {Classes: []string{"1"}}}}}
		for site := range sites {
			e := Exact{Figure: "new", Periods: []string{"2024-01"}, Sites: []string{fmt.Sprint(site)}, High: Unbounded, Parts: []Part{{Classes: []string{"0"}}, {Classes: []string{"1"}}}}
			for class := range 2 {
				n := int64(rng.IntN(6))
				value := n
				if 0 < n && n < base {
					value = base * rng.Int64N(2)
				}
				counts = append(counts, n)
				r.Cells = append(r.Cells, Told{Place: Place{"new", "age", "2024-01", fmt.Sprint(site), fmt.Sprint(class)}, Value: value})
				low, high := n, n
				if class == 1 { // some of the others came of age
					low = 0
				}
				if site < together {
					exact[0].Parts[class].Low += low
					exact[0].Parts[class].High += high
				} else {
					e.Parts[class].Low, e.Parts[class].High = low, high
				}
			}
			if site < together {
				exact[0].Sites = append(exact[0].Sites, fmt.Sprint(site))
			} else {
				exact = append(exact, e)
			}
		}
		h := history{last: map[line]map[Place]told{}}
		h.add(0, r)
		linked := map[int]bool{}
		batch := make([]int, len(exact))
		for i := range batch {
			batch[i] = i
		}
		if err := h.hold(exact, batch, linked); err != nil || len(linked) != len(exact) {
			t.Fatalf("seed %d: %d of %d linked, %v", seed, len(linked), len(exact), err)
		}
		low, high, _, complete := enumerate(h.problem, most, 300_000)
		if !complete {
			continue
		}
		report, err := Audit(t.Context(), h.problem)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, f := range report.Findings {
			c := h.problem.Cells[f.Cell]
			if n := counts[f.Cell]; n < f.Low || n > f.High {
				t.Errorf("seed %d: %s is %d, bounds %d to %d", seed, c.Name, n, f.Low, f.High)
			}
			if checked++; f.Low > c.Low || f.High < c.High {
				narrowed++
			}
			if f.Low != low[f.Cell] || f.High != high[f.Cell] || !f.Exact {
				t.Errorf("seed %d: %s is %+v, brute force %d to %d", seed, c.Name, f, low[f.Cell], high[f.Cell])
			}
		}
	}
	if t.Logf("%d counts, %d narrowed", checked, narrowed); checked < 1500 || narrowed < 300 {
		t.Errorf("%d counts checked, %d narrowed", checked, narrowed)
	}
}

// later is a table as it is published when some persons have come to one of its inner cells.
func later(rng *rand.Rand, t Table) Table {
	var inner [][]string
	for _, c := range t.Cells {
		sum := false
		for d, code := range c.Codes {
			sum = sum || code == t.Dimensions[d].Total || slices.ContainsFunc(t.Dimensions[d].Sums, func(s Sum) bool { return s.Code == code })
		}
		if !sum {
			inner = append(inner, c.Codes)
		}
	}
	at, more := inner[rng.IntN(len(inner))], int64(1+rng.IntN(2))
	out := t
	out.Cells = slices.Clone(t.Cells)
	for i, c := range out.Cells {
		holds := true
		for d, code := range c.Codes {
			holds = holds && (code == at[d] || code == t.Dimensions[d].Total ||
				slices.ContainsFunc(t.Dimensions[d].Sums, func(s Sum) bool { return s.Code == code && slices.Contains(s.Parts, at[d]) }))
		}
		if holds && c.Low == c.High {
			out.Cells[i].Low += more
		}
		if holds && c.High != Unbounded {
			out.Cells[i].High += more
		}
	}
	return out
}

// TestDifferencesAgainstBruteForce: of two releases of random tables, of up to three dimensions
// with hierarchies, the bounds of every change are those that trying all counts gives.
func TestDifferencesAgainstBruteForce(t *testing.T) {
	const most = 40
	checked, verdicts := 0, map[Verdict]int{}
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 23))
		before := randomTable(rng)
		after := later(rng, before)
		var low, high [2][]int64
		complete := true
		for i, table := range []Table{before, after} {
			p, err := Join(table)
			if err != nil {
				t.Fatal(err)
			}
			var ok bool
			low[i], high[i], _, ok = enumerate(p, most, 20_000)
			complete = complete && ok && low[i][0] != math.MaxInt64
		}
		if !complete {
			continue
		}
		before.Figure, after.Figure = "before", "after"
		p, err := Join(before, after)
		if err != nil {
			t.Fatal(err)
		}
		first := len(p.Cells)
		p.Differences("before", "after", 2)
		report, err := Audit(t.Context(), p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, f := range report.Findings {
			if f.Cell < first {
				continue
			}
			at := f.Cell - first // cells and changes come in one order
			if high[0][at] > most/2 || high[1][at] > most/2 {
				continue
			}
			from, to := low[1][at]-high[0][at], high[1][at]-low[0][at]
			want := Unsafe
			if to-from >= 2 || from == 0 && to == 0 || from > 2 || to < -2 {
				want = Safe
			}
			checked++
			verdicts[f.Verdict]++
			if f.Low > from || f.High < to || f.Exact && (f.Low != from || f.High != to) || f.Verdict != want && f.Verdict != NotProven {
				t.Errorf("seed %d: %s is %+v, brute force %d to %d", seed, p.Cells[f.Cell].Name, f, from, to)
			}
		}
	}
	if t.Logf("%d changes: %v", checked, verdicts); checked < 1000 || verdicts[NotProven] > 0 {
		t.Errorf("%d changes checked, %v", checked, verdicts)
	}
}
