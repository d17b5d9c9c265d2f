package pipeline

import (
	"fmt"
	"strings"
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

// What exposes a count is left out step by step: the site and the smallest other with anybody,
// more of them, all, and at last the organisation's figure.
func TestWhatExposesIsLeftOut(t *testing.T) {
	edition := newmembers.Release{Sites: []newmembers.Site{{Code: "A", Branches: []string{"A"}}, {Code: "other", Branches: []string{"B", "C"}},
		{Code: "D", Branches: []string{"D"}}, {Code: "E", Branches: []string{"E"}}, {Code: "F", Branches: []string{"F"}}}}
	ret := &wsob.Return{Year: 2024, PreviousSource: "published", Threshold: 5}
	for _, code := range []string{"d3", "d4", "d5"} {
		var sum int64
		item := wsob.Item{Code: code, Figure: wsob.Figure{Value: &sum, Status: wsob.Rounded}}
		for i, n := range []int64{50, 10, 10, 15, 0, 15, 7} { // the last is told of nowhere
			item.Branches = append(item.Branches, wsob.Part{Code: string(rune('A' + i)), Value: &n})
			sum += n
		}
		ret.Items = append(ret.Items, item)
	}
	at := func(figure, month, site string) []attack.Exposure {
		return []attack.Exposure{{Place: attack.Place{Figure: figure, Period: month, Site: site}}}
	}
	for _, c := range []struct {
		name       string
		exposed    []attack.Exposure
		everywhere bool
		more       bool
		want       string
		all        bool
	}{
		{"nothing exposes", nil, false, false, "", false},
		{"another year", at("new", "2023-12", "A"), false, false, "", false},
		{"what no return tells", at("moved", "2024-12", "A"), false, false, "", false},
		{"one site, and the smallest", at("new", "2024-12", "A"), false, true, "AD", false},
		{"still that site", at("new", "2024-12", "A"), false, true, "ADF", false},
		{"several rounded together", at("new", "2024-12", "other"), false, true, "ABCDF", false},
		{"nobody is left at any other", at("new", "2024-12", "A"), false, true, "ABCDEFG", false},
		{"all are", at("new", "2024-12", ""), true, true, "ABCDEFG", true},
		{"nothing is left", at("new", "2024-12", "A"), true, false, "ABCDEFG", true},
	} {
		if more := protect(ret, edition, c.exposed, c.everywhere); more != c.more {
			t.Errorf("%s: more to leave out %t", c.name, more)
		}
		branches, all := ret.Protected(2024, "new")
		if got := strings.Join(branches, ""); got != c.want || all != c.all {
			t.Errorf("%s: left out are %s, of the organisation %t", c.name, got, all)
		}
	}
	if branches, all := ret.Protected(2024, "lapsed"); all || branches != nil {
		t.Errorf("of lapsed members left out are %v", branches)
	}
}
