package sqldb

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"peil/pipeline/engine"
)

// Grouping divides the rows of tables into groups that are small, and tells by a digest
// that the server makes of each whether anything in it has changed. Unlike a moment of
// change a digest misses nothing: neither a row that was deleted, merged or restored, nor
// one of which a foreign key or a person at the console changed a column, nor one of many
// in the same second; and a table needs no key for it.
type Grouping struct {
	Expr   string   // that names the group, over the columns of each table
	Tables []string // whose rows of one group are digested together
	By     string   // what is digested; empty for the columns that the query needs
}

// parseGrouping reads "EXPR of TABLE [TABLE ...] [by EXPRS]".
func parseGrouping(text string) Grouping {
	expr, rest, _ := strings.Cut(text, " of ")
	tables, by, _ := strings.Cut(rest, " by ")
	return Grouping{Expr: expr, Tables: strings.Fields(tables), By: by}
}

// digests says what is in each group: a number of rows and a sum of their hashes.
type digests map[string]string

// digest sums 60 and 64 bits of a hash of each row. That another content has the same sum
// is as good as impossible.
var digest = map[System]string{
	MariaDB:    "SELECT %[1]s, COUNT(*), SUM(CAST(CONV(LEFT(MD5(CONCAT_WS(',', %[2]s)), 15), 16, 10) AS UNSIGNED)) FROM %[3]s GROUP BY 1",
	PostgreSQL: "SELECT (%[1]s)::text, count(*), sum(hashtextextended(ROW(%[2]s)::text, 0)) FROM %[3]s GROUP BY 1",
}

// digests asks the server about one grouping of a query. A row that has moved from one
// table of the grouping to another, as it was, changes nothing.
func (db *DB) digests(ctx context.Context, q Query, g Grouping) (digests, error) {
	counts, sums := map[string]int64{}, map[string]*big.Int{}
	for _, table := range g.Tables {
		rows, err := db.try(ctx, q.Name, fmt.Sprintf(digest[db.o.System], g.Expr, db.digested(q, g, table), table))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			count, err := strconv.ParseInt(r[1], 10, 64)
			sum, ok := new(big.Int).SetString(r[2], 10)
			if err != nil || !ok {
				return nil, fmt.Errorf("digest %s: the server answers with no number", table)
			}
			if sums[r[0]] == nil {
				sums[r[0]] = new(big.Int)
			}
			counts[r[0]] += count
			sums[r[0]].Add(sums[r[0]], sum)
		}
	}
	d := make(digests, len(counts))
	for group, count := range counts {
		d[group] = fmt.Sprintf("%d %s", count, sums[group])
	}
	return d, nil
}

func (db *DB) digested(q Query, g Grouping, table string) string {
	if g.By != "" {
		return g.By
	}
	columns := slices.Clone(q.Needs[table])
	if db.o.System == MariaDB {
		for i, c := range columns {
			columns[i] = "QUOTE(" + c + ")" // tells NULL from empty, and where a value ends
		}
	}
	return strings.Join(columns, ", ")
}

// contextOf digests the tables that a query draws on and no grouping of it covers: small
// ones, such as those that explain codes.
func (db *DB) contextOf(ctx context.Context, q Query) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", db.o.System, q.SQL)
	for _, table := range slices.Sorted(maps.Keys(q.Needs)) {
		if slices.ContainsFunc(q.Groups, func(g Grouping) bool { return slices.Contains(g.Tables, table) }) {
			continue
		}
		d, err := db.digests(ctx, q, Grouping{Expr: "'all'", Tables: []string{table}})
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s %s\n", table, d["all"])
	}
	return b.String(), nil
}

// changed are the groups that are not as they were before: other, new or gone.
func (d digests) changed(before digests) map[string]bool {
	groups := map[string]bool{}
	for g, digest := range d {
		if before[g] != digest {
			groups[g] = true
		}
	}
	for g := range before {
		if _, ok := d[g]; !ok {
			groups[g] = true
		}
	}
	return groups
}

// among is the SQL condition that a column holds the name of one of the groups.
func among(column string, groups map[string]bool) string {
	var conditions, names []string
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if name == "" { // what has no group: NULL or an empty text
			conditions = append(conditions, "COALESCE(CAST("+column+" AS CHAR(1)), '') = ''")
		} else {
			names = append(names, engine.Literal(name))
		}
	}
	if len(names) > 0 {
		conditions = append(conditions, column+" IN ("+strings.Join(names, ", ")+")")
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}
