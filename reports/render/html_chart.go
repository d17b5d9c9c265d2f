package render

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// chartView is one figure: exactly one of Drawing, Panels and Tiles is set.
type chartView struct {
	ID, Title, Description string
	W                      map[string]string
	Legend                 []legendEntry
	LineLegend             bool
	Long                   bool // may break across printed pages
	Drawing                *drawing
	Panels                 *panelsView
	Tiles                  *tilesView
	Notes                  []string
	TableID, TableTitle    string
	TableDefinition        string
	Columns                []Definition
}

func (f formatter) chartView(c *Chart, t *Table, w map[string]string) (chartView, error) {
	plots, err := c.read(t)
	if err != nil {
		return chartView{}, err
	}
	v := chartView{ID: c.ID, Title: clean(c.Title), Description: clean(c.Description), W: w,
		TableID: t.ID, TableTitle: clean(t.Title), TableDefinition: clean(t.Definition)}
	for _, key := range append([]string{c.X, c.By}, c.Y...) {
		if i := t.column(key); i >= 0 && t.Columns[i].Definition != "" {
			v.Columns = append(v.Columns, Definition{clean(t.Columns[i].Title), clean(t.Columns[i].Definition)})
		}
	}
	switch {
	case c.panels(len(plots)):
		v.Panels = f.panels(plots, w)
		v.Long, v.LineLegend = true, true
		v.Notes = []string{f.ownScale}
		if len(c.Y) > 1 {
			for i, key := range c.Y {
				v.Legend = append(v.Legend, legendEntry{seriesClass(i), clean(t.Columns[t.column(key)].Title)})
			}
		}
	case c.Kind == TileMap:
		v.Tiles = f.tiles(plots[0])
		v.Tiles.ID, v.Tiles.Title, v.Tiles.Description = v.ID, v.Title, v.Description
		v.Notes = []string{f.tileHint}
		v.Long = len(v.Tiles.Tiles) > 200
	default:
		d := f.lineOrBars(c.Kind, plots[0])
		d.ID, d.Title, d.Description = v.ID, v.Title, v.Description
		v.Drawing, v.Legend, v.Notes = &d, d.Legend, d.Notes
	}
	if !slices.ContainsFunc(plots, func(p plot) bool { return p.has(Value.known) }) {
		v.Notes = []string{f.noFigures}
	} else if c.Kind != TileMap {
		v.Notes = append(v.Notes, f.hints(c, plots)...)
	}
	return v, nil
}

func (f formatter) lineOrBars(kind ChartKind, p plot) drawing {
	if kind == Lines {
		return f.lineChart(p)
	}
	return f.barChart(p, kind == StackedBars)
}

// hints explain the marks that a chart bears.
func (f formatter) hints(c *Chart, plots []plot) []string {
	var out []string
	if slices.ContainsFunc(plots, func(p plot) bool { return p.has(isBound) }) {
		out = append(out, f.boundHint)
	}
	isGap := func(v Value) bool { return !v.known() }
	if (c.Kind == Lines || c.Kind == SmallMultiples) && slices.ContainsFunc(plots, func(p plot) bool { return p.has(isGap) }) {
		out = append(out, f.gapHint)
	}
	return out
}

const shownPanels = 48

type panelsView struct {
	W             map[string]string
	Top, TopLabel string // of the scale that all panels can share; empty if they cannot
	First, Rest   []panelView
	More          string
}

type panelView struct {
	Name, Spoken        string
	Top, From, To, High string
	Base                string
	Lines               []lineSeries
	Empty               string
}

// panels draws small line charts, each on a scale of its own.
func (f formatter) panels(plots []plot, w map[string]string) *panelsView {
	low, top := extent(plots...)
	v := &panelsView{W: w}
	for i, p := range plots {
		panel := f.panel(p)
		if i < shownPanels {
			v.First = append(v.First, panel)
		} else {
			v.Rest = append(v.Rest, panel)
		}
	}
	if low == 0 && top > 0 {
		v.Top = strconv.FormatFloat(top, 'g', -1, 64)
		v.TopLabel = f.plain(Value{number: top, form: formFloat}, plots[0].yKind, plots[0].yDecs)
	}
	v.More = fill(f.more, "{n}", f.number(float64(len(v.Rest)), 0))
	return v
}

