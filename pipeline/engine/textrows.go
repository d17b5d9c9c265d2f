package engine

import (
	"context"
	"database/sql"
)

// TextRows reads the rows of a query whose columns are all text; a value that is not known is
// left out.
func TextRows(ctx context.Context, db *DB, query string, args ...any) (columns []string, all []map[string]string, err error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	all = []map[string]string{}
	for rows.Next() {
		values, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, nil, err
		}
		row := map[string]string{}
		for i, v := range values {
			if v.Valid {
				row[columns[i]] = v.String
			}
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}
