package render

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// browser is a tab of a headless Chromium that remembers every complaint.
type browser struct {
	context.Context
	mu         sync.Mutex
	complaints []string
}

// newBrowser skips where there is no Chromium, unless CI says there must be.
func newBrowser(t *testing.T) *browser {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Chromium on PATH, and CI must have one")
		}
		t.Skip("no Chromium on PATH")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	b := &browser{}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.complaints = append(b.complaints, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				b.complaints = append(b.complaints, fmt.Sprint(e.Type))
			}
		case *log.EventEntryAdded:
			b.complaints = append(b.complaints, e.Entry.Text)
		}
	}))
	t.Cleanup(cancel)
	b.Context = ctx
	return b
}

// open shows a document and waits until its script has run.
func (b *browser) open(t *testing.T, d *Document) {
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
	b.run(t, chromedp.Navigate("file://"+path), chromedp.WaitReady(chromedp.CSS("html.js")))
	b.script(t, `document.querySelectorAll('.tablebox').forEach(d => { d.open = true; })`)
}

func (b *browser) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) text(t *testing.T, script string) string {
	t.Helper()
	out, err := chromedp.Run(b, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// script runs a script for what it does.
func (b *browser) script(t *testing.T, script string) {
	t.Helper()
	b.text(t, "(() => { "+script+" })(); ''")
}

// click needs no coordinates, which a page that scrolls smoothly would move.
func (b *browser) click(t *testing.T, selector string) {
	t.Helper()
	b.script(t, "document.querySelector('"+selector+"').click()")
}

func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		t.Errorf("the browser complains: %s", c)
	}
}

// visibleRows are the texts of the shown rows of a table, cells divided by |.
const visibleRows = `[...document.querySelectorAll('#%s tbody tr')].map(r => [...r.children].filter(c => !c.hidden).map(c => c.innerText).join('|')).join('\n')`

