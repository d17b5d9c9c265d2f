// Package contract holds what every table promises: its columns, their types and what
// they mean, and the rules that its rows must keep. A contract is a YAML file of the
// folder tables: below input what a source delivers, below core what the models make of
// it, below the name of an output what its readers get. A run checks each of them where
// the table is made, set-based, with one pass over it; see [Contract.Check].
//
//	row: {nl: ..., en: ...}             what a row is
//	relation: record_rows               where the rows are when they are checked; default: the file's name
//	instance: vault                     vault, warehouse (the default), or file: as it is written
//	separator: ";"                      of a written file; default: a comma
//	unique: {failure: [mk]}             no two rows are equal in these columns
//	columns:
//	  - name: sex
//	    type: VARCHAR                   in DuckDB's words; of a written file also MONTH, 2024-12
//	    class: pseudonymous             public, counts, anonymous, pseudonymous or identifying
//	    category: 1                     of the privacy statement: 1 contact, 3 loans; none: says nothing about a person
//	    nl: ...                         what it means
//	    en: ...
//	    not_null: failure
//	    codes: {failure: [M, F, X]}
//	    range: {warning: [1902-01-01, 2099-12-31]}
//	    matches: {failure: "[0-9]{4}"}  the whole text, a regular expression of RE2
//	    refers_to: {failure: branches.branch_no}
//	rules:                              what else must hold, as a condition for a bad row
//	  - {name: dates.order, severity: failure, bad: "to_on < from_on", nl: ..., en: ...}
//
// A severity is notice (counted and shown), warning (the run ends with status 3) or failure
// (what is made of the table is withheld, status 4). tolerate: 1% makes a rule a notice up
// to that share of the rows. NULL breaks not_null only. A column of which only the name
// is given is explained by dictionary.yaml of the same folder.
package contract

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed tables
var files embed.FS

// Folders that are no outputs.
const (
	Input = "input" // what a source delivers
	Core  = "core"  // what the models make of it
)

// Contract is what one table promises.
type Contract struct {
	Folder    string     `yaml:"-"` // input, core or the name of an output
	Table     string     `yaml:"-"` // the file's name without its ending
	Row       Text       `yaml:"row"`
	Relation  string     `yaml:"relation"`
	Instance  string     `yaml:"instance"`
	Editions  []string   `yaml:"editions"`  // in which there is such a table; none: in all
	Separator string     `yaml:"separator"` // of a written file; default: a comma
	Unique    BySeverity `yaml:"unique"`
	Columns   []Column   `yaml:"columns"`
	Rules     []Rule     `yaml:"rules"`
}

// Name is the contract's name among all: core.members.
func (c *Contract) Name() string { return c.Folder + "." + c.Table }

// Text is a sentence in both languages.
type Text struct {
	NL string `yaml:"nl"`
	EN string `yaml:"en"`
}

// In is the text in a language, nl or en.
func (t Text) In(language string) string {
	if language == "nl" {
		return t.NL
	}
	return t.EN
}

// Column is one column of a table, in its place.
type Column struct {
	Name string `yaml:"name"`
	// Pattern is set where the number of columns depends on the configuration: every
	// column whose whole name it matches is of this kind.
	Pattern string `yaml:"pattern"`
	// Optional columns are left out where the data have nothing to say in them.
	Optional bool     `yaml:"optional"`
	As       string   `yaml:"as"` // SQL for the value in the relation; default: the name
	Type     string   `yaml:"type"`
	Class    Class    `yaml:"class"`
	Category int      `yaml:"category"` // of the privacy statement; 0: not about a person
	Editions []string `yaml:"editions"` // in which it stands; none: in all
	Text     `yaml:",inline"`

	NotNull  Severity            `yaml:"not_null"`
	Codes    BySeverity          `yaml:"codes"`
	Range    BySeverity          `yaml:"range"`
	Matches  map[Severity]string `yaml:"matches"`
	RefersTo map[Severity]string `yaml:"refers_to"`
}

