package protect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"peil/pipeline/config"
)

// Config says how one file is to be protected: the content of a protection.yaml. One
// of Rows and Table is there.
type Config struct {
	Language string // of the report: nl or en
	Rows     *Rows
	Table    *Table

	path string    // of the file
	tree *ast.File // for the places of what is wrong
}

// Rows is mode microdata: the file holds a row for each person, or several.
type Rows struct {
	Quasi     []QuasiIdentifier `yaml:"quasi"`
	Sensitive []SensitiveColumn `yaml:"sensitive"`
	// Person is a column that says who a row is about; groups then count its distinct
	// values. Empty: every row is another person. It is never written.
	Person string `yaml:"person"`
	// Keep are columns that are written as they are, without any protection.
	Keep           []string       `yaml:"keep"`
	K              int            `yaml:"k"`
	SuppressAtMost config.Percent `yaml:"suppress_at_most"`
	Metric         string         `yaml:"metric"` // loss or precision
	Local          bool           `yaml:"local"`
}

// QuasiIdentifier is a column by which somebody could be recognised, and one of four ways
// to make it coarser.
type QuasiIdentifier struct {
	Column string  `yaml:"column"`
	Weight float64 `yaml:"weight"` // how much it matters; 1 if not given

	Hierarchy string `yaml:"hierarchy"` // a file: the value, then a column for each level
	Digits    []int  `yaml:"digits"`    // how many leading characters each level keeps
	Intervals []int  `yaml:"intervals"` // the first whole number of each class
	Suppress  bool   `yaml:"suppress"`  // all or nothing
}

// SensitiveColumn is a column that must not become known of anybody.
type SensitiveColumn struct {
	Column  string  `yaml:"column"`
	L       float64 `yaml:"l"` // different values in a group, at least; 0 asks nothing
	Entropy bool    `yaml:"entropy"`
}

// Table is mode table: the file holds counts of persons.
type Table struct {
	Dimensions []TableDimension `yaml:"dimensions"`
	// Count is the column with the number of persons; empty: every row is a person.
	Count     string `yaml:"count"`
	Method    string `yaml:"method"` // rounding or suppression
	Threshold int64  `yaml:"threshold"`
	// Zeros hides empty cells too, GroupDisclosure the only full cell of a sum.
	Zeros           bool `yaml:"zeros"`
	GroupDisclosure bool `yaml:"group_disclosure"`
}

// TableDimension is a column that classifies the counts, and the sums that are published
// over it: its total, and those of a hierarchy file or of coarser columns of the same file.
type TableDimension struct {
	Column    string   `yaml:"column"`
	Total     string   `yaml:"total"` // how the total reads
	Hierarchy string   `yaml:"hierarchy"`
	Groups    []string `yaml:"groups"`
}

// LoadConfig reads and checks a protection.yaml. Every error is a [*config.Error].
func LoadConfig(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &config.Error{File: path, What: "there is no such file", Remedy: "name the protection with --config FILE"}
	}
	if err != nil {
		return nil, &config.Error{File: path, What: err.Error(), Remedy: "make it readable"}
	}
	return parseConfig(path, data)
}

func parseConfig(path string, data []byte) (*Config, error) {
	p := &Config{path: path}
	var head struct {
		Mode string `yaml:"mode"`
	}
	var err error
	if p.tree, err = parser.ParseBytes(data, 0); err == nil {
		if err = plainYAML(p.tree); err == nil {
			err = yaml.Unmarshal(data, &head)
		}
	}
	if err != nil {
		return nil, config.Misread(path, err)
	}
	switch head.Mode {
	case "microdata":
		d := struct {
			Mode     string `yaml:"mode"`
			Language string `yaml:"language"`
			Rows     `yaml:",inline"`
		}{Language: "nl", Rows: Rows{Metric: "loss"}}
		err = yaml.UnmarshalWithOptions(data, &d, yaml.Strict())
		p.Language, p.Rows = d.Language, &d.Rows
	case "table":
		d := struct {
			Mode     string `yaml:"mode"`
			Language string `yaml:"language"`
			Table    `yaml:",inline"`
		}{Language: "nl", Table: Table{Method: "rounding", Threshold: 5}}
		err = yaml.UnmarshalWithOptions(data, &d, yaml.Strict())
		p.Language, p.Table = d.Language, &d.Table
	default:
		return nil, p.fault("mode", "write mode: microdata for rows about persons, mode: table for counts", "mode %q is unknown", head.Mode)
	}
	if err != nil {
		return nil, config.Misread(path, err)
	}
	if p.Language != "nl" && p.Language != "en" {
		return nil, p.fault("language", "write nl or en", "language %q is not supported", p.Language)
	}
	if p.Rows != nil {
		err = p.checkRows()
	} else {
		err = p.checkTable()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// plainYAML refuses tags, anchors and aliases: nothing here needs them, and the decoder
// panics on some that are malformed.
func plainYAML(f *ast.File) error {
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		var v special
		ast.Walk(&v, doc.Body)
		if v.found != nil {
			at := v.found.GetToken().Position
			return fmt.Errorf("[%d:%d] tags, anchors and aliases are not understood: write the values themselves", at.Line, at.Column)
		}
	}
	return nil
}

// special looks for what plainYAML refuses.
type special struct{ found ast.Node }

// Visit implements [ast.Visitor].
func (v *special) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode:
		if v.found == nil {
			v.found = n
		}
		return nil
	}
	return v
}

