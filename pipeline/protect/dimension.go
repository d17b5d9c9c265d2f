package protect

import (
	"fmt"
	"maps"
	"slices"

	"peil/pipeline/exit"
	"peil/transforms/disclosure"
)

// dimensionReader learns what the codes of a dimension add up to: from a hierarchy file, or
// from columns beside the code.
type dimensionReader struct {
	TableDimension
	file map[string][]string // code → groups, finest first, of a hierarchy file
	sums map[string]bool     // codes of sums that are known before the rows are
	rows map[string][]string // code → groups, of the codes that occur
}

func (p *Config) newDimensionReader(d TableDimension) (*dimensionReader, error) {
	r := &dimensionReader{TableDimension: d, sums: map[string]bool{d.Total: true}, rows: map[string][]string{}}
	if d.Hierarchy == "" {
		return r, nil
	}
	rows, err := readHierarchy(p.file(d.Hierarchy), d.Hierarchy)
	if err == nil {
		_, err = disclosure.NewHierarchy(d.Column, rows)
	}
	if err != nil {
		return nil, exit.Usagef("%s: %w", d.Hierarchy, err)
	}
	r.file = make(map[string][]string, len(rows))
	for _, row := range rows {
		r.file[row[0]] = row[1:]
		for _, g := range row[1:] {
			r.sums[g] = true
		}
	}
	for _, row := range rows {
		delete(r.sums, row[0]) // a group of one code that bears its name
	}
	return r, nil
}

func (d *dimensionReader) isSum(code string) bool { return d.sums[code] }

// add takes note of a code; groups follow it where they are columns.
func (d *dimensionReader) add(row []string) error {
	code, groups := row[0], row[1:]
	if d.file != nil {
		var ok bool
		if groups, ok = d.file[code]; !ok {
			return exit.Usagef("column %s has a code that its hierarchy %s does not hold; add a line for each code", d.Column, d.Hierarchy)
		}
	}
	if known, seen := d.rows[code]; seen && !slices.Equal(known, groups) {
		return exit.Usagef("column %s: one code stands in two groups of the same column; every code belongs to one", d.Column)
	}
	d.rows[code] = groups
	return nil
}

// dimension makes the sums. A level's groups are made of those of the level before where
// these lie within them, else of codes: two ways to group the same codes may overlap. A
// level that puts all in one group is the total.
func (d *dimensionReader) dimension() disclosure.Dimension {
	out := disclosure.Dimension{Name: d.Column, Total: d.Total}
	codes := slices.Sorted(maps.Keys(d.rows))
	below := func(code string) string { return code }
	made := map[string]bool{d.Total: true}
	for level := range d.rows[codes[0]] {
		group := func(code string) string { return d.rows[code][level] }
		if constant(codes, group) {
			continue
		}
		part := below
		if !nested(codes, below, group) {
			part = func(code string) string { return code }
		}
		var order []string
		parts := map[string][]string{}
		for _, code := range codes {
			g, p := group(code), part(code)
			if _, seen := parts[g]; !seen {
				order = append(order, g)
			}
			if !slices.Contains(parts[g], p) {
				parts[g] = append(parts[g], p)
			}
		}
		for _, g := range order {
			if made[g] || len(parts[g]) == 1 && parts[g][0] == g {
				continue // it reads as what it is made of
			}
			made[g] = true
			out.Groups = append(out.Groups, disclosure.Group{Code: g, Parts: parts[g]})
		}
		below = group
	}
	return out
}

func constant(codes []string, group func(string) string) bool {
	return !slices.ContainsFunc(codes, func(c string) bool { return group(c) != group(codes[0]) })
}

// nested says whether equal parts always lie in equal groups.
func nested(codes []string, part, group func(string) string) bool {
	of := map[string]string{}
	for _, c := range codes {
		if g, seen := of[part(c)]; seen && g != group(c) {
			return false
		}
		of[part(c)] = group(c)
	}
	return true
}

// agree asserts that the sums in a file are those of its cells: a reader would else learn
// from the difference.
func agree(t disclosure.Table, margins []countLine) error {
	if len(margins) == 0 {
		return nil
	}
	under := make([]map[string][]string, len(t.Dimensions)) // code → itself and all sums above it
	for i, d := range t.Dimensions {
		under[i] = ancestors(t, i, d)
	}
	want := map[string]int64{}
	for _, m := range margins {
		want[fmt.Sprintf("%q", m.codes)] = m.count
	}
	for _, c := range t.Cells {
		subtract(want, under, c.Codes, nil, c.Count)
	}
	for _, m := range margins {
		if want[fmt.Sprintf("%q", m.codes)] != 0 {
			return fmt.Errorf("the file holds sums (total %q) that are not those of its cells; take the sums out, or mend them", t.Dimensions[0].Total)
		}
	}
	return nil
}

func ancestors(t disclosure.Table, i int, d disclosure.Dimension) map[string][]string {
	out := map[string][]string{}
	for _, c := range t.Cells {
		code := c.Codes[i]
		if out[code] != nil {
			continue
		}
		out[code] = []string{code, d.Total}
		holds := map[string]bool{code: true}
		for _, g := range d.Groups { // parts come before what they are part of
			if slices.ContainsFunc(g.Parts, func(p string) bool { return holds[p] }) {
				holds[g.Code] = true
				out[code] = append(out[code], g.Code)
			}
		}
	}
	return out
}

// subtract takes a count off every sum that it is part of.
func subtract(want map[string]int64, under []map[string][]string, codes, sum []string, count int64) {
	if len(sum) == len(codes) {
		if key := fmt.Sprintf("%q", sum); count != 0 {
			if _, asked := want[key]; asked {
				want[key] -= count
			}
		}
		return
	}
	d := len(sum)
	for _, code := range under[d][codes[d]] {
		subtract(want, under, codes, append(slices.Clone(sum), code), count)
	}
}
