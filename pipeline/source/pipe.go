package source

import (
	"fmt"
	"slices"
	"strings"

	"peil/pipeline/engine"
)

// NotBlank is the SQL for a text that is NULL where it holds nothing to read. Most
// values begin with a letter or a digit: they pass after one comparison.
func NotBlank(value string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s BETWEEN '!' AND '~' THEN %[1]s WHEN trim(%[1]s, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)) <> '' THEN %[1]s END`, value)
}

// FromPipes is an SQL FROM item with every canonical column of a table, in order, over CSV
// without headings that comes out of pipes, an SQL list of paths. present are the columns that it has, in the
// order of [Columns]; records end in LF, and a quote within quotes is doubled.
func FromPipes(table string, present []string, pipes string) string {
	var values, types []string
	for _, c := range Columns[table] {
		name := engine.Ident(c.Name)
		if !slices.Contains(present, c.Name) {
			values = append(values, "NULL::VARCHAR AS "+name)
			continue
		}
		types = append(types, engine.Literal(c.Name)+": 'VARCHAR'")
		values = append(values, NotBlank(name)+" AS "+name)
	}
	return fmt.Sprintf(`(SELECT %s FROM read_csv(%s, auto_detect = false, columns = {%s}, delim = ',', quote = '"', escape = '"', new_line = '\n', header = false, parallel = false))`,
		strings.Join(values, ", "), pipes, strings.Join(types, ", "))
}
