package protect

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline"
	"peil/pipeline/engine"
	"peil/reports/risk"
	"peil/transforms/disclosure"
)

// rowProtector protects rows about persons. In its tables key_0, key_1, ... are the columns
// that decide what becomes of a row (quasi-identifiers, sensitive columns, the person),
// out_0, ... those that are written as they are or not at all (sensitive and kept ones).
//
//	source     a row of the file: keys as text, outs
//	values_i   a value of key i: value, code
//	coded      a row of the file: keys as codes, outs
//	tuples     keys that occur, with their number of rows
//	outcome    a tuple: its class, NULL if suppressed
//	classes    a class: what it reads in each quasi-identifier
//	published  a row as it is written, and its sensitive and person codes to check it by
type rowProtector struct {
	*protector
	model   *Rows
	keys    []string // headings
	outs    []string
	rows    int64
	headers []string // of the file that is written, in the order of the one that was given
}

func (w *protector) rows(ctx context.Context) (*risk.Report, error) {
	p := &rowProtector{protector: w, model: w.config.Rows}
	for _, q := range p.model.Quasi {
		p.keys = append(p.keys, q.Column)
	}
	for _, s := range p.model.Sensitive {
		p.keys, p.outs = append(p.keys, s.Column), append(p.outs, s.Column)
	}
	p.outs = append(p.outs, p.model.Keep...)
	for _, h := range w.given.headings {
		if slices.Contains(p.keys, h) || slices.Contains(p.outs, h) {
			p.headers = append(p.headers, h)
		}
	}
	if p.model.Person != "" {
		p.keys = append(p.keys, p.model.Person)
	}
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	m, err := p.microdata(ctx)
	if err != nil {
		return nil, err
	}
	model := p.asModel()
	w.step("search the recoding of least loss")
	a, err := disclosure.Anonymize(ctx, m, model)
	if err != nil {
		return nil, err
	}
	if err := p.outcome(ctx, m, a); err != nil {
		return nil, err
	}
	if err := p.publish(ctx); err != nil {
		return nil, err
	}
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	report, err := p.assess(m, model, a)
	if err != nil {
		return nil, fmt.Errorf("assess risk: %w", err)
	}
	return report, p.write(ctx, "SELECT "+p.written()+" FROM published ORDER BY ALL")
}

// written lists the columns of published under their own headings.
func (p *rowProtector) written() string {
	columns := make([]string, len(p.headers))
	for i, h := range p.headers {
		columns[i] = fmt.Sprintf("written_%d AS %s", i, engine.Ident(h))
	}
	return strings.Join(columns, ", ")
}

func (p *rowProtector) asModel() disclosure.Model {
	m := disclosure.Model{K: p.model.K, SuppressAtMost: p.model.SuppressAtMost.Of(1), Local: p.model.Local}
	if p.model.Metric == "precision" {
		m.Metric = disclosure.Precision
	}
	for _, q := range p.model.Quasi {
		m.Weights = append(m.Weights, q.Weight)
	}
	for _, s := range p.model.Sensitive {
		m.Diversity = append(m.Diversity, disclosure.Diversity{L: s.L, Entropy: s.Entropy})
	}
	return m
}

func (p *rowProtector) read(ctx context.Context) error {
	p.step("read %s", p.given.shown)
	var expressions []string
	for i, heading := range p.keys {
		c, err := p.given.column(heading)
		if err != nil {
			return err
		}
		expressions = append(expressions, fmt.Sprintf("%s AS key_%d", text(c), i))
	}
	for i, heading := range p.outs {
		c, err := p.given.column(heading)
		if err != nil {
			return err
		}
		expressions = append(expressions, fmt.Sprintf("%s AS out_%d", c, i))
	}
	var err error
	p.rows, err = p.given.load(ctx, p.db, "source", expressions)
	return err
}