// fault is one that decoding cannot find, at a key such as quasi[0].column.
func (p *Config) fault(key, remedy, what string, args ...any) error {
	e := &config.Error{File: p.path, Where: key, What: fmt.Sprintf(what, args...), Remedy: remedy}
	if at, err := yaml.PathString("$." + key); err == nil {
		if node, err := at.FilterFile(p.tree); err == nil && node != nil {
			where := node.GetToken().Position
			e.Where = fmt.Sprintf("line %d, column %d", where.Line, where.Column)
			e.What = key + ": " + e.What
		}
	}
	return e
}

// file makes the path of a file that the protection names.
func (p *Config) file(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(p.path), name)
}

func (p *Config) checkRows() error {
	r := p.Rows
	switch {
	case len(r.Quasi) == 0:
		return p.fault("quasi", "list the columns by which somebody could be recognised", "there is none")
	case r.K < 2:
		return p.fault("k", "write for example k: 5", "groups of %d protect nobody", r.K)
	case r.Metric != "loss" && r.Metric != "precision":
		return p.fault("metric", "write loss or precision", "metric %q is unknown", r.Metric)
	}
	named := columnNames{}
	for i := range r.Quasi {
		q := &r.Quasi[i]
		key := fmt.Sprintf("quasi[%d]", i)
		if err := p.name(named, key+".column", q.Column); err != nil {
			return err
		}
		if err := p.checkQuasi(key, q); err != nil {
			return err
		}
	}
	for i, s := range r.Sensitive {
		if err := p.name(named, fmt.Sprintf("sensitive[%d].column", i), s.Column); err != nil {
			return err
		}
		if s.L != 0 && s.L < 1 {
			return p.fault(fmt.Sprintf("sensitive[%d].l", i), "write 2 or more, or leave it out", "%v different values ask nothing", s.L)
		}
		if s.Entropy && s.L <= 1 {
			return p.fault(fmt.Sprintf("sensitive[%d].entropy", i), "add for example l: 2", "entropy needs l")
		}
	}
	for i, column := range r.Keep {
		if err := p.name(named, fmt.Sprintf("keep[%d]", i), column); err != nil {
			return err
		}
	}
	if r.Person != "" {
		return p.name(named, "person", r.Person)
	}
	return nil
}

func (p *Config) checkQuasi(key string, q *QuasiIdentifier) error {
	ways := 0
	for _, given := range []bool{q.Hierarchy != "", len(q.Digits) > 0, len(q.Intervals) > 0, q.Suppress} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return p.fault(key, "write one of hierarchy: FILE, digits: [4, 2], intervals: [0, 18, 65], suppress: true",
			"%d ways to make column %s coarser are given, one is needed", ways, q.Column)
	case q.Weight < 0:
		return p.fault(key+".weight", "write a number above 0", "weight %v is out of range", q.Weight)
	case !slices.IsSortedFunc(q.Digits, func(a, b int) int { return b - a }) || slices.Contains(q.Digits, 0) || repeated(q.Digits):
		return p.fault(key+".digits", "write how many leading characters each level keeps, from many to few, as [4, 3, 2]", "the numbers do not descend to 1 or more")
	case !slices.IsSorted(q.Intervals) || repeated(q.Intervals):
		return p.fault(key+".intervals", "write the first number of each class, as [0, 4, 13, 18]", "the numbers do not ascend")
	}
	if q.Weight == 0 {
		q.Weight = 1
	}
	return nil
}

func repeated(sorted []int) bool { return len(slices.Compact(slices.Clone(sorted))) < len(sorted) }

func (p *Config) checkTable() error {
	t := p.Table
	switch {
	case len(t.Dimensions) == 0:
		return p.fault("dimensions", "list the columns that classify the counts", "there is none")
	case t.Method != "rounding" && t.Method != "suppression":
		return p.fault("method", "write rounding or suppression", "method %q is unknown", t.Method)
	case t.Threshold < 2:
		return p.fault("threshold", "write for example 5", "a threshold of %d protects nobody", t.Threshold)
	case t.Method == "rounding" && t.Zeros:
		return p.fault("zeros", "take it out: rounding makes small counts 0, so that a 0 tells little", "only suppression can hide empty cells")
	case t.Method == "rounding" && t.GroupDisclosure:
		return p.fault("group_disclosure", "take it out, or write method: suppression", "only suppression can hide the full cells of a group")
	}
	named := columnNames{}
	for i := range t.Dimensions {
		d := &t.Dimensions[i]
		key := fmt.Sprintf("dimensions[%d]", i)
		if err := p.name(named, key+".column", d.Column); err != nil {
			return err
		}
		if d.Hierarchy != "" && len(d.Groups) > 0 {
			return p.fault(key+".groups", "leave one of them out", "a hierarchy file and columns with groups are given")
		}
		for j, g := range d.Groups {
			if err := p.name(named, fmt.Sprintf("%s.groups[%d]", key, j), g); err != nil {
				return err
			}
		}
		if d.Total == "" {
			d.Total = "Total"
		}
	}
	if t.Count == "" { // the column that is written is then named count
		return p.name(named, "count", "count")
	}
	return p.name(named, "count", t.Count)
}

// columnNames are those named so far.
type columnNames map[string]bool

// name sees to it that a column is named, and once only.
func (p *Config) name(seen columnNames, key, column string) error {
	switch {
	case column == "":
		return p.fault(key, "write the heading as it stands in the file", "the column is missing")
	case seen[column]:
		return p.fault(key, "name every column once", "column %s is named twice", column)
	}
	seen[column] = true
	return nil
}
