package render

import (
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	d := sampleReport(Dutch, Internal, 1, 2)
	d.Sections[0].Tables[1].Rows[0][0] = Text("a|b *c* <d>\ne")
	var b strings.Builder
	if err := WriteMarkdown(&b, d); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Nieuwe leden per vestiging\n", "**Interne editie: bevat exacte aantallen, niet verspreiden**",
		"### Stand en stroom per vestiging en maand\n", `| a\|b \*c\* &lt;d> e | jan 2022 | 200 |`, "| --- | --- | ---: |", "≥ ", "n.b.",
		"- **Nieuw lid**: Een persoon",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %q", want)
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "|") && !strings.HasSuffix(line, "|\n") {
			t.Errorf("a row is broken: %q", line)
		}
	}
}