// microdata groups the rows to tuples of codes.
func (p *rowProtector) microdata(ctx context.Context) (disclosure.Microdata, error) {
	m := disclosure.Microdata{}
	quasi, n := len(p.model.Quasi), len(p.keys)
	for i := range n {
		if i < quasi {
			h, err := p.quasi(ctx, i)
			if err != nil {
				return m, err
			}
			m.Quasi = append(m.Quasi, h)
			continue
		}
		err := p.db.Exec(ctx, fmt.Sprintf("CREATE TABLE values_%d AS SELECT value, CAST(row_number() OVER (ORDER BY value) - 1 AS INTEGER) AS code FROM (SELECT DISTINCT key_%d AS value FROM source)", i, i))
		if err != nil {
			return m, fmt.Errorf("number values: %w", err)
		}
	}
	joins := each(n, "", " JOIN values_# ON source.key_# = values_#.value")
	outs := ""
	if len(p.outs) > 0 {
		outs = ", " + each(len(p.outs), ", ", "out_#")
	}
	keys := each(n, ", ", "key_#")
	for _, s := range []string{
		"CREATE TABLE coded AS SELECT " + each(n, ", ", "values_#.code AS key_#") + outs + " FROM source" + joins,
		"DROP TABLE source",
		"CREATE TABLE tuples AS SELECT CAST(row_number() OVER (ORDER BY " + keys + ") - 1 AS INTEGER) AS tuple, * FROM (SELECT " + keys + ", count(*) AS persons FROM coded GROUP BY ALL)",
	} {
		if err := p.db.Exec(ctx, s); err != nil {
			return m, fmt.Errorf("group rows: %w", err)
		}
	}
	columns, err := p.integers(ctx, n+1, "SELECT "+keys+", persons FROM tuples ORDER BY tuple")
	if err != nil {
		return m, fmt.Errorf("group rows: %w", err)
	}
	m.Values, m.Sensitive = columns[:quasi], columns[quasi:quasi+len(p.model.Sensitive)]
	if p.model.Person != "" {
		m.Person = columns[n-1]
	}
	for _, rows := range columns[n] {
		m.Persons = append(m.Persons, int64(rows))
	}
	return m, nil
}

