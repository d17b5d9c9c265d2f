package render

import (
	"strconv"

	"github.com/xuri/excelize/v2"
)

// writePanels sets small multiples as one row each: name, sparkline, and the
// values from left to right. A row with several series has a line per series.
func (b *book) writePanels(sheet string, c *Chart, t *Table, plots []plot) error {
	m := b.matrix(c, plots)
	widths := b.widths(m)
	widths[1] = 24
	lastRow := headRow + len(m.Rows)
	span, total := spanOf(widths, 90)
	if err := b.tableSettings(sheet, m, lastRow, span); err != nil {
		return err
	}
	if err := b.sparklines(sheet, m, lastRow); err != nil {
		return err
	}
	s, err := b.stream(sheet)
	if err != nil {
		return err
	}
	for i, w := range widths {
		if err := s.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, XSplit: 3, YSplit: headRow,
		TopLeftCell: ref(4, headRow+1), ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := s.heading(c.Title, c.Description, span, total); err != nil {
		return err
	}
	if err := s.rows(m); err != nil {
		return err
	}
	return s.Flush()
}

// matrix lays panels out as a table: what, its line, its series, a column per x.
func (b *book) matrix(c *Chart, plots []plot) *Table {
	m := &Table{ID: c.ID, Columns: []Column{{Title: ""}, {Title: b.chart}, {Title: b.series}}}
	if len(plots) == 0 {
		return m
	}
	for _, x := range plots[0].xs {
		m.Columns = append(m.Columns, Column{Title: b.value(x, plots[0].xKind, plots[0].xDecs),
			Kind: plots[0].yKind, Decimals: plots[0].yDecs})
	}
	for _, p := range plots {
		for _, s := range p.series {
			row := []Value{Text(p.name), Text(""), Text(s.name)}
			m.Rows = append(m.Rows, append(row, s.values...))
		}
	}
	return m
}

func (b *book) sparklines(sheet string, m *Table, lastRow int) error {
	n := len(m.Columns)
	if n < 5 || len(m.Rows) == 0 {
		return nil
	}
	o := &excelize.SparklineOptions{Type: "line", SeriesColor: "#" + accentColour, Last: true}
	for row := headRow + 1; row <= lastRow; row++ {
		o.Location = append(o.Location, ref(2, row))
		o.Range = append(o.Range, quoteSheet(sheet)+"!"+ref(4, row)+":"+ref(n, row))
	}
	return b.file.AddSparkline(sheet, o)
}

// writeTiles draws the PC4 grid in cells: the last digit across, the first
// three down, coloured by value.
func (b *book) writeTiles(sheet string, c *Chart, t *Table, plot plot) error {
	g := newTileGrid(plot)
	p := &sheetPage{book: b, sheet: sheet, row: titleRow}
	p.widths(12, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11)
	p.put(1, clean(c.Title), styleKey{role: roleTitle})
	p.height(26)
	p.row = bannerRow
	p.put(1, b.banner(b.doc.Edition), styleKey{role: roleBanner})
	p.over(11)
	p.row = defRow
	hint := clean(c.Description + " " + b.tileHint)
	p.put(1, hint, styleKey{role: roleSoft})
	p.over(11)
	p.height(textHeight(hint, 118))
	p.row = linkRow
	p.put(1, b.toContents, styleKey{role: roleLink})
	p.link(1, b.file.GetSheetName(0))
	p.row = headRow
	p.put(1, clean(t.Columns[t.column(c.Y[0])].Title), styleKey{role: roleHead})
	for digit := range 10 {
		p.put(2+digit, strconv.Itoa(digit), styleKey{role: roleHead, kind: KindCount})
	}
	value := func(v Value) (any, styleKey) {
		return b.content(v), styleKey{roleTile, plot.yKind, plot.yDecs, v.mark}
	}
	for _, row := range g.rows {
		p.row++
		p.put(1, row.prefix+"·", styleKey{role: roleTerm})
		p.height(24)
		for digit, tile := range row.tiles {
			if tile != nil {
				content, key := value(tile.value)
				p.put(2+digit, content, key)
			}
		}
	}
	lastRow := p.row
	for _, tile := range g.other {
		p.row++
		p.put(1, tile.name, styleKey{role: roleTerm})
		content, key := value(tile.value)
		p.put(2, content, key)
	}
	if p.err != nil {
		return p.err
	}
	if lastRow > headRow {
		if err := b.shade(sheet, ShadeMagnitude, ref(2, headRow+1)+":"+ref(11, lastRow)); err != nil {
			return err
		}
	}
	if err := b.dress(sheet, accentColour); err != nil {
		return err
	}
	return b.printing(sheet, "$A$1:"+absolute(11, p.row), headRow)
}
