package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// maxSeries is how many series can be told apart in one chart.
const maxSeries = 7

// plot is what a chart draws: values over a domain, a series each.
type plot struct {
	name   string // of the panel
	xs     []Value
	series []series
	yKind  Kind
	yDecs  int
	xKind  Kind
	xDecs  int
}

// series has a value for every x of its plot; the zero Value is a gap.
type series struct {
	name   string
	values []Value
	// class is how it is drawn: a colour of its own, or a grey beside the accent.
	class string
}

// read takes a chart's figures out of its table: one plot, or one per panel of
// small multiples. Lines of more series than can be told apart become panels.
func (c *Chart) read(t *Table) ([]plot, error) {
	x, y := t.column(c.X), make([]int, len(c.Y))
	for i, key := range c.Y {
		y[i] = t.column(key)
	}
	base := plot{
		xs: domain(t, x), xKind: t.Columns[x].Kind, xDecs: t.Columns[x].Decimals,
		yKind: t.Columns[y[0]].Kind, yDecs: t.Columns[y[0]].Decimals,
	}
	at := make(map[Value]int, len(base.xs))
	for i, v := range base.xs {
		at[v] = i
	}
	rows := [][][]Value{t.Rows}
	names := []string{""}
	if c.By != "" {
		names, rows = divide(t, t.column(c.By), c.Accent != "")
	}
	groups := make([][]series, len(rows))
	for g := range rows {
		for _, col := range y {
			s, err := collect(rows[g], x, col, at, len(base.xs))
			if err != nil {
				return nil, fmt.Errorf("table %q: %w", t.ID, err)
			}
			groups[g] = append(groups[g], series{name: t.Columns[col].Title, values: s})
		}
	}
	if c.panels(len(names)) {
		plots := make([]plot, len(names))
		for g := range groups {
			plots[g] = base
			plots[g].name, plots[g].series = names[g], groups[g]
			dress(plots[g].series, -1)
		}
		return plots, nil
	}
	for g := range groups {
		if c.By != "" {
			groups[g][0].name = names[g]
		}
		base.series = append(base.series, groups[g]...)
	}
	accent := slices.Index(c.Y, c.Accent)
	if c.By != "" {
		accent = slices.Index(names, c.Accent)
	}
	dress(base.series, accent)
	return []plot{base}, nil
}

// greys are the classes of what stands beside an accent: the nearer to it, the darker.
const greys = 3

// dress gives each series its class. accent is the place of the series to look at; -1: none.
func dress(all []series, accent int) {
	for i := range all {
		switch away := max(i-accent, accent-i); {
		case accent < 0:
			all[i].class = seriesClass(i)
		case away == 0:
			all[i].class = "s1 accent"
		default:
			all[i].class = "m" + strconv.Itoa(min(away, greys))
		}
	}
}

// panels reports whether n series stand in a panel each.
func (c *Chart) panels(n int) bool {
	return c.Kind == SmallMultiples || c.Kind == Lines && n > maxSeries
}

// domain is every x once: by time, or as the rows have them.
func domain(t *Table, x int) []Value {
	seen := make(map[Value]bool)
	var xs []Value
	for _, row := range t.Rows {
		if v := row[x]; !seen[v] {
			seen[v] = true
			xs = append(xs, v)
		}
	}
	if t.Columns[x].Kind != KindText {
		xs = slices.DeleteFunc(xs, func(v Value) bool { return !v.known() })
		slices.SortFunc(xs, func(a, b Value) int { return cmp.Compare(a.number, b.number) })
	}
	if k := t.Columns[x].Kind; k == KindMonth || k == KindYear {
		return unbroken(xs)
	}
	return xs
}

// unbroken adds the months or years that no row has, so that a line breaks
// there instead of passing over them.
func unbroken(xs []Value) []Value {
	const most = 1200 // a stray year far away is left where it is
	if len(xs) == 0 || xs[len(xs)-1].number-xs[0].number > most {
		return xs
	}
	var out []Value
	for x := xs[0]; x.number <= xs[len(xs)-1].number; x.number++ {
		out = append(out, x)
	}
	return out
}

// divide groups the rows by a text column, in the order in which its values appear or
// by name.
func divide(t *Table, by int, byName bool) (names []string, rows [][][]Value) {
	at := make(map[string]int)
	if byName {
		for _, row := range t.Rows {
			names = append(names, row[by].String())
		}
		slices.Sort(names)
		names = slices.Compact(names)
		rows = make([][][]Value, len(names))
		for i, name := range names {
			at[name] = i
		}
	}
	for _, row := range t.Rows {
		name := row[by].String()
		i, ok := at[name]
		if !ok {
			i = len(names)
			at[name] = i
			names = append(names, name)
			rows = append(rows, nil)
		}
		rows[i] = append(rows[i], row)
	}
	return names, rows
}

func collect(rows [][]Value, x, y int, at map[Value]int, n int) ([]Value, error) {
	values, taken := make([]Value, n), make([]bool, n)
	for _, row := range rows {
		i, ok := at[row[x]]
		if !ok {
			continue
		}
		if taken[i] {
			return nil, fmt.Errorf("two rows for %s, where the chart can draw one", row[x])
		}
		taken[i], values[i] = true, row[y]
	}
	return values, nil
}

// extent is the range of the known values, zero included.
func extent(plots ...plot) (low, high float64) {
	for _, p := range plots {
		for _, s := range p.series {
			for _, v := range s.values {
				if v.known() {
					low, high = min(low, v.number), max(high, v.number)
				}
			}
		}
	}
	return low, high
}

// has reports whether some value is of a kind.
func (p plot) has(is func(Value) bool) bool {
	return slices.ContainsFunc(p.series, func(s series) bool { return slices.ContainsFunc(s.values, is) })
}

func isBound(v Value) bool { return v.mark == markLowerBound }
