package contract

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed lineage.yaml
var lineageFile []byte

// lineage is what each column is made from, by the names that lineage.yaml uses.
var lineage = func() map[string][]string {
	made, err := parseLineage(lineageFile)
	if err != nil {
		panic(err) // the program's own file, which a test rules out
	}
	return made
}()

func parseLineage(b []byte) (map[string][]string, error) {
	var groups []struct {
		Columns []string `yaml:"columns"`
		From    []string `yaml:"from"`
	}
	if err := yaml.UnmarshalWithOptions(b, &groups, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read lineage: %w", err)
	}
	made := map[string][]string{}
	for _, g := range groups {
		for _, c := range g.Columns {
			if _, twice := made[c]; twice {
				return nil, fmt.Errorf("read lineage: column %s is explained twice", c)
			}
			made[c] = g.From
		}
	}
	return made, nil
}

// MadeFrom are the columns that a column of the contract is made from, as folder.table.column
// or folder.column; none where it comes from the configuration or the run.
func (c *Contract) MadeFrom(column string) []string {
	from, _ := c.madeFrom(column)
	return from
}

// madeFrom also says whether the lineage knows the column.
func (c *Contract) madeFrom(column string) (from []string, known bool) {
	if from, known = lineage[c.Name()+"."+column]; known {
		return from, true
	}
	from, known = lineage[c.Folder+"."+column]
	return from, known
}

// Sources are the columns of the source that a column goes back to, as table.column, sorted.
func (c *Contract) Sources(column string) []string {
	var sources []string
	seen := map[string]bool{}
	var follow func(names []string)
	follow = func(names []string) {
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			if source, ok := strings.CutPrefix(name, Input+"."); ok {
				sources = append(sources, source)
			} else {
				follow(ofName(name))
			}
		}
	}
	follow(c.MadeFrom(column))
	slices.Sort(sources)
	return sources
}

// ofName is what a column is made from, by its name in the lineage: that of its own table,
// or of its folder.
func ofName(name string) []string {
	if from, known := lineage[name]; known {
		return from
	}
	if parts := strings.Split(name, "."); len(parts) == 3 {
		return lineage[parts[0]+"."+parts[2]]
	}
	return nil
}
