package contract

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/engine"
)

// Result is what one rule of a contract found.
type Result struct {
	Contract string   `json:"contract"` // such as core.members
	Rule     string   `json:"rule"`     // such as sex.codes
	Severity Severity `json:"severity"` // that breaking the rule has here: a notice where it is tolerated
	Count    int64    `json:"count"`    // of rows that break it
	Of       int64    `json:"of"`       // rows
	NL       string   `json:"nl"`
	EN       string   `json:"en"`
}

// Broken says whether a row breaks the rule.
func (r Result) Broken() bool { return r.Count > 0 }

// question is one rule as SQL over a relation.
type question struct {
	rule     string
	severity Severity
	tolerate float64 // share of the rows, in percent
	bad      string  // a condition for a row that breaks it; empty for unique
	count    string  // an aggregate: how many rows break it
	text     Text    // of the rows that break it, to stand behind their number
}

// Check asks every rule of the contract's own relation in db, in one pass.
func (c *Contract) Check(ctx context.Context, db *engine.DB) ([]Result, error) {
	return c.CheckAs(ctx, db, engine.Ident(c.Relation))
}

// CheckAs asks every rule of a FROM item.
func (c *Contract) CheckAs(ctx context.Context, db *engine.DB, relation string) ([]Result, error) {
	return c.ask(ctx, db, relation, c.questions())
}

func (c *Contract) ask(ctx context.Context, db *engine.DB, relation string, questions []question) ([]Result, error) {
	counts := make([]int64, len(questions)+1)
	into := []any{&counts[0]}
	aggregates := []string{"count(*)"}
	for i, q := range questions {
		aggregates, into = append(aggregates, q.count), append(into, &counts[i+1])
	}
	if err := db.Get(ctx, into, "SELECT "+strings.Join(aggregates, ",\n")+"\nFROM "+relation+" AS checked"); err != nil {
		return nil, fmt.Errorf("check contract %s: %w", c.Name(), err)
	}
	results := make([]Result, len(questions))
	for i, q := range questions {
		r := Result{Contract: c.Name(), Rule: q.rule, Severity: q.severity, Count: counts[i+1], Of: counts[0], NL: q.text.NL, EN: q.text.EN}
		if float64(r.Count)*100 <= q.tolerate*float64(r.Of) {
			r.Severity = Notice
		}
		results[i] = r
	}
	return results, nil
}

// Names are those of all its rules, in the order in which they are asked.
func (c *Contract) Names() []string {
	var names []string
	for _, q := range c.questions() {
		names = append(names, q.rule)
	}
	return names
}

func (c *Contract) questions() []question {
	var qs []question
	if u := one(c.Unique); u.severity != "" {
		qs = append(qs, question{rule: "unique", severity: u.severity, count: "count(*) - count(DISTINCT " + c.key(u.values) + ")",
			text: Text{"rijen die in " + strings.Join(u.values, ", ") + " gelijk zijn aan een andere", "rows that equal another in " + strings.Join(u.values, ", ")}})
	}
	for _, column := range c.Columns {
		qs = append(qs, column.questions()...)
	}
	for _, r := range c.Rules {
		qs = append(qs, question{rule: r.Name, severity: r.Severity, tolerate: r.tolerate, bad: r.Bad, count: where(r.Bad), text: r.Text})
	}
	return qs
}

// key is what rows are told apart by. One column is compared much faster than a row of one.
func (c *Contract) key(names []string) string {
	columns := make([]string, len(names))
	for i, name := range names {
		columns[i] = c.Columns[slices.IndexFunc(c.Columns, func(column Column) bool { return column.Name == name })].value()
	}
	if len(columns) == 1 {
		return columns[0]
	}
	return "row(" + strings.Join(columns, ", ") + ")"
}

func where(condition string) string { return "count(*) FILTER (WHERE " + condition + ")" }

// value is the column in the relation that is checked.
func (c Column) value() string {
	if c.As != "" {
		return "(" + c.As + ")"
	}
	return "checked." + engine.Ident(c.Name)
}

func (c Column) questions() []question {
	var qs []question
	v := c.value()
	add := func(rule string, s Severity, condition, nl, en string) {
		qs = append(qs, question{rule: c.Name + "." + rule, severity: s, bad: condition, count: where(condition),
			text: Text{fmt.Sprintf("rijen waarvan %s "+nl, c.Name), fmt.Sprintf("rows of which %s "+en, c.Name)}})
	}
	if c.NotNull != "" {
		add("not_null", c.NotNull, v+" IS NULL", "ontbreekt", "is absent")
	}
	if codes := one(c.Codes); codes.severity != "" {
		add("codes", codes.severity, "CAST("+v+" AS VARCHAR) NOT IN ("+literals(codes.values)+")", "geen bekende code is", "is no known code")
	}
	if r := one(c.Range); r.severity != "" {
		add("range", r.severity, v+" NOT BETWEEN "+c.literal(r.values[0])+" AND "+c.literal(r.values[1]),
			"niet ligt tussen "+r.values[0]+" en "+r.values[1], "is not between "+r.values[0]+" and "+r.values[1])
	}
	if m := one(c.Matches); m.severity != "" {
		add("matches", m.severity, "NOT regexp_full_match(CAST("+v+" AS VARCHAR), "+engine.Literal(m.values)+")", "niet de vorm "+m.values+" heeft", "has not the form "+m.values)
	}
	if to := one(c.RefersTo); to.severity != "" {
		table, column, _ := strings.Cut(to.values, ".")
		add("refers_to", to.severity, v+" NOT IN (SELECT "+engine.Ident(column)+" FROM "+engine.Ident(table)+")", "niet voorkomt in "+to.values, "is not in "+to.values)
	}
	return qs
}

// literal is a bound of the column as SQL of the column's type.
func (c Column) literal(bound string) string {
	if c.Type == "MONTH" {
		return engine.Literal(bound)
	}
	return "CAST(" + engine.Literal(bound) + " AS " + c.Type + ")"
}

func literals(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = engine.Literal(t)
	}
	return strings.Join(quoted, ", ")
}
