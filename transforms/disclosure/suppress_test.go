package disclosure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/transforms/disclosure/attack"
)

// hidden returns the codes of the hidden cells and asserts that an attacker finds
// every primary one uncertain enough.
func hidden(t *testing.T, table Table, rule Rule) map[string]Status {
	t.Helper()
	s, report, err := Suppress(context.Background(), table, rule, "f")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Status{}
	for _, c := range s.Cells {
		if c.Status != Shown {
			out[strings.Join(c.Codes, "|")] = c.Status
		}
	}
	for _, f := range report.Exposed() {
		t.Errorf("%v lies from %d to %d: %v", s.Cells[f.Cell].Codes, f.Low, f.High, f.Verdict)
	}
	return out
}

func TestSuppressKnownCases(t *testing.T) {
	table := Table{Dimensions: []Dimension{{Name: "age", Total: "Total"}, {Name: "geo", Total: "Total"}}}
	for _, row := range readCSV(t, sharedData(t, "tables", "gauss_ex1a_input.csv"), ',')[1:] {
		table.Cells = append(table.Cells, Cell{Codes: []string{row[0], row[1]}, Count: number(t, row[3])})
	}
	check := func(expected string, rule Rule) {
		want := map[string]Status{}
		for _, row := range readCSV(t, sharedData(t, "tables", expected), ',')[1:] {
			if row[3] == "TRUE" {
				want[row[0]+"|"+row[1]] = Primary
			} else if row[4] == "TRUE" {
				want[row[0]+"|"+row[1]] = Secondary
			}
		}
		if diff := cmp.Diff(want, hidden(t, table, rule)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expected, diff)
		}
	}
	check("gauss_ex1a_T1_maxN1_expected.csv", Rule{Threshold: 2, Zeros: true})
	table.Dimensions[1].Groups = []Group{{"EU", []string{"Spain", "Portugal"}}, {"nonEU", []string{"Iceland"}}}
	check("gauss_ex1a_T2_hier_maxN2_expected.csv", Rule{Threshold: 3, Zeros: true})
}

func TestSuppressMicrodata1(t *testing.T) {
	counts := map[[2]string]int64{}
	for _, row := range readCSV(t, sharedData(t, "tables", "sdctable_microdata1.csv"), ',')[1:] {
		counts[[2]string{row[0], row[1]}]++
	}
	table := Table{Dimensions: []Dimension{{Name: "region", Total: "total"}, {Name: "gender", Total: "total"}}}
	for codes, n := range counts {
		table.Cells = append(table.Cells, Cell{Codes: []string{codes[0], codes[1]}, Count: n})
	}
	got := hidden(t, table, Rule{Threshold: 3})
	// The cheapest choice, as in the file of the optimum.
	want := map[string]Status{"A|female": Primary, "A|male": Secondary, "C|male": Secondary, "C|female": Secondary}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSuppressLinked(t *testing.T) {
	table := Table{Dimensions: []Dimension{{Name: "region", Total: "all"}}}
	groups := map[string][]string{}
	for _, row := range readCSV(t, sharedData(t, "tables", "sdctable_linked_input.csv"), ',')[1:] {
		table.Cells = append(table.Cells, Cell{Codes: row[:1], Count: number(t, row[3])})
		groups[row[1]] = append(groups[row[1]], row[0])
		groups[row[2]] = append(groups[row[2]], row[0])
	}
	for _, code := range []string{"county-1", "county-2", "BIG", "small"} {
		table.Dimensions[0].Groups = append(table.Dimensions[0].Groups, Group{code, groups[code]})
	}
	got := hidden(t, table, Rule{Threshold: 4})
	want := map[string]Status{"A": Primary, "B": Primary, "K": Primary, "L": Primary, "M": Primary, "N": Secondary}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("both hierarchies together tell K unless N is hidden (-want +got):\n%s", diff)
	}
}

func TestSuppressGroupDisclosure(t *testing.T) {
	table := Table{Dimensions: []Dimension{{Name: "branch", Total: "*"}, {Name: "subscription", Total: "*"}}}
	for i, n := range []int64{0, 20, 9, 8, 30, 12} {
		table.Cells = append(table.Cells, Cell{Codes: []string{fmt.Sprint("b", i/2), fmt.Sprint("s", i%2)}, Count: n})
	}
	if got := hidden(t, table, Rule{Threshold: 5}); len(got) != 0 {
		t.Errorf("without the rule nothing is small, hidden: %v", got)
	}
	got := hidden(t, table, Rule{Threshold: 5, Groups: true})
	if got["b0|s0"] != Primary || got["b0|s1"] != Primary {
		t.Errorf("all of b0 have s1; hidden: %v", got)
	}
}

