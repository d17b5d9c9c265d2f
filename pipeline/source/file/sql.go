package file

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"peil/pipeline/engine"
)

// tableFunctions are those that a query may call. Others read files, or switch on a
// log or a profile that is written to one: also in an instance that is locked.
var tableFunctions = map[string]bool{"range": true, "generate_series": true, "unnest": true}

// ReadQuery reads an .sql file and sees to it, by DuckDB's own parser, that there is
// one SELECT in it and nothing that reads by itself.
func ReadQuery(ctx context.Context, db *engine.DB, path, shown string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", &Error{Path: shown, Problem: "the query cannot be read: " + cause(err)}
	}
	text := string(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")))
	var serialised string
	if err := db.Get(ctx, []any{&serialised}, "SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", text); err != nil {
		return "", &Error{Path: shown, Problem: "the query is not text in UTF-8"}
	}
	var tree struct {
		Failed     bool   `json:"error"`
		Kind       string `json:"error_type"`
		Message    string `json:"error_message"`
		Position   string `json:"position"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(serialised), &tree); err != nil {
		return "", fmt.Errorf("parse query: %w", err)
	}
	const remedy = "write one SELECT over the names given under files"
	switch {
	case tree.Failed && tree.Kind == "parser":
		at, _ := strconv.Atoi(tree.Position)
		return "", &Error{Path: shown, Line: 1 + int64(strings.Count(text[:min(at, len(text))], "\n")), Problem: tree.Message, Remedy: "mend the query"}
	case tree.Failed:
		return "", &Error{Path: shown, Problem: "a query may only select", Remedy: remedy}
	case len(tree.Statements) != 1:
		return "", &Error{Path: shown, Problem: fmt.Sprintf("there are %d statements instead of one", len(tree.Statements)), Remedy: remedy}
	}
	if what := forbidden(tree.Statements); what != "" {
		return "", &Error{Path: shown, Problem: what + " is not allowed in a query", Remedy: remedy}
	}
	return text, nil
}

// forbidden names what a parsed query holds that it must not; empty if nothing.
func forbidden(node any) string {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			if what := forbidden(child); what != "" {
				return what
			}
		}
	case map[string]any:
		if n["type"] == "SHOW_REF" {
			return "DESCRIBE, SHOW or SUMMARIZE"
		}
		if f, ok := n["function"].(map[string]any); ok && n["type"] == "TABLE_FUNCTION" {
			if name, _ := f["function_name"].(string); !tableFunctions[strings.ToLower(name)] {
				return name + "(...)"
			}
		}
		for _, key := range sortedKeys(n) {
			if what := forbidden(n[key]); what != "" {
				return what
			}
		}
	}
	return ""
}

// resultColumns binds a query to the tables of db, without running it, and returns
// the names of its columns.
func resultColumns(ctx context.Context, db *engine.DB, query, shown string) (columns []string, err error) {
	err = db.Raw(func(c driver.Conn) error {
		prepared, err := c.Prepare(query)
		if err != nil {
			return bindError(err, shown)
		}
		defer prepared.Close()
		if prepared.NumInput() != 0 {
			return &Error{Path: shown, Problem: "the query has parameters", Remedy: "write the values in it"}
		}
		statement, ok := prepared.(*duckdb.Stmt)
		if !ok {
			return fmt.Errorf("describe query: unexpected driver %T", prepared)
		}
		n, err := statement.ColumnCount()
		for i := range n {
			name, nameErr := statement.ColumnName(i)
			columns, err = append(columns, name), errors.Join(err, nameErr)
		}
		return err
	})
	return columns, err
}

var sqlLine = regexp.MustCompile(`(?m)^LINE (\d+):`)

// bindError says in which line of a query a name is wrong. What DuckDB says of
// values stays out.
func bindError(err error, shown string) error {
	var d *duckdb.Error
	if !errors.As(err, &d) {
		return fmt.Errorf("prepare query %s: %w", shown, err)
	}
	e := &Error{Path: shown, Problem: "the query fails on its values, before a row is read", Remedy: "mend the query"}
	switch d.Type {
	case duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypePermission:
		e.Problem, _, _ = strings.Cut(d.Msg, "\n")
	}
	if m := sqlLine.FindStringSubmatch(d.Msg); m != nil {
		e.Line, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return e
}
