package sqldb

import (
	"slices"
	"strings"
)

// Columns are the columns of each table: what a system has, or what a query needs.
type Columns map[string][]string

func (c Columns) add(table, column string) {
	table, column = strings.ToLower(table), strings.ToLower(column)
	c[table] = append(c[table], column)
}

// Has says whether there is such a table, and in it all these columns.
func (c Columns) Has(table string, columns ...string) bool {
	have, ok := c[strings.ToLower(table)]
	for _, column := range columns {
		ok = ok && slices.Contains(have, column)
	}
	return ok
}
