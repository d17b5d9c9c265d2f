package contract

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

func parse(b []byte) (*Contract, error) {
	var c Contract
	if err := yaml.UnmarshalWithOptions(b, &c, yaml.Strict()); err != nil {
		return nil, err
	}
	return &c, nil
}

func parseDictionary(b []byte) (map[string]Column, error) {
	var columns []Column
	if err := yaml.UnmarshalWithOptions(b, &columns, yaml.Strict()); err != nil {
		return nil, err
	}
	byName := map[string]Column{}
	for _, c := range columns {
		if _, ok := byName[c.Name]; ok {
			return nil, fmt.Errorf("column %s is explained twice", c.Name)
		}
		byName[c.Name] = c
	}
	return byName, nil
}

var (
	instances  = []string{"vault", "warehouse", "file"}
	classes    = []Class{Public, Counts, Anonymous, Pseudonymous, Identifying}
	severities = []Severity{Notice, Warning, Failure}
	types      = []string{"VARCHAR", "BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "MONTH", "UUID"}
)

// complete fills in defaults and what the dictionary explains, and refuses what is not
// whole.
func (c *Contract) complete(dictionary map[string]Column) error {
	c.Relation = cmp.Or(c.Relation, c.Table)
	c.Separator = cmp.Or(c.Separator, ",")
	if c.Instance == "" {
		c.Instance = "warehouse"
		if c.Folder != Input && c.Folder != Core {
			c.Instance = "file"
		}
	}
	if !slices.Contains(instances, c.Instance) {
		return fmt.Errorf("instance %q: use one of %s", c.Instance, strings.Join(instances, ", "))
	}
	if c.Row.NL == "" || c.Row.EN == "" {
		return fmt.Errorf("row: say in nl and en what a row is")
	}
	if len(c.Columns) == 0 {
		return fmt.Errorf("columns: there are none")
	}
	seen := map[string]bool{}
	for i := range c.Columns {
		column := &c.Columns[i]
		if known, ok := dictionary[column.Name]; ok && column.EN == "" {
			here := *column
			*column = known
			column.Editions, column.Optional = here.Editions, here.Optional
		}
		if seen[column.Name] {
			return fmt.Errorf("column %s stands twice", column.Name)
		}
		seen[column.Name] = true
		if err := column.check(); err != nil {
			return fmt.Errorf("column %q: %w", column.Name, err)
		}
	}
	for _, key := range one(c.Unique).values {
		if !seen[key] {
			return fmt.Errorf("unique: there is no column %s", key)
		}
	}
	for i := range c.Rules {
		if err := c.Rules[i].check(); err != nil {
			return fmt.Errorf("rule %q: %w", c.Rules[i].Name, err)
		}
	}
	return checkSeverities("unique", c.Unique)
}

func (c *Column) check() error {
	switch {
	case c.Name == "":
		return fmt.Errorf("it has no name")
	case !slices.Contains(types, c.Type):
		return fmt.Errorf("type %q: use one of %s", c.Type, strings.Join(types, ", "))
	case !slices.Contains(classes, c.Class):
		return fmt.Errorf("class %q: use one of public, counts, anonymous, pseudonymous, identifying", c.Class)
	case c.Category != 0 && c.Category != 1 && c.Category != 3:
		return fmt.Errorf("category %d: only categories 1 and 3 of the privacy statement are ever read", c.Category)
	case c.NL == "" || c.EN == "":
		return fmt.Errorf("say in nl and en what it means")
	case c.NotNull != "" && !slices.Contains(severities, c.NotNull):
		return fmt.Errorf("not_null: severity %q: use notice, warning or failure", c.NotNull)
	}
	if r := one(c.Range); r.severity != "" && len(r.values) != 2 {
		return fmt.Errorf("range: give the first and the last value")
	}
	for _, to := range c.RefersTo {
		if table, column, ok := strings.Cut(to, "."); !ok || table == "" || column == "" {
			return fmt.Errorf("refers_to: write TABLE.COLUMN")
		}
	}
	for _, pattern := range append([]string{c.Pattern}, values(c.Matches)...) {
		if _, err := regexp.Compile(pattern); err != nil {
			return err
		}
	}
	if err := checkSeverities("codes", c.Codes); err != nil {
		return err
	}
	if err := checkSeverities("range", c.Range); err != nil {
		return err
	}
	if err := checkSeverities("matches", c.Matches); err != nil {
		return err
	}
	return checkSeverities("refers_to", c.RefersTo)
}

func (r *Rule) check() (err error) {
	switch {
	case r.Name == "" || r.Bad == "" || r.NL == "" || r.EN == "":
		return fmt.Errorf("give name, bad, nl and en")
	case !slices.Contains(severities, r.Severity):
		return fmt.Errorf("severity %q: use notice, warning or failure", r.Severity)
	}
	if r.Tolerate != "" {
		percent, ok := strings.CutSuffix(r.Tolerate, "%")
		if r.tolerate, err = strconv.ParseFloat(percent, 64); !ok || err != nil || r.tolerate < 0 || r.tolerate > 100 {
			return fmt.Errorf("tolerate %q: write a percentage, such as 1%%", r.Tolerate)
		}
	}
	return nil
}

func checkSeverities[V any](rule string, m map[Severity]V) error {
	if len(m) > 1 {
		return fmt.Errorf("%s: give one severity", rule)
	}
	for s := range m {
		if !slices.Contains(severities, s) {
			return fmt.Errorf("%s: severity %q: use notice, warning or failure", rule, s)
		}
	}
	return nil
}

type severe[V any] struct {
	severity Severity
	values   V
}

// one is the only entry of a map by severity; its severity is empty if there is none.
func one[V any](m map[Severity]V) (s severe[V]) {
	for severity, v := range m {
		s = severe[V]{severity, v}
	}
	return s
}

func values[V any](m map[Severity]V) (vs []V) {
	for _, v := range m {
		vs = append(vs, v)
	}
	return vs
}
