package rights

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func isID(h string) bool { return strings.EqualFold(h, "lidnummer") || h == "pas" }

func TestReadList(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		err        string
	}{
		{"one column", "lidnummer\n12\n034\n", []string{"12", "034"}, ""},
		{"several, semicolons, CRLF, BOM", "\ufeffdatum;Lidnummer;x\r\n2025-01-01;12;\r\n2025-01-02; 13 ;\r\n", []string{"12", "13"}, ""},
		{"quotes", "\"lidnummer\",\"reden\"\n\"12\",\"a, b\n\"\n", []string{"12"}, ""},
		{"an empty id", "lidnummer\tx\n\ty\n12\tz\n", []string{"12"}, ""},
		{"only a heading", "lidnummer\n", nil, ""},
		{"nothing", "", nil, "it is empty"},
		{"no heading", "12\n13\n", nil, "--column"},
		{"two headings", "pas,lidnummer\n1,2\n", nil, "columns 1 and 2"},
		{"a short line", "x,lidnummer\n1,2\n3\n", nil, "line 3 has 1 columns"},
		{"UTF-16", "l\x00i\x00d\x00", nil, "not plain text"},
	} {
		got, err := ReadList(strings.NewReader(c.text), isID)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func FuzzReadList(f *testing.F) {
	f.Add("lidnummer;x\n1;2\n")
	f.Add("\"lidnummer\n")
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := ReadList(strings.NewReader(text), isID)
		for _, id := range ids {
			if id == "" || strings.TrimSpace(id) != id {
				t.Errorf("an id that is empty or has blanks at its ends: %q", id)
			}
		}
		if err != nil && ids != nil {
			t.Error("ids beside an error")
		}
	})
}
