package protect

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"peil/pipeline/exit"
	"peil/transforms/disclosure"
)

// hierarchy builds that of a quasi-identifier from its file, or from the values that occur.
func (p *Config) hierarchy(q QuasiIdentifier, values []string) (*disclosure.Hierarchy, error) {
	var rows [][]string
	var err error
	switch {
	case q.Hierarchy != "":
		rows, err = readHierarchy(p.file(q.Hierarchy), q.Hierarchy)
	case len(q.Digits) > 0:
		rows = prefixes(values, q.Digits)
	case len(q.Intervals) > 0:
		rows, err = intervals(values, q.Intervals)
	default:
		rows = levels(values)
	}
	if err != nil {
		return nil, exit.Usagef("column %s: %w", q.Column, err)
	}
	h, err := disclosure.NewHierarchy(q.Column, rows)
	if err != nil && q.Hierarchy != "" {
		return nil, exit.Usagef("%s: %w", q.Hierarchy, err)
	}
	return h, err
}

// readHierarchy reads a file as ARX writes it: no heading, fields parted by semicolons, the
// value first and then what it reads at each level.
func readHierarchy(path, shown string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read hierarchy %s: %w", shown, err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	rows, err := r.ReadAll()
	switch {
	case err != nil:
		return nil, fmt.Errorf("read hierarchy %s: %w", shown, err)
	case len(rows) == 0:
		return nil, fmt.Errorf("hierarchy %s is empty; write a line for each value", shown)
	case len(rows[0]) < 2:
		return nil, fmt.Errorf("hierarchy %s has one column; write the value, a semicolon, and what it becomes", shown)
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\uFEFF")
	return rows, nil
}

// levels makes rows of a hierarchy: each value, what it becomes at each level, and * at last.
func levels(values []string, coarser ...func(value string) string) [][]string {
	rows := make([][]string, len(values))
	for i, v := range values {
		rows[i] = []string{v}
		for _, c := range coarser {
			rows[i] = append(rows[i], c(v))
		}
		rows[i] = append(rows[i], disclosure.SuppressedValue)
	}
	return rows
}

// prefixes keeps so many leading characters at each level. Shorter values stay as they are.
func prefixes(values []string, digits []int) [][]string {
	var coarser []func(string) string
	for _, n := range digits {
		coarser = append(coarser, func(v string) string {
			if utf8.RuneCountInString(v) <= n {
				return v
			}
			return string([]rune(v)[:n]) + "*"
		})
	}
	return levels(values, coarser...)
}

// intervals puts whole numbers in classes. An empty value stays a class of its own.
func intervals(values []string, bounds []int) ([][]string, error) {
	class := map[string]string{"": ""}
	for _, v := range values {
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil {
			return nil, fmt.Errorf("not all values are whole numbers, which intervals need; use a hierarchy")
		}
		class[v] = interval(n, bounds)
	}
	return levels(values, func(v string) string { return class[v] }), nil
}

func interval(n int, bounds []int) string {
	last := len(bounds) - 1
	if n >= bounds[last] {
		return fmt.Sprintf("%d+", bounds[last])
	}
	for i := last - 1; i >= 0; i-- {
		switch from, until := bounds[i], bounds[i+1]; {
		case n < from:
		case until == from+1:
			return strconv.Itoa(from)
		default:
			return fmt.Sprintf("%d-%d", from, until-1)
		}
	}
	return fmt.Sprintf("<%d", bounds[0])
}
