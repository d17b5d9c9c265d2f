package attack

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAuditorAgainstBruteForce audits tables beginning with a possible count of each cell,
// hides more of them, and audits them again. All counts are tried beside that.
func TestAuditorAgainstBruteForce(t *testing.T) {
	const most = 40
	checked, exchanged, verdicts := 0, 0, map[Verdict]int{}
	for seed := range uint64(600) {
		rng := rand.New(rand.NewPCG(seed, 6))
		table := randomTable(rng)
		auditor := Auditor{Effort: maxWork}
		for range 2 {
			p, err := Join(table)
			if err != nil {
				t.Fatal(err)
			}
			low, high, counts, ok := enumerate(p, most, 20_000)
			if !ok || counts == nil {
				break
			}
			if auditor.Counts == nil {
				auditor.Counts = counts
			}
			r, err := auditor.Audit(t.Context(), p)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			checked += confirm(t, seed, p, r, low, high, most, verdicts)
			exchanged += exchange(t, p, auditor.Counts, low, high)
			for i := range table.Cells {
				if c := &table.Cells[i]; rng.IntN(6) == 0 && c.Low == c.High {
					c.Low, c.High, c.Width = 0, c.High+2, 1
				}
			}
		}
	}
	t.Logf("%d cells: %v; exchanges took %d as far as they can go", checked, verdicts, exchanged)
	if checked < 2000 || verdicts[NotProven] > 0 || exchanged < 100 {
		t.Errorf("%d cells checked, %v, %d exchanged", checked, verdicts, exchanged)
	}
}

// exchange counts the targets that exchanges alone take as far as they can go, and asserts that
// none goes further.
func exchange(t *testing.T, p Problem, counts, low, high []int64) int {
	t.Helper()
	parts, _, err := divide(p)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range parts {
		var known []int64
		for _, cell := range c.cells {
			known = append(known, counts[cell])
		}
		if !c.witness(known) {
			t.Fatal("the counts are no solution")
		}
		effort := maxWork
		if err := newExchanger(c, &effort).prove(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, x := range c.targets {
			switch f, lo, hi := c.found[x], low[c.cells[x]], high[c.cells[x]]; {
			case f.least < lo || f.most > hi && hi <= 20:
				t.Errorf("%s: exchanges found %d and %d, brute force %d to %d", c.cell[x].Name, f.least, f.most, lo, hi)
			case f.least == lo && f.most == hi:
				n++
			}
		}
	}
	return n
}

// TestAuditorRefuses: what is not less than before, and counts that are not those of the table.
func TestAuditorRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	table := Table{Figure: "f", Dimensions: []Dimension{{Name: "a", Total: "T"}, {Name: "b", Total: "T"}, {Name: "c", Total: "T"}}}
	var counts []int64
	codes := [][]string{{"x", "y", "T"}, {"x", "y", "T"}, {"x", "y", "T"}}
	sums := map[[3]int]int64{}
	for i := range 8 {
		n := int64(rng.IntN(9))
		for s := range 8 {
			at := [3]int{i & 1, i >> 1 & 1, i >> 2}
			for d := range at {
				if s>>d&1 == 1 {
					at[d] = 2
				}
			}
			sums[at] += n
		}
	}
	for a := range 3 {
		for b := range 3 {
			for c := range 3 {
				n := sums[[3]int{a, b, c}]
				counts = append(counts, n)
				table.Cells = append(table.Cells, place(n, max(a, b, c) < 2, codes[0][a], codes[1][b], codes[2][c]))
			}
		}
	}
	p, err := Join(table)
	if err != nil {
		t.Fatal(err)
	}
	auditor := Auditor{Effort: maxWork, Counts: counts}
	if _, err := auditor.Audit(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	more := Problem{Cells: slices.Clone(p.Cells), Equations: p.Equations}
	more.Cells[0].High = 3
	if _, err := auditor.Audit(t.Context(), more); !errors.Is(err, errTellsMore) {
		t.Errorf("a cell became known better: %v", err)
	}
	wrong := slices.Clone(counts)
	wrong[0]++
	if _, err := (&Auditor{Effort: maxWork, Counts: wrong}).Audit(t.Context(), p); !errors.Is(err, ErrContradiction) {
		t.Errorf("other counts: %v", err)
	}
}
