package render

import (
	"strconv"

	"github.com/xuri/excelize/v2"
)

// writePanels sets small multiples as one row each: name, sparkline, and the
// values from left to right. A row with several series has a line per series.
func (b *book) writePanels(sheet string, block chartBlock, by string, plots []plot) error {
	c := block.chart
	m := matrix(b.formatter, by, plots)
	widths := b.widths(m)
	widths[1] = 24
	span, total := spanOf(widths, 90)
	const frozen, columnsPerPage = 2, 13
	if err := b.tableSettings(sheet, m, span, 1+(len(m.Columns)-frozen-1)/columnsPerPage, frozen); err != nil {
		return err
	}
	if err := b.sparklines(sheet, block); err != nil {
		return err
	}
	// No stream here: excelize's leaves out the extension that holds sparklines.
	p := &sheetPage{book: b, sheet: sheet}
	p.widths(widths...)
	p.heading(c.Title, c.Description, span, total)
	p.row = headRow
	for i, column := range m.Columns {
		p.put(i+1, column.Title, styleKey{role: roleHead, kind: column.Kind})
	}
	for _, row := range m.Rows {
		p.row++
		for i, v := range row {
			p.put(i+1, b.content(v), styleKey{role: roleCell, kind: m.Columns[i].Kind, decimals: m.Columns[i].Decimals, mark: v.mark})
		}
	}
	if p.err != nil {
		return p.err
	}
	return b.file.SetPanes(sheet, &excelize.Panes{Freeze: true, XSplit: frozen, YSplit: headRow,
		TopLeftCell: ref(frozen+1, headRow+1), ActivePane: pane(frozen)})
}

// matrix lays panels out as a table: what, its line, its series where there are
// several, a column per x.
func matrix(f formatter, by string, plots []plot) *Table {
	m := &Table{Columns: []Column{{Title: by}, {Title: f.chart}}}
	if len(plots) == 0 {
		return m
	}
	several := len(plots[0].series) > 1
	if several {
		m.Columns = append(m.Columns, Column{Title: f.series})
	}
	for _, x := range plots[0].xs {
		m.Columns = append(m.Columns, Column{Title: f.value(x, plots[0].xKind, plots[0].xDecs),
			Kind: plots[0].yKind, Decimals: plots[0].yDecs})
	}
	for _, p := range plots {
		for _, s := range p.series {
			row := []Value{Text(p.name), Text("")}
			if several {
				row = append(row, Text(s.name))
			}
			m.Rows = append(m.Rows, append(row, s.values...))
		}
	}
	return m
}

// sparklines read the chart data, where what is unknown is a gap and not a text.
func (b *book) sparklines(sheet string, block chartBlock) error {
	if len(block.plot.xs) < 2 {
		return nil
	}
	o := &excelize.SparklineOptions{Type: "line", SeriesColor: "#" + accentColour, Last: true}
	for i := range block.plot.series {
		o.Location = append(o.Location, ref(2, headRow+1+i))
		o.Range = append(o.Range, b.data.values(block, i))
	}
	return b.file.AddSparkline(sheet, o)
}

// writeTiles draws the PC4 grid in cells: the last digit across, the first
// three down, coloured by value.
func (b *book) writeTiles(sheet string, c *Chart, t *Table, plot plot) error {
	g := newTileGrid(plot)
	p := &sheetPage{book: b, sheet: sheet}
	p.widths(12, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11)
	p.heading(c.Title, c.Description+" "+b.tileHint, 11, 118)
	p.link(1, b.file.GetSheetName(0))
	p.row = headRow
	title := t.Columns[t.column(c.Y[0])].Title
	p.put(1, clean(title), styleKey{role: roleTerm})
	p.height(textHeight(title, 9))
	for digit := range 10 {
		p.put(2+digit, strconv.Itoa(digit), styleKey{role: roleTileHead})
	}
	value := func(v Value) (any, styleKey) {
		return b.content(v), styleKey{role: roleTile, kind: plot.yKind, decimals: plot.yDecs, mark: v.mark}
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
	if err := b.dress(sheet, accentColour, 1, 0); err != nil {
		return err
	}
	if err := b.repeating(sheet, 0); err != nil {
		return err
	}
	return b.printing(sheet, 11, p.row)
}
