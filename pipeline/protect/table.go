package protect

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/reports/risk"
	"peil/transforms/disclosure"
	"peil/transforms/disclosure/attack"
)

// table protects counts of persons, and has the attacker try what comes out.
func (w *protector) table(ctx context.Context) (*risk.Report, error) {
	w.step("read %s", w.given.shown)
	t, err := w.counts(ctx)
	if err != nil {
		return nil, err
	}
	var r *risk.Table
	var cells []publishedCell
	if w.config.Table.Method == "rounding" {
		r, cells, err = w.round(ctx, t)
	} else {
		r, cells, err = w.suppress(ctx, t)
	}
	if err == nil {
		err = w.withhold(r)
	}
	if err == nil {
		err = w.writeCells(ctx, t, cells)
	}
	return &risk.Report{Mode: "table", Table: r}, err
}

// publishedCell is one place in the table that is written.
type publishedCell struct {
	codes []string
	count driver.Value // nil where it is hidden
}

// withhold is an error unless the attacker found every cell that needs protection safe.
func (w *protector) withhold(r *risk.Table) error {
	if r.Unsafe+r.NotProven == 0 {
		return nil
	}
	return &exit.Error{Status: exit.Withheld, Err: fmt.Errorf("%s: %d of the %d cells that need protection are not proven safe, %d can be worked out; nothing was written: join small codes, publish fewer groups, or use the other method",
		w.given.shown, r.Unsafe+r.NotProven, r.Attacked, r.Unsafe)}
}

