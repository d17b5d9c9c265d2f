package disclosure

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewHierarchyRefuses(t *testing.T) {
	tests := []struct {
		name string
		rows [][]string
		want string
	}{
		{"empty", nil, "no values"},
		{"ragged", [][]string{{"a", "*"}, {"b"}}, "row 2: 1 levels, the first row has 2"},
		{"twice", [][]string{{"a", "*"}, {"a", "*"}}, `row 2: value "a" is given twice`},
		{"not nested", [][]string{{"a", "x", "1"}, {"b", "x", "2"}}, `row 2: "x" of level 1 belongs to "2" here and to "1" in row 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewHierarchy("place", tt.rows)
			if !errors.Is(err, ErrHierarchy) || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestHierarchyCodesAreContiguous(t *testing.T) {
	h, err := NewHierarchy("place", [][]string{
		{"2711", "27", "*"}, {"1012", "10", "*"}, {"2712", "27", "*"}, {"1011", "10", "*"}, {"2725", "27", "*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if h.Levels() != 3 {
		t.Errorf("%d levels", h.Levels())
	}
	var got []string
	for _, v := range []string{"1011", "1012", "2711", "2712", "2725"} {
		c, ok := h.Code(v)
		got = append(got, fmt.Sprintln(c, ok, h.Label(0, c), h.Label(1, c), h.Label(2, c)))
	}
	want := []string{
		"0 true 1011 10 *\n", "1 true 1012 10 *\n", "2 true 2711 27 *\n", "3 true 2712 27 *\n", "4 true 2725 27 *\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, ok := h.Code("27"); ok {
		t.Error("a generalised value has a code")
	}
}

func TestFromRows(t *testing.T) {
	h, err := NewHierarchy("age", [][]string{{"8", "0-9"}, {"9", "0-9"}, {"10", "10-19"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := FromRows([]*Hierarchy{h}, 1, [][]string{{"8", "x"}, {"9", "x"}, {"8", "y"}, {"8", "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{2, 1, 1}, m.Persons); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]int32{{0, 0, 1}}, m.Sensitive); diff != "" {
		t.Error(diff)
	}
	for _, rows := range [][][]string{{{"8"}}, {{"11", "x"}}} {
		if _, err := FromRows([]*Hierarchy{h}, 1, rows); !errors.Is(err, ErrMicrodata) || strings.Contains(err.Error(), "11") {
			t.Errorf("got %v, want ErrMicrodata without the value", err)
		}
	}
}
