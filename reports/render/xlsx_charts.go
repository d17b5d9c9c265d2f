package render

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// chartData are the figures behind the native charts and sparklines, side by
// side on one hidden sheet. Charts do not read the tables themselves: there, what
// is unknown is a text, which a chart would draw as zero, and filtering or
// sorting would change the charts.
type chartData struct {
	sheet  string
	blocks []chartBlock
	width  int
	rows   int
}

type chartBlock struct {
	chart  *Chart
	plot   plot
	column int // of the x values; a column per series follows
}

// chartDataRow is the first row of figures; the series' names stand above it.
const chartDataRow = 3

func (c *chartData) add(chart *Chart, p plot) chartBlock {
	block := chartBlock{chart, p, c.width + 1}
	c.blocks = append(c.blocks, block)
	c.width += len(p.series) + 2
	c.rows = max(c.rows, len(p.xs))
	return block
}

// values is the range of a series.
func (c *chartData) values(block chartBlock, series int) string {
	return c.column(block, 1+series)
}

func (c *chartData) categories(block chartBlock) string { return c.column(block, 0) }

func (c *chartData) column(block chartBlock, i int) string {
	return quoteSheet(c.sheet) + "!" + absolute(block.column+i, chartDataRow) + ":" +
		absolute(block.column+i, chartDataRow+len(block.plot.xs)-1)
}

// capped leaves what a chart can show.
func capped(c *Chart, p plot) plot {
	if len(p.series) > maxSeries {
		p.series = p.series[:maxSeries]
	}
	if c.Kind != Lines && p.xKind == KindText && len(p.xs) > maxBars {
		p.xs = p.xs[:maxBars]
	}
	return p
}

// joined puts the series of all panels into one plot.
func joined(plots []plot) plot {
	if len(plots) == 0 {
		return plot{}
	}
	all := plots[0]
	all.series = nil
	for _, p := range plots {
		for _, s := range p.series {
			s.name = p.name + ", " + s.name
			all.series = append(all.series, s)
		}
	}
	return all
}

// hideChartData makes the sheet, hidden from the start: excelize reads every
// sheet to hide one, and those already streamed would come back into memory.
func (b *book) hideChartData() error {
	if len(b.data.blocks) == 0 {
		return nil
	}
	if _, err := b.file.NewSheet(b.data.sheet); err != nil {
		return err
	}
	return b.file.SetSheetVisible(b.data.sheet, false)
}

