package render

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// chartData are the figures behind the native charts, side by side on one
// sheet. Charts do not read the tables themselves, so that filtering or sorting
// a table leaves the charts as they are.
type chartData struct {
	sheet  string
	blocks []chartBlock
	width  int
}

type chartBlock struct {
	chart  *Chart
	plot   plot
	column int // of the x values; a column per series follows
}

func (c *chartData) add(chart *Chart, p plot) {
	if len(p.series) > maxSeries {
		p.series = p.series[:maxSeries]
	}
	if chart.Kind != Lines && p.xKind == KindText && len(p.xs) > maxBars {
		p.xs = p.xs[:maxBars]
	}
	c.blocks = append(c.blocks, chartBlock{chart, p, c.width + 1})
	c.width += len(p.series) + 2
}

// chartDataRow is the first row of figures.
const chartDataRow = 6

// writeChartData leaves unknown values empty: that is how a native chart draws
// a gap. The tables say what is missing and why.
func (b *book) writeChartData(sheet string) error {
	p := &sheetPage{book: b, sheet: sheet, row: 1}
	p.put(1, b.chartData, styleKey{role: roleTitle})
	p.height(26)
	p.row = 2
	p.put(1, b.banner(b.doc.Edition), styleKey{role: roleBanner})
	p.over(8)
	p.row = 3
	p.put(1, b.chartDataHint, styleKey{role: roleLabel})
	for _, block := range b.data.blocks {
		p.row = 4
		p.put(block.column, clean(block.chart.Title), styleKey{role: roleSubtitle})
		for k, s := range block.plot.series {
			p.row = 5
			p.put(block.column+1+k, clean(s.name), styleKey{role: roleHead, kind: KindCount})
		}
		for i, x := range block.plot.xs {
			p.row = chartDataRow + i
			p.put(block.column, b.value(x, block.plot.xKind, block.plot.xDecs), styleKey{})
			for k, s := range block.plot.series {
				if v := s.values[i]; v.known() {
					p.put(block.column+1+k, b.content(v), styleKey{kind: block.plot.yKind, decimals: block.plot.yDecs, mark: v.mark})
				}
			}
		}
	}
	if p.err != nil {
		return p.err
	}
	return b.dress(sheet, softColour)
}

func (b *book) writeOverview(sheet string) error {
	p := &sheetPage{book: b, sheet: sheet, row: 1}
	widths := make([]float64, 16)
	for i := range widths {
		widths[i] = 11
	}
	p.widths(widths...)
	p.put(1, clean(b.doc.Title), styleKey{role: roleTitle})
	p.height(28)
	p.row = 2
	p.put(1, b.banner(b.doc.Edition), styleKey{role: roleBanner})
	p.over(16)
	p.row = 3
	p.put(1, clean(b.doc.Period), styleKey{role: roleLabel})
	p.row = 4
	b.overviewFigures(p)
	p.row++
	if p.err != nil {
		return p.err
	}
	const chartRows = 17
	for i, block := range b.data.blocks {
		at := ref(1+i%2*8, p.row+1+i/2*chartRows)
		if err := b.nativeChart(sheet, at, block); err != nil {
			return fmt.Errorf("chart %q: %w", block.chart.ID, err)
		}
	}
	last := p.row + 1 + (len(b.data.blocks)+1)/2*chartRows
	if err := b.dress(sheet, accentColour); err != nil {
		return err
	}
	return b.printing(sheet, "$A$1:"+absolute(16, last), 0)
}

// overviewFigures sets the key figures four in a row: label, figure, note.
func (b *book) overviewFigures(p *sheetPage) {
	const across, breadth = 4, 4
	for i, k := range b.doc.KeyFigures {
		column := 1 + i%across*breadth
		top := 5 + i/across*4
		for line, cell := range []struct {
			value any
			key   styleKey
		}{
			{clean(k.Label), styleKey{role: roleLabel}},
			{b.content(k.Value), styleKey{roleFigure, k.Kind, k.Decimals, k.Value.mark}},
			{clean(k.Note), styleKey{role: roleSoft}},
		} {
			p.row = top + line
			p.put(column, cell.value, cell.key)
			if p.err == nil {
				p.err = p.file.MergeCell(p.sheet, ref(column, p.row), ref(column+breadth-1, p.row))
			}
		}
		p.row = top
		p.height(18)
		p.row = top + 1
		p.height(26)
		p.row = top + 3
	}
}

func (b *book) nativeChart(sheet, at string, block chartBlock) error {
	p, n := block.plot, len(block.plot.xs)
	if n == 0 {
		return nil
	}
	source := quoteSheet(b.data.sheet)
	column := func(c int) string {
		return source + "!" + absolute(c, chartDataRow) + ":" + absolute(c, chartDataRow+n-1)
	}
	chart := &excelize.Chart{
		Type:      excelize.Line,
		Format:    excelize.GraphicOptions{AltText: clean(block.chart.Title + ". " + block.chart.Description), Name: block.chart.ID, Positioning: "oneCell"},
		Dimension: excelize.ChartDimension{Width: 640, Height: 325},
		Legend:    excelize.ChartLegend{Position: "bottom", Font: chartFont(10)},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: clean(block.chart.Title),
			Font: &excelize.Font{Bold: true, Size: 12, Color: inkColour, Family: "Calibri"}}}},
		XAxis:        excelize.ChartAxis{Font: *chartFont(9), TickLabelPosition: excelize.ChartTickLabelLow},
		YAxis:        excelize.ChartAxis{Font: *chartFont(9), MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: axisFormat(p)}},
		ShowBlanksAs: "gap",
		Border:       excelize.LineOptions{Type: excelize.LineSolid, Fill: solid(lineColour), Width: 0.75},
	}
	if len(p.series) == 1 {
		chart.Legend.Position = "none"
	}
	upright := p.xKind != KindText
	switch block.chart.Kind {
	case Bars:
		chart.Type = excelize.Col
		if !upright {
			chart.Type = excelize.Bar
		}
	case StackedBars:
		chart.Type = excelize.ColStacked
		if !upright {
			chart.Type = excelize.BarStacked
		}
	}
	if block.chart.Kind != Lines {
		gap := uint(60)
		chart.GapWidth = &gap
		chart.XAxis.ReverseOrder = !upright
	}
	if skip := (n + 11) / 12; upright && skip > 1 {
		chart.XAxis.TickLabelSkip = skip
	}
	for k := range p.series {
		line := excelize.LineOptions{Type: excelize.LineSolid, Fill: solid(seriesColours[k]), Width: 2}
		cs := excelize.ChartSeries{
			Name:       source + "!" + absolute(block.column+1+k, chartDataRow-1),
			Categories: column(block.column), Values: column(block.column + 1 + k),
			Fill: solid(seriesColours[k]),
		}
		if block.chart.Kind == Lines {
			cs.Line = line
			cs.Marker = excelize.ChartMarker{Symbol: "none"}
		}
		chart.Series = append(chart.Series, cs)
	}
	return b.file.AddChart(sheet, at, chart)
}

func chartFont(size float64) *excelize.Font {
	return &excelize.Font{Size: size, Color: softColour, Family: "Calibri"}
}

func axisFormat(p plot) string {
	switch p.yKind {
	case KindPercent:
		return "0%"
	case KindDecimal:
		return withDecimals("#,##0", p.yDecs)
	}
	return "#,##0"
}
