package contract

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"peil/pipeline/engine"
)

// CheckFile holds a CSV file that was written against the contract of its edition: its
// headings, in their order, the type of every value, and all rules. The instance must be
// allowed to read the path.
func (c *Contract) CheckFile(ctx context.Context, db *engine.DB, path string) ([]Result, error) {
	heads, err := headings(path, rune(c.Separator[0]))
	if err != nil {
		return nil, fmt.Errorf("check contract %s: %w", c.Name(), err)
	}
	spread, ok := c.spread(heads)
	if !ok {
		return []Result{{Contract: c.Name(), Rule: "columns", Severity: Failure, Count: 1, Of: 1,
			NL: "bestanden met andere kolommen dan het contract noemt", EN: "files with other columns than the contract names"}}, nil
	}
	var columns, casts []string
	questions := spread.questions()
	for _, column := range spread.Columns {
		id := engine.Ident(column.Name)
		columns = append(columns, engine.Literal(column.Name)+": 'VARCHAR'")
		if column.Type == "VARCHAR" {
			casts = append(casts, id)
			continue
		}
		raw := engine.Ident("raw " + column.Name)
		casts = append(casts, id+" AS "+raw, column.cast(id)+" AS "+id)
		questions = append(questions, question{rule: column.Name + ".type", severity: Failure, count: where(raw + " IS NOT NULL AND checked." + id + " IS NULL"),
			text: Text{"rijen waarvan " + column.Name + " niet van het soort " + column.Type + " is", "rows of which " + column.Name + " is no " + column.Type}})
	}
	relation := fmt.Sprintf(`(SELECT %s FROM read_csv(%s, auto_detect = false, header = true, columns = {%s}, delim = %s, quote = '"', escape = '"'))`,
		strings.Join(casts, ", "), engine.Literal(path), strings.Join(columns, ", "), engine.Literal(c.Separator))
	return c.ask(ctx, db, relation, questions)
}

func (c Column) cast(value string) string {
	if c.Type == "MONTH" {
		return "CASE WHEN TRY_CAST(" + value + " || '-01' AS DATE) IS NOT NULL THEN " + value + " END"
	}
	return "TRY_CAST(" + value + " AS " + c.Type + ")"
}

// spread is the contract with every column of a pattern in its place; ok says whether the
// headings are those of the contract.
func (c *Contract) spread(heads []string) (spread *Contract, ok bool) {
	one := *c
	one.Columns = nil
	i := 0
	for _, column := range c.Columns {
		if column.Pattern == "" {
			if i == len(heads) || heads[i] != column.Name {
				if column.Optional {
					continue
				}
				return nil, false
			}
			one.Columns = append(one.Columns, column)
			i++
			continue
		}
		whole := regexp.MustCompile("^(?:" + column.Pattern + ")$")
		for ; i < len(heads) && whole.MatchString(heads[i]) && !c.names(heads[i]); i++ {
			column.Name = heads[i]
			one.Columns = append(one.Columns, column)
		}
	}
	return &one, i == len(heads)
}

// names says whether a column of the contract has this very name.
func (c *Contract) names(heading string) bool {
	return slices.ContainsFunc(c.Columns, func(column Column) bool { return column.Name == heading })
}

func headings(path string, comma rune) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = comma
	return r.Read()
}
