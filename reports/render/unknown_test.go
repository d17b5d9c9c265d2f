package render

import (
	"bytes"
	"strings"
	"testing"
)

// A report of which nothing is known, such as one whose loans stopped years ago, is written
// all the same, in words.
func TestNothingIsKnown(t *testing.T) {
	d := sampleReport(Dutch, Public, 3, 12)
	for i := range d.Sections {
		for j := range d.Sections[i].Tables {
			table := &d.Sections[i].Tables[j]
			for k, c := range table.Columns {
				if !c.Kind.figure() {
					continue
				}
				for _, row := range append(table.Rows[:len(table.Rows):len(table.Rows)], table.Total) {
					if k < len(row) {
						row[k] = NotAvailable()
					}
				}
			}
		}
	}
	d.Sections[1].Charts = append(d.Sections[1].Charts, Chart{ID: "shares", Title: "Aandeel", Kind: Bars, Table: "age", X: "class", Y: []string{"change"}})
	raw := workbookOf(t, d)
	for name, content := range parts(t, raw) {
		if strings.Contains(content, "NaN<") || strings.Contains(content, "Inf<") {
			t.Errorf("%s of the workbook holds what is no number", name)
		}
	}
	var page bytes.Buffer
	if err := WriteHTML(&page, d); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "NaN") || strings.Contains(page.String(), "+Inf") {
		t.Error("the page holds what is no number")
	}
}
