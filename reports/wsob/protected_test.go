package wsob

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is left out at some branches is known of them together, no closer than rounding left each;
// the year after repeats it so, and what is left out for all is known of nobody.
func TestWhatIsLeftOut(t *testing.T) {
	together := 0
	for seed := range uint64(100) {
		c := random(rand.New(rand.NewPCG(seed, 3)))
		if len(c.branches) < 2 {
			continue
		}
		exact := map[persons]map[string]int64{}
		for p, branches := range c.years[0].persons {
			exact[p] = map[string]int64{}
			for _, b := range c.branches {
				exact[p][b.code] = branches[b.no]
			}
		}
		r, err := newReturn(c, about, 2024)
		if err != nil {
			t.Fatal(err)
		}
		r.setEdition(final)
		out := []string{c.branches[0].code, c.branches[1].code}
		r.Protect(2024, "new", out)
		for _, k := range r.Known() {
			if k.Year != 2024 {
				continue
			}
			left := k.Item == "new" && (slices.Contains(out, k.Branches[0]) || len(k.Branches) > 1)
			if left != slices.Equal(out, k.Branches) {
				t.Fatalf("seed %d: %+v", seed, k)
			}
			var count int64
			for _, b := range k.Branches {
				count += exact[persons{k.Item, k.Group}][b]
			}
			if together += len(k.Branches) - 1; count < k.Low || count > k.High {
				t.Errorf("seed %d: %+v is %d", seed, k, count)
			}
		}
		again := &Return{Layout: Layout, Year: 2024, Threshold: r.Threshold, PreviousSource: counted, Items: slices.Clone(r.Items)}
		for i := range again.Items {
			again.Items[i].Branches = slices.Clone(again.Items[i].Branches)
		}
		again.ProtectAs(r)
		if diff := cmp.Diff(r.Known(), again.Known()); diff != "" {
			t.Fatalf("seed %d: left out the same (-before +after):\n%s", seed, diff)
		}

		r.ProtectAll(2024, "new")
		for _, k := range r.Known() {
			if k.Item == "new" && k.Year == 2024 {
				t.Fatalf("seed %d: still known is %+v", seed, k)
			}
		}
		if r.conclude(); !strings.HasPrefix(strings.Join((writer{r}).item("d4").Warnings, " "), "Over 2024 is dit afgeschermd: ") {
			t.Errorf("seed %d: %q", seed, (writer{r}).item("d4").Warnings)
		}
		if err := document(r, about).Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		next, err := newReturn(random(rand.New(rand.NewPCG(seed, 3))), about, 2025)
		if err != nil {
			t.Fatal(err)
		}
		next.setEdition(Edition{State: "final", LastYear: r, LastYearIn: "public/wsob/2024"})
		for _, code := range []string{"d3", "d4", "d0b"} {
			item := (writer{next}).item(code)
			if item.Previous.Value != nil || item.Previous.Status != Protected || slices.ContainsFunc(item.Warnings, func(w string) bool { return strings.Contains(w, "geteld") }) {
				t.Fatalf("seed %d: %s a year later: %+v, %q", seed, code, item.Previous, item.Warnings)
			}
			for _, p := range item.Branches {
				if p.Previous != nil || p.PreviousStatus != Protected {
					t.Fatalf("seed %d: %s a year later: %+v", seed, code, p)
				}
			}
		}
	}
	if together < 100 {
		t.Errorf("%d counts known together", together)
	}
}
