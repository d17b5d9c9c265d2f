package protect

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// each writes an SQL list: format n times, # replaced by the numbers from 0.
func each(n int, separator, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
	}
	return strings.Join(parts, separator)
}

// texts reads one column.
func (w *protector) texts(ctx context.Context, query string) ([]string, error) {
	rows, err := w.db.Query(ctx, query)
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
