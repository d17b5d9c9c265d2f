package disclosure

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/transforms/disclosure/attack"
)

// TestSuppressCoarsens: what is too large to be tried loses its lowest groups, and keeps all
// its persons.
func TestSuppressCoarsens(t *testing.T) {
	large := randomTable(rand.New(rand.NewPCG(1, 1)), 400, 6, 3, 8)
	got, report, err := Suppress(t.Context(), large, Rule{Threshold: 5}, "f")
	if err != nil || len(report.Exposed()) > 0 {
		t.Fatalf("%v, %d exposed", err, len(report.Exposed()))
	}
	if diff := cmp.Diff([]int{1, 0, 0}, got.Coarsened); diff != "" {
		t.Errorf("levels lost: %s", diff)
	}
	var before, after int64
	for _, c := range large.Cells {
		before += c.Count
	}
	for _, c := range got.Table.Cells {
		if after += c.Count; c.Codes[0] != "north" && c.Codes[0] != "south" {
			t.Fatalf("a cell of %v", c.Codes)
		}
	}
	if before != after || len(got.Table.Cells) > 2*6*2 {
		t.Errorf("%d persons in %d cells, before %d", after, len(got.Table.Cells), before)
	}
	large.Dimensions[0].Groups = nil
	if _, _, err := Suppress(t.Context(), large, Rule{Threshold: 5}, "f"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("without groups: %v", err)
	}
}

// TestSuppressCoarsensWhatStaysExposed: what an earlier edition told of a branch cannot be hidden
// any more, but its organisation can be shown.
func TestSuppressCoarsensWhatStaysExposed(t *testing.T) {
	table := Table{
		Dimensions: []Dimension{
			{Name: "branch", Total: "all", Groups: []Group{{"north", []string{"a", "b"}}, {"south", []string{"c", "d"}}}},
			{Name: "age", Total: "all"},
		},
	}
	for i, n := range []int64{2, 30, 20, 10, 15, 25, 12, 40} {
		table.Cells = append(table.Cells, Cell{Codes: []string{string(rune('a' + i/2)), []string{"young", "old"}[i%2]}, Count: n})
	}
	told := attack.Table{
		Figure:     "f",
		Dimensions: []attack.Dimension{{Name: "branch", Total: "all"}, {Name: "age", Total: "all"}},
		Cells:      []attack.Published{{Codes: []string{"a", "young"}, Low: 2, High: 2}},
	}
	s, report, err := Suppress(t.Context(), table, Rule{Threshold: 5}, "f")
	if err != nil || len(report.Exposed()) > 0 || s.Coarsened[0] > 0 {
		t.Errorf("nothing told before: %v, %d exposed, %v", err, len(report.Exposed()), s.Coarsened)
	}
	s, report, err = Suppress(t.Context(), table, Rule{Threshold: 5}, "f", told)
	if err != nil || len(report.Exposed()) > 0 {
		t.Fatalf("%v, %d exposed", err, len(report.Exposed()))
	}
	if diff := cmp.Diff([]int{1, 0}, s.Coarsened); diff != "" {
		t.Errorf("levels lost: %s", diff)
	}
	var got []string
	for _, c := range s.Cells {
		got = append(got, fmt.Sprint(c.Codes, c.Count, c.Status))
	}
	want := []string{"[all all] 154 0", "[all old] 105 0", "[all young] 49 0", "[north all] 62 0", "[north old] 40 0", "[north young] 22 0", "[south all] 92 0", "[south old] 65 0", "[south young] 27 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	table.Dimensions[0].Groups = nil
	s, report, err = Suppress(t.Context(), table, Rule{Threshold: 5}, "f", told)
	if err != nil || len(report.Exposed()) != 1 || s.Coarsened[0] > 0 {
		t.Errorf("without groups: %v, %v exposed, %v", err, report.Exposed(), s.Coarsened)
	}
}
