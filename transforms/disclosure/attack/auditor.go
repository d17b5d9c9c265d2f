package attack

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// An Auditor audits one problem after another, of which each tells a reader no more than the
// one before: a cell may be hidden that was shown. What was possible before is possible still,
// so that only what is left has to be looked for.
type Auditor struct {
	// Counts are possible counts of the first cells, such as the true ones, for the search
	// to begin with. They are checked, and prove no more than any others that are possible.
	Counts []int64
	// Effort is how much work may still be done on parts that are no networks, counted in
	// elements touched: 10⁸ take a second at most. What it does not suffice for is not proven.
	Effort float64
	// Enough says that only the verdicts matter: of a cell that is safe the interval may be
	// wider than what is found.
	Enough bool

	before  *Problem
	found   []bounds // of the cells of before
	exposed int      // of them
}

// fewExposed is how many cells an audit may have left for the next to spend more on them.
const fewExposed = 25

// errTellsMore is returned for a problem that is not of the kind that follows the one before.
var errTellsMore = errors.New("a reader knows more than in the audit before")

// Audit bounds every cell that has a width, as the function of that name does.
func (a *Auditor) Audit(ctx context.Context, p Problem) (*Report, error) {
	if a.before != nil && !tellsNoMore(p, *a.before) {
		return nil, fmt.Errorf("audit tables: %w", errTellsMore)
	}
	parts, known, err := divide(p)
	if err != nil {
		return nil, fmt.Errorf("audit tables: %w", err)
	}
	for _, c := range parts {
		if err := a.solve(ctx, c); err != nil {
			return nil, fmt.Errorf("audit tables: %w", err)
		}
		for i, cell := range c.cells {
			known[cell] = c.found[i]
		}
	}
	a.before, a.found = &p, known
	report := &Report{}
	for i, cell := range p.Cells {
		if cell.Width <= 0 {
			continue
		}
		k := known[i]
		report.Findings = append(report.Findings, Finding{
			Cell: i, Low: k.low, High: k.high,
			Exact:   k.low == k.least && k.high == k.most,
			Apart:   distance(k.least, k.most),
			Verdict: k.verdict(cell),
		})
	}
	a.exposed = len(report.Exposed())
	return report, nil
}

// tellsNoMore says whether every solution of the problem before is one of p.
func tellsNoMore(p, before Problem) bool {
	return slices.EqualFunc(p.Cells, before.Cells, func(c, b Cell) bool {
		return c.Name == b.Name && c.Low <= b.Low && c.High >= b.High
	}) && slices.EqualFunc(p.Equations, before.Equations, func(e, b Equation) bool {
		return e.Sum == b.Sum && slices.Equal(e.Terms, b.Terms)
	})
}

func (a *Auditor) solve(ctx context.Context, c *part) error {
	if g := c.network(); g != nil {
		return g.bound(ctx, c, a.Enough)
	}
	for i, cell := range c.cells {
		if a.before != nil {
			c.found[i].least, c.found[i].most = a.found[cell].least, a.found[cell].most
		}
	}
	if last := c.cells[len(c.cells)-1]; last < len(a.Counts) {
		var counts []int64
		for _, cell := range c.cells {
			counts = append(counts, a.Counts[cell])
		}
		if !c.witness(counts) {
			return fmt.Errorf("%w: they are not what was counted", ErrContradiction)
		}
	}
	return c.program(ctx, a.exposed > 0 && a.exposed <= fewExposed, &a.Effort)
}