func (b *book) writeChartData() error {
	if len(b.data.blocks) == 0 {
		return nil
	}
	if b.data.width > excelize.MaxColumns {
		return fmt.Errorf("the charts have %d series; a sheet holds %d", b.data.width, excelize.MaxColumns)
	}
	s, err := b.stream(b.data.sheet)
	if err != nil {
		return err
	}
	if err := s.SetRow("A1", []any{b.banner(b.doc.Edition) + ". " + b.chartDataHint}); err != nil {
		return err
	}
	for row := range b.data.rows + 1 {
		cells := make([]any, b.data.width)
		for _, block := range b.data.blocks {
			b.chartDataCells(cells[block.column-1:], block, row-1)
		}
		if err := s.SetRow(ref(1, chartDataRow-1+row), cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

// chartDataCells fills in row i of a block; row -1 has the series' names.
// Unknown values stay empty: that is how a native chart draws a gap.
func (b *book) chartDataCells(cells []any, block chartBlock, i int) {
	if i >= len(block.plot.xs) {
		return
	}
	cells[0] = clean(block.chart.Title)
	if i >= 0 {
		cells[0] = b.value(block.plot.xs[i], block.plot.xKind, block.plot.xDecs)
	}
	for k, s := range block.plot.series {
		if i < 0 {
			cells[1+k] = clean(s.name)
		} else if v := s.values[i]; v.known() {
			cells[1+k] = b.content(v)
		}
	}
}

// The overview prints at a fixed scale with page ends of its own, for a sheet that is
// fitted to pages ignores those, and then cuts through charts. Two charts stand side by
// side. Columns are so narrow that they fill a page where Calibri is missing, which makes
// them a quarter wider.
const (
	overviewColumns, overviewWidth = 16, 10
	overviewScale                  = 68
	overviewPage                   = 722 // points of height on A4 across at that scale, less its margins
	chartRows, chartRowHeight      = 16, 15
	onOnePage                      = 6 // charts: so few are fitted to one page
	// As excelize reckons what a chart covers: 8 pixels a character, 18 a row.
	nativeWidth  = overviewColumns/2*overviewWidth*8 - 16
	nativeHeight = chartRows*18 - 18
)

func (b *book) writeOverview(sheet string) error {
	p := &sheetPage{book: b, sheet: sheet, row: 1}
	p.widths(slices.Repeat([]float64{overviewWidth}, overviewColumns)...)
	p.put(1, clean(b.doc.Title), styleKey{role: roleTitle})
	p.height(28)
	p.row = 2
	p.over(overviewColumns, b.banner(b.doc.Edition), styleKey{role: roleBanner})
	p.row = 3
	line := clean(b.doc.Period)
	if slices.ContainsFunc(b.charts, func(c chartBlock) bool { return c.plot.has(isBound) }) {
		line += ". " + b.nativeHint
	}
	p.over(overviewColumns, line, styleKey{role: roleLabel})
	p.row = 4
	b.overviewFigures(p)
	p.row++
	first := p.row + 1
	last := first - 1 + (len(b.charts)+1)/2*chartRows
	// Every height is told, so that a chart covers the same rows in every program.
	for p.row = first; p.row <= last; p.row++ {
		p.height(chartRowHeight)
	}
	if p.err != nil {
		return p.err
	}
	for i, block := range b.charts {
		at := ref(1+i%2*overviewColumns/2, first+i/2*chartRows)
		if err := b.nativeChart(sheet, at, block); err != nil {
			return fmt.Errorf("chart %q: %w", block.chart.ID, err)
		}
	}
	if err := b.dress(sheet, accentColour, 1, 1); err != nil {
		return err
	}
	if len(b.charts) > onOnePage {
		if err := b.overviewPages(sheet, first, last); err != nil {
			return err
		}
	}
	return b.printing(sheet, overviewColumns, max(last, first))
}

// overviewPages ends a page only above a row of charts.
func (b *book) overviewPages(sheet string, first, last int) error {
	fit, scale := false, uint(overviewScale)
	if err := b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{AdjustTo: &scale}); err != nil {
		return err
	}
	used := 0.0
	for row := 1; row < first; row++ {
		height, err := b.file.GetRowHeight(sheet, row)
		if err != nil {
			return err
		}
		used += height
	}
	const height = chartRows * chartRowHeight
	for row := first; row < last; row += chartRows {
		if used+height > overviewPage {
			if err := b.file.InsertPageBreak(sheet, ref(1, row)); err != nil {
				return err
			}
			used = 0
		}
		used += height
	}
	return nil
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
			{b.content(k.Value), styleKey{role: roleFigure, kind: k.Kind, decimals: k.Decimals, mark: k.Value.mark}},
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
	chart := &excelize.Chart{
		Type:      excelize.Line,
		Format:    excelize.GraphicOptions{AltText: clean(block.chart.Title + ". " + block.chart.Description), Name: block.chart.ID, OffsetY: 4},
		Dimension: excelize.ChartDimension{Width: nativeWidth, Height: nativeHeight},
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
	if !upright && chart.Type != excelize.Line { // first bar above, its axis still below
		chart.YAxis.TickLabelPosition = excelize.ChartTickLabelHigh
	}
	if block.chart.Kind != Lines {
		gap := uint(60)
		chart.GapWidth = &gap
		chart.XAxis.ReverseOrder = !upright
	}
	if skip := (n + 11) / 12; upright && skip > 1 {
		chart.XAxis.TickLabelSkip = skip
		chart.XAxis.Alignment.TextRotation = -45
	}
	if !upright && chart.Type == excelize.Line { // words would break in two
		chart.XAxis.Alignment.TextRotation = -45
	}
	for k := range p.series {
		cs := excelize.ChartSeries{
			Name:       quoteSheet(b.data.sheet) + "!" + absolute(block.column+1+k, chartDataRow-1),
			Categories: b.data.categories(block), Values: b.data.values(block, k),
			Fill: solid(colour(p.series[k], k)),
		}
		if block.chart.Kind == Lines {
			cs.Line = excelize.LineOptions{Type: excelize.LineSolid, Fill: solid(colour(p.series[k], k)), Width: width(p.series[k])}
			cs.Marker = excelize.ChartMarker{Symbol: "none"}
		}
		chart.Series = append(chart.Series, cs)
	}
	return b.file.AddChart(sheet, at, chart)
}

// colour of a series: its own, or a grey beside the accent.
func colour(s series, place int) string {
	if grey, ok := strings.CutPrefix(s.class, "m"); ok {
		return greyColours[grey[0]-'1']
	}
	if strings.HasSuffix(s.class, " accent") {
		return seriesColours[0]
	}
	return seriesColours[place]
}

// width of a line in points.
func width(s series) float64 {
	switch {
	case strings.HasPrefix(s.class, "m"):
		return 1.25
	case strings.HasSuffix(s.class, " accent"):
		return 2.75
	}
	return 2
}

// tickDecimals are so many decimals of a percentage that a quarter of the range of the
// known values shows, or one tick would read as the next.
func tickDecimals(p plot) int {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range p.series {
		for _, v := range s.values {
			if v.known() {
				low, high = min(low, v.number), max(high, v.number)
			}
		}
	}
	switch step := (high - low) / 4; {
	case step >= 0.01 || step <= 0: // also where nothing is known
		return 0
	case step >= 0.001:
		return 1
	}
	return 2
}

func chartFont(size float64) *excelize.Font {
	return &excelize.Font{Size: size, Color: softColour, Family: "Calibri"}
}

func axisFormat(p plot) string {
	switch p.yKind {
	case KindPercent:
		return withDecimals("0", tickDecimals(p)) + "%"
	case KindDecimal:
		return withDecimals("#,##0", p.yDecs)
	}
	return "#,##0"
}
