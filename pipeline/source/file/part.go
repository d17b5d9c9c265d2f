package file

import (
	"context"
	"fmt"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// csvPart is a CSV file as a part of a table.
type csvPart struct {
	file   *csvFile
	runDir string
	table  string
	index  map[string]int // column → heading, -1 where absent
}

func (p *csvPart) Name() string { return p.file.name }
func (p *csvPart) Size() int64  { return p.file.size }

func (p *csvPart) Read(ctx context.Context, db *engine.DB, statement func(relation string) string) ([]source.Reject, error) {
	return p.file.read(ctx, db, p.runDir, func(relation string) string {
		return statement(canonical(p.table, relation, func(column string) string {
			if i := p.index[column]; i >= 0 {
				return notBlank(fmt.Sprintf("c%d", i))
			}
			return "NULL::VARCHAR"
		}))
	})
}

func (p *csvPart) Lines(ctx context.Context, positions []int64) ([]int64, error) {
	return p.file.lines(ctx, positions)
}

// canonical is the FROM item with every column of a table, in order.
func canonical(table, relation string, value func(column string) string) string {
	var columns []string
	for _, c := range source.Columns[table] {
		columns = append(columns, value(c.Name)+" AS "+engine.Ident(c.Name))
	}
	return "(SELECT " + strings.Join(columns, ", ") + " FROM " + relation + ")"
}

// notBlank is the SQL for a text that is NULL where it holds nothing to read. Most
// values begin with a letter or a digit: they pass after one comparison.
func notBlank(value string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s BETWEEN '!' AND '~' THEN %[1]s WHEN trim(%[1]s, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160)) <> '' THEN %[1]s END`, value)
}
