package render

import (
	"github.com/xuri/excelize/v2"
)

// sheetPage writes cells one by one, for the sheets that are read and not computed with.
type sheetPage struct {
	*book
	sheet string
	row   int
	err   error
}

// put sets a number, a text or nothing in a column of the current row.
func (p *sheetPage) put(column int, value any, key styleKey) {
	if p.err != nil {
		return
	}
	id, err := p.style(key)
	cell := ref(column, p.row)
	if err == nil {
		err = p.file.SetCellStyle(p.sheet, cell, cell, id)
	}
	if err == nil && value != nil {
		err = p.file.SetCellValue(p.sheet, cell, value)
	}
	p.err = err
}

func (p *sheetPage) height(h float64) {
	if p.err == nil {
		p.err = p.file.SetRowHeight(p.sheet, p.row, h)
	}
}

func (p *sheetPage) widths(widths ...float64) {
	for i, w := range widths {
		if p.err == nil {
			name, _ := excelize.ColumnNumberToName(i + 1)
			p.err = p.file.SetColWidth(p.sheet, name, name, w)
		}
	}
}

// over puts a text over several columns of the current row.
func (p *sheetPage) over(span int, text string, key styleKey) {
	p.put(1, text, key)
	for c := 2; c <= span; c++ {
		p.put(c, nil, key)
	}
	if p.err == nil && span > 1 {
		p.err = p.file.MergeCell(p.sheet, ref(1, p.row), ref(span, p.row))
	}
}

func (p *sheetPage) link(column int, sheet string) {
	if p.err == nil {
		p.err = p.file.SetCellHyperLink(p.sheet, ref(column, p.row), quoteSheet(sheet)+"!A1", "Location")
	}
}

// heading is the same as that of a streamed table.
func (p *sheetPage) heading(title, definition string, span int, width float64) {
	p.row = titleRow
	p.put(1, clean(title), styleKey{role: roleTitle})
	p.height(26)
	p.row = bannerRow
	p.over(span, p.banner(p.doc.Edition), styleKey{role: roleBanner})
	p.row = defRow
	p.over(span, clean(definition), styleKey{role: roleSoft})
	p.height(textHeight(definition, width))
	p.row = linkRow
	p.put(1, p.toContents, styleKey{role: roleLink})
}

// pairs writes terms with their texts.
func (p *sheetPage) pairs(title string, pairs []Definition) {
	if len(pairs) == 0 {
		return
	}
	p.row++
	p.put(1, title, styleKey{role: roleSubtitle})
	for _, d := range pairs {
		p.row++
		p.put(1, clean(d.Term), styleKey{role: roleTerm})
		p.put(2, clean(d.Text), styleKey{role: roleText})
		p.height(max(textHeight(d.Text, 90), textHeight(d.Term, 26)))
	}
	p.row++
}

func (b *book) writeCover(sheet string) error {
	p := &sheetPage{book: b, sheet: sheet, row: 1}
	p.widths(28, 92, 12)
	p.put(1, clean(b.doc.Title), styleKey{role: roleTitle})
	p.height(30)
	if b.doc.Subtitle != "" {
		p.row++
		p.put(1, clean(b.doc.Subtitle), styleKey{role: roleSubtitle})
	}
	p.row += 2
	p.over(3, b.banner(b.doc.Edition), styleKey{role: roleBanner})
	p.row++
	for _, m := range b.meta(b.doc) {
		p.row++
		p.put(1, m.Term, styleKey{role: roleTerm})
		p.put(2, m.Text, styleKey{role: roleText})
		p.height(textHeight(m.Text, 90))
	}
	p.row += 2
	p.put(1, b.contents, styleKey{role: roleSubtitle})
	for _, s := range b.sheets {
		p.row++
		p.put(1, s.name, styleKey{role: roleLink})
		p.link(1, s.name)
		if s.title != s.name {
			p.put(2, clean(s.title), styleKey{role: roleText})
		}
		if s.rows > 0 {
			p.put(3, b.number(float64(s.rows), 0)+" "+b.rows, styleKey{role: roleSoft})
		}
	}
	p.row++
	p.pairs(b.legend, b.legendOf(b.doc))
	p.pairs(b.definitions, b.doc.Definitions)
	if len(b.doc.Notes) > 0 {
		p.row++
		p.put(1, b.notes, styleKey{role: roleSubtitle})
		for _, n := range b.doc.Notes {
			p.row++
			p.over(2, clean(n), styleKey{role: roleText})
			p.height(textHeight(n, 118))
		}
	}
	if p.err != nil {
		return p.err
	}
	if err := b.dress(sheet, softColour, 1, 0); err != nil {
		return err
	}
	return b.printing(sheet, 3, p.row)
}

// writeDefinitions lists every term and every column with its definition.
func (b *book) writeDefinitions(sheet string) error {
	t := &Table{ID: "definitions", Title: b.definitions, Columns: []Column{
		{Key: "table", Title: b.table}, {Key: "column", Title: b.column},
		{Key: "definition", Title: b.meaning}, {Key: "key", Title: b.key},
	}}
	for i := range b.doc.Sections {
		for _, table := range b.doc.Sections[i].Tables {
			for _, c := range table.Columns {
				t.Rows = append(t.Rows, []Value{Text(table.Title), Text(c.Title), Text(c.Definition), Text(c.Key)})
			}
		}
	}
	return b.writeTable(sheet, t)
}
