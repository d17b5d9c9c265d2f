package disclosure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	}
	t.Logf("%d cells, %d primary, %d shown", cells, primaries, shown)
	if primaries < 1000 || shown < cells/4 {
		t.Errorf("%d cells, %d primary, %d shown", cells, primaries, shown)
	}
}
