package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes the document as a workbook: a cover with contents, an
// overview with charts, a sheet per table, a sheet per map or set of small
// multiples, the definitions, and the figures behind the charts.
//
// Numbers, months and dates are real ones with formats; texts are always
// texts, whatever they begin with. The file's times come from [Document].Made.
func WriteXLSX(w io.Writer, d *Document) error {
	if err := d.Validate(); err != nil {
		return err
	}
	b := newBook(d)
	defer b.file.Close() // nothing is on disk that closing could fail to write
	if err := b.build(); err != nil {
		return fmt.Errorf("render workbook %q: %w", d.Title, err)
	}
	if err := writeSorted(w, b.file); err != nil {
		return fmt.Errorf("write workbook %q: %w", d.Title, err)
	}
	return nil
}

// book is a workbook in the making.
type book struct {
	formatter
	doc    *Document
	file   *excelize.File
	names  sheetNames
	styles map[styleKey]int
	sheets []sheetPlan
	data   chartData
	charts []chartBlock // those on the overview
}

// sheetPlan is a sheet whose name is settled before any is written, so that the
// cover can link to all.
type sheetPlan struct {
	name  string
	title string
	rows  int
	write func(name string) error
}

// nowhere is a folder that cannot exist. Given it for its temporary files,
// excelize keeps large sheets in memory: a run that dies must not leave exact
// figures in a folder that others can reach.
const nowhere = "\x00"

func newBook(d *Document) *book {
	return &book{
		formatter: d.formatter(), doc: d, file: excelize.NewFile(excelize.Options{TmpDir: nowhere}),
		names: make(sheetNames), styles: make(map[styleKey]int),
	}
}

func (b *book) build() error {
	b.file.SetSheetName("Sheet1", b.names.take(b.cover))
	cover := b.file.GetSheetName(0)
	if err := b.plan(); err != nil {
		return err
	}
	for _, s := range b.sheets {
		if _, err := b.file.NewSheet(s.name); err != nil {
			return err
		}
	}
	if err := b.hideChartData(); err != nil {
		return err
	}
	if err := b.writeCover(cover); err != nil {
		return fmt.Errorf("sheet %q: %w", cover, err)
	}
	for _, s := range b.sheets {
		if err := s.write(s.name); err != nil {
			return fmt.Errorf("sheet %q: %w", s.name, err)
		}
	}
	if err := b.writeChartData(); err != nil {
		return fmt.Errorf("sheet %q: %w", b.chartData, err)
	}
	return b.properties()
}

// plan names every sheet and reads the charts' figures. The workbook's own
// sheets are named first, so that no table takes their names.
func (b *book) plan() error {
	b.data.sheet = b.names.take(b.chartData)
	overview := sheetPlan{b.names.take(b.overview), b.overview, 0, b.writeOverview}
	definitions := sheetPlan{b.names.take(b.definitions), b.definitions, 0, b.writeDefinitions}
	for i := range b.doc.Sections {
		s := &b.doc.Sections[i]
		for k := range s.Tables {
			t := &s.Tables[k]
			title := t.Short
			if title == "" {
				title = t.Title
			}
			b.sheets = append(b.sheets, sheetPlan{b.names.take(title), t.Title, len(t.Rows),
				func(name string) error { return b.writeTable(name, t) }})
		}
		for k := range s.Charts {
			c := &s.Charts[k]
			t := s.table(c.Table)
			plots, err := c.read(t)
			if err != nil {
				return fmt.Errorf("chart %q: %w", c.ID, err)
			}
			switch {
			case c.panels(len(plots)):
				block := b.data.add(c, joined(plots))
				b.sheets = append(b.sheets, sheetPlan{b.names.take(c.Title), c.Title, len(plots),
					func(name string) error {
						return b.writePanels(name, block, clean(t.Columns[t.column(c.By)].Title), plots)
					}})
			case c.Kind == TileMap:
				b.sheets = append(b.sheets, sheetPlan{b.names.take(c.Title), c.Title, 0,
					func(name string) error { return b.writeTiles(name, c, t, plots[0]) }})
			default:
				b.charts = append(b.charts, b.data.add(c, capped(c, plots[0])))
			}
		}
	}
	b.sheets = append(b.sheets, definitions)
	if len(b.charts) > 0 || len(b.doc.KeyFigures) > 0 {
		b.sheets = append([]sheetPlan{overview}, b.sheets...)
	}
	return nil
}

func (b *book) properties() error {
	made := b.doc.Made.UTC().Format(time.RFC3339)
	err := b.file.SetDocProps(&excelize.DocProperties{
		Title: clean(b.doc.Title), Subject: clean(b.doc.Subtitle), Creator: clean(b.doc.Library),
		LastModifiedBy: clean(b.doc.Library), Description: b.banner(b.doc.Edition),
		Keywords: clean(b.doc.Period), Category: b.editionShort(b.doc.Edition),
		Language: string(b.doc.Language), Created: made, Modified: made,
	})
	if err != nil {
		return err
	}
	return b.file.SetAppProps(&excelize.AppProperties{Application: "Peil", Company: clean(b.doc.Library)})
}

// dress gives a sheet what all have: landscape, fitted to some pages across and
// down (0: as many as it takes), the edition on every printed page, no grid lines.
func (b *book) dress(sheet, tab string, pagesWide, pagesHigh int) error {
	landscape, a4 := "landscape", 9
	fit, off := true, false
	if err := b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit, TabColorRGB: &tab}); err != nil {
		return err
	}
	if err := b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Orientation: &landscape, Size: &a4, FitToWidth: &pagesWide, FitToHeight: &pagesHigh}); err != nil {
		return err
	}
	side, top, edge := 0.4, 0.7, 0.3
	if err := b.file.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge}); err != nil {
		return err
	}
	if err := b.file.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &off}); err != nil {
		return err
	}
	return b.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
		OddHeader: "&L" + headerText(b.doc.Title) + "&R" + headerText(b.banner(b.doc.Edition)),
		OddFooter: "&L" + headerText(b.doc.Library) + "&C" + headerText(sheet) +
			"&R" + b.page + " &P " + b.of + " &N",
	})
}

// headerText escapes the one sign that has a meaning there, within the length
// that Excel allows for a whole header.
func headerText(s string) string {
	return strings.ReplaceAll(shorten(clean(s), 70), "&", "&&")
}

// printing sets the range that prints, from the first cell to the last given.
func (b *book) printing(sheet string, lastColumn, lastRow int) error {
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", Scope: sheet,
		RefersTo: quoteSheet(sheet) + "!$A$1:" + absolute(lastColumn, lastRow)})
}

// repeating sets the heading and the leading columns that every printed page shows.
func (b *book) repeating(sheet string, columns int) error {
	titles := fmt.Sprintf("%s!$%d:$%d", quoteSheet(sheet), headRow, headRow)
	if columns > 0 {
		last, err := excelize.ColumnNumberToName(columns)
		if err != nil {
			return err
		}
		titles = quoteSheet(sheet) + "!$A:$" + last + "," + titles
	}
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: sheet})
}
