// Package rendertest opens pages in a real browser, for the tests of what makes them.
package rendertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is a tab of a headless Chromium that remembers every complaint.
type Browser struct {
	context.Context
	mu         sync.Mutex
	complaints []string
}

// NewBrowser starts a browser that ends with the test. It skips where there is no
// Chromium, unless CI says there must be.
func NewBrowser(t *testing.T) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		missing(t, "no Chromium on PATH")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	b := &Browser{}
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

// missing skips the test, or fails it where CI promises that everything is there.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what + ", and CI must have one")
	}
	t.Skip(what)
}

// Open shows the page in a file.
func (b *Browser) Open(t *testing.T, path string) {
	t.Helper()
	b.Run(t, chromedp.Navigate("file://"+path), chromedp.WaitReady(chromedp.CSS("body")))
}

// Scheme is the colour scheme of every page from now on: light or dark.
func (b *Browser) Scheme(t *testing.T, scheme string) {
	t.Helper()
	_, err := chromedp.Run(b, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Width is that of every page from now on, in pixels.
func (b *Browser) Width(t *testing.T, width int64) {
	t.Helper()
	_, err := chromedp.Run(b, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: 900, DeviceScaleFactor: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Run does one action after the other.
func (b *Browser) Run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

// Text is what a script returns, once it is there.
func (b *Browser) Text(t *testing.T, script string) string {
	t.Helper()
	out, err := chromedp.Run(b, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Script runs a script for what it does.
func (b *Browser) Script(t *testing.T, script string) {
	t.Helper()
	b.Text(t, "(() => { "+script+" })(); ''")
}

// Click needs no coordinates, which a page that scrolls smoothly would move.
func (b *Browser) Click(t *testing.T, selector string) {
	t.Helper()
	b.Script(t, "document.querySelector('"+selector+"').click()")
}

// Quiet fails the test with every complaint so far.
func (b *Browser) Quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		t.Errorf("the browser complains: %s", c)
	}
	b.complaints = nil
}

// Axe is the accessibility checker axe-core.
type Axe string

// NewAxe reads the axe.min.js that PEIL_AXE names. It skips where it names none, unless
// CI says there must be one.
func NewAxe(t *testing.T) Axe {
	t.Helper()
	path := os.Getenv("PEIL_AXE")
	if path == "" {
		missing(t, "PEIL_AXE names no axe.min.js")
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Axe(source)
}

// Check fails the test with everything that axe finds on the page that the browser
// shows, once all that folds is open. Of a table it sees two rows: the others are
// alike, and axe looks at every cell.
func (a Axe) Check(t *testing.T, b *Browser) {
	t.Helper()
	b.Text(t, string(a)+"; ''")
	b.Script(t, `document.querySelectorAll('details').forEach(d => { d.open = true; });
		document.querySelectorAll('tbody tr:nth-child(n+3)').forEach(r => r.remove())`)
	result := b.Text(t, `axe.run({resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map(v =>
		v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' || '))))`)
	var violations []string
	if err := json.Unmarshal([]byte(result), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}