// Class says what a column can reveal.
type Class string

// Privacy classes.
const (
	Public       Class = "public"       // says nothing about a person
	Counts       Class = "counts"       // numbers of persons or of what they did, which may be small
	Anonymous    Class = "anonymous"    // about groups, protected
	Pseudonymous Class = "pseudonymous" // about one person, under a run-local number
	Identifying  Class = "identifying"  // about one person, who can be found by it
)

// Severity says what a broken rule does.
type Severity string

// Severities.
const (
	Notice  Severity = "notice"
	Warning Severity = "warning"
	Failure Severity = "failure"
)

// BySeverity is a list with the severity of not keeping to it; one entry.
type BySeverity map[Severity][]string

// Rule is a further rule: Bad is true of a row that breaks it.
type Rule struct {
	Name     string   `yaml:"name"`
	Severity Severity `yaml:"severity"`
	Tolerate string   `yaml:"tolerate"` // share of the rows, such as 1%
	Bad      string   `yaml:"bad"`
	Text     `yaml:",inline"`

	tolerate float64
}

// All are the contracts, by folder and table.
var All, dictionaries = mustLoad()

// mustLoad panics where one of the program's own files is wrong, which a test rules out.
func mustLoad() ([]*Contract, map[string]map[string]Column) {
	all, dictionaries, err := load(files)
	if err != nil {
		panic(err)
	}
	return all, dictionaries
}

// Means is what a column means wherever it stands in the tables of a folder; empty if the
// folder's dictionary does not explain it.
func Means(folder, column string) Text { return dictionaries[folder][column].Text }

// Of lists the contracts of a folder.
func Of(folder string) []*Contract {
	var found []*Contract
	for _, c := range All {
		if c.Folder == folder {
			found = append(found, c)
		}
	}
	return found
}

// Find is the contract of a table; nil if there is none.
func Find(folder, table string) *Contract {
	for _, c := range All {
		if c.Folder == folder && c.Table == table {
			return c
		}
	}
	return nil
}

// In lists the contracts of input and core that are checked in an instance.
func In(instance string) []*Contract {
	var found []*Contract
	for _, c := range All {
		if c.Instance == instance && (c.Folder == Input || c.Folder == Core) {
			found = append(found, c)
		}
	}
	return found
}

// Edition is the contract of one edition of a table: without the columns that it lacks.
func (c *Contract) Edition(edition string) *Contract {
	one := *c
	one.Columns = slices.DeleteFunc(slices.Clone(c.Columns), func(column Column) bool {
		return len(column.Editions) > 0 && !slices.Contains(column.Editions, edition)
	})
	return &one
}

// load reads every contract below the folder tables.
func load(files fs.FS) ([]*Contract, map[string]map[string]Column, error) {
	paths, err := fs.Glob(files, "tables/*/*.yaml")
	if err != nil {
		return nil, nil, err
	}
	var all []*Contract
	dictionaries := map[string]map[string]Column{}
	for _, p := range paths {
		folder, name := path.Base(path.Dir(p)), strings.TrimSuffix(path.Base(p), ".yaml")
		b, err := fs.ReadFile(files, p)
		if err != nil {
			return nil, nil, fmt.Errorf("read contract %s: %w", p, err)
		}
		if name == "dictionary" {
			if dictionaries[folder], err = parseDictionary(b); err != nil {
				return nil, nil, fmt.Errorf("read dictionary %s: %w", p, err)
			}
			continue
		}
		c, err := parse(b)
		if err != nil {
			return nil, nil, fmt.Errorf("read contract %s: %w", p, err)
		}
		c.Folder, c.Table = folder, name
		all = append(all, c)
	}
	for _, c := range all {
		if err := c.complete(dictionaries[c.Folder]); err != nil {
			return nil, nil, fmt.Errorf("contract %s: %w", c.Name(), err)
		}
	}
	return all, dictionaries, nil
}
