package render

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"peil/reports/render/rendertest"
)

// open shows a document and waits until its script has run.
func open(t *testing.T, b *rendertest.Browser, d *Document) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "index.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteHTML(f, d); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	b.Open(t, path)
	b.Run(t, chromedp.WaitReady(chromedp.CSS("html.js")))
	b.Script(t, `document.querySelectorAll('.tablebox').forEach(d => { d.open = true; })`)
}

// visibleRows are the texts of the shown rows of a table, cells divided by |.
const visibleRows = `[...document.querySelectorAll('#%s tbody tr')].map(r => [...r.children].filter(c => !c.hidden).map(c => c.innerText).join('|')).join('\n')`

func TestBrowser(t *testing.T) {
	b := rendertest.NewBrowser(t)
	open(t, b, sampleReport(Dutch, Internal, 20, 36))

	t.Run("paging", func(t *testing.T) {
		if got := b.Text(t, `document.querySelector('#branches [role=status]').textContent`); got != "1–25 van 720 rijen" {
			t.Errorf("status: %q", got)
		}
		b.Click(t, `#branches .pager button:nth-of-type(2)`)
		if got := b.Text(t, `document.querySelector('#branches [role=status]').textContent`); got != "26–50 van 720 rijen" {
			t.Errorf("status after turning: %q", got)
		}
	})
	t.Run("filter", func(t *testing.T) {
		b.Run(t, chromedp.SendKeys(chromedp.CSS(`#branches input[type=search]`), "vuurtören"))
		if got := b.Text(t, `document.querySelector('#branches [role=status]').textContent`); got != "1–25 van 36 rijen" {
			t.Errorf("status: %q", got)
		}
		b.Script(t, `const s = document.querySelectorAll('#branches select')[1]; s.selectedIndex = 4; s.dispatchEvent(new Event('change'))`)
		want := "Servicepunt De Vuurtoren|apr 2022|747|6|3|n.b.|6|747|0,0%"
		if diff := cmp.Diff(want, b.Text(t, fmt.Sprintf(visibleRows, "branches"))); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	t.Run("sort", func(t *testing.T) {
		// By keyboard, twice: up, then down.
		button := chromedp.CSS(`#age thead th:nth-child(3) button`)
		b.Run(t, chromedp.SendKeys(button, "\r"), chromedp.SendKeys(button, "\r"))
		if got := b.Text(t, `document.querySelector('#age thead th:nth-child(3)').getAttribute('aria-sort')`); got != "descending" {
			t.Errorf("aria-sort: %q", got)
		}
		first, _, _ := strings.Cut(b.Text(t, fmt.Sprintf(visibleRows, "age")), "\n")
		if !strings.HasPrefix(first, "30-49|528|684|") {
			t.Errorf("first row: %q", first)
		}
		// What is not known stands last, whichever way.
		b.Click(t, `#pc4 thead th:nth-child(5) button`)
		rows := strings.Split(b.Text(t, fmt.Sprintf(visibleRows, "pc4")), "\n")
		for _, r := range rows[len(rows)-3:] {
			if !strings.HasSuffix(r, "|x") && !strings.HasSuffix(r, "|n.b.") {
				t.Errorf("among the last rows: %q", r)
			}
		}
	})
	t.Run("total under a filter", func(t *testing.T) {
		b.Script(t, `for (const box of document.querySelectorAll('#pc4, #age')) box.querySelector('thead button').click()`)
		if got := b.Text(t, `document.querySelector('#age [role=status]').textContent`); got != "1–7 van 7 rijen" {
			t.Errorf("status without a filter: %q", got)
		}
		b.Run(t, chromedp.SendKeys(chromedp.CSS(`#pc4 input[type=search]`), "272"))
		if got := b.Text(t, `document.querySelector('#pc4 [role=status]').textContent`); got != "1–10 van 10 rijen (het totaal telt alle rijen)" {
			t.Errorf("status under a filter: %q", got)
		}
	})
	t.Run("hidden column", func(t *testing.T) {
		b.Script(t, `document.querySelectorAll('#branches .tools details input')[7].click()`)
		if got := b.Text(t, fmt.Sprintf(visibleRows, "branches")); !strings.Contains(got, "|6|n.b.|747|") {
			t.Errorf("row with the column shown: %q", got)
		}
	})
	t.Run("panels", func(t *testing.T) {
		b.Run(t, chromedp.SendKeys(chromedp.CSS(`.findpanel`), "forum"))
		b.Click(t, `.samescale`)
		if got := b.Text(t, `[...document.querySelectorAll('.panels li')].filter(l => !l.hidden).map(l => l.firstElementChild.textContent).join()`); got != "Forum" {
			t.Errorf("panels: %q", got)
		}
		if got := b.Text(t, `document.querySelector('.plot').getAttribute('transform')`); !strings.Contains(got, "scale(1 0.") {
			t.Errorf("transform: %q", got)
		}
	})
	t.Run("print", func(t *testing.T) {
		pdf, err := chromedp.Run(b, chromedp.PrintToPDF())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(pdf), "%PDF-") {
			t.Error("no PDF")
		}
	})
	b.Quiet(t)
}

// TestBrowserRedraw turns sorting on and off again: the rows that the script
// writes must read exactly as those that the page was written with.
func TestBrowserRedraw(t *testing.T) {
	b := rendertest.NewBrowser(t)
	d := sampleReport(English, Public, 1, 36)
	open(t, b, d)
	f := newFormatter(English)
	for _, s := range d.Sections {
		for _, table := range s.Tables {
			var want []string
			for _, row := range table.Rows {
				var cells []string
				for i, c := range table.Columns {
					if !c.Hidden {
						cells = append(cells, f.value(row[i], c.Kind, c.Decimals))
					}
				}
				want = append(want, strings.Join(cells, "|"))
			}
			got := strings.Split(b.Text(t, fmt.Sprintf(visibleRows, table.ID)), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("table %s (-Go +script):\n%s", table.ID, diff)
			}
		}
	}
	b.Quiet(t)
}

func TestBrowserLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("36,000 rows")
	}
	b := rendertest.NewBrowser(t)
	for _, branches := range []int{20, 1000} {
		open(t, b, sampleReport(Dutch, Internal, branches, 36))
		t.Logf("%d branches: ready after %s ms", branches, b.Text(t, `String(Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd))`))
	}
	b.Run(t, chromedp.SendKeys(chromedp.CSS(`#branches input[type=search]`), "Vestiging 999"))
	if got := b.Text(t, `document.querySelector('#branches [role=status]').textContent`); got != "1–25 van 36 rijen" {
		t.Errorf("status: %q", got)
	}
	b.Quiet(t)
}

