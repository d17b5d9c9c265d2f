package pipeline

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

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
	model   *RowProtection
	keys    []string // headings
	outs    []string
	rows    int64
	headers []string // of the file that is written, in the order of the one that was given
}

func (w *protector) rows(ctx context.Context) (*risk.Report, error) {
	p := &rowProtector{protector: w, model: w.protection.Rows}
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
	if err := p.publish(ctx, m, a); err != nil {
		return nil, err
	}
	report, err := p.assess(ctx, m, model, a)
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

// each writes an SQL list: format with its one number from 0 to n − 1.
func each(n int, separator, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
	}
	return strings.Join(parts, separator)
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

// integers reads columns of small whole numbers.
func (p *rowProtector) integers(ctx context.Context, n int, query string) ([][]int32, error) {
	rows, err := p.db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns := make([][]int32, n)
	row, dest := make([]int32, n), make([]any, n)
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		for i, v := range row {
			columns[i] = append(columns[i], v)
		}
	}
	return columns, rows.Err()
}

// quasi builds the hierarchy of a quasi-identifier and the codes of its values.
func (p *rowProtector) quasi(ctx context.Context, i int) (*disclosure.Hierarchy, error) {
	q := p.model.Quasi[i]
	values, err := p.texts(ctx, fmt.Sprintf("SELECT DISTINCT key_%d FROM source ORDER BY 1", i))
	if err != nil {
		return nil, fmt.Errorf("read column %s: %w", q.Column, err)
	}
	h, err := p.protection.hierarchy(q, values)
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
	return nil, Usage("column %s has %d values that its hierarchy %s does not hold, the first in row %d below the headings; add a line for each",
		q.Column, missing, q.Hierarchy, first)
}

func (p *rowProtector) texts(ctx context.Context, query string) ([]string, error) {
	rows, err := p.db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// fill makes a table of the rows that a function gives.
func (w *protector) fill(ctx context.Context, table, columns string, give func(row func(...driver.Value) error) error) error {
	err := w.db.Exec(ctx, "CREATE TABLE "+table+" ("+columns+")")
	if err == nil {
		err = w.db.Raw(func(conn driver.Conn) error {
			a, err := duckdb.NewAppenderFromConn(conn, "", table)
			if err != nil {
				return err
			}
			return errors.Join(give(a.AppendRow), a.Close())
		})
	}
	if err != nil {
		return fmt.Errorf("fill table %s: %w", table, err)
	}
	return nil
}

// publish makes the table of what is written, and sees to it that it is what was asked.
func (p *rowProtector) publish(ctx context.Context, m disclosure.Microdata, a *disclosure.Anonymized) error {
	quasi := len(m.Quasi)
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
	err = p.fill(ctx, "classes", "class INTEGER, "+each(quasi, ", ", "label_# VARCHAR"), func(row func(...driver.Value) error) error {
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
	if err != nil {
		return err
	}
	selected := []string{"class IS NULL AS suppressed"}
	for i := range p.keys {
		selected = append(selected, fmt.Sprintf("coded.key_%d", i))
	}
	for i, h := range p.headers {
		if a := slices.Index(p.keys[:quasi], h); a >= 0 {
			selected = append(selected, fmt.Sprintf("CASE WHEN class IS NULL THEN '%s' ELSE nullif(label_%d, '') END AS written_%d", disclosure.SuppressedValue, a, i))
		} else {
			selected = append(selected, fmt.Sprintf("CASE WHEN class IS NOT NULL THEN out_%d END AS written_%d", slices.Index(p.outs, h), i))
		}
	}
	err = p.db.Exec(ctx, "CREATE TABLE published AS SELECT "+strings.Join(selected, ", ")+
		" FROM coded JOIN tuples ON "+each(len(p.keys), " AND ", "coded.key_# = tuples.key_#")+
		" JOIN outcome USING (tuple) LEFT JOIN classes USING (class)")
	if err != nil {
		return fmt.Errorf("make protected rows: %w", err)
	}
	return p.check(ctx)
}

// check asserts by SQL, on what is written, that every group is what was asked for.
func (p *rowProtector) check(ctx context.Context) error {
	persons, needs := "count(*)", []string{}
	if p.model.Person != "" {
		persons = fmt.Sprintf("count(DISTINCT key_%d)", len(p.keys)-1)
	}
	needs = append(needs, fmt.Sprintf("%s >= %d", persons, p.model.K))
	for i, s := range p.model.Sensitive {
		key := fmt.Sprintf("key_%d", len(p.model.Quasi)+i)
		switch {
		case s.Entropy:
			needs = append(needs, fmt.Sprintf("pow(2, entropy(%s)) >= %v - 1e-6", key, s.L))
		case s.L > 1:
			needs = append(needs, fmt.Sprintf("count(DISTINCT %s) >= %v", key, s.L))
		}
	}
	var by []string
	for i, h := range p.headers {
		if slices.Contains(p.keys[:len(p.model.Quasi)], h) {
			by = append(by, fmt.Sprintf("written_%d", i))
		}
	}
	bad, err := p.db.Count(ctx, "SELECT count(*) FROM (SELECT "+strings.Join(needs, " AND ")+" AS safe FROM published WHERE NOT suppressed GROUP BY "+
		strings.Join(by, ", ")+") WHERE NOT safe")
	if err == nil && bad > 0 {
		err = fmt.Errorf("%d groups do not hold what was asked for, which is a fault in peil; nothing was written", bad)
	}
	if err != nil {
		return fmt.Errorf("check protected rows: %w", err)
	}
	return nil
}
