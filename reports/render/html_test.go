package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func pageOf(t testing.TB, d *Document) string {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteHTML(&buf, d); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// smallReport has one of everything, few enough to read its golden files.
func smallReport(language Language) *Document {
	return &Document{
		Title: "Klein <rapport> & meer", Language: language, Edition: Public, Library: "Bibliotheek Voorbeeld", Period: "2024",
		Source: "telling", ReferenceDate: time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC), Made: sampleTime,
		KeyFigures:  []KeyFigure{{Label: "Leden", Value: Int(1234567), Kind: KindCount}, {Label: "Verhuisd", Kind: KindCount}},
		Definitions: []Definition{{"Nieuw lid", "Voor het eerst ingeschreven."}},
		Sections: []Section{{ID: "s", Title: "Stroom", Charts: []Chart{
			{ID: "c-lines", Title: "Nieuw", Kind: Lines, Table: "t", X: "month", Y: []string{"new"}, By: "branch"},
			{ID: "c-bars", Title: "Groei", Kind: Bars, Table: "t2", X: "class", Y: []string{"share"}},
			{ID: "c-stack", Title: "Delen", Kind: StackedBars, Table: "t2", X: "class", Y: []string{"a", "b"}},
			{ID: "c-panels", Title: "Vakken", Kind: SmallMultiples, Table: "t", X: "month", Y: []string{"new"}, By: "branch"},
			{ID: "c-map", Title: "Kaart", Kind: TileMap, Table: "t3", X: "pc4", Y: []string{"n"}},
		}, Tables: []Table{
			{ID: "t", Title: "Per maand", Definition: "Eén rij per vestiging en maand.", Files: []string{"t.csv"},
				Columns: []Column{{Key: "branch", Title: "Vestiging"}, {Key: "month", Title: "Maand", Kind: KindMonth},
					{Key: "new", Title: "Nieuw", Kind: KindCount, Definition: "Eerste inschrijving.", Shade: ShadeMagnitude}},
				Rows: [][]Value{
					{Text("A"), Month(2024, 1), AtLeast(1200)}, {Text("A"), Month(2024, 2), Int(1300)}, {Text("A"), Month(2024, 4), Int(0)},
					{Text("B"), Month(2024, 1), Protected()}, {Text("B"), Month(2024, 2), Int(800)}, {Text("B"), Month(2024, 4), NotAvailable()}},
				Total: []Value{Text("Totaal"), Text(""), AtLeast(3300)}},
			{ID: "t2", Title: "Delen", Columns: []Column{{Key: "class", Title: "Klasse"}, {Key: "share", Title: "Groei", Kind: KindPercent, Decimals: 1, Shade: ShadeChange},
				{Key: "a", Title: "A", Kind: KindCount}, {Key: "b", Title: "B", Kind: KindCount}, {Key: "year", Title: "Sinds", Kind: KindYear}, {Key: "day", Title: "Dag", Kind: KindDate}, {Key: "mean", Title: "Gemiddeld", Kind: KindDecimal, Decimals: 2}},
				Rows: [][]Value{
					{Text("0-3"), Float(-0.125), Int(10), Int(5), Int(1999), Date(time.Date(2024, 2, 29, 23, 0, 0, 0, time.UTC)), Float(1234.5)},
					{Text("4-12"), Float(0.0004), Int(20), Protected(), Int(2024), NotAvailable(), Float(-0.001)}}},
			{ID: "t3", Title: "Gebied", Columns: []Column{{Key: "pc4", Title: "PC4"}, {Key: "n", Title: "Leden", Kind: KindCount}},
				Rows: [][]Value{{Text("2711"), Int(5)}, {Text("2719"), Int(90)}, {Text("2725"), Protected()}, {Text("onbekend"), Int(7)}}},
		}}},
	}
}

// TestPageGolden holds every figure, mark and word of a small page; style and
// script are left out.
func TestPageGolden(t *testing.T) {
	for _, language := range []Language{Dutch, English} {
		html := pageOf(t, smallReport(language))
		start, end := strings.Index(html, "<body>"), strings.Index(html, `<script type="application/json" id="peil_words">`)
		blank := regexp.MustCompile(`\n\s*\n+`)
		golden(t, "page."+string(language)+".html", []byte(blank.ReplaceAllString(html[start:end], "\n")))
	}
}