func (f formatter) panel(p plot) panelView {
	low, high := extent(p)
	v := panelView{Name: clean(p.name), High: strconv.FormatFloat(high, 'g', -1, 64), Base: "72"}
	if n := len(p.xs); n > 0 {
		v.From = shorten(f.value(p.xs[0], p.xKind, p.xDecs), 14)
		v.To = shorten(f.value(p.xs[n-1], p.xKind, p.xDecs), 14)
	}
	var best Value
	var spoken strings.Builder
	y := scale{low, math.Max(high, low+1e-9), 72, 14}
	if high == 0 && low == 0 {
		y.high = 1
	}
	v.Base = px(y.at(0))
	pos := p.positions(3, 187)
	for _, s := range p.series {
		line := f.line(p, s, pos, y)
		line.Class, line.Marks = s.class, nil
		v.Lines = append(v.Lines, line)
		var first, last string
		for k, val := range s.values {
			if !val.known() {
				continue
			}
			last = f.value(p.xs[k], p.xKind, p.xDecs) + " " + f.value(val, p.yKind, p.yDecs)
			if first == "" {
				first = last
			}
			if !best.known() || val.number > best.number {
				best = val
			}
		}
		if first != "" {
			spoken.WriteString("; " + clean(s.name) + ": " + first + " – " + last)
		}
	}
	v.Spoken = v.Name + spoken.String()
	if !best.known() {
		v.Empty = f.notAvailable
		v.Spoken += ": " + f.notAvailable
		return v
	}
	v.Top = f.value(best, p.yKind, p.yDecs)
	return v
}

type tilesView struct {
	ID, Title, Description string
	W, H                   string
	Heads                  []label
	Tiles                  []tileView
	Legend                 []legendEntry
}

type tileView struct {
	X, Y, W, H, CX, NameY, ValueY string
	Class, Ink                    string
	Name, Value, Title            string
}

// tiles draws the grid: one strip for a library's area, two for more.
func (f formatter) tiles(p plot) *tilesView {
	g := newTileGrid(p)
	strips, w, h := 1, 62.0, 44.0
	if len(g.rows) > 14 {
		strips, w, h = 2, 37, 36
	}
	perStrip := (len(g.rows) + strips - 1) / strips
	stripWidth := 44 + 10*w + 24
	v := &tilesView{W: px(float64(strips)*stripWidth - 24)}
	for s := range strips {
		x0 := float64(s) * stripWidth
		for k := 0; k < 10 && len(g.rows) > s*perStrip; k++ {
			v.Heads = append(v.Heads, label{X: px(x0 + 44 + w*(float64(k)+0.5)), Y: "12", Text: strconv.Itoa(k), Anchor: "middle"})
		}
	}
	for i, row := range g.rows {
		x0, y0 := float64(i/perStrip)*stripWidth, 20+float64(i%perStrip)*h
		v.Heads = append(v.Heads, label{X: px(x0 + 38), Y: px(y0 + h/2 + 4), Text: row.prefix + "·", Anchor: "end"})
		for k, t := range row.tiles {
			if t != nil {
				v.Tiles = append(v.Tiles, f.tile(g, *t, x0+44+float64(k)*w, y0, w, h))
			}
		}
	}
	bottom := 20 + float64(perStrip)*h
	perRow := int((float64(strips)*stripWidth - 24) / 130)
	for i, t := range g.other {
		v.Tiles = append(v.Tiles, f.tile(g, t, float64(i%perRow)*130, bottom+10+float64(i/perRow)*h, 130, h))
	}
	if n := len(g.other); n > 0 {
		bottom += 10 + float64((n+perRow-1)/perRow)*h
	}
	v.H = px(bottom + 2)
	v.Legend = f.tileLegend(g)
	return v
}

func (f formatter) tile(g tileGrid, t tile, x, y, w, h float64) tileView {
	text := f.value(t.value, g.kind, g.decs)
	v := tileView{X: px(x + 1), Y: px(y + 1), W: px(w - 2), H: px(h - 2), CX: px(x + w/2),
		NameY: px(y + h/2 - 4), ValueY: px(y + h/2 + 11), Name: shorten(t.name, 18), Value: text,
		Title: t.name + ": " + text, Class: g.tileClass(t.class)}
	if m := f.markText(t.value.mark); m != "" {
		v.Title += " (" + m + ")"
	}
	switch v.Class {
	case "t4", "t5":
		v.Ink = " hi"
	case "t0":
		v.Ink = " off"
	}
	return v
}

// tileClass keeps the darkest colour for the highest values, however few the classes.
func (g tileGrid) tileClass(class int) string {
	if class < 0 {
		return "t0"
	}
	return "t" + strconv.Itoa(class+1+tileClasses-len(g.limit))
}

func (f formatter) tileLegend(g tileGrid) []legendEntry {
	var out []legendEntry
	values := func(v float64) string { return f.plain(Value{number: v, form: formFloat}, g.kind, g.decs) }
	from := g.first
	for i, to := range g.limit {
		text := values(from) + " – " + values(to)
		switch {
		case i > 0:
			text = "> " + text
		case from == to:
			text = values(to)
		}
		out = append(out, legendEntry{g.tileClass(i), text})
		from = to
	}
	unknown := false
	for _, r := range g.rows {
		for _, t := range r.tiles {
			unknown = unknown || t != nil && t.class < 0
		}
	}
	if unknown {
		out = append(out, legendEntry{"t0", f.notAvailable + " / " + f.protected})
	}
	return out
}
