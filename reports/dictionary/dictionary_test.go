package dictionary

import (
	"io"
	"strings"
	"testing"
	"time"

	"peil/reports/render"
	"peil/transforms/contract"
)

var made = time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)

// Every contract and every column is described, in both languages and both forms.
func TestDocument(t *testing.T) {
	for _, language := range []render.Language{render.Dutch, render.English} {
		d := Document(language, Folders, made)
		if err := render.WriteHTML(io.Discard, d); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := render.WriteMarkdown(&b, d); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, s := range d.Sections {
			for _, table := range s.Tables {
				rows += len(table.Rows)
			}
		}
		want := 0
		for _, c := range contract.All {
			want += len(c.Columns)
			if !strings.Contains(b.String(), "\n### "+c.Name()+"\n") {
				t.Errorf("%s: table %s is not described", language, c.Name())
			}
		}
		if rows != want {
			t.Errorf("%s: %d columns are described, there are %d", language, rows, want)
		}
	}
}

func TestLineageIsPrinted(t *testing.T) {
	var b strings.Builder
	if err := render.WriteMarkdown(&b, Document(render.English, []string{"kb"}, made)); err != nil {
		t.Fatal(err)
	}
	if want := "| pc4 | first four digits of the postcode |  | VARCHAR | anonymous | 1 | members.postcode | core.members.pc4 |"; !strings.Contains(b.String(), want) {
		t.Errorf("there is no row %q in:\n%s", want, b.String())
	}
}
