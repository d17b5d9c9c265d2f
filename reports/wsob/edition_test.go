package wsob

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever branches came and went, the year before is what was published, part by part, and
// what the page says of it can be drawn.
func TestTheYearBeforeIsRepeatedAsPublished(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		last, now := random(r), random(r)
		for i := range now.branches { // the first moved, one of another name has its ISIL, others stay
			if now.branches[i].isil = fmt.Sprint("NL-", i); i == 1 {
				now.branches[i].name = "renamed"
			}
		}
		for i := range last.branches {
			if last.branches[i].isil = fmt.Sprint("NL-", i); i == 0 {
				last.branches[i] = branch{no: 0}
			}
		}
		before, err := newReturn(last, about, 2023)
		if err != nil {
			t.Fatal(err)
		}
		ret, err := newReturn(now, about, 2024)
		if err != nil {
			t.Fatal(err)
		}
		ret.setEdition(Edition{State: revised, Revision: 2, Corrects: map[string]int64{"c0 Totaal uitleningen": -1}, LastYear: before, LastYearIn: "public/wsob/2023"})
		for i, item := range ret.Items {
			if diff := cmp.Diff(before.Items[i].Figure, item.Previous); diff != "" {
				t.Fatalf("seed %d: %s of last year (-published +repeated):\n%s", seed, item.Code, diff)
			}
			for y, f := range []Figure{item.Figure, item.Previous} {
				if f.Value == nil {
					continue
				}
				sum := int64(0)
				for _, p := range item.Branches {
					sum += *[]*int64{p.Value, p.Previous}[y]
				}
				if sum != *f.Value {
					t.Fatalf("seed %d: %s is %d, its parts are %d", seed, item.Code, *f.Value, sum)
				}
			}
		}
		for i, line := range ret.StatLine {
			if diff := cmp.Diff(before.StatLine[i].Figure, line.Previous); diff != "" {
				t.Fatalf("seed %d: %s of last year (-published +repeated):\n%s", seed, line.Name, diff)
			}
		}
		if err := document(ret, about).Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func TestWhatIsSaidOfAYearThatCountsOtherwiseNow(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	for _, c := range []struct {
		name          string
		published     Figure
		now           Figure
		unit, warning string
	}{
		{"equal", Figure{n(1200), Exact}, Figure{n(1200), Rounded}, "persons", ""},
		{"forgotten since", Figure{n(1200), Exact}, Figure{n(900), LowerBound}, "persons", ""},
		{"more than was published, of a part", Figure{n(800), LowerBound}, Figure{n(900), LowerBound}, "persons", "Over 2023 staat hier wat gepubliceerd is; nu geteld is het anders."},
		{"not known now", Figure{n(1200), Exact}, Figure{Status: NotAvailable}, "events", ""},
		{"late loans", Figure{n(1200), Exact}, Figure{n(1201), Exact}, "events", "Over 2023 staat hier het gepubliceerde 1.200; nu geteld zijn het er 1.201."},
		{"a few persons", Figure{n(1200), Exact}, Figure{n(1196), Exact}, "persons", "Over 2023 staat hier wat gepubliceerd is; nu geteld is het anders."},
		{"more persons", Figure{n(1200), Exact}, Figure{n(1195), Exact}, "persons", "Over 2023 staat hier wat gepubliceerd is; nu geteld is het anders."},
		{"events known better now", Figure{n(1200), LowerBound}, Figure{n(1300), Exact}, "events", "Over 2023 staat hier het gepubliceerde ten minste 1.200; nu geteld zijn het er 1.300."},
		{"known better now", Figure{n(1200), LowerBound}, Figure{n(1300), Exact}, "persons", "Over 2023 staat hier wat gepubliceerd is; nu geteld is het anders."},
		{"not published", Figure{Status: NotAvailable}, Figure{n(7), Exact}, "events", "Over 2023 is dit gepubliceerd als niet beschikbaar; nu geteld zijn het er 7."},
	} {
		r := &Return{Layout: Layout, Year: 2024, Threshold: 5, Items: []Item{{Code: "d1", Unit: c.unit, Previous: c.now}}}
		r.setEdition(Edition{State: "final", LastYear: &Return{Layout: Layout, Year: 2023, Threshold: 5, Items: []Item{{Code: "d1", Figure: c.published}}}})
		if got := strings.Join(r.Items[0].Warnings, "; "); got != c.warning {
			t.Errorf("%s: got %q, want %q", c.name, got, c.warning)
		}
		if diff := cmp.Diff(c.published, r.Items[0].Previous); diff != "" {
			t.Errorf("%s (-published +repeated):\n%s", c.name, diff)
		}
	}
}

// A publication that showed smaller counts than may be shown now is not repeated, nor one
// that counted under another layout.
func TestWhatIsNotRepeated(t *testing.T) {
	n := int64(7)
	for _, last := range []Return{{Layout: Layout, Threshold: 3}, {Layout: "peil-wsob/0", Threshold: 5}} {
		r := &Return{Layout: Layout, Year: 2024, Threshold: 5, Items: []Item{{Code: "d1", Previous: Figure{&n, Exact}}}}
		r.setEdition(Edition{State: "final", LastYear: &last})
		if r.PreviousSource != counted || r.Items[0].Previous.Value != &n {
			t.Errorf("%+v: the year before is %s: %+v", last, r.PreviousSource, r.Items[0].Previous)
		}
	}
}
