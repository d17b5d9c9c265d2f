package config

import (
	"fmt"
	"regexp"
	"slices"
)

// Reconcile says what a run is held against before anything of it is published, and how
// far it may differ.
type Reconcile struct {
	// Counts is a file with the library system's own counts: subject, part, count.
	Counts string `yaml:"counts"`
	// Expected are counts that the library knows otherwise: subject, part, count.
	Expected Expected `yaml:"expected"`
	// Tolerance is how far members may differ from either.
	Tolerance Tolerance `yaml:"tolerance"`
	// Rows is by how much a table may have fewer rows than in the run before.
	Rows Percent `yaml:"rows"`
	// Loans is by how much the loans of a branch in the last complete month may differ from
	// the same month of the year before; branches with fewer than From are not compared.
	Loans Change `yaml:"loans"`
	// Stale is how many days may lie between the last loan and the day of the source.
	Stale int `yaml:"stale"`
	// Incomplete bounds the share of the persons of a branch of whom a field of CBS's is not
	// known.
	Incomplete Bounds `yaml:"incomplete"`
}

// Expected are numbers of members on the peildatum.
type Expected struct {
	Persons      int64            `yaml:"persons"` // 0: not given
	Branch       map[string]int64 `yaml:"branch"`  // by the library's own code
	Age          map[string]int64 `yaml:"age"`     // by class, as 4-12 or 65+
	Sex          map[string]int64 `yaml:"sex"`     // M, F, X
	Subscription map[string]int64 `yaml:"subscription"`
}

// Change is how far a figure may differ from an earlier one.
type Change struct {
	Part Percent `yaml:"part"`
	From int     `yaml:"from"`
}

// Check is a question of the library's own: a query over the warehouse that must return no
// rows.
type Check struct {
	Name     string `yaml:"name"`
	Query    string `yaml:"query"`    // path of an .sql file that holds one SELECT
	Severity string `yaml:"severity"` // warning (the default) or failure
	NL       string `yaml:"nl"`       // what the rows are, to stand behind their number
	EN       string `yaml:"en"`
}

func defaultReconcile() Reconcile {
	return Reconcile{
		Tolerance: Tolerance{Total: 2, Part: 5, From: 50}, Rows: 20, Loans: Change{Part: 50, From: 500}, Stale: 31,
		Incomplete: Bounds{Warn: 25},
	}
}

var checkName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

func (c *Config) checkReconcile(bad faultFunc) *Error {
	r := c.Reconcile
	switch {
	case r.Stale < 0:
		return bad("reconcile.stale", "write a number of days", "%d is out of range", r.Stale)
	case r.Tolerance.From < 0 || r.Loans.From < 0:
		return bad("reconcile", "write from: a number that is not negative", "a from is out of range")
	case r.Incomplete.Fail != 0 && r.Incomplete.Fail < r.Incomplete.Warn:
		return bad("reconcile.incomplete", "let fail be at least warn", "fail %s is below warn %s", r.Incomplete.Fail, r.Incomplete.Warn)
	}
	seen := map[string]bool{}
	for i := range c.Checks {
		k := &c.Checks[i]
		at := fmt.Sprintf("checks, number %d", i+1)
		if k.Severity == "" {
			k.Severity = "warning"
		}
		switch {
		case !checkName.MatchString(k.Name):
			return bad(at, "write a name in small letters, digits, dots and dashes", "%q is no name", k.Name)
		case seen[k.Name]:
			return bad(at, "give each its own name", "the name %s stands twice", k.Name)
		case k.Query == "":
			return bad(at, "write query: the path of an .sql file with one SELECT that returns what is wrong", "%s has no query", k.Name)
		case !slices.Contains([]string{"warning", "failure"}, k.Severity):
			return bad(at, "write severity: warning or severity: failure", "severity %q of %s is not known", k.Severity, k.Name)
		case k.NL == "" || k.EN == "":
			return bad(at, "write nl and en: what the rows are, as in \"loans of a branch that was closed\"", "%s does not say in both languages what it finds", k.Name)
		}
		seen[k.Name] = true
	}
	return nil
}
