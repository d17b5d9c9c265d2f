package risk

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/reports/render"
	"peil/transforms/disclosure"
)

var look = flag.String("look", "", "write the pages to this folder, to be looked at")

var made = time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)

// samples are reports of every kind.
func samples() map[string]*Report {
	narrowest := int64(4)
	exposure := disclosure.Exposure{Classes: 40, Uniques: 12, Below: 30, Prosecutor: 1, Journalist: 1, Marketer: 0.04,
		Sizes: []disclosure.Size{{AtLeast: 1, AtMost: 1, Classes: 12, Persons: 12}, {AtLeast: 2, AtMost: 3, Classes: 20, Persons: 50}}}
	after := disclosure.Exposure{Classes: 8, Prosecutor: 0.125, Journalist: 0.125, Marketer: 0.01,
		Sizes: []disclosure.Size{{AtLeast: 1, AtMost: 1}, {AtLeast: 2, AtMost: 3}, {AtLeast: 4, AtMost: 7}, {AtLeast: 8, AtMost: 15, Classes: 8, Persons: 99}}}
	full := &Microdata{K: 5, SuppressAtMost: 0.02, Metric: "precision", Local: true, PersonColumn: "member", Rows: 123456, SuppressedRows: 1234, SuppressedPersons: 1001,
		Persons: 99887, Loss: 0.3, DetailLost: 0.25, SuppressedBeforeLocal: 2345, Combinations: 12960, HomogeneousClasses: 2, Before: exposure, After: after,
		Scheme:    []Scheme{{Column: "age", By: "age.csv", Level: 2, Levels: 4, Weight: 1, Loss: 0.25}, {Column: "place", By: "digits [4 2]", Level: 1, Levels: 3, Weight: 2, Loss: 0.1}},
		Sensitive: []Sensitive{{Column: "genre", L: 2}, {Column: "title", L: 1.5, Entropy: true}, {Column: "kind"}},
		Kept:      []string{"branch", "month"}, Dropped: []string{"name", "member"}}
	return map[string]*Report{
		"rows":        {File: "loans.csv", Output: "loans-protected.csv", Mode: "microdata", Microdata: full},
		"plain":       {File: "f.csv", Output: "f-protected.csv", Mode: "microdata", Microdata: &Microdata{K: 2, Metric: "loss", Rows: 9, Persons: 9, Before: exposure, After: after, Scheme: full.Scheme[:1]}},
		"all blank":   {File: "f.csv", Output: "f-protected.csv", Mode: "microdata", Microdata: &Microdata{K: 20, Metric: "loss", Rows: 9, SuppressedRows: 9, Persons: 9, Before: exposure, Scheme: full.Scheme[:1]}},
		"rounding":    {File: "t.csv", Output: "t-protected.csv", Mode: "table", Table: &Table{Method: "rounding", Threshold: 5, Cells: 120, SmallCells: 20, Changed: 30, LargestDeviation: 8, MeanDeviation: 1.25, Attacked: 20, Safe: 20, Narrowest: &narrowest, Dimensions: []Dimension{{"geo", 10, 2, 0}}}},
		"suppression": {File: "t.csv", Output: "t-protected.csv", Mode: "table", Table: &Table{Method: "suppression", Threshold: 5, Zeros: true, Cells: 120, SmallCells: 20, Primary: 20, Secondary: 31, Attacked: 20, Safe: 20}},
	}
}

var unformatted = regexp.MustCompile(`%![a-zA-Z(]|%[dsv.]`)

