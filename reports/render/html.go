package render

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

var pageTemplate = template.Must(template.New("").Parse(pageHTML))

// WriteHTML writes the document as one page that needs nothing beside it: style,
// script, drawings and data are inside, and its content policy forbids any other.
// Tables of up to 200 rows are complete without script; of longer ones the
// script pages through all rows.
func WriteHTML(w io.Writer, d *Document) error {
	if err := d.Validate(); err != nil {
		return err
	}
	p, err := newPage(d)
	if err != nil {
		return fmt.Errorf("render page %q: %w", d.Title, err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := pageTemplate.ExecuteTemplate(out, "page", p); err != nil {
		return fmt.Errorf("write page %q: %w", d.Title, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write page %q: %w", d.Title, err)
	}
	return nil
}

// page is what the template shows: texts only, nothing left to decide.
type page struct {
	Language             Language
	Edition              Edition
	Title, Subtitle      string
	Library, Period      string
	Source               string
	Banner, EditionShort string
	Policy               string
	Style                template.CSS
	Script, WordData     template.JS
	W                    map[string]string
	Meta                 []Definition
	Files                []string
	Contents             []entry
	KeyFigures           []keyView
	Sections             []sectionView
	Definitions, Legend  []Definition
	Notes                []string
}

type entry struct{ ID, Title string }

type keyView struct{ Label, Text, Class, Meaning, Note, Definition string }

type sectionView struct {
	ID, Title, Intro string
	Charts           []chartView
	Tables           []tableView
}

func newPage(d *Document) (*page, error) {
	f := d.formatter()
	wordData, err := json.Marshal(f.scriptWords())
	if err != nil {
		return nil, err
	}
	p := &page{
		Language: d.Language, Edition: d.Edition, Title: clean(d.Title), Subtitle: clean(d.Subtitle),
		Library: clean(d.Library), Period: clean(d.Period), Source: clean(d.Source),
		Banner: f.banner(d.Edition), EditionShort: f.editionShort(d.Edition),
		Style: template.CSS(pageCSS), Script: template.JS(pageJS), WordData: template.JS(wordData),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
			contentHash(pageCSS), contentHash(pageJS)),
		W: f.pageWords(), Meta: f.meta(d), Files: d.Files, Legend: f.legendOf(d),
		Definitions: cleanDefinitions(d.Definitions), Notes: cleanAll(d.Notes),
	}
	for _, k := range d.KeyFigures {
		p.KeyFigures = append(p.KeyFigures, keyView{
			Label: clean(k.Label), Text: f.value(k.Value, k.Kind, k.Decimals), Class: markClass(k.Value.mark),
			Meaning: f.markText(k.Value.mark), Note: clean(k.Note), Definition: clean(k.Definition),
		})
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		view := sectionView{ID: s.ID, Title: clean(s.Title), Intro: clean(s.Intro)}
		for k := range s.Charts {
			c, err := f.chartView(&s.Charts[k], s.table(s.Charts[k].Table), p.W)
			if err != nil {
				return nil, err
			}
			view.Charts = append(view.Charts, c)
		}
		for k := range s.Tables {
			t, err := f.tableView(&s.Tables[k], p.W)
			if err != nil {
				return nil, err
			}
			t.Open = k == 0
			view.Tables = append(view.Tables, t)
		}
		p.Sections = append(p.Sections, view)
		p.Contents = append(p.Contents, entry{s.ID, view.Title})
	}
	p.Contents = append(p.Contents, entry{"peil_explained", f.definitions})
	return p, nil
}

func contentHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// meta are the facts under the title, on page and cover alike.
func (f formatter) meta(d *Document) []Definition {
	var out []Definition
	add := func(term, text string) {
		if text != "" {
			out = append(out, Definition{term, clean(text)})
		}
	}
	add(f.library, d.Library)
	add(f.period, d.Period)
	if !d.ReferenceDate.IsZero() {
		add(f.referenceDate, f.longDay(d.ReferenceDate))
	}
	add(f.source, d.Source)
	return out
}

// legendOf explains the marks that occur in the document, and no others.
func (f formatter) legendOf(d *Document) []Definition {
	var used [4]bool
	for _, k := range d.KeyFigures {
		used[k.Value.mark] = true
	}
	for i := range d.Sections {
		for _, t := range d.Sections[i].Tables {
			for _, row := range t.Rows {
				for _, v := range row {
					used[v.mark] = true
				}
			}
			for _, v := range t.Total {
				used[v.mark] = true
			}
		}
	}
	var out []Definition
	if used[markNotAvailable] {
		out = append(out, Definition{f.notAvailable, f.notAvailableText})
	}
	if used[markProtected] {
		out = append(out, Definition{f.protected, f.protectedText})
	}
	if used[markLowerBound] {
		out = append(out, Definition{"≥", f.lowerBoundText})
	}
	return append(out, Definition{f.editionShort(d.Edition), f.banner(d.Edition)})
}

func markClass(m mark) string {
	return map[mark]string{markNotAvailable: "na", markProtected: "pr", markLowerBound: "lb"}[m]
}

func cleanAll(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = clean(s)
	}
	return out
}

func cleanDefinitions(in []Definition) []Definition {
	out := make([]Definition, len(in))
	for i, d := range in {
		out[i] = Definition{clean(d.Term), clean(d.Text)}
	}
	return out
}