func TestBrowser(t *testing.T) {
	b := newBrowser(t)
	b.open(t, sampleReport(Dutch, Internal, 20, 36))

	t.Run("paging", func(t *testing.T) {
		if got := b.text(t, `document.querySelector('#branches [role=status]').textContent`); got != "1–25 van 720 rijen" {
			t.Errorf("status: %q", got)
		}
		b.click(t, `#branches .pager button:nth-of-type(2)`)
		if got := b.text(t, `document.querySelector('#branches [role=status]').textContent`); got != "26–50 van 720 rijen" {
			t.Errorf("status after turning: %q", got)
		}
	})
	t.Run("filter", func(t *testing.T) {
		b.run(t, chromedp.SendKeys(chromedp.CSS(`#branches input[type=search]`), "vuurtören"))
		if got := b.text(t, `document.querySelector('#branches [role=status]').textContent`); got != "1–25 van 36 rijen" {
			t.Errorf("status: %q", got)
		}
		b.script(t, `const s = document.querySelectorAll('#branches select')[1]; s.selectedIndex = 4; s.dispatchEvent(new Event('change'))`)
		want := "Servicepunt De Vuurtoren|apr 2022|747|6|3|n.b.|6|747|0,0%"
		if diff := cmp.Diff(want, b.text(t, fmt.Sprintf(visibleRows, "branches"))); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	t.Run("sort", func(t *testing.T) {
		// By keyboard, twice: up, then down.
		button := chromedp.CSS(`#age thead th:nth-child(3) button`)
		b.run(t, chromedp.SendKeys(button, "\r"), chromedp.SendKeys(button, "\r"))
		if got := b.text(t, `document.querySelector('#age thead th:nth-child(3)').getAttribute('aria-sort')`); got != "descending" {
			t.Errorf("aria-sort: %q", got)
		}
		first, _, _ := strings.Cut(b.text(t, fmt.Sprintf(visibleRows, "age")), "\n")
		if !strings.HasPrefix(first, "30-49|528|684|") {
			t.Errorf("first row: %q", first)
		}
		// What is not known stands last, whichever way.
		b.click(t, `#pc4 thead th:nth-child(5) button`)
		rows := strings.Split(b.text(t, fmt.Sprintf(visibleRows, "pc4")), "\n")
		for _, r := range rows[len(rows)-3:] {
			if !strings.HasSuffix(r, "|x") && !strings.HasSuffix(r, "|n.b.") {
				t.Errorf("among the last rows: %q", r)
			}
		}
	})
	t.Run("total under a filter", func(t *testing.T) {
		b.script(t, `for (const box of document.querySelectorAll('#pc4, #age')) box.querySelector('thead button').click()`)
		if got := b.text(t, `document.querySelector('#age [role=status]').textContent`); got != "1–7 van 7 rijen" {
			t.Errorf("status without a filter: %q", got)
		}
		b.run(t, chromedp.SendKeys(chromedp.CSS(`#pc4 input[type=search]`), "272"))
		if got := b.text(t, `document.querySelector('#pc4 [role=status]').textContent`); got != "1–10 van 10 rijen (het totaal telt alle rijen)" {
			t.Errorf("status under a filter: %q", got)
		}
	})
	t.Run("hidden column", func(t *testing.T) {
		b.script(t, `document.querySelectorAll('#branches .tools details input')[7].click()`)
		if got := b.text(t, fmt.Sprintf(visibleRows, "branches")); !strings.Contains(got, "|6|n.b.|747|") {
			t.Errorf("row with the column shown: %q", got)
		}
	})
	t.Run("panels", func(t *testing.T) {
		b.run(t, chromedp.SendKeys(chromedp.CSS(`.findpanel`), "forum"))
		b.click(t, `.samescale`)
		if got := b.text(t, `[...document.querySelectorAll('.panels li')].filter(l => !l.hidden).map(l => l.firstElementChild.textContent).join()`); got != "Forum" {
			t.Errorf("panels: %q", got)
		}
		if got := b.text(t, `document.querySelector('.plot').getAttribute('transform')`); !strings.Contains(got, "scale(1 0.") {
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
	b.quiet(t)
}

// TestBrowserRedraw turns sorting on and off again: the rows that the script
// writes must read exactly as those that the page was written with.
func TestBrowserRedraw(t *testing.T) {
	b := newBrowser(t)
	d := sampleReport(English, Public, 1, 36)
	b.open(t, d)
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
			got := strings.Split(b.text(t, fmt.Sprintf(visibleRows, table.ID)), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("table %s (-Go +script):\n%s", table.ID, diff)
			}
		}
	}
	b.quiet(t)
}

func TestBrowserLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("36,000 rows")
	}
	b := newBrowser(t)
	b.open(t, sampleReport(Dutch, Internal, 1000, 36))
	t.Logf("ready after %s ms", b.text(t, `String(Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd))`))
	b.run(t, chromedp.SendKeys(chromedp.CSS(`#branches input[type=search]`), "Vestiging 999"))
	if got := b.text(t, `document.querySelector('#branches [role=status]').textContent`); got != "1–25 van 36 rijen" {
		t.Errorf("status: %q", got)
	}
	b.quiet(t)
}

// TestAxe runs the accessibility checker that PEIL_AXE names (axe.min.js of
// axe-core), in light and dark.
func TestAxe(t *testing.T) {
	path := os.Getenv("PEIL_AXE")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("PEIL_AXE names no axe.min.js, and CI must have one")
		}
		t.Skip("PEIL_AXE names no axe.min.js")
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			_, err := chromedp.Run(b, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
				return cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			})
			if err != nil {
				t.Fatal(err)
			}
			b.open(t, sampleReport(Dutch, Internal, 20, 36))
			b.text(t, string(source)+"; ''")
			b.script(t, `document.querySelectorAll('details').forEach(d => { d.open = true; })`)
			result := b.text(t, `axe.run({resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map(v =>
				v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' || '))))`)
			var violations []string
			if err := json.Unmarshal([]byte(result), &violations); err != nil {
				t.Fatal(err)
			}
			for _, v := range violations {
				t.Error(v)
			}
		})
	}
}