// quasi builds the hierarchy of a quasi-identifier and the codes of its values.
func (p *rowProtector) quasi(ctx context.Context, i int) (*disclosure.Hierarchy, error) {
	q := p.model.Quasi[i]
	values, err := p.texts(ctx, fmt.Sprintf("SELECT DISTINCT key_%d FROM source ORDER BY 1", i))
	if err != nil {
		return nil, fmt.Errorf("read column %s: %w", q.Column, err)
	}
	h, err := p.config.hierarchy(q, values)
	if err != nil {
		return nil, err
	}
	missing := 0
	err = p.fill(ctx, fmt.Sprintf("values_%d", i), "value VARCHAR, code INTEGER", func(row func(...driver.Value) error) error {
		for _, v := range values {
			code, ok := h.Code(v)
			if !ok {
				missing++
				continue
			}
			if err := row(v, code); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if missing == 0 {
		return h, nil
	}
	first, err := p.db.Count(ctx, fmt.Sprintf("SELECT min(rowid) + 1 FROM source WHERE key_%d NOT IN (SELECT value FROM values_%d)", i, i))
	if err != nil {
		return nil, fmt.Errorf("read column %s: %w", q.Column, err)
	}
	return nil, pipeline.Usage("column %s has %d values that its hierarchy %s does not hold, the first in row %d below the headings; add a line for each",
		q.Column, missing, q.Hierarchy, first)
}

// outcome brings what becomes of each tuple back into the database.
func (p *rowProtector) outcome(ctx context.Context, m disclosure.Microdata, a *disclosure.Anonymized) error {
	err := p.fill(ctx, "outcome", "tuple INTEGER, class INTEGER", func(row func(...driver.Value) error) error {
		for tuple, class := range a.Of {
			var of driver.Value
			if class >= 0 {
				of = class
			}
			if err := row(int32(tuple), of); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.fill(ctx, "classes", "class INTEGER, "+each(len(m.Quasi), ", ", "label_# VARCHAR"), func(row func(...driver.Value) error) error {
		for i, c := range a.Classes {
			values := []driver.Value{int32(i)}
			for _, label := range c.Labels(m.Quasi) {
				values = append(values, label)
			}
			if err := row(values...); err != nil {
				return err
			}
		}
		return nil
	})
}

// publish makes the table of what is written.
func (p *rowProtector) publish(ctx context.Context) error {
	selected := []string{"class IS NULL AS suppressed"}
	for i := range p.keys {
		selected = append(selected, fmt.Sprintf("coded.key_%d", i))
	}
	for i, h := range p.headers {
		if a := slices.Index(p.keys[:len(p.model.Quasi)], h); a >= 0 {
			selected = append(selected, fmt.Sprintf("CASE WHEN class IS NULL THEN '%s' ELSE nullif(label_%d, '') END AS written_%d", disclosure.SuppressedValue, a, i))
		} else {
			selected = append(selected, fmt.Sprintf("CASE WHEN class IS NOT NULL THEN out_%d END AS written_%d", slices.Index(p.outs, h), i))
		}
	}
	err := p.db.Exec(ctx, "CREATE TABLE published AS SELECT "+strings.Join(selected, ", ")+
		" FROM coded JOIN tuples ON "+each(len(p.keys), " AND ", "coded.key_# = tuples.key_#")+
		" JOIN outcome USING (tuple) LEFT JOIN classes USING (class)")
	if err != nil {
		return fmt.Errorf("make protected rows: %w", err)
	}
	return nil
}

// check asserts by SQL that every row is there and every group holds what was asked for. It
// counts what is about to be written and shares nothing with the search.
func (p *rowProtector) check(ctx context.Context) error {
	quasi := len(p.model.Quasi)
	persons := "count(*)"
	if p.model.Person != "" {
		persons = fmt.Sprintf("count(DISTINCT key_%d)", len(p.keys)-1)
	}
	needs := []string{fmt.Sprintf("%s >= %d", persons, p.model.K)}
	for i, s := range p.model.Sensitive {
		switch {
		case s.Entropy && p.model.Person != "": // of persons and their different values
			needs = append(needs, fmt.Sprintf("pow(2, list_entropy(list_transform(list_distinct(list((key_%[1]d, key_%[2]d))), x -> x[1]))) >= %[3]v - 1e-6", quasi+i, len(p.keys)-1, s.L))
		case s.Entropy:
			needs = append(needs, fmt.Sprintf("pow(2, entropy(key_%d)) >= %v - 1e-6", quasi+i, s.L))
		case s.L > 1:
			needs = append(needs, fmt.Sprintf("count(DISTINCT key_%d) >= %v", quasi+i, s.L))
		}
	}
	var by []string
	for i, h := range p.headers {
		if slices.Contains(p.keys[:quasi], h) {
			by = append(by, fmt.Sprintf("written_%d", i))
		}
	}
	var rows, bad int64
	err := p.db.Get(ctx, []any{&rows, &bad}, "SELECT coalesce(CAST(sum(n) AS BIGINT), 0), count(*) FILTER (NOT suppressed AND NOT safe) FROM (SELECT suppressed, count(*) AS n, "+
		strings.Join(needs, " AND ")+" AS safe FROM published GROUP BY suppressed, "+strings.Join(by, ", ")+")")
	if err == nil && (rows != p.rows || bad > 0) {
		err = fmt.Errorf("%d of %d rows, %d groups that do not hold what was asked for: this is a fault in peil; nothing was written", rows, p.rows, bad)
	}
	if err != nil {
		return fmt.Errorf("check protected rows: %w", err)
	}
	return nil
}
