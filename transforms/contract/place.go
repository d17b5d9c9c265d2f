package contract

import (
	"context"
	"fmt"
	"strings"

	"peil/pipeline/engine"
)

// Place is a row of a table that breaks a rule.
type Place struct {
	Row   int64  // its rowid in the relation
	Value string // of the column that the rule is about, where that is public; else empty
}

// Places finds the first rows of the contract's relation that break a rule, at most limit.
func (c *Contract) Places(ctx context.Context, db *engine.DB, rule string, limit int) ([]Place, error) {
	var bad string
	for _, q := range c.questions() {
		if q.rule == rule {
			bad = q.bad
		}
	}
	if bad == "" {
		return nil, nil // rows that are wrong together have no place of their own
	}
	value := "''"
	name, _, _ := strings.Cut(rule, ".")
	for _, column := range c.Columns {
		if column.Name == name && column.Class == Public {
			value = "coalesce(CAST(" + column.value() + " AS VARCHAR), '')"
		}
	}
	rows, err := db.Query(ctx, "SELECT checked.rowid, "+value+" FROM "+engine.Ident(c.Relation)+" AS checked WHERE "+bad+" ORDER BY checked.rowid LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("find rows that break %s of contract %s: %w", rule, c.Name(), err)
	}
	defer rows.Close()
	var places []Place
	for rows.Next() {
		var p Place
		if err := rows.Scan(&p.Row, &p.Value); err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	return places, rows.Err()
}
