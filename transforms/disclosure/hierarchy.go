package disclosure

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrHierarchy is wrapped by every error about a hierarchy that does not nest.
var ErrHierarchy = errors.New("invalid hierarchy")

// A Hierarchy says how the values of one quasi-identifier become coarser, level
// by level. Level 0 is the value itself.
//
// Values are numbered so that all values with the same generalisation, at any
// level, have consecutive codes.
type Hierarchy struct {
	Name string

	code   map[string]int32
	labels [][]string  // level → code at that level → label
	up     [][]int32   // level → code at level 0 → code at that level
	share  [][]float64 // level → code at that level → share of all values
}

// NewHierarchy reads a hierarchy from rows of equal length: the value, then its
// generalisation at each level. It refuses a value given twice, and rows in which
// two values with one generalisation part again at a coarser level.
func NewHierarchy(name string, rows [][]string) (*Hierarchy, error) {
	h := &Hierarchy{Name: name, code: make(map[string]int32, len(rows))}
	fail := func(row int, format string, args ...any) (*Hierarchy, error) {
		return nil, fmt.Errorf("%w: %s, row %d: %s", ErrHierarchy, name, row+1, fmt.Sprintf(format, args...))
	}
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, fmt.Errorf("%w: %s has no values", ErrHierarchy, name)
	}
	levels := len(rows[0])
	above := make([]map[string]int, levels) // label → first row with it
	for l := range above {
		above[l] = map[string]int{}
	}
	for i, row := range rows {
		if len(row) != levels {
			return fail(i, "%d levels, the first row has %d", len(row), levels)
		}
		for l, label := range row {
			first, seen := above[l][label]
			switch {
			case !seen:
				above[l][label] = i
			case l == 0:
				return fail(i, "value %q is given twice", label)
			case l+1 < levels && rows[first][l+1] != row[l+1]:
				return fail(i, "%q of level %d belongs to %q here and to %q in row %d",
					label, l, row[l+1], rows[first][l+1], first+1)
			}
		}
	}
	h.number(rows)
	return h, nil
}

// number gives codes in the order of the coarsest label first.
func (h *Hierarchy) number(rows [][]string) {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b []string) int {
		for l := len(a) - 1; l >= 0; l-- {
			if c := strings.Compare(a[l], b[l]); c != 0 {
				return c
			}
		}
		return 0
	})
	for l := range sorted[0] {
		var labels []string
		var share []float64
		up := make([]int32, len(sorted))
		for i, row := range sorted {
			if len(labels) == 0 || labels[len(labels)-1] != row[l] {
				labels, share = append(labels, row[l]), append(share, 0)
			}
			up[i] = int32(len(labels) - 1)
			share[up[i]] += 1 / float64(len(sorted))
		}
		h.labels, h.up, h.share = append(h.labels, labels), append(h.up, up), append(h.share, share)
	}
	for i, row := range sorted {
		h.code[row[0]] = int32(i)
	}
}

// Levels returns the number of levels, level 0 included.
func (h *Hierarchy) Levels() int { return len(h.labels) }

// Values returns the number of values; their codes are those below it.
func (h *Hierarchy) Values() int32 { return int32(len(h.code)) }

// Code returns the code of a value, false if the hierarchy does not hold it.
func (h *Hierarchy) Code(value string) (int32, bool) {
	c, ok := h.code[value]
	return c, ok
}

// Label returns what the value with this code reads at a level.
func (h *Hierarchy) Label(level int, code int32) string { return h.labels[level][h.up[level][code]] }
