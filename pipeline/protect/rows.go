package protect

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/reports/risk"
	"peil/transforms/disclosure"
)

// rowProtector protects rows about persons. In its tables key_0, key_1, ... are the columns
// that decide what becomes of a row (quasi-identifiers, sensitive columns, the person),
// out_0, ... those that are written as they are or not at all (sensitive and kept ones).
//
//	source     equal rows of the file: keys as they stand there, outs, persons, first of the rows
//	values_i   a value of key i as text: value, code
//	codes_i    a value of key i as it stands in the file: raw, code
//	coded      those rows: their tuple, outs, persons
//	labels_i   a code of quasi-identifier i: what it reads at the level of the scheme
//	outcome    a tuple to which the scheme does not apply: its class, NULL if suppressed
//	classes    a class of those: what it reads in each quasi-identifier
//	published  those rows as they are written, and their tuple to check them by
//
// Equal rows go together all the way, persons says how many they are. A tuple is a row's codes in two numbers, quasi of the quasi-identifiers and rest of the
// others, each code a digit; see digits.
type rowProtector struct {
	*protector
	model   *Rows
	keys    []string // headings
	outs    []string
	rows    int64
	quasi   digits
	rest    digits
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
	recount, err := p.check(ctx)
	if err != nil {
		return nil, err
	}
	report, err := p.assess(m, model, a)
	if err != nil {
		return nil, fmt.Errorf("assess risk: %w", err)
	}
	report.Microdata.Recount = recount
	return report, p.write(ctx, p.sorted())
}

// sorted selects the rows of published in the order of their values, under their own headings.
func (p *rowProtector) sorted() string {
	texts, headings := make([]string, len(p.headers)), make([]string, len(p.headers))
	for i, h := range p.headers {
		texts[i] = fmt.Sprintf("written_%d AS text_%[1]d", i)
		if slices.Contains(p.keys[:len(p.model.Quasi)], h) {
			texts[i] = fmt.Sprintf("CAST(written_%d AS VARCHAR) AS text_%[1]d", i)
		}
		headings[i] = fmt.Sprintf("text_%d AS %s", i, engine.Ident(h))
	}
	return "SELECT " + strings.Join(headings, ", ") + " FROM (SELECT " + strings.Join(texts, ", ") + ", unnest(range(rows)) FROM (SELECT " +
		each(len(p.headers), ", ", "written_#") + ", CAST(sum(persons) AS BIGINT) AS rows FROM published GROUP BY ALL ORDER BY ALL))"
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
	var columns []string
	for i, heading := range p.keys {
		c, err := p.given.column(heading)
		if err != nil {
			return err
		}
		columns = append(columns, fmt.Sprintf("%s AS key_%d", c, i))
	}
	for i, heading := range p.outs {
		c, err := p.given.column(heading)
		if err != nil {
			return err
		}
		columns = append(columns, fmt.Sprintf("%s AS out_%d", c, i))
	}
	err := p.given.load(ctx, p.db, "source", columns, "* EXCLUDE (row), count(*) AS persons, min(row) AS first")
	if err != nil {
		return err
	}
	p.rows, err = p.db.Count(ctx, "SELECT CAST(sum(persons) AS BIGINT) FROM source")
	return err
}

// microdata groups the rows to tuples of codes.
func (p *rowProtector) microdata(ctx context.Context) (disclosure.Microdata, error) {
	m := disclosure.Microdata{}
	quasi, n := len(p.model.Quasi), len(p.keys)
	sizes := make([]int64, n)
	for i := range n {
		var err error
		if i < quasi {
			var h *disclosure.Hierarchy
			if h, err = p.hierarchyOf(ctx, i); err != nil {
				return m, err
			}
			m.Quasi = append(m.Quasi, h)
		} else {
			err = p.db.Exec(ctx, fmt.Sprintf("CREATE TABLE values_%d AS SELECT value, CAST(row_number() OVER (ORDER BY value) - 1 AS INTEGER) AS code FROM (SELECT DISTINCT %s AS value FROM source)", i, text(fmt.Sprintf("key_%d", i))))
		}
		if err == nil {
			err = p.db.Exec(ctx, fmt.Sprintf("CREATE TABLE codes_%d AS SELECT raw, code FROM (SELECT DISTINCT key_%d AS raw FROM source) JOIN values_%d ON value = %s", i, i, i, text("raw")))
		}
		if err == nil {
			sizes[i], err = p.db.Count(ctx, fmt.Sprintf("SELECT max(code) + 1 FROM values_%d", i))
		}
		if err != nil {
			return m, fmt.Errorf("number values: %w", err)
		}
	}
	p.quasi, p.rest = newDigits(sizes[:quasi], 0), newDigits(sizes[quasi:], quasi)
	if p.quasi.overflow || p.rest.overflow {
		return m, fmt.Errorf("group rows: the columns have more combinations of values than can be numbered; begin with coarser values")
	}
	outs := ""
	if len(p.outs) > 0 {
		outs = ", " + each(len(p.outs), ", ", "out_#")
	}
	for _, s := range []string{
		"CREATE TABLE coded AS SELECT " + p.quasi.number("codes_#.code") + " AS quasi, " + p.rest.number("codes_#.code") + " AS rest, persons" + outs +
			" FROM source" + each(n, "", " JOIN codes_# ON source.key_# IS NOT DISTINCT FROM codes_#.raw"),
		"DROP TABLE source",
	} {
		if err := p.db.Exec(ctx, s); err != nil {
			return m, fmt.Errorf("group rows: %w", err)
		}
	}
	err := p.tuples(ctx, &m)
	if err != nil {
		return m, fmt.Errorf("group rows: %w", err)
	}
	return m, nil
}

