package disclosure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"peil/transforms/disclosure/attack"
)

// TestReleasesHideDifferences publishes new members per branch, age and month, 24
// months in a row, each time with the total of all months so far. Late
// registrations and corrections change months that were published before. A reader
// compares each release with the one before it, place by place.
func TestReleasesHideDifferences(t *testing.T) {
	const base = 5
	rng := rand.New(rand.NewPCG(24, 24))
	table := Table{Dimensions: []Dimension{
		{Name: "branch", Total: "*", Groups: []Group{{"west", []string{"b0", "b1", "b2"}}}},
		{Name: "age", Total: "*"}, {Name: "month", Total: "*"},
	}}
	var earlier attack.Table
	var before map[string]int64
	changed, small := 0, 0
	for month := range 24 {
		for i := range table.Cells {
			c := &table.Cells[i]
			c.Count = max(0, c.Count+int64(rng.IntN(9)/8)-int64(rng.IntN(9)/8))
		}
		for i := range 15 {
			table.Cells = append(table.Cells, Cell{
				Codes: []string{fmt.Sprint("b", i/3), fmt.Sprint("a", i%3), fmt.Sprintf("m%02d", month)},
				Count: int64(rng.ExpFloat64() * 7),
			})
		}
		r, err := Round(table, base)
		if err != nil {
			t.Fatal(err)
		}
		value := map[string]int64{}
		for _, c := range r.Cells {
			value[strings.Join(c.Codes, "|")] = c.Value
			if c.Value > 0 && c.Value < base {
				t.Errorf("month %d: %v is published as %d", month, c.Codes, c.Value)
			}
		}
		// The difference of two totals so far is what a month added. Of a month
		// with a small count it must tell no more than the rounding does.
		for _, c := range table.Cells[len(table.Cells)-15:] {
			total := strings.Join([]string{c.Codes[0], c.Codes[1], "*"}, "|")
			if d := value[total] - before[total]; c.Count < base && d%base != 0 {
				t.Errorf("month %d: the total of %s grew by %d", month, total, d)
			}
		}
		now := r.Attack(table, fmt.Sprint("release ", month))
		if month > 0 {
			p, err := attack.Join(earlier, now)
			if err != nil {
				t.Fatal(err)
			}
			p.Differences(earlier.Figure, now.Figure, base-1)
			report, err := attack.Audit(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Exposed() {
				t.Errorf("month %d: %s lies from %d to %d", month, p.Cells[f.Cell].Name, f.Low, f.High)
			}
			small += len(report.Findings)
		}
		earlier, before = now, value
		for i := range table.Cells {
			if b := table.Cells[i].Before; b != nil && *b != r.Inner[i] {
				changed++
			}
			table.Cells[i].Before = &r.Inner[i]
		}
	}
	if changed == 0 || small < 1000 {
		t.Errorf("%d published values changed, %d cells and differences audited: the test tests little", changed, small)
	}
}

// TestUnfrozenReleasesAreExposed: the audit sees what freezing prevents.
func TestUnfrozenReleasesAreExposed(t *testing.T) {
	release := func(figure string, count int64) attack.Table {
		table := Table{
			Dimensions: []Dimension{{Name: "branch", Total: "*"}},
			Cells:      []Cell{{Codes: []string{"a"}, Count: count}, {Codes: []string{"b"}, Count: 40}},
		}
		r, err := Round(table, 5)
		if err != nil {
			t.Fatal(err)
		}
		return r.Attack(table, figure)
	}
	p, err := attack.Join(release("january", 17), release("february", 19))
	if err != nil {
		t.Fatal(err)
	}
	p.Differences("january", "february", 4)
	report, err := attack.Audit(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Exposed() {
		got = append(got, fmt.Sprintf("%s: %d to %d, %v", p.Cells[f.Cell].Name, f.Low, f.High, f.Verdict))
	}
	if want := "february less january: branch=a: 2 to 2, unsafe"; len(got) != 1 || got[0] != want {
		t.Errorf("exposed %q, want only %q", got, want)
	}
}
