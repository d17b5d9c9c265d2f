package disclosure

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAssess(t *testing.T) {
	age, err := NewHierarchy("age", [][]string{{"1", "child", "*"}, {"2", "child", "*"}, {"30", "adult", "*"}, {"40", "adult", "*"}})
	if err != nil {
		t.Fatal(err)
	}
	place, err := NewHierarchy("place", [][]string{{"a", "*"}, {"b", "*"}})
	if err != nil {
		t.Fatal(err)
	}
	quasi := []*Hierarchy{age, place}
	m, err := FromRows(quasi, 1, [][]string{
		{"1", "a", "x"}, {"1", "a", "y"}, {"2", "a", "x"}, {"2", "b", "x"},
		{"30", "a", "x"}, {"40", "a", "x"}, {"40", "a", "x"}, {"40", "b", "y"},
	})
	if err != nil {
		t.Fatal(err)
	}
	model := Model{K: 3, SuppressAtMost: 0.5}
	a, err := Anonymize(context.Background(), m, model)
	if err != nil {
		t.Fatal(err)
	}
	population, err := FromRows(quasi, 0, [][]string{
		{"1", "a"}, {"1", "a"}, {"2", "a"}, {"2", "a"}, {"30", "a"}, {"30", "a"}, {"40", "a"}, {"40", "a"}, {"40", "a"}, {"1", "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Assess(m, model, a, &population)
	if err != nil {
		t.Fatal(err)
	}
	// Released: children in a (3 of 4 in the population), adults in a (3 of 5).
	want := &Risk{
		Before: Exposure{Classes: 6, Uniques: 4, Below: 8, Prosecutor: 1, Journalist: 1, Marketer: 0.75,
			Sizes: []Size{{1, 1, 4, 4}, {2, 3, 2, 4}}},
		After: Exposure{Classes: 2, Prosecutor: 1. / 3, Journalist: 0.25, Marketer: 1. / 3,
			Sizes: []Size{{1, 1, 0, 0}, {2, 3, 2, 6}}},
		Persons: 8, SuppressedPersons: 2, SuppressedTuples: 2, HomogeneousClasses: 1,
		Attributes: []Attribute{{"age", 1, 0.5}, {"place", 0, 0.25}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
}

// TestOfPersonsWithManyRows: one who borrowed much counts once.
func TestOfPersonsWithManyRows(t *testing.T) {
	h, err := NewHierarchy("branch", [][]string{{"A", "*"}, {"B", "*"}})
	if err != nil {
		t.Fatal(err)
	}
	// Person 0 borrowed at A six times, 1 and 2 at A and B, 3 at B; genres 0 and 1.
	m := Microdata{
		Quasi: []*Hierarchy{h}, Values: [][]int32{{0, 0, 1, 0, 1, 1}}, Sensitive: [][]int32{{0, 1, 1, 1, 1, 1}},
		Persons: []int64{6, 1, 1, 1, 1, 1}, Person: []int32{0, 1, 1, 2, 2, 3},
	}
	model := Model{K: 3}
	a, err := Anonymize(t.Context(), m, model)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Assess(m, model, a, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Persons != 4 || r.Before.Classes != 2 || r.Before.Sizes[1].Persons != 6 || r.SuppressedPersons != 0 {
		t.Errorf("got %+v", r)
	}
	// Of the three persons at A one has another genre than the others, of those at B none.
	for l, want := range map[float64]bool{1.5: true, 1.9: false} {
		model := Model{K: 2, SuppressAtMost: 0.6, Diversity: []Diversity{{L: l, Entropy: true}}}
		a, err := Anonymize(t.Context(), m, model)
		released := err == nil && a.Of[0] >= 0 && a.Classes[a.Of[0]].Levels[0] == 0
		if released != want {
			t.Errorf("A released at entropy %v: %t, %v", l, released, err)
		}
	}
}
