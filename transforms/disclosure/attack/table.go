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

func (j *joiner) add(t Table) error {
	cells := make(map[string]int, len(t.Cells)) // joined codes → cell
	codes := make([]map[string]bool, len(t.Dimensions))
	for d := range codes {
		codes[d] = map[string]bool{}
	}
	for _, p := range t.Cells {
		if len(p.Codes) != len(t.Dimensions) {
			return fmt.Errorf("%w: %s: a cell has %d codes for %d dimensions", ErrTable, t.Figure, len(p.Codes), len(t.Dimensions))
		}
		cell, err := j.cell(t, p)
		if err != nil {
			return err
		}
		key := strings.Join(p.Codes, "\x00")
		if _, twice := cells[key]; twice {
			return fmt.Errorf("%w: %s is given twice", ErrTable, j.problem.Cells[cell].Name)
		}
		cells[key] = cell
		for d, code := range p.Codes {
			codes[d][code] = true
		}
	}
	for d, dim := range t.Dimensions {
		if err := dim.check(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrTable, t.Figure, err)
		}
		j.sums(t, d, dim.all(codes[d]), cells)
	}
	return nil
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
		j.problem.Cells = append(j.problem.Cells, Cell{name, p.Low, p.High, p.Width})
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

// sums adds an equation for each sum of dimension d and each combination of the
// other dimensions' codes that the table shows.
func (j *joiner) sums(t Table, d int, sums []Sum, cells map[string]int) {
	with := map[string][]Published{}
	for _, p := range t.Cells {
		with[p.Codes[d]] = append(with[p.Codes[d]], p)
	}
	for _, s := range sums {
		for _, p := range with[s.Code] {
			codes := slices.Clone(p.Codes)
			e := Equation{Terms: []Term{{cells[strings.Join(codes, "\x00")], -1}}}
			for _, part := range s.Parts {
				codes[d] = part
				if cell, listed := cells[strings.Join(codes, "\x00")]; listed {
					e.Terms = append(e.Terms, Term{cell, 1})
				}
			}
			if len(e.Terms) > 1 {
				j.equation(e, rank(t, d, p.Codes))
			}
		}
	}
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
