package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// crowded is a report with more charts than fit one page.
func crowded() *Document {
	d := sampleReport(Dutch, Internal, 3, 36)
	charts := d.Sections[0].Charts[:2]
	for i := range 9 {
		c := charts[i%2]
		c.ID = fmt.Sprint("again-", i)
		d.Sections[0].Charts = append(d.Sections[0].Charts, c)
	}
	return d
}

// No page of the overview ends within a chart, and none is higher than the paper.
func TestOverviewPages(t *testing.T) {
	p := parts(t, workbookOf(t, crowded()))
	sheet := p["xl/worksheets/sheet2.xml"]
	breaks := map[int]bool{}
	for _, m := range regexp.MustCompile(`<brk id="(\d+)"`).FindAllStringSubmatch(sheet, -1) {
		row, _ := strconv.Atoi(m[1]) // the last of its page
		breaks[row] = true
	}
	if len(breaks) < 2 {
		t.Fatalf("%d page ends of its own, want two or more", len(breaks))
	}
	anchors := regexp.MustCompile(`<xdr:from>.*?<xdr:row>(\d+)</xdr:row>.*?<xdr:to>.*?<xdr:row>(\d+)</xdr:row>`).FindAllStringSubmatch(p["xl/drawings/drawing1.xml"], -1)
	if len(anchors) < 13 {
		t.Fatalf("%d charts, want 13", len(anchors))
	}
	last := 0
	for _, a := range anchors {
		from, _ := strconv.Atoi(a[1])
		to, _ := strconv.Atoi(a[2])
		last = max(last, to)
		for row := from + 1; row <= to; row++ {
			if breaks[row] {
				t.Errorf("a page ends after row %d, within a chart from row %d to %d", row, from+1, to+1)
			}
		}
	}
	f := openWorkbook(t, workbookOf(t, crowded()))
	height := 0.0
	for row := 1; row <= last+1; row++ {
		h, err := f.GetRowHeight("Overzicht", row)
		if err != nil {
			t.Fatal(err)
		}
		if height += h; height > overviewPage {
			t.Errorf("the page with row %d is %v points high, the paper %d", row, height, overviewPage)
		}
		if breaks[row] {
			height = 0
		}
	}
}

// LibreOffice opens the workbook, finds a width for every number, and prints the
// overview on as many pages as its own page ends make.
func TestPrintedByLibreOffice(t *testing.T) {
	for _, tool := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("no %s on PATH, and CI must have it", tool)
			}
			t.Skipf("no %s on PATH", tool)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "report.xlsx"), workbookOf(t, crowded()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"soffice", "-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "report.xlsx"},
		{"pdftotext", "-layout", "report.pdf", "report.txt"},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "report.txt"))
	if err != nil {
		t.Fatal(err)
	}
	overview := 0
	for _, page := range strings.Split(string(text), "\f") {
		if strings.Contains(page, "###") {
			t.Errorf("a number is wider than its column:\n%s", page)
		}
		if regexp.MustCompile(`Overzicht +Pagina \d`).MatchString(page) {
			overview++
		}
	}
	if overview != 3 {
		t.Errorf("the overview takes %d pages, want 3: four charts, six, three", overview)
	}
}

func TestTickDecimals(t *testing.T) {
	for _, c := range []struct {
		values []Value
		want   int
	}{
		{nil, 0},
		{[]Value{NotAvailable(), NotAvailable()}, 0},
		{[]Value{Float(0.97)}, 0},
		{[]Value{Float(0.1), Float(0.9)}, 0},
		{[]Value{Float(0.97), Float(0.99), NotAvailable()}, 1},
		{[]Value{Float(0.9765), Float(0.9770)}, 2},
	} {
		if got := tickDecimals(plot{series: []series{{values: c.values}}}); got != c.want {
			t.Errorf("%v: %d decimals, want %d", c.values, got, c.want)
		}
	}
}