// writeCells writes the table in its own order: totals first, then groups, then codes.
func (w *protector) writeCells(ctx context.Context, t disclosure.Table, cells []publishedCell) error {
	dims := len(t.Dimensions)
	err := w.fill(ctx, "published", "place INTEGER, "+each(dims, ", ", "code_# VARCHAR")+", persons BIGINT", func(row func(...driver.Value) error) error {
		for i, c := range cells {
			values := []driver.Value{int32(i)}
			for _, code := range c.codes {
				values = append(values, code)
			}
			if err := row(append(values, c.count)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	count := w.config.Table.Count
	if count == "" {
		count = "count"
	}
	query := "SELECT "
	for i, d := range t.Dimensions {
		query += fmt.Sprintf("code_%d AS %s, ", i, engine.Ident(d.Name))
	}
	return w.write(ctx, query+"persons AS "+engine.Ident(count)+" FROM published ORDER BY published.place")
}

func (w *protector) round(ctx context.Context, t disclosure.Table) (*risk.Table, []publishedCell, error) {
	w.step("round small counts")
	rounded, err := disclosure.Round(t, w.config.Table.Threshold)
	if err != nil {
		return nil, nil, err
	}
	w.step("attack what would be published")
	problem, err := attack.Join(rounded.Attack(t, w.given.shown))
	if err != nil {
		return nil, nil, err
	}
	audit, err := attack.Audit(ctx, problem)
	if err != nil {
		return nil, nil, err
	}
	r := w.describe(t, audit)
	r.Cells = len(rounded.Cells)
	r.LargestDeviation, r.MeanDeviation = rounded.Deviation()
	cells := make([]publishedCell, len(rounded.Cells))
	for i, c := range rounded.Cells {
		cells[i] = publishedCell{c.Codes, c.Value}
		if c.Value != c.Count {
			r.Changed++
		}
	}
	return r, cells, nil
}

func (w *protector) suppress(ctx context.Context, t disclosure.Table) (*risk.Table, []publishedCell, error) {
	asked := w.config.Table
	w.step("hide small counts, and attack what would be published")
	suppressed, audit, err := disclosure.Suppress(ctx, t, disclosure.Rule{Threshold: asked.Threshold, Zeros: asked.Zeros, Groups: asked.GroupDisclosure}, w.given.shown)
	if errors.Is(err, disclosure.ErrTooLarge) {
		return nil, nil, exit.With(exit.Withheld, fmt.Errorf("%s: %w; nothing was written: leave out a column, add groups, or write method: rounding", w.given.shown, err))
	}
	if err != nil {
		return nil, nil, err
	}
	r := w.describe(suppressed.Table, audit)
	for d, levels := range suppressed.Coarsened {
		r.Dimensions[d].Coarsened = levels
	}
	r.Cells = len(suppressed.Cells)
	cells := make([]publishedCell, len(suppressed.Cells))
	for i, c := range suppressed.Cells {
		switch c.Status {
		case disclosure.Shown:
			cells[i] = publishedCell{c.Codes, c.Count}
			continue
		case disclosure.Primary:
			r.Primary++
		case disclosure.Secondary:
			r.Secondary++
		}
		cells[i] = publishedCell{c.Codes, nil}
	}
	return r, cells, nil
}

// describe tells what was asked, and what the attacker found.
func (w *protector) describe(t disclosure.Table, audit *attack.Report) *risk.Table {
	asked := w.config.Table
	r := &risk.Table{Method: asked.Method, Threshold: asked.Threshold, Zeros: asked.Zeros, GroupDisclosure: asked.GroupDisclosure, Attacked: len(audit.Findings)}
	for d, dim := range t.Dimensions {
		codes := map[string]bool{}
		for _, c := range t.Cells {
			codes[c.Codes[d]] = true
		}
		r.Dimensions = append(r.Dimensions, risk.Dimension{Column: dim.Name, Codes: len(codes), Groups: len(dim.Groups)})
	}
	for _, c := range t.Cells {
		if c.Count > 0 && c.Count < asked.Threshold {
			r.SmallCells++
		}
	}
	for _, f := range audit.Findings {
		switch f.Verdict {
		case attack.Safe:
			r.Safe++
		case attack.Unsafe:
			r.Unsafe++
		default:
			r.NotProven++
		}
		// Where the attacker stopped as soon as a cell was proven safe, what it proved is told.
		width := f.Apart
		if f.Apart < 0 && f.High != attack.Unbounded {
			width = f.High - f.Low
		}
		if width >= 0 && width != attack.Unbounded && (r.Narrowest == nil || width < *r.Narrowest) {
			r.Narrowest = &width
		}
	}
	return r
}

// counts reads the inner cells and the sums over them.
func (w *protector) counts(ctx context.Context) (disclosure.Table, error) {
	asked := w.config.Table
	var t disclosure.Table
	dims := make([]*dimensionReader, len(asked.Dimensions))
	var columns []string
	add := func(heading string) error {
		c, err := w.given.column(heading)
		if err == nil {
			columns = append(columns, fmt.Sprintf("%s AS code_%d", text(c), len(columns)))
		}
		return err
	}
	for i, d := range asked.Dimensions {
		var err error
		if dims[i], err = w.config.newDimensionReader(d); err != nil {
			return t, err
		}
		for _, column := range append([]string{d.Column}, d.Groups...) {
			if err := add(column); err != nil {
				return t, err
			}
		}
	}
	codes := len(columns)
	count := "1"
	if asked.Count != "" {
		c, err := w.given.column(asked.Count)
		if err != nil {
			return t, err
		}
		count = "TRY_CAST(" + text(c) + " AS BIGINT)"
	}
	err := w.given.load(ctx, w.db, "source", append(columns, count+" AS given"),
		"* EXCLUDE (given, row), CAST(sum(given) AS BIGINT) AS persons, min(row) FILTER (given IS NULL OR given < 0) AS bad")
	if err != nil {
		return t, err
	}
	bad, err := w.db.Count(ctx, "SELECT coalesce(min(bad), 0) FROM source")
	if err != nil {
		return t, fmt.Errorf("read counts: %w", err)
	}
	if bad > 0 {
		return t, fmt.Errorf("read %s, row %d below the headings: %s is not a whole number of 0 or more", w.given.shown, bad, asked.Count)
	}
	lines, err := w.lines(ctx, codes)
	if err != nil {
		return t, fmt.Errorf("read counts: %w", err)
	}
	return assemble(dims, lines)
}

// A countLine is one combination of codes, those of groups beside their column, and what is
// counted for it.
type countLine struct {
	codes []string
	count int64
}

func (w *protector) lines(ctx context.Context, codes int) ([]countLine, error) {
	rows, err := w.db.Query(ctx, "SELECT "+each(codes, ", ", "code_#")+", persons FROM source ORDER BY ALL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []countLine
	for rows.Next() {
		l := countLine{codes: make([]string, codes)}
		dest := []any{&l.count}
		for i := range l.codes {
			dest = slices.Insert(dest, i, any(&l.codes[i]))
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// assemble tells inner cells from sums that the file holds already, and holds the latter
// against what they are sums of.
func assemble(dims []*dimensionReader, lines []countLine) (disclosure.Table, error) {
	var t disclosure.Table
	var margins []countLine
	for _, l := range lines {
		inner := countLine{count: l.count}
		margin, at := false, 0
		for _, d := range dims {
			inner.codes = append(inner.codes, l.codes[at])
			margin = margin || d.isSum(l.codes[at])
			at += 1 + len(d.Groups)
		}
		if margin {
			margins = append(margins, inner)
			continue
		}
		at = 0
		for _, d := range dims {
			if err := d.add(l.codes[at : at+1+len(d.Groups)]); err != nil {
				return t, err
			}
			at += 1 + len(d.Groups)
		}
		t.Cells = append(t.Cells, disclosure.Cell{Codes: inner.codes, Count: inner.count})
	}
	if len(t.Cells) == 0 {
		return t, fmt.Errorf("the table has no cells beside its totals")
	}
	for _, d := range dims {
		t.Dimensions = append(t.Dimensions, d.dimension())
	}
	return t, agree(t, margins)
}
