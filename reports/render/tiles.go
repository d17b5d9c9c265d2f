package render

import (
	"cmp"
	"slices"
)

// tileGrid places PC4 areas: a row for every three leading digits that occur,
// a column for the last digit. What is no PC4 stands in a list of its own.
type tileGrid struct {
	rows  []tileRow
	other []tile
	limit []float64 // upper bounds of the colour classes, all values of the data
	first float64   // the smallest value
	kind  Kind
	decs  int
}

type tileRow struct {
	prefix string
	tiles  [10]*tile
}

type tile struct {
	name  string
	value Value
	class int // colour class from 0; -1 without a value
}

// tileClasses is how many colours a tile map has.
const tileClasses = 5

func newTileGrid(p plot) tileGrid {
	g := tileGrid{kind: p.yKind, decs: p.yDecs}
	var known []float64
	values := p.series[0].values
	for _, v := range values {
		if v.known() {
			known = append(known, v.number)
		}
	}
	slices.Sort(known)
	if len(known) > 0 {
		g.first = known[0]
		for c := 1; c <= tileClasses; c++ {
			bound := known[(len(known)*c+tileClasses-1)/tileClasses-1]
			if n := len(g.limit); n == 0 || g.limit[n-1] < bound {
				g.limit = append(g.limit, bound)
			}
		}
	}
	rows := make(map[string]*tileRow)
	for i, x := range p.xs {
		t := tile{name: clean(x.String()), value: values[i], class: -1}
		if t.value.known() {
			t.class, _ = slices.BinarySearch(g.limit, t.value.number)
		}
		if !isPC4(t.name) {
			g.other = append(g.other, t)
			continue
		}
		prefix := t.name[:3]
		if rows[prefix] == nil {
			rows[prefix] = &tileRow{prefix: prefix}
		}
		rows[prefix].tiles[t.name[3]-'0'] = &t
	}
	for _, r := range rows {
		g.rows = append(g.rows, *r)
	}
	slices.SortFunc(g.rows, func(a, b tileRow) int { return cmp.Compare(a.prefix, b.prefix) })
	return g
}

func isPC4(s string) bool {
	if len(s) != 4 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