// TestSuppressSurvivesTheAttack: in random tables every primary cell is uncertain
// enough, and not everything is hidden for that.
func TestSuppressSurvivesTheAttack(t *testing.T) {
	primaries, shown, cells := 0, 0, 0
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 9))
		table := randomTable(rng, 2+rng.IntN(6), 2+rng.IntN(4), 2+rng.IntN(2), 8)
		rule := Rule{Threshold: 3 + int64(rng.IntN(3)), Zeros: rng.IntN(2) == 0, Groups: rng.IntN(2) == 0}
		s, report, err := Suppress(context.Background(), table, rule, "f")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Cells {
			cells++
			if small := c.Count < rule.Threshold && (c.Count > 0 || rule.Zeros); small && c.Status != Primary {
				t.Errorf("seed %d: %v counts %d and has status %v", seed, c.Codes, c.Count, c.Status)
			}
			switch c.Status {
			case Primary:
				primaries++
			case Shown:
				shown++
			}
		}
		for _, f := range report.Exposed() {
			t.Errorf("seed %d, %+v: %v lies from %d to %d: %v", seed, rule, s.Cells[f.Cell].Codes, f.Low, f.High, f.Verdict)
		}
		if slices.Max(s.Coarsened) > 0 {
			t.Errorf("seed %d: lost levels %v", seed, s.Coarsened)
		}
	}
	t.Logf("%d cells, %d primary, %d shown", cells, primaries, shown)
	if primaries < 1000 || shown < cells/4 {
		t.Errorf("%d cells, %d primary, %d shown", cells, primaries, shown)
	}
}

// cube is a table of three dimensions whose codes differ much in size, as branches, months and
// ages do: most cells are small. Groups are how many a dimension has.
func cube(seed uint64, mean float64, codes, groups [3]int) Table {
	rng := rand.New(rand.NewPCG(seed, 77))
	var t Table
	var size [3][]float64
	code := func(i int) string { return fmt.Sprintf("c%02d", i) }
	for d, n := range codes {
		dim := Dimension{Name: fmt.Sprint("d", d), Total: "all"}
		for g := range groups[d] {
			dim.Groups = append(dim.Groups, Group{Code: fmt.Sprint("g", g)})
		}
		for i := range n {
			size[d] = append(size[d], rng.ExpFloat64())
			if groups[d] > 0 {
				g := &dim.Groups[i*groups[d]/n]
				g.Parts = append(g.Parts, code(i))
			}
		}
		t.Dimensions = append(t.Dimensions, dim)
	}
	for i := range codes[0] {
		for j := range codes[1] {
			for k := range codes[2] {
				t.Cells = append(t.Cells, Cell{
					Codes: []string{code(i), code(j), code(k)},
					Count: int64(rng.ExpFloat64() * mean * size[0][i] * size[1][j] * size[2][k]),
				})
			}
		}
	}
	return t
}

// TestSuppressThreeDimensions: tables that are no networks are proven safe too, whatever the
// order of their rows.
func TestSuppressThreeDimensions(t *testing.T) {
	for name, table := range map[string]Table{
		"flat":        cube(1, 8, [3]int{12, 12, 6}, [3]int{}),
		"hierarchies": cube(3, 4, [3]int{6, 8, 4}, [3]int{3, 2, 2}),
	} {
		s, report, err := Suppress(t.Context(), table, Rule{Threshold: 5}, "f")
		if err != nil {
			t.Fatal(err)
		}
		count := map[Status]int{}
		for _, c := range s.Cells {
			count[c.Status]++
		}
		t.Logf("%s: %d cells, %d primary, %d secondary", name, len(s.Cells), count[Primary], count[Secondary])
		if len(report.Exposed()) > 0 || len(report.Findings) != count[Primary] || slices.Max(s.Coarsened) > 0 {
			t.Errorf("%s: %d of %d cells exposed, levels lost: %v", name, len(report.Exposed()), len(report.Findings), s.Coarsened)
		}
		if count[Shown] < len(s.Cells)/3 {
			t.Errorf("%s: %d of %d cells shown", name, count[Shown], len(s.Cells))
		}
		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(table.Cells), func(i, j int) { table.Cells[i], table.Cells[j] = table.Cells[j], table.Cells[i] })
		again, _, err := Suppress(t.Context(), table, Rule{Threshold: 5}, "f")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Cells, again.Cells); diff != "" {
			t.Errorf("%s: the order of rows changed the result:\n%s", name, diff)
		}
	}
}

