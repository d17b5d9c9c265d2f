package attack

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Table is what one release publishes about one kind of figure.
type Table struct {
	// Figure says what is counted, over which population and period ("new
	// members 2024"). Cells of tables with the same figure and the same codes
	// are one unknown, however many tables and releases they stand in; a total's
	// code does not count, so tables of different dimensions share their margins.
	Figure     string
	Dimensions []Dimension
	// Cells are the published places. A combination of codes that is not listed
	// is 0 to a reader, if others in the same sum are listed.
	Cells []Published
}

// A Dimension says how codes add up. That the total is the sum of all codes that
// are not sums themselves is understood.
type Dimension struct {
	Name  string
	Total string
	Sums  []Sum
}

// A Sum is a code that is the sum of others.
type Sum struct {
	Code  string
	Parts []string
}

// Published is one place in a table: what a reader knows of it without looking
// at other places. Low and High are equal where the true count is printed, 0 and
// Unbounded where it is hidden. Width is that of [Cell].
type Published struct {
	Codes     []string
	Low, High int64
	Width     int64
}

// ErrTable is wrapped by every error about a table that cannot be read.
var ErrTable = errors.New("invalid published table")

// Join makes one problem of all tables. A cell in several of them is known as well
// as they tell together. Cells are named figure: dimension=code, ...
func Join(tables ...Table) (Problem, error) {
	j := joiner{index: map[string]int{}, known: map[string]bool{}}
	for _, t := range tables {
		if err := j.add(t); err != nil {
			return Problem{}, fmt.Errorf("join tables: %w", err)
		}
	}
	slices.SortStableFunc(j.ranked, func(a, b rankedEquation) int { return a.rank - b.rank })
	for _, r := range j.ranked {
		j.problem.Equations = append(j.problem.Equations, r.Equation)
	}
	return j.problem, nil
}

type joiner struct {
	problem Problem
	index   map[string]int  // name → cell
	known   map[string]bool // equations added
	ranked  []rankedEquation
}

type rankedEquation struct {
	rank int
	Equation
}

// reading is one table while it is added.
type reading struct {
	Table
	sums  [][]Sum               // dimension → its sums, the total's included
	up    []map[string][]string // dimension → code → the sums it is part of
	cells map[string]int        // joined codes → cell
	// filled are the places with a listed cell in them, and inner the cells
	// without sums in each place.
	filled set
	inner  map[string][]int
}

type set = map[string]bool

func (j *joiner) add(t Table) error {
	r := reading{Table: t, cells: make(map[string]int, len(t.Cells)), filled: set{}, inner: map[string][]int{}}
	codes := make([]set, len(t.Dimensions))
	for d := range codes {
		codes[d] = set{}
	}
	for _, p := range t.Cells {
		if len(p.Codes) != len(t.Dimensions) {
			return fmt.Errorf("%w: %s: a cell has %d codes for %d dimensions", ErrTable, t.Figure, len(p.Codes), len(t.Dimensions))
		}
		cell, err := j.cell(t, p)
		if err != nil {
			return err
		}
		key := join(p.Codes)
		if _, twice := r.cells[key]; twice {
			return fmt.Errorf("%w: %s is given twice", ErrTable, j.problem.Cells[cell].Name)
		}
		r.cells[key] = cell
		for d, code := range p.Codes {
			codes[d][code] = true
		}
	}
	for d, dim := range t.Dimensions {
		if err := dim.check(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrTable, t.Figure, err)
		}
		r.sums = append(r.sums, dim.all(codes[d]))
		r.up = append(r.up, above(codes[d], r.sums[d]))
	}
	for _, p := range t.Cells {
		inner := !r.isSum(p.Codes)
		r.places(p.Codes, func(place string) {
			r.filled[place] = true
			if inner {
				r.inner[place] = append(r.inner[place], r.cells[join(p.Codes)])
			}
		})
	}
	j.equations(&r)
	return nil
}

func join(codes []string) string { return strings.Join(codes, "\x00") }

// above returns, for each code, the sums that it is part of, itself included.
func above(codes set, sums []Sum) map[string][]string {
	out := map[string][]string{}
	var climb func(from, code string, depth int)
	climb = func(from, code string, depth int) {
		if slices.Contains(out[from], code) || depth > len(sums) {
			return
		}
		out[from] = append(out[from], code)
		for _, s := range sums {
			if slices.Contains(s.Parts, code) {
				climb(from, s.Code, depth+1)
			}
		}
	}
	for code := range codes {
		climb(code, code, 0)
	}
	return out
}

func (r *reading) isSum(codes []string) bool {
	for d, code := range codes {
		if slices.ContainsFunc(r.sums[d], func(s Sum) bool { return s.Code == code }) {
			return true
		}
	}
	return false
}

// places calls visit for every place that a cell is part of, its own included.
func (r *reading) places(codes []string, visit func(place string)) {
	at := make([]string, len(codes))
	var walk func(d int)
	walk = func(d int) {
		if d == len(codes) {
			visit(join(at))
			return
		}
		for _, code := range r.up[d][codes[d]] {
			at[d] = code
			walk(d + 1)
		}
	}
	walk(0)
}