// On a phone the words of a chart can be read, and nothing but tables and charts scrolls sideways.
func TestBrowserPhone(t *testing.T) {
	b := rendertest.NewBrowser(t)
	b.Width(t, 390)
	open(t, b, sampleReport(Dutch, Internal, 20, 36))
	small := b.Text(t, `[...document.querySelectorAll('svg.chart text')].filter(e => e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().height < 10).map(e => e.textContent).join()`)
	if small != "" {
		t.Errorf("words less than 10 pixels high: %s", small)
	}
	if got := b.Text(t, `String(document.documentElement.scrollWidth)`); got != "390" {
		t.Errorf("the page is %s pixels wide, want 390", got)
	}
	b.Quiet(t)
}

// Every chart and mark there is, in light and dark and on a phone.
func TestAxe(t *testing.T) {
	axe := rendertest.NewAxe(t)
	b := rendertest.NewBrowser(t)
	for _, c := range []struct {
		name, scheme string
		width        int64
	}{{"light", "light", 1280}, {"dark", "dark", 1280}, {"phone", "light", 390}} {
		t.Run(c.name, func(t *testing.T) {
			b.Scheme(t, c.scheme)
			b.Width(t, c.width)
			open(t, b, sampleReport(Dutch, Internal, 20, 36))
			axe.Check(t, b)
		})
	}
}
