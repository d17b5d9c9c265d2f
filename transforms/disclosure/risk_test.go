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
