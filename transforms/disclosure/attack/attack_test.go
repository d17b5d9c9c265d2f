package attack

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func shared(t *testing.T, name string) [][]string {
	t.Helper()
	root := os.Getenv("PEIL_SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(root, "tables", name))
	if err != nil {
		t.Skipf("no shared data: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func atoi(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(n)
}

func audit(t *testing.T, tables ...Table) map[string]Finding {
	t.Helper()
	p, err := Join(tables...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Audit(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Finding{}
	for _, f := range r.Findings {
		out[p.Cells[f.Cell].Name] = f
	}
	return out
}

func place(count int64, hidden bool, codes ...string) Published {
	if hidden {
		return Published{Codes: codes, Low: 0, High: Unbounded, Width: 1}
	}
	return Published{Codes: codes, Low: count, High: count}
}

func TestSimpleHeuristic(t *testing.T) {
	table := Table{Figure: "f", Dimensions: []Dimension{{Name: "v1", Total: "tot"}, {Name: "v2", Total: "tot"}}}
	ids := map[string]string{}
	for i, row := range shared(t, "sdctable_simpleheuristic_input.csv") {
		table.Cells = append(table.Cells, place(atoi(t, row[0]), row[1] == "u", row[2], row[3]))
		ids[strconv.Itoa(i+1)] = fmt.Sprintf("f: v1=%s, v2=%s", row[2], row[3])
	}
	got := audit(t, table)
	for _, row := range shared(t, "sdctable_simpleheuristic_attack_before.csv") {
		f := got[ids[row[2]]]
		if f.Low != atoi(t, row[3]) || f.High != atoi(t, row[4]) || !f.Exact || (f.Verdict == Safe) != (row[5] == "TRUE") {
			t.Errorf("cell %s (%s): %+v, want %s to %s, protected %s", row[2], ids[row[2]], f, row[3], row[4], row[5])
		}
	}
	for i := range table.Cells {
		if c := &table.Cells[i]; c.Codes[0] == "x" && c.Codes[1] == "d" {
			c.Low, c.High = 0, Unbounded
		}
	}
	after := audit(t, table)
	f := after["f: v1=w, v2=b"]
	if f.Low != 0 || f.High != 78 || f.Verdict != Safe {
		t.Errorf("with x|d hidden, w|b is %+v, want 0 to 78", f)
	}
}

func TestGaussBounds(t *testing.T) {
	tests := []struct {
		expected, bounds string
		sums             []Sum
	}{
		{"gauss_ex1a_T1_maxN1_expected.csv", "gauss_ex1a_T1_maxN1_attack_bounds.csv", nil},
		{"gauss_ex1a_T2_hier_maxN2_expected.csv", "gauss_ex1a_T2_hier_maxN2_attack_bounds.csv",
			[]Sum{{"EU", []string{"Spain", "Portugal"}}, {"nonEU", []string{"Iceland"}}}},
	}
	for _, tt := range tests {
		table := Table{Figure: "f", Dimensions: []Dimension{{Name: "age", Total: "Total"}, {Name: "geo", Total: "Total", Sums: tt.sums}}}
		for _, row := range shared(t, tt.expected) {
			table.Cells = append(table.Cells, place(atoi(t, row[2]), row[4] == "TRUE", row[0], row[1]))
		}
		got := audit(t, table)
		for _, row := range shared(t, tt.bounds) {
			name := fmt.Sprintf("f: age=%s, geo=%s", row[0], row[1])
			f := got[name]
			if f.Low != atoi(t, row[5]) || f.High != atoi(t, row[6]) || !f.Exact || f.Verdict != Safe {
				t.Errorf("%s %s: %+v, want %s to %s", tt.expected, name, f, row[5], row[6])
			}
		}
	}
}

func TestMicrodata1(t *testing.T) {
	for _, name := range []string{"sdctable_microdata1_OPT_expected.csv", "sdctable_microdata1_GAUSS_expected.csv"} {
		table := Table{Figure: "f", Dimensions: []Dimension{{Name: "region", Total: "total"}, {Name: "gender", Total: "total"}}}
		for _, row := range shared(t, name) {
			table.Cells = append(table.Cells, place(atoi(t, row[0]), row[1] != "s", row[2], row[3]))
		}
		for cell, f := range audit(t, table) {
			if f.Verdict != Safe || !f.Exact {
				t.Errorf("%s: %s is %+v", name, cell, f)
			}
		}
	}
}

// TestLinkedHierarchies hides what makes each of two hierarchies safe alone.
// Together they tell K.
func TestLinkedHierarchies(t *testing.T) {
	county := Dimension{Name: "region", Total: "all", Sums: []Sum{{"county-1", nil}, {"county-2", nil}}}
	size := Dimension{Name: "region", Total: "all", Sums: []Sum{{"BIG", nil}, {"small", nil}}}
	counts := map[string]int64{}
	rows := shared(t, "sdctable_linked_input.csv")
	add := func(d *Dimension, sum, region string, n int64) {
		for i := range d.Sums {
			if d.Sums[i].Code == sum {
				d.Sums[i].Parts = append(d.Sums[i].Parts, region)
			}
		}
		counts[sum] += n
	}
	for _, row := range rows {
		n := atoi(t, row[3])
		counts[row[0]] = n
		counts["all"] += n
		add(&county, row[1], row[0], n)
		add(&size, row[2], row[0], n)
	}
	tables := func(hidden ...string) (a, b Table) {
		a, b = Table{Figure: "f", Dimensions: []Dimension{county}}, Table{Figure: "f", Dimensions: []Dimension{size}}
		for code, n := range counts {
			hide := false
			for _, h := range hidden {
				hide = hide || h == code
			}
			if code != "BIG" && code != "small" {
				a.Cells = append(a.Cells, place(n, hide, code))
			}
			if code != "county-1" && code != "county-2" {
				b.Cells = append(b.Cells, place(n, hide, code))
			}
		}
		return a, b
	}
	small := []string{"A", "B", "K", "L", "M"} // of 2 and 3 persons
	a, b := tables(small...)
	for _, alone := range []Table{a, b} {
		for name, f := range audit(t, alone) {
			if f.Verdict != Safe {
				t.Errorf("alone: %s is %+v", name, f)
			}
		}
	}
	// county-2 tells K + L + M, BIG tells L + M.
	if f := audit(t, a, b)["f: region=K"]; f.Low != 3 || f.High != 3 || f.Verdict != Unsafe {
		t.Errorf("linked, K is %+v, want it known to be 3", f)
	}
	a, b = tables(append(small, "N")...)
	for name, f := range audit(t, a, b) {
		if f.Verdict != Safe {
			t.Errorf("with N hidden in both: %s is %+v", name, f)
		}
	}
}

// randomTable builds a table of one to three dimensions with hierarchies, hides
// places at random.
func randomTable(rng *rand.Rand) Table {
	dims := 1 + rng.IntN(3)
	t := Table{Figure: "f"}
	leaves := make([][]string, dims)
	for d := range dims {
		dim := Dimension{Name: fmt.Sprint("d", d), Total: "T"}
		n := 2 + rng.IntN(4-dims+1)
		for i := range n {
			leaves[d] = append(leaves[d], fmt.Sprint("c", i))
		}
		if n > 2 && rng.IntN(2) == 0 {
			dim.Sums = append(dim.Sums, Sum{"G", leaves[d][:2]})
			if rng.IntN(3) == 0 {
				dim.Sums = append(dim.Sums, Sum{"H", leaves[d][1:]})
			}
		}
		t.Dimensions = append(t.Dimensions, dim)
	}
	counts := map[string]int64{}
	var order [][]string
	var fill func(codes, inner []string, d int, n int64)
	fill = func(codes, inner []string, d int, n int64) {
		if d == dims {
			key := fmt.Sprint(codes)
			if _, known := counts[key]; !known {
				order = append(order, append([]string(nil), codes...))
			}
			counts[key] += n
			return
		}
		above := []string{inner[d], "T"}
		for _, s := range t.Dimensions[d].Sums {
			for _, p := range s.Parts {
				if p == inner[d] {
					above = append(above, s.Code)
				}
			}
		}
		for _, code := range above {
			fill(append(codes, code), inner, d+1, n)
		}
	}
	var walk func(inner []string)
	walk = func(inner []string) {
		if len(inner) == dims {
			fill(nil, inner, 0, int64(rng.IntN(4)))
			return
		}
		for _, l := range leaves[len(inner)] {
			walk(append(inner[:len(inner):len(inner)], l))
		}
	}
	walk(nil)
	hide := rng.Float64()
	for _, codes := range order {
		p := place(counts[fmt.Sprint(codes)], rng.Float64() < hide, codes...)
		if p.Width > 0 {
			p.Width = 1 + int64(rng.IntN(3))
			if rng.IntN(2) == 0 {
				p.High = 3 + counts[fmt.Sprint(codes)] // a known upper limit
			}
		}
		t.Cells = append(t.Cells, p)
	}
	return t
}

// enumerate returns every cell's true interval by trying all counts, one possible set of
// them, and whether that was possible within the steps.
func enumerate(p Problem, most int64, steps int) (low, high, counts []int64, ok bool) {
	low, high = make([]int64, len(p.Cells)), make([]int64, len(p.Cells))
	for i := range low {
		low[i], high[i] = math.MaxInt64, math.MinInt64
	}
	x := make([]int64, len(p.Cells))
	last := make([][]Equation, len(p.Cells)) // equations whose last cell this is
	for _, e := range p.Equations {
		at := 0
		for _, t := range e.Terms {
			at = max(at, t.Cell)
		}
		last[at] = append(last[at], e)
	}
	var try func(i int) bool
	try = func(i int) bool {
		if steps--; steps < 0 {
			return false
		}
		if i == len(x) {
			for k, v := range x {
				low[k], high[k] = min(low[k], v), max(high[k], v)
			}
			counts = slices.Clone(x)
			return true
		}
		high := p.Cells[i].High
		if high == Unbounded {
			high = most
		}
		for v := p.Cells[i].Low; v <= high; v++ {
			x[i] = v
			fits := true
			for _, e := range last[i] {
				sum := int64(0)
				for _, t := range e.Terms {
					sum += t.Factor * x[t.Cell]
				}
				fits = fits && sum == e.Sum
			}
			if fits && !try(i+1) {
				return false
			}
		}
		return true
	}
	ok = try(0)
	return low, high, counts, ok
}

func TestAuditAgainstBruteForce(t *testing.T) {
	checked, verdicts := 0, map[Verdict]int{}
	for seed := range uint64(1200) {
		rng := rand.New(rand.NewPCG(seed, 5))
		p, err := Join(randomTable(rng))
		if err != nil {
			t.Fatal(err)
		}
		if rng.IntN(4) == 0 { // no longer a table: a row that is no sum
			p.Equations = append(p.Equations, Equation{Terms: []Term{{0, 1}, {len(p.Cells) - 1, 2}}, Sum: 7})
		}
		const most = 40
		low, high, _, ok := enumerate(p, most, 20_000)
		if !ok {
			continue
		}
		r, err := Audit(context.Background(), p)
		if low[0] == math.MaxInt64 {
			if !errors.Is(err, ErrContradiction) {
				t.Errorf("seed %d: nothing fits, got %v", seed, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		checked += confirm(t, seed, p, r, low, high, most, verdicts)
	}
	t.Logf("%d cells: %v", checked, verdicts)
	if checked < 1000 || verdicts[NotProven] > 0 {
		t.Errorf("%d cells checked, %v", checked, verdicts)
	}
}

// confirm holds findings against what trying all counts up to most found, and counts them.
func confirm(t *testing.T, seed any, p Problem, r *Report, low, high []int64, most int64, verdicts map[Verdict]int) (checked int) {
	t.Helper()
	for _, f := range r.Findings {
		lo, hi := low[f.Cell], high[f.Cell]
		if hi > most/2 {
			continue // no limit, or one the enumeration did not reach
		}
		checked++
		verdicts[f.Verdict]++
		want := Unsafe
		if hi-lo >= p.Cells[f.Cell].Width {
			want = Safe
		}
		if f.Low > lo || f.High < hi || f.Apart > hi-lo || f.Exact && (f.Low != lo || f.High != hi) || f.Verdict != want && f.Verdict != NotProven {
			t.Errorf("seed %v: %s is %+v, brute force %d to %d, width %d", seed, p.Cells[f.Cell].Name, f, lo, hi, p.Cells[f.Cell].Width)
		}
	}
	return checked
}

func TestFollowed(t *testing.T) {
	tests := []struct{ before, value, low, high int64 }{
		{0, 0, 0, 4}, {0, 5, 5, 9}, {5, 5, 0, 9}, {7, 7, 0, 11}, {17, 17, 13, 21}, {17, 22, 22, 26}, {17, 12, 8, 12}, {17, 7, 0, 7},
	}
	for _, tt := range tests {
		low, high := Followed(tt.before, tt.value, 5)
		if diff := cmp.Diff([]int64{tt.low, tt.high}, []int64{low, high}); diff != "" {
			t.Errorf("%d then %d: %s", tt.before, tt.value, diff)
		}
	}
}

// TestUnlistedSums: a total beside inner cells is their sum, though the sums
// between them are not shown; a part that is shown alone does not stand for all.
func TestUnlistedSums(t *testing.T) {
	dims := []Dimension{{Name: "place", Total: "*", Sums: []Sum{{"north", []string{"a", "b"}}}}, {Name: "age", Total: "*"}}
	table := Table{Figure: "f", Dimensions: dims, Cells: []Published{
		{Codes: []string{"a", "0"}, Low: 0, High: 4, Width: 4}, {Codes: []string{"a", "1"}, Low: 0, High: 4, Width: 4},
		{Codes: []string{"b", "0"}, Low: 1, High: 5, Width: 4}, {Codes: []string{"c", "1"}, Low: 9, High: 9},
	}}
	for name, f := range audit(t, table) {
		if f.Verdict != Safe {
			t.Errorf("no sum shown: %s is %+v", name, f)
		}
	}
	table.Cells = append(table.Cells, place(21, false, "*", "*"), place(5, false, "b", "*"))
	got := audit(t, table)
	for name, want := range map[string][2]int64{"age=0, place=a": {3, 4}, "age=1, place=a": {3, 4}, "age=0, place=b": {5, 5}} {
		if f := got["f: "+name]; f.Low != want[0] || f.High != want[1] || f.Verdict != Unsafe {
			t.Errorf("with the total %s is %+v, want %v", name, f, want)
		}
	}
}
