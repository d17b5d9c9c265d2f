package render

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func workbookOf(t testing.TB, d *Document) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteXLSX(&buf, d); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func openWorkbook(t testing.TB, raw []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// parts are the files inside a workbook.
func parts(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(data)
	}
	return out
}

func TestWorkbookCells(t *testing.T) {
	f := openWorkbook(t, workbookOf(t, smallReport(Dutch)))
	wantSheets := []string{"Voorblad", "Overzicht", "Per maand", "Delen", "Gebied", "Vakken", "Kaart", "Definities", "Grafiekdata"}
	if diff := cmp.Diff(wantSheets, f.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	tests := []struct {
		sheet, cell string
		raw, shown  string
		text        bool
		format      string
	}{
		{"Per maand", "A1", "Per maand", "Per maand", true, ""},
		{"Per maand", "A2", "Publieke editie: kleine aantallen zijn beschermd", "", true, ""},
		{"Per maand", "C6", "Nieuw", "Nieuw", true, ""},
		{"Per maand", "B7", "45292", "", false, "[$-413]mmm yyyy"},
		{"Per maand", "C7", "1200", "≥ 1,200", false, `"≥ "#,##0`},
		{"Per maand", "C8", "1300", "1,300", false, "#,##0"},
		{"Per maand", "C9", "0", "0", false, "#,##0"},
		{"Per maand", "C10", "x", "x", true, "#,##0"},
		{"Per maand", "C12", "n.b.", "n.b.", true, "#,##0"},
		{"Per maand", "A14", "Totaal", "Totaal", true, ""},
		{"Per maand", "B14", "", "", true, "[$-413]mmm yyyy"},
		{"Per maand", "C14", "3300", "≥ 3,300", false, `"≥ "#,##0`},
		{"Delen", "B7", "-0.125", "-12.5%", false, "0.0%"},
		{"Delen", "E7", "1999", "1999", false, "0"},
		{"Delen", "F7", "45351", "", false, "[$-413]d mmm yyyy"},
		{"Delen", "G7", "1234.5", "1,234.50", false, "#,##0.00"},
		{"Kaart", "C7", "5", "5", false, "#,##0"},
		{"Kaart", "K7", "90", "90", false, "#,##0"},
		{"Kaart", "G8", "x", "x", true, "#,##0"},
		{"Vakken", "C7", "1200", "≥ 1,200", false, `"≥ "#,##0`},
		{"Vakken", "E7", "n.b.", "n.b.", true, "#,##0"},
	}
	for _, tt := range tests {
		at := tt.sheet + "!" + tt.cell
		raw, err := f.GetCellValue(tt.sheet, tt.cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		if raw != tt.raw {
			t.Errorf("%s holds %q, want %q", at, raw, tt.raw)
		}
		if shown, _ := f.GetCellValue(tt.sheet, tt.cell); tt.shown != "" && shown != tt.shown {
			t.Errorf("%s shows %q, want %q", at, shown, tt.shown)
		}
		kind, _ := f.GetCellType(tt.sheet, tt.cell)
		if isText := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString; isText != tt.text {
			t.Errorf("%s has type %v; text: want %v", at, kind, tt.text)
		}
		if tt.format != "" {
			id, _ := f.GetCellStyle(tt.sheet, tt.cell)
			style, err := f.GetStyle(id)
			if err != nil || style.CustomNumFmt == nil || *style.CustomNumFmt != tt.format {
				t.Errorf("%s has style %+v, want format %q", at, style, tt.format)
			}
		}
	}
}

func TestWorkbookSettings(t *testing.T) {
	d := smallReport(English)
	d.Edition = Internal
	d.Sections[0].Tables[1].Columns[2].Hidden = true
	raw := workbookOf(t, d)
	f := openWorkbook(t, raw)
	names := make(map[string]string)
	for _, n := range f.GetDefinedName() {
		names[n.Scope+"/"+n.Name] = n.RefersTo
	}
	want := map[string]string{
		"Per maand/_xlnm._FilterDatabase": "'Per maand'!$A$6:$C$12",
		"Per maand/_xlnm.Print_Titles":    "'Per maand'!$6:$6",
		"Per maand/_xlnm.Print_Area":      "'Per maand'!$A$1:$J$16",
	}
	for name, refers := range want {
		if names[name] != refers {
			t.Errorf("%s refers to %q, want %q", name, names[name], refers)
		}
	}
	panes, err := f.GetPanes("Per maand")
	if err != nil {
		t.Fatal(err)
	}
	if !panes.Freeze || panes.XSplit != 2 || panes.YSplit != headRow {
		t.Errorf("panes: %+v", panes)
	}
	if visible, _ := f.GetColVisible("Delen", "C"); visible {
		t.Error("the hidden column shows")
	}
	if visible, _ := f.GetSheetVisible("Chart data"); visible {
		t.Error("the charts' figures show")
	}
	for _, sheet := range f.GetSheetList() {
		if visible, _ := f.GetSheetVisible(sheet); !visible {
			continue
		}
		header, err := f.GetHeaderFooter(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if header == nil || !strings.Contains(header.OddHeader, "Internal edition: contains exact figures") {
			t.Errorf("sheet %q does not print its edition", sheet)
		}
		found, err := f.SearchSheet(sheet, "Internal edition: contains exact figures, do not distribute")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			t.Errorf("sheet %q does not show its edition", sheet)
		}
	}
	props, err := f.GetDocProps()
	if err != nil {
		t.Fatal(err)
	}
	if props.Title != "Klein <rapport> & meer" || props.Created != "2025-01-02T03:04:05Z" || props.Language != "en" || props.Category != "Internal" {
		t.Errorf("properties: %+v", props)
	}
	charts := 0
	for name := range parts(t, raw) {
		if strings.HasPrefix(name, "xl/charts/chart") {
			charts++
		}
	}
	if charts != 3 {
		t.Errorf("%d native charts, want 3", charts)
	}
	if !strings.Contains(parts(t, raw)["xl/worksheets/sheet6.xml"], "x14:sparkline ") &&
		!strings.Contains(parts(t, raw)["xl/worksheets/sheet6.xml"], "<x14:sparkline>") {
		t.Error("the panels have no sparklines")
	}
}

func TestWorkbookLinks(t *testing.T) {
	f := openWorkbook(t, workbookOf(t, smallReport(Dutch)))
	sheets := make(map[string]bool)
	for _, s := range f.GetSheetList() {
		sheets[quoteSheet(s)+"!A1"] = true
	}
	links := 0
	for row := 1; row < 40; row++ {
		ok, target, err := f.GetCellHyperLink("Voorblad", ref(1, row))
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			links++
			if !sheets[target] {
				t.Errorf("row %d links to %q, which is no sheet", row, target)
			}
		}
	}
	if links != 7 {
		t.Errorf("%d links, want one per sheet after the cover", links)
	}
	if ok, target, _ := f.GetCellHyperLink("Per maand", "A4"); !ok || target != "'Voorblad'!A1" {
		t.Errorf("the way back leads to %q", target)
	}
}

func TestWorkbookDeterministic(t *testing.T) {
	first := workbookOf(t, sampleReport(Dutch, Internal, 30, 36))
	for range 4 {
		if !bytes.Equal(first, workbookOf(t, sampleReport(Dutch, Internal, 30, 36))) {
			t.Fatal("equal documents gave different workbooks")
		}
	}
	z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != contentTypes {
		t.Errorf("the first part is %q", z.File[0].Name)
	}
	for _, f := range z.File {
		if !f.Modified.IsZero() && f.Modified.Year() > 1980 {
			t.Errorf("part %q is dated %v", f.Name, f.Modified)
		}
	}
}

// TestWorkbookFormulas: no text of a document may become something that a
// spreadsheet computes or runs.
func TestWorkbookFormulas(t *testing.T) {
	d := smallReport(Dutch)
	attacks := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", `=HYPERLINK("x")`, "=cmd|' /C calc'!A0"}
	table := &d.Sections[0].Tables[0]
	table.Rows, table.Total = nil, nil
	for i, s := range attacks {
		table.Rows = append(table.Rows, []Value{Text(s), Month(2024, time.Month(i+1)), Int(1)})
		table.Columns[i%3].Title = s
		d.Notes = append(d.Notes, s)
	}
	d.Title, d.Library, d.Period, d.Sections[0].Charts[0].Title = attacks[0], attacks[1], attacks[6], attacks[7]
	d.KeyFigures = append(d.KeyFigures, KeyFigure{Label: "=1", Note: "=2", Value: Text("=3"), Kind: KindText})
	raw := workbookOf(t, d)
	formula := regexp.MustCompile(`<f[ >]`)
	for name, part := range parts(t, raw) {
		if strings.HasPrefix(name, "xl/worksheets/") && formula.MatchString(part) {
			t.Errorf("%s holds a formula", name)
		}
	}
	f := openWorkbook(t, raw)
	for i, s := range attacks {
		got, err := f.GetCellValue("Per maand", ref(1, headRow+1+i))
		if err != nil || strings.TrimSpace(got) != strings.TrimSpace(s) {
			t.Errorf("text %q reads back as %q (%v)", s, got, err)
		}
	}
}

func TestWorkbookNaughty(t *testing.T) {
	d, lines := naughty(t)
	f := openWorkbook(t, workbookOf(t, d))
	for i, s := range lines {
		got, err := f.GetCellValue("Per maand", ref(1, headRow+1+i))
		if err != nil {
			t.Fatal(err)
		}
		if want := clean(s); got != want {
			t.Errorf("row %d: %q, want %q", i+1, got, want)
		}
	}
}

func TestSheetNames(t *testing.T) {
	names := make(sheetNames)
	tests := [][2]string{
		{"Vestigingen", "Vestigingen"},
		{"vestigingen", "vestigingen (2)"},
		{"Stand en stroom per vestiging en maand", "Stand en stroom per vestiging…"},
		{"Stand en stroom per vestiging en jaar", "Stand en stroom per vestig… (2)"},
		{"a/b\\c:d?e*f[g]h", "a b c d e f g h"},
		{"'quoted'", "quoted"},
		{"", "Sheet"},
		{"History", "Sheet History"},
		{"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀…"},
	}
	for _, tt := range tests {
		if got := names.take(tt[0]); got != tt[1] {
			t.Errorf("%q became %q, want %q", tt[0], got, tt[1])
		}
	}
}

func FuzzSheetName(f *testing.F) {
	f.Add("'", "History")
	f.Add("a…b", strings.Repeat("x", 40))
	f.Fuzz(func(t *testing.T, a, b string) {
		names, book := make(sheetNames), excelize.NewFile()
		defer book.Close()
		for _, s := range []string{a, b, a, b} {
			name := names.take(s)
			if n := len(utf16.Encode([]rune(name))); n > maxSheetName {
				t.Errorf("%q has %d characters", name, n)
			}
			if _, err := book.NewSheet(name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
		if n := len(book.GetSheetList()); n != 5 {
			t.Errorf("%d sheets, want 5: two had one name", n)
		}
	})
}

// watchedWriter looks into a folder at the first byte, when excelize's temporary
// files would still be there.
type watchedWriter struct {
	dir   string
	files []string
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	if w.files == nil {
		w.files = []string{}
		entries, err := os.ReadDir(w.dir)
		if err != nil {
			return 0, err
		}
		for _, e := range entries {
			w.files = append(w.files, e.Name())
		}
	}
	return len(p), nil
}

func TestLargeWorkbookStaysInMemory(t *testing.T) {
	w := &watchedWriter{dir: t.TempDir()}
	t.Setenv("TMPDIR", w.dir)
	if err := WriteXLSX(w, sampleReport(Dutch, Internal, 1000, 36)); err != nil {
		t.Fatal(err)
	}
	if w.files == nil || len(w.files) > 0 {
		t.Errorf("temporary files while writing: %v", w.files)
	}
}

func TestTooManyRows(t *testing.T) {
	d := smallReport(Dutch)
	table := &d.Sections[0].Tables[2]
	row := table.Rows[0]
	table.Rows = make([][]Value, maxSheetRows+1)
	for i := range table.Rows {
		table.Rows[i] = row
	}
	d.Sections[0].Charts = d.Sections[0].Charts[:1]
	err := WriteXLSX(io.Discard, d)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(maxSheetRows)) {
		t.Errorf("error %v, want one that says what fits", err)
	}
}