// cell adds what a table tells about a cell to what others told.
func (j *joiner) cell(t Table, p Published) (int, error) {
	var parts []string
	for d, dim := range t.Dimensions {
		if p.Codes[d] != dim.Total {
			parts = append(parts, dim.Name+"="+p.Codes[d])
		}
	}
	slices.Sort(parts)
	name := t.Figure + ": " + strings.Join(parts, ", ")
	i, known := j.index[name]
	if !known {
		i = len(j.problem.Cells)
		j.index[name] = i
		j.problem.Cells = append(j.problem.Cells, Cell{Name: name, Low: p.Low, High: p.High, Width: p.Width})
	}
	c := &j.problem.Cells[i]
	c.Low, c.High, c.Width = max(c.Low, p.Low), min(c.High, p.High), max(c.Width, p.Width)
	if c.Low > c.High {
		return 0, fmt.Errorf("%w: %s", ErrContradiction, name)
	}
	return i, nil
}

func (d Dimension) check() error {
	for _, s := range d.Sums {
		parts := slices.Sorted(slices.Values(s.Parts))
		if len(parts) == 0 || len(slices.Compact(parts)) < len(s.Parts) || slices.Contains(parts, s.Code) {
			return fmt.Errorf("dimension %s: the parts of %q are missing, repeated or itself", d.Name, s.Code)
		}
	}
	return nil
}

// all returns the sums given and that of the total: over the codes that are in no
// other sum if these hold every code once, else over all codes that are no sums.
func (d Dimension) all(codes map[string]bool) []Sum {
	sums := map[string][]string{}
	inside := map[string]bool{d.Total: true}
	for _, s := range d.Sums {
		sums[s.Code] = s.Parts
		for _, p := range s.Parts {
			inside[p] = true
		}
	}
	var top, leaves []string
	for code := range codes {
		if !inside[code] {
			top = append(top, code)
		}
		if _, sum := sums[code]; !sum && code != d.Total {
			leaves = append(leaves, code)
		}
	}
	held := map[string]int{}
	for _, code := range top {
		hold(sums, code, held, 0)
	}
	once := len(held) > 0
	for _, code := range leaves {
		once = once && held[code] == 1
	}
	if !once {
		top = leaves
	}
	if len(top) == 0 {
		return d.Sums
	}
	slices.Sort(top)
	return append(slices.Clone(d.Sums), Sum{d.Total, top})
}

// hold counts the codes that are no sums below a code.
func hold(sums map[string][]string, code string, held map[string]int, depth int) {
	parts, sum := sums[code]
	if !sum || depth > len(sums) {
		held[code]++
		return
	}
	for _, p := range parts {
		hold(sums, p, held, depth+1)
	}
}

// equations adds, for each listed sum, what it adds up to along each dimension. If
// the places between it and the inner cells are not listed, it is the sum of the
// inner cells, provided that the table shows these wherever it shows anything.
func (j *joiner) equations(r *reading) {
	complete := true
	for _, p := range r.Cells {
		complete = complete && (len(r.inner[join(p.Codes)]) > 0 || p.High == 0)
	}
	for _, p := range r.Cells {
		if !r.isSum(p.Codes) {
			continue
		}
		found := false
		for d := range r.Dimensions {
			for _, s := range r.sums[d] {
				if s.Code != p.Codes[d] {
					continue
				}
				if e, ok := r.along(p, d, s.Parts); ok {
					j.equation(e, rank(r.Table, d, p.Codes))
					found = true
				}
			}
		}
		if found || !complete {
			continue
		}
		e := Equation{Terms: []Term{{r.cells[join(p.Codes)], -1}}}
		for _, cell := range r.inner[join(p.Codes)] {
			e.Terms = append(e.Terms, Term{cell, 1})
		}
		j.equation(e, len(r.Dimensions)*len(r.Dimensions))
	}
}

// along returns a sum as that of its parts in one dimension, false if the table
// does not show it.
func (r *reading) along(p Published, d int, parts []string) (Equation, bool) {
	codes := slices.Clone(p.Codes)
	e := Equation{Terms: []Term{{r.cells[join(codes)], -1}}}
	for _, part := range parts {
		codes[d] = part
		if cell, listed := r.cells[join(codes)]; listed {
			e.Terms = append(e.Terms, Term{cell, 1})
		} else if r.filled[join(codes)] {
			return Equation{}, false // not known, and not known to be 0
		}
	}
	return e, len(e.Terms) > 1
}

// rank orders equations so that, if the table is a network, those before
// determine those after: first those of inner cells, and among equals those
// along the dimension with most sums of its own.
func rank(t Table, d int, codes []string) int {
	outer := 0
	for o, dim := range t.Dimensions {
		if o != d && (codes[o] == dim.Total || slices.ContainsFunc(dim.Sums, func(s Sum) bool { return s.Code == codes[o] })) {
			outer++
		}
	}
	most := 0
	for _, dim := range t.Dimensions {
		if len(dim.Sums) > len(t.Dimensions[d].Sums) {
			most++
		}
	}
	return outer*len(t.Dimensions) + most
}

func (j *joiner) equation(e Equation, rank int) {
	slices.SortFunc(e.Terms, func(a, b Term) int { return cmp.Compare(a.Cell, b.Cell) })
	if key := fmt.Sprint(e.Terms); !j.known[key] {
		j.known[key] = true
		j.ranked = append(j.ranked, rankedEquation{rank, e})
	}
}