// TestSuppressedIsAuditedAlone: an attacker who was told no counts to begin with, nor anything of
// audits before, finds nothing more.
func TestSuppressedIsAuditedAlone(t *testing.T) {
	safe, all := 0, 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 8))
		table := cube(seed, 5, [3]int{3 + rng.IntN(4), 3 + rng.IntN(4), 2 + rng.IntN(3)}, [3]int{rng.IntN(3), rng.IntN(2) * 2, 0})
		s, report, err := Suppress(t.Context(), table, Rule{Threshold: 5}, "f")
		if err != nil || len(report.Exposed()) > 0 {
			t.Fatalf("seed %d: %v, %d exposed", seed, err, len(report.Exposed()))
		}
		p, err := attack.Join(s.Attack(s.Table, "f"))
		if err != nil {
			t.Fatal(err)
		}
		alone, err := attack.Audit(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range alone.Findings {
			all++
			switch f.Verdict {
			case attack.Safe:
				safe++
			case attack.Unsafe:
				t.Errorf("seed %d: %v lies from %d to %d", seed, s.Cells[f.Cell].Codes, f.Low, f.High)
			}
		}
	}
	t.Logf("%d of %d cells", safe, all)
	if all < 500 || safe < all*9/10 {
		t.Errorf("%d of %d cells proven safe", safe, all)
	}
}

// TestSuppressAgainstBruteForce tries all counts that a reader of small tables of three dimensions
// with hierarchies cannot rule out.
func TestSuppressAgainstBruteForce(t *testing.T) {
	tables, primaries := 0, 0
	for seed := range uint64(120) {
		rng := rand.New(rand.NewPCG(seed, 11))
		table := cube(seed, 6, [3]int{2 + rng.IntN(3), 2, 2}, [3]int{rng.IntN(2) * 2, 0, 0})
		rule := Rule{Threshold: 3 + int64(rng.IntN(2)), Zeros: rng.IntN(3) == 0}
		s, report, err := Suppress(t.Context(), table, rule, "f")
		if err != nil || len(report.Exposed()) > 0 {
			t.Fatalf("seed %d: %v, %d exposed", seed, err, len(report.Exposed()))
		}
		least, most, ok := possible(t, s, 100_000)
		if !ok {
			continue
		}
		tables++
		for j, c := range s.Cells {
			if c.Status == Primary {
				primaries++
				if most[j]-least[j] < rule.Threshold-1 {
					t.Errorf("seed %d: %v counts %d and lies from %d to %d", seed, c.Codes, c.Count, least[j], most[j])
				}
			}
		}
	}
	t.Logf("%d tables, %d primary cells", tables, primaries)
	if tables < 50 || primaries < 400 {
		t.Errorf("%d tables, %d primary cells", tables, primaries)
	}
}

// possible returns the least and the most of every published cell over all inner counts that
// fit the shown ones and are no larger than what holds them, or than 9 if nothing shown does;
// false if that took too many steps.
func possible(t *testing.T, s *Suppressed, steps int) (least, most []int64, ok bool) {
	t.Helper()
	sys, err := newSystem(s.Table)
	if err != nil {
		t.Fatal(err)
	}
	left := make([]int64, len(s.Cells)) // of a cell's count
	unset := make([]int, len(s.Cells))
	least, most = slices.Repeat([]int64{1 << 40}, len(s.Cells)), slices.Repeat([]int64{-1}, len(s.Cells))
	for j, c := range s.Cells {
		left[j], unset[j] = c.Count, len(sys.cells[j].parts)
	}
	var try func(pos int)
	try = func(pos int) {
		if steps--; steps < 0 {
			return
		}
		if pos == len(sys.of) {
			for j, c := range s.Cells {
				least[j], most[j] = min(least[j], c.Count-left[j]), max(most[j], c.Count-left[j])
			}
			return
		}
		low, high := int64(0), int64(9)
		held := false
		for _, j := range sys.of[pos] {
			if s.Cells[j].Status != Shown {
				continue
			}
			if !held || left[j] < high {
				held, high = true, left[j]
			}
			if unset[j] == 1 {
				low = max(low, left[j])
			}
		}
		for v := low; v <= high; v++ {
			for _, j := range sys.of[pos] {
				left[j] -= v
				unset[j]--
			}
			try(pos + 1)
			for _, j := range sys.of[pos] {
				left[j] += v
				unset[j]++
			}
		}
	}
	try(0)
	return least, most, steps >= 0
}
