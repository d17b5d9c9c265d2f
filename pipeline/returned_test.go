package pipeline

import (
	"fmt"
	"testing"

	"peil/reports/newmembers"
	"peil/reports/wsob"
	"peil/transforms/disclosure/attack"
)

// An exact count of a branch over a year tells the one small month in it, and so does an exact
// part of it, though ages are of another day there: both are attacked.
func TestReturnsAreAttackedByBranch(t *testing.T) {
	edition := newmembers.Release{AgeClasses: []int{0, 18}, Sites: []newmembers.Site{{Code: "A", Branches: []string{"A"}}, {Code: "other", Branches: []string{"B", "C"}}}}
	edition.Period, edition.Base = "2024-12", 5
	for m := 1; m <= 12; m++ {
		for _, site := range edition.Sites {
			for _, class := range []string{"0", "18", newmembers.UnknownAge} {
				value := map[string]int64{"0": 20, "18": 30, newmembers.UnknownAge: 0}[class]
				if m == 7 && class == "0" {
					value = 0 // they are 4
				}
				edition.Cells = append(edition.Cells, attack.Told{Place: attack.Place{Figure: "new", By: "age", Period: fmt.Sprintf("2024-%02d", m), Site: site.Code, Class: class}, Value: value})
			}
		}
	}
	known := func(branch, group string, n int64) wsob.Known {
		return wsob.Known{Year: 2024, Item: "new", Group: group, Branches: []string{branch}, Value: n, Low: n, High: n}
	}
	follows := func(branch, group string, n int64) wsob.Known {
		return wsob.Known{Year: 2024, Item: "new", Group: group, Branches: []string{branch}, Value: n, Follows: true, High: attack.Unbounded}
	}
	together := func(group string, low, high int64) wsob.Known {
		return wsob.Known{Year: 2024, Item: "new", Group: group, Branches: []string{"C", "A", "B"}, Value: low, Low: low, High: high}
	}
	loose := func(branch, group string) wsob.Known { return follows(branch, group, 360) }
	for _, c := range []struct {
		name    string
		known   []wsob.Known
		exposed int
	}{
		{"no return", nil, 0},
		{"all parts exact", []wsob.Known{known("A", "youth", 222), known("A", "adult", 362)}, 1},
		{"the largest follows, nobody came of age", []wsob.Known{known("A", "youth", 224), loose("A", "adult")}, 1},
		{"the largest follows, four came of age", []wsob.Known{known("A", "youth", 220), loose("A", "adult")}, 0},
		{"as many adults as there can be", []wsob.Known{follows("A", "youth", 220), known("A", "adult", 360)}, 0},
		{"youth follows what is told", []wsob.Known{follows("A", "youth", 220), loose("A", "adult"), follows("A", "unknown", 0)}, 0},
		{"youth follows, a step above what is told", []wsob.Known{follows("A", "youth", 225), loose("A", "adult"), follows("A", "unknown", 0)}, 1},
		{"one of two branches that are rounded together", []wsob.Known{known("B", "youth", 206), loose("B", "adult"), follows("C", "youth", 10)}, 0},
		{"both", []wsob.Known{known("B", "youth", 200), known("C", "youth", 24), loose("B", "adult")}, 1},
		{"protected at two sites together", []wsob.Known{together("youth", 440, 446), together("adult", 720, 728)}, 0},
		{"protected at two sites together, which leaves too little", []wsob.Known{together("youth", 446, 448), together("adult", 720, 728)}, 2},
		{"others, counted on another day", []wsob.Known{known("A", "youth", 300), known("A", "adult", 500)}, 0},
	} {
		learnt, err := attackEditions(t.Context(), []newmembers.Release{edition}, []returned{{"public/wsob/2024", c.known}})
		if err != nil {
			t.Fatal(err)
		}
		if len(learnt.Exposed) != c.exposed {
			t.Errorf("%s: %d are exposed, want %d: %+v", c.name, len(learnt.Exposed), c.exposed, learnt.Exposed)
		}
	}
}
