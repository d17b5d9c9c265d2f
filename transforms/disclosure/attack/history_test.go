package attack

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReleases(t *testing.T) {
	at := func(by, site, class string, value int64) Told {
		return Told{Place: Place{"new", by, "2024-01", site, class}, Value: value}
	}
	loose := func(c Told) Told { c.Loose = true; return c }
	release := func(cells ...Told) Release { return Release{Period: "2024-12", Base: 5, Cells: cells} }
	for _, tt := range []struct {
		name     string
		releases []Release
		exact    []Exact
		want     []string
	}{
		{"one edition", []Release{release(at("age", "A", "0", 0), at("age", "A", "18", 5), at("age", "A", "65", 17))}, nil, nil},
		{"followed", []Release{release(at("age", "A", "0", 17)), release(at("age", "A", "0", 22))}, nil, nil},
		{"not followed", []Release{release(at("age", "A", "0", 17)), release(at("age", "A", "0", 19))}, nil,
			[]string{"new by age, release 1: change 2 to 2, unsafe"}},
		{"not followed, but harmless", []Release{release(at("age", "A", "0", 17)), release(at("age", "A", "0", 59))}, nil, nil},
		{"another table that leaves nothing open", // 20 in all, so that 3 are left for M and X
			[]Release{release(at("age", "A", "0", 20), at("sex", "A", "F", 17), at("sex", "A", "M", 5))}, nil,
			[]string{"new by sex, release 0: count 3 to 3, unsafe"}},
		{"another table with one that makes up for the others",
			[]Release{release(at("age", "A", "0", 20), loose(at("sex", "A", "F", 15)), at("sex", "A", "M", 5))}, nil, nil},
		{"another table of all sites", []Release{release(at("age", "A", "0", 20), at("age", "B", "0", 8), at("pc4", "", "2711", 24), at("pc4", "", "2712", 5))}, nil,
			[]string{"new by pc4, release 0: count 4 to 4, unsafe"}},
		{"an exact sum elsewhere", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{"wsob/2024", "new", []string{"2024-01"}, 22}},
			[]string{"new by age, release 0: count 2 to 2, unsafe"}},
		{"an exact sum elsewhere that leaves room", []Release{release(at("age", "A", "0", 0), at("age", "A", "18", 0), at("age", "B", "18", 0), at("age", "B", "0", 0))},
			[]Exact{{"wsob/2024", "new", []string{"2024-01"}, 8}}, nil},
		{"an exact sum of another day", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{"wsob/2024", "new", []string{"2024-01"}, 30}}, nil},
		{"an exact sum of more months", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{"wsob/2024", "new", []string{"2024-01", "2024-02"}, 22}}, nil},
		{"nobody there is no harm", []Release{release(at("age", "A", "0", 20), at("age", "A", "18", 0))}, []Exact{{"wsob/2024", "new", []string{"2024-01"}, 20}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Releases(t.Context(), tt.releases, tt.exact)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range l.Exposed {
				kind := "count"
				if e.Change {
					kind = "change"
				}
				got = append(got, fmt.Sprintf("%s, release %d: %s %d to %d, %v", e.Table, e.Release, kind, e.Low, e.High, e.Verdict))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("exposed (-want +got):\n%s", diff)
			}
		})
	}
}
