package render

import (
	"fmt"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Rows of a sheet that shows a table.
const (
	titleRow  = 1
	bannerRow = 2
	defRow    = 3
	linkRow   = 4
	headRow   = 6
)

// maxSheetRows is how many rows a table may have to fit a sheet with its
// heading, total and notes.
const maxSheetRows = excelize.TotalRows - 100

// stream writes rows from top to bottom; the sheet's settings must be made
// before flush and its column widths before the first row.
type stream struct {
	*excelize.StreamWriter
	book   *book
	widths []float64
}

func (b *book) stream(sheet string) (*stream, error) {
	w, err := b.file.NewStreamWriter(sheet)
	return &stream{w, b, nil}, err
}

func (b *book) cell(value any, key styleKey) (excelize.Cell, error) {
	id, err := b.style(key)
	return excelize.Cell{Value: value, StyleID: id}, err
}

// line writes one styled text at the start of a row, over span columns.
func (s *stream) line(row, span int, text string, r role, height float64) error {
	key := styleKey{role: r}
	first, err := s.book.cell(text, key)
	if err != nil {
		return err
	}
	cells := []any{first}
	for range span - 1 {
		cells = append(cells, excelize.Cell{StyleID: first.StyleID})
	}
	if err := s.SetRow(ref(1, row), cells, excelize.RowOpts{Height: height}); err != nil || span < 2 {
		return err
	}
	return s.MergeCell(ref(1, row), ref(span, row))
}

func (b *book) writeTable(sheet string, t *Table) error {
	if len(t.Rows) > maxSheetRows {
		return fmt.Errorf("table %q has %d rows; a sheet holds %d: split it or leave it to the CSV", t.ID, len(t.Rows), maxSheetRows)
	}
	widths := b.widths(t)
	span, total := spanOf(widths, 90)
	lastRow := headRow + len(t.Rows)
	frozen := frozenColumns(t, widths)
	if err := b.tableSettings(sheet, t, span, 1, frozen); err != nil {
		return err
	}
	s, err := b.stream(sheet)
	if err != nil {
		return err
	}
	s.widths = widths
	for i, w := range widths {
		if err := s.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
		if t.Columns[i].Hidden {
			if err := s.SetColVisible(i+1, i+1, false); err != nil {
				return err
			}
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, XSplit: frozen, YSplit: headRow,
		TopLeftCell: ref(frozen+1, headRow+1), ActivePane: pane(frozen)}); err != nil {
		return err
	}
	if err := s.heading(t.Title, t.Definition, span, total); err != nil {
		return err
	}
	if err := s.rows(t); err != nil {
		return err
	}
	row := lastRow + 2
	if t.Total != nil {
		if err := s.values(row, t, t.Total, roleTotal); err != nil {
			return err
		}
		row += 2
	}
	for _, n := range t.Notes {
		if err := s.line(row, span, clean(n), roleSoft, textHeight(n, total)); err != nil {
			return err
		}
		row++
	}
	return s.Flush()
}

// onePage is how many rows are still read with ease on one page: 36 months with their heading.
const onePage = 46

// tableSettings are those that excelize keeps beside the rows. Running text
// spans some columns; the sheet prints some pages wide, with the frozen columns
// on each.
func (b *book) tableSettings(sheet string, t *Table, span, pagesWide, frozen int) error {
	n, lastRow := len(t.Columns), headRow+len(t.Rows)
	if err := b.file.AutoFilter(sheet, ref(1, headRow)+":"+ref(n, lastRow), nil); err != nil {
		return err
	}
	end := lastRow + 2 + len(t.Notes)
	if t.Total != nil {
		end += 2
	}
	pagesHigh := 0
	if end <= onePage {
		pagesHigh = 1
	}
	if err := b.dress(sheet, accentColour, pagesWide, pagesHigh); err != nil {
		return err
	}
	if err := b.printing(sheet, max(n, span), end); err != nil {
		return err
	}
	if pagesWide == 1 {
		frozen = 0
	}
	if err := b.repeating(sheet, frozen); err != nil {
		return err
	}
	for i, c := range t.Columns {
		if err := b.shade(sheet, c.Shade, ref(i+1, headRow+1)+":"+ref(i+1, lastRow)); err != nil {
			return err
		}
		if err := b.prompt(sheet, c, ref(i+1, headRow)); err != nil {
			return err
		}
	}
	cover := b.file.GetSheetName(0)
	return b.file.SetCellHyperLink(sheet, ref(1, linkRow), quoteSheet(cover)+"!A1", "Location")
}

// shade colours a column by value.
func (b *book) shade(sheet string, s Shade, cells string) error {
	switch s {
	case ShadeMagnitude:
		return b.file.SetConditionalFormat(sheet, cells, []excelize.ConditionalFormatOptions{{
			Type: "2_color_scale", Criteria: "=", MinType: "min", MaxType: "max", MinColor: "#FFFFFF", MaxColor: "#" + washColour}})
	case ShadeChange:
		up, err := b.file.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: upColour}})
		if err != nil {
			return err
		}
		down, err := b.file.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: downColour}})
		if err != nil {
			return err
		}
		// Excel ranks every text above every number, so the upper bound keeps
		// "n/a" from counting as growth.
		return b.file.SetConditionalFormat(sheet, cells, []excelize.ConditionalFormatOptions{
			{Type: "cell", Criteria: "between", MinValue: "1E-12", MaxValue: "1E+300", Format: &up},
			{Type: "cell", Criteria: "<", Value: "0", Format: &down}})
	}
	return nil
}