// TestPages: every report renders in both languages, in whole sentences of that language.
func TestPages(t *testing.T) {
	for name, r := range samples() {
		for _, language := range []render.Language{render.Dutch, render.English} {
			d := r.Document(language, made)
			var page bytes.Buffer
			if err := render.WriteHTML(&page, d); err != nil {
				t.Errorf("%s, %s: %v", name, language, err)
				continue
			}
			if *look != "" {
				if err := os.WriteFile(filepath.Join(*look, strings.ReplaceAll(name, " ", "-")+"-"+string(language)+".html"), page.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, text := range texts(d) {
				if bad := unformatted.FindString(text); bad != "" {
					t.Errorf("%s, %s: %q is left in %q", name, language, bad, text)
				}
			}
			if d.Edition != render.Internal {
				t.Errorf("%s: the report holds exact counts and is marked %s", name, d.Edition)
			}
		}
	}
}

// texts are all that a reader sees.
func texts(d *render.Document) []string {
	all := append([]string{d.Title, d.Subtitle, d.Source}, d.Notes...)
	for _, k := range d.KeyFigures {
		all = append(all, k.Label, k.Note, k.Value.String())
	}
	for _, def := range d.Definitions {
		all = append(all, def.Term, def.Text)
	}
	for _, s := range d.Sections {
		all = append(all, s.Title, s.Intro)
		for _, c := range s.Charts {
			all = append(all, c.Title, c.Description)
		}
		for _, t := range s.Tables {
			all = append(append(all, t.Title, t.Definition), t.Notes...)
			for _, c := range t.Columns {
				all = append(all, c.Title)
			}
			for _, row := range t.Rows {
				for _, v := range row {
					all = append(all, v.String())
				}
			}
		}
	}
	return all
}

// TestNothingIsKeptSilent: what was not assessed, and what the report cannot know, is said.
func TestNothingIsKeptSilent(t *testing.T) {
	all := samples()
	for name, wants := range map[string][]string{
		"rows": {"Not assessed: branch, month.", "KEPT AS IT WAS AND NOT ASSESSED", "left out", "tells who is who; not written", "Of 1,001 persons a row was blanked",
			"in 123,456 rows", "was 100.0%; smallest group 8", "sensitive: nothing was asked", "the same for everybody: 2.", "Earlier releases"},
		"plain":       {"Every row counts as another person", "Earlier releases"},
		"all blank":   {"was 100.0%"},
		"rounding":    {"off by 8 at most, 1.2 on average", "of 20 cells that need protection", "lie less than 4 apart", "Earlier releases"},
		"suppression": {"Hidden to protect those", "Earlier releases"},
	} {
		said := strings.Join(texts(all[name].Document(render.English, made)), "\n")
		for _, want := range wants {
			if !strings.Contains(said, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
	dutch := strings.Join(texts(all["rows"].Document(render.Dutch, made)), "\n")
	for _, want := range []string{"in 123.456 rijen", "was 100,0%", "als 1,5 even vaak", "Niet beoordeeld: branch, month."} {
		if !strings.Contains(dutch, want) {
			t.Errorf("the Dutch page does not say %q", want)
		}
	}
}

func TestEveryColumnHasOneRow(t *testing.T) {
	d := samples()["rows"].Document(render.English, made)
	var names []string
	for _, row := range d.Sections[len(d.Sections)-1].Tables[0].Rows {
		names = append(names, row[0].String())
	}
	if diff := cmp.Diff([]string{"age", "place", "genre", "title", "kind", "branch", "month", "member", "name"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestEditionsPage(t *testing.T) {
	r := &Report{Mode: "editions", Output: "public/new-members/2024-12", Editions: &Editions{
		Threshold: 5, Tables: []Inner{{"new by age", 2592, 908, 908, 4}, {"new by something else", 1, 0, 0, 0}}, LargestDeviation: 13, Together: 2, Branches: 9,
		Editions: 3, Counts: 5599, Changes: 120, In: []string{}, Narrowest: 4,
	}}
	for language, words := range map[render.Language][]string{
		render.Dutch: {"nieuw naar leeftijd", "new by something else", "van 5.599 aantallen en 120 veranderingen", "2 van de 9 vestigingen"},
		"en":         {"new by age", "of 5,599 counts and 120 changes", "2 of the 9 branches"},
	} {
		var page bytes.Buffer
		if err := render.WriteHTML(&page, r.Document(language, time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC))); err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if !strings.Contains(page.String(), w) {
				t.Errorf("the page in %s does not say %q", language, w)
			}
		}
	}
}