func TestPagePolicy(t *testing.T) {
	html := pageOf(t, smallReport(Dutch))
	for tag, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		body := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(html, -1)
		if len(body) != 1 {
			t.Fatalf("%d %s elements", len(body), tag)
		}
		sum := sha256.Sum256([]byte(body[0][1]))
		want := directive + " &#39;sha256-" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;")
		if !strings.Contains(html, want) {
			t.Errorf("the policy lacks the hash of the page's %s", tag)
		}
	}
	for _, bad := range []string{"http://", "https://", " onclick=", " onload=", " style=", "@import", "url("} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(html, "default-src &#39;none&#39;") {
		t.Error("the policy allows by default")
	}
}

func TestPageDeterministic(t *testing.T) {
	first := pageOf(t, sampleReport(Dutch, Internal, 30, 36))
	if second := pageOf(t, sampleReport(Dutch, Internal, 30, 36)); first != second {
		t.Error("equal documents gave different pages")
	}
}

func TestLongTable(t *testing.T) {
	html := pageOf(t, sampleReport(Dutch, Internal, 20, 36))
	if n := strings.Count(html, `<th scope="row">Forum</th>`); n != pageRows {
		t.Errorf("%d rows of the first branch are in the page, want %d", n, pageRows)
	}
	if !strings.Contains(html, "Hier staan de eerste 25 van 720 rijen.") {
		t.Error("the page does not say that rows are missing without script")
	}
}

func TestEditionIsMarked(t *testing.T) {
	for edition, banner := range map[Edition]string{Internal: "Internal edition: contains exact figures, do not distribute", Public: "Public edition: small counts are protected"} {
		d := smallReport(English)
		d.Edition = edition
		if n := strings.Count(pageOf(t, d), banner); n < 3 {
			t.Errorf("%s: marked %d times, want at the top, on every printed page and at the end", edition, n)
		}
	}
}

func TestPageNaughty(t *testing.T) {
	d, lines := naughty(t)
	html := pageOf(t, d)
	for _, tag := range []string{"<script", "</script", "<style", "<img", "<iframe", "<svg onload"} {
		want := map[string]int{"<script": 5, "</script": 5, "<style": 1}[tag]
		if n := strings.Count(strings.ToLower(html), tag); n != want {
			t.Errorf("%d of %s in the page, want %d", n, tag, want)
		}
	}
	if strings.ContainsAny(html, "\x00\x01\x1b") {
		t.Error("control characters in the page")
	}
	if len(lines) < 500 {
		t.Errorf("only %d strings", len(lines))
	}
}

func TestToronto(t *testing.T) {
	d := torontoReport(t)
	html := pageOf(t, d)
	if n := strings.Count(html, `<svg viewBox="0 0 190 88"`); n != 110 {
		t.Errorf("%d panels for 110 branches", n)
	}
	if !strings.Contains(html, "The chart shows the first 40 of 105; the table holds them all.") {
		t.Error("the bars do not say that they are not all")
	}
	if strings.Contains(html, "NaN") || strings.Contains(html, "Inf") {
		t.Error("a drawing has a position that is no number")
	}
	workbookOf(t, d)
}

// TestEmpty: a period without any row still gives a page and a workbook.
func TestEmpty(t *testing.T) {
	for name, rows := range map[string]int{"no rows": 0, "one row": 1} {
		d := smallReport(Dutch)
		for i := range d.Sections[0].Tables {
			d.Sections[0].Tables[i].Rows = d.Sections[0].Tables[i].Rows[:rows]
		}
		html := pageOf(t, d)
		if n := strings.Count(html, "Er zijn geen getallen om te tekenen."); (rows == 0) != (n == 5) {
			t.Errorf("%s: %d charts say that there is nothing to draw", name, n)
		}
		if strings.Contains(html, "NaN") || strings.Contains(html, "Inf") {
			t.Errorf("%s: a drawing has a position that is no number", name)
		}
		workbookOf(t, d)
	}
	workbookOf(t, &Document{Title: "Leeg", Language: Dutch, Edition: Public, Made: sampleTime})
}