// tuples reads the tuples in order of their numbers.
func (p *rowProtector) tuples(ctx context.Context, m *disclosure.Microdata) error {
	n, err := p.db.Count(ctx, "SELECT count(*) FROM (SELECT DISTINCT quasi, rest FROM coded)")
	if err != nil {
		return err
	}
	columns := make([][]int32, len(p.keys))
	for i := range columns {
		columns[i] = make([]int32, 0, n)
	}
	m.Persons = make([]int64, 0, n)
	rows, err := p.db.Query(ctx, "SELECT quasi, rest, CAST(sum(persons) AS BIGINT) FROM coded GROUP BY quasi, rest ORDER BY quasi, rest")
	if err != nil {
		return err
	}
	defer rows.Close()
	var quasi, rest, persons int64
	dest := []any{&quasi, &rest, &persons}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		p.quasi.split(quasi, columns)
		p.rest.split(rest, columns)
		m.Persons = append(m.Persons, persons)
	}
	at := len(p.model.Quasi)
	m.Values, m.Sensitive = columns[:at], columns[at:at+len(p.model.Sensitive)]
	if p.model.Person != "" {
		m.Person = columns[len(columns)-1]
	}
	return rows.Err()
}

// hierarchyOf builds the hierarchy of a quasi-identifier and the codes of its values.
func (p *rowProtector) hierarchyOf(ctx context.Context, i int) (*disclosure.Hierarchy, error) {
	q := p.model.Quasi[i]
	key := text(fmt.Sprintf("key_%d", i))
	values, err := p.texts(ctx, "SELECT DISTINCT "+key+" FROM source ORDER BY 1")
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
	if err != nil || missing == 0 {
		return h, err
	}
	first, err := p.db.Count(ctx, fmt.Sprintf("SELECT min(first) FROM source WHERE %s NOT IN (SELECT value FROM values_%d)", key, i))
	if err != nil {
		return nil, fmt.Errorf("read column %s: %w", q.Column, err)
	}
	return nil, exit.Usagef("column %s has %d values that its hierarchy %s does not hold, the first in row %d below the headings; add a line for each",
		q.Column, missing, q.Hierarchy, first)
}