// prompt shows a column's definition when its heading is selected.
func (b *book) prompt(sheet string, c Column, cell string) error {
	if c.Definition == "" {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = cell
	v.SetInput(shorten(clean(c.Title), 32), shorten(clean(c.Definition), 250))
	return b.file.AddDataValidation(sheet, v)
}

// heading writes what stands above a table: title, edition, definition, the way back.
func (s *stream) heading(title, definition string, span int, width float64) error {
	d := s.book.doc
	if err := s.line(titleRow, 1, clean(title), roleTitle, 26); err != nil {
		return err
	}
	if err := s.line(bannerRow, span, s.book.banner(d.Edition), roleBanner, 18); err != nil {
		return err
	}
	if err := s.line(defRow, span, clean(definition), roleSoft, textHeight(definition, width)); err != nil {
		return err
	}
	return s.line(linkRow, 1, s.book.toContents, roleLink, 16)
}

func (s *stream) rows(t *Table) error {
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		cell, err := s.book.cell(clean(c.Title), styleKey{role: roleHead, kind: c.Kind})
		if err != nil {
			return err
		}
		head[i] = cell
	}
	if err := s.SetRow(ref(1, headRow), head, excelize.RowOpts{Height: 34}); err != nil {
		return err
	}
	for i, row := range t.Rows {
		if err := s.values(headRow+1+i, t, row, roleCell); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) values(row int, t *Table, values []Value, r role) error {
	cells := make([]any, len(values))
	var opts []excelize.RowOpts
	for i, v := range values {
		key := styleKey{role: r, kind: t.Columns[i].Kind, decimals: t.Columns[i].Decimals, mark: v.mark}
		if s.widths[i] == maxWidth && v.form == formText {
			key.wrap = true
			if lines := textHeight(v.text, maxWidth-4); len(opts) == 0 || lines > opts[0].Height {
				opts = []excelize.RowOpts{{Height: lines}}
			}
		}
		cell, err := s.book.cell(s.book.content(v), key)
		if err != nil {
			return err
		}
		cells[i] = cell
	}
	return s.SetRow(ref(1, row), cells, opts...)
}

// maxWidth is that of the widest column; what is longer wraps.
const maxWidth = 60

// widths fit the longest text of each column, heading in two lines, within bounds.
func (b *book) widths(t *Table) []float64 {
	out := make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		longest := 0
		for _, row := range t.Rows {
			if v := row[i]; v.form == formText {
				longest = max(longest, utf8.RuneCountInString(v.text))
			} else {
				longest = max(longest, utf8.RuneCountInString(b.value(v, c.Kind, c.Decimals)))
			}
		}
		title := utf8.RuneCountInString(c.Title)
		if title > 12 {
			title = max(12, (title+1)/2+2)
		}
		out[i] = min(max(float64(max(longest, title+3))*1.05+2, 9), maxWidth)
	}
	return out
}

// spanOf is how many columns a running text covers to be about width wide.
func spanOf(widths []float64, width float64) (span int, total float64) {
	const standard = 9.0 // columns beyond the table have Excel's own width
	for total < width {
		w := standard
		if span < len(widths) {
			w = widths[span]
		}
		total += w
		span++
	}
	return span, total
}

// frozenColumns keeps up to two leading columns that say what a row is about.
func frozenColumns(t *Table, widths []float64) int {
	n, width := 0, 0.0
	for n < 2 && n < len(t.Columns)-1 {
		switch t.Columns[n].Kind {
		case KindText, KindMonth, KindYear, KindDate:
		default:
			return n
		}
		if width += widths[n]; width > 60 {
			return n
		}
		n++
	}
	return n
}

func pane(frozen int) string {
	if frozen > 0 {
		return "bottomRight"
	}
	return "bottomLeft"
}

// textHeight is the height of a row for a text that wraps at width characters.
func textHeight(text string, width float64) float64 {
	lines := int(float64(utf8.RuneCountInString(text))/(width*1.05)) + 1
	return min(15*float64(lines)+2, 180)
}

func ref(column, row int) string {
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		panic(err) // columns and rows are bounded by Validate and maxSheetRows
	}
	return cell
}

func absolute(column, row int) string {
	cell, err := excelize.CoordinatesToCellName(column, row, true)
	if err != nil {
		panic(err)
	}
	return cell
}