// outcome brings what becomes of the tuples back into the database: what the scheme makes of
// each code, and the tuples that it does not release.
func (p *rowProtector) outcome(ctx context.Context, m disclosure.Microdata, a *disclosure.Anonymized) error {
	for i, h := range m.Quasi {
		err := p.fill(ctx, fmt.Sprintf("labels_%d", i), "code INTEGER, label VARCHAR", func(row func(...driver.Value) error) error {
			for code := range h.Values() {
				if err := row(code, h.Label(a.Levels[i], code)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	apart := make([]bool, len(a.Classes)) // not at the levels of the scheme
	for i, c := range a.Classes {
		apart[i] = !slices.Equal(c.Levels, a.Levels)
	}
	err := p.fill(ctx, "outcome", "quasi BIGINT, rest BIGINT, class INTEGER", func(row func(...driver.Value) error) error {
		for tuple, class := range a.Of {
			var of driver.Value
			if class >= 0 {
				if !apart[class] {
					continue
				}
				of = class
			}
			if err := row(p.quasi.join(m.Values, tuple), p.rest.join(p.others(m), tuple), of); err != nil {
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
			if !apart[i] {
				continue
			}
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

// others are the codes of the keys that are no quasi-identifiers.
func (p *rowProtector) others(m disclosure.Microdata) [][]int32 {
	if m.Person == nil {
		return m.Sensitive
	}
	return append(m.Sensitive[:len(m.Sensitive):len(m.Sensitive)], m.Person)
}

// publish makes the table of what is written. What a quasi-identifier can read is an ENUM in
// the order of its texts, so that rows are grouped and sorted by numbers.
func (p *rowProtector) publish(ctx context.Context) error {
	const suppressed = "outcome.quasi IS NOT NULL AND outcome.class IS NULL"
	selected := []string{suppressed + " AS suppressed", "coded.rest", "persons"}
	var statements []string
	joins := ""
	for i, h := range p.headers {
		if a := slices.Index(p.keys[:len(p.model.Quasi)], h); a >= 0 {
			statements = append(statements,
				fmt.Sprintf("CREATE TYPE label_%[1]d AS ENUM (SELECT label FROM (SELECT label FROM labels_%[1]d UNION SELECT label_%[1]d FROM classes UNION SELECT '%[2]s') WHERE label <> '' ORDER BY 1)", a, disclosure.SuppressedValue),
				fmt.Sprintf("ALTER TABLE labels_%[1]d ALTER label TYPE label_%[1]d USING nullif(label, '')", a),
				fmt.Sprintf("ALTER TABLE classes ALTER label_%[1]d TYPE label_%[1]d USING nullif(label_%[1]d, '')", a))
			selected = append(selected, fmt.Sprintf("CASE WHEN outcome.quasi IS NULL THEN labels_%[1]d.label WHEN outcome.class IS NULL THEN '%[2]s' ELSE label_%[1]d END AS written_%[3]d", a, disclosure.SuppressedValue, i))
			joins += fmt.Sprintf(" JOIN labels_%[1]d ON labels_%[1]d.code = %[2]s", a, p.quasi.digit("coded.quasi", a))
		} else {
			selected = append(selected, fmt.Sprintf("CASE WHEN NOT (%s) THEN out_%d END AS written_%d", suppressed, slices.Index(p.outs, h), i))
		}
	}
	statements = append(statements, "CREATE TABLE published AS SELECT "+strings.Join(selected, ", ")+
		" FROM coded LEFT JOIN outcome ON coded.quasi = outcome.quasi AND coded.rest = outcome.rest LEFT JOIN classes USING (class)"+joins)
	for _, s := range statements {
		if err := p.db.Exec(ctx, s); err != nil {
			return fmt.Errorf("make protected rows: %w", err)
		}
	}
	return nil
}

// check asserts by SQL that every row is there and every group holds what was asked for. It
// counts what is about to be written and shares nothing with the search.
func (p *rowProtector) check(ctx context.Context) (risk.Recount, error) {
	persons := "sum(persons)"
	if p.model.Person != "" {
		persons = fmt.Sprintf("count(DISTINCT %s)", p.rest.digit("rest", len(p.keys)-1))
	}
	needs := []string{fmt.Sprintf("%s >= %d", persons, p.model.K)}
	var by []string
	for i, h := range p.headers {
		if slices.Contains(p.keys[:len(p.model.Quasi)], h) {
			by = append(by, fmt.Sprintf("written_%d", i))
		}
	}
	group := strings.Join(by, ", ")
	var entropies []string
	for i, s := range p.model.Sensitive {
		code := p.rest.digit("rest", len(p.model.Quasi)+i)
		switch {
		case s.Entropy: // of n persons of whom n_v have value v it is log n - sum(n_v log n_v) / n
			entropies = append(entropies, fmt.Sprintf("SELECT log2(sum(n)) - sum(n * log2(n)) / sum(n) >= log2(%v) - 1e-6 AS safe FROM (SELECT %s, %s AS n FROM published WHERE NOT suppressed GROUP BY %[2]s, %[4]s) GROUP BY %[2]s",
				s.L, group, persons, code))
		case s.L > 1:
			needs = append(needs, fmt.Sprintf("count(DISTINCT %s) >= %v", code, s.L))
		}
	}
	var rows, bad int64
	var found risk.Recount
	err := p.db.Get(ctx, []any{&rows, &bad, &found.Groups, &found.Smallest},
		"SELECT CAST(sum(n) AS BIGINT), count(*) FILTER (NOT suppressed AND NOT safe), count(*) FILTER (NOT suppressed), CAST(coalesce(min(persons) FILTER (NOT suppressed), 0) AS BIGINT) FROM (SELECT suppressed, sum(persons) AS n, "+
			persons+" AS persons, "+strings.Join(needs, " AND ")+" AS safe FROM published GROUP BY suppressed, "+group+")")
	for _, e := range entropies {
		if err != nil {
			break
		}
		var more int64
		more, err = p.db.Count(ctx, "SELECT count(*) FROM ("+e+") WHERE NOT safe")
		bad += more
	}
	if err == nil && (rows != p.rows || bad > 0) {
		err = fmt.Errorf("%d of %d rows, %d groups that do not hold what was asked for: this is a fault in peil; nothing was written", rows, p.rows, bad)
	}
	if err != nil {
		return found, fmt.Errorf("check protected rows: %w", err)
	}
	return found, nil
}
