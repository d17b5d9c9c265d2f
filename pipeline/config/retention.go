package config

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Retention is how long after the end of a membership Peil may know anything of the member,
// by the categories of the library's privacy statement, and how its own copies go.
type Retention struct {
	Contact Months `yaml:"contact"` // birth date, sex, address and the membership itself
	Loans   Months `yaml:"loans"`   // which member borrowed; at most as long as Contact
	// MemberSets: who was in each delivery, by keyed numbers, counted from the day of the
	// delivery's population: what a member who asks where their data went is told from.
	MemberSets Months `yaml:"member_sets"`
	// Payment and Authentication are never read. The keys are there to say so.
	Payment        Never `yaml:"payment"`
	Authentication Never `yaml:"authentication"`
	// Purge says whether a run removes what is past retention before it begins (automatic),
	// or only says that there is something (manual).
	Purge string `yaml:"purge"`
	// PurgeAtMost is the share of what Peil holds on persons that one purge may remove: a
	// clock or a configuration that is wrong must not empty the store.
	PurgeAtMost Percent `yaml:"purge_at_most"`
}

func defaultRetention() Retention {
	return Retention{Contact: 6, Loans: 6, MemberSets: 60, Purge: "manual", PurgeAtMost: 50}
}

// Automatic says whether runs purge by themselves.
func (r Retention) Automatic() bool { return r.Purge == "automatic" }

func (c *Config) checkRetention(bad faultFunc) *Error {
	r := c.Retention
	switch {
	case r.Loans > r.Contact:
		return bad("retention.loans", "write at most the months of retention.contact", "loans of a member cannot be known longer than the member")
	case r.Purge != "manual" && r.Purge != "automatic":
		return bad("retention.purge", "write manual or automatic", "%q is not known", r.Purge)
	case r.PurgeAtMost == 0:
		return bad("retention.purge_at_most", "write a share above 0%", "a purge that may remove nothing keeps no promise")
	}
	return nil
}

// Months is a time in whole months, written "6 months" or "1 month".
type Months int

// UnmarshalYAML accepts 1 to 84 months.
func (m *Months) UnmarshalYAML(node ast.Node) error {
	s, err := scalar(node, "a number of months: write for example 6 months")
	if err != nil {
		return err
	}
	digits, unit, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(digits)
	if unit = strings.TrimSpace(unit); err != nil || n < 1 || n > 84 || unit != "months" && unit != "month" {
		return misplaced(node, "%q is not a time from 1 to 84 months: write for example 6 months", s)
	}
	*m = Months(n)
	return nil
}

// String writes the time as it stands in the file.
func (m Months) String() string {
	if m == 1 {
		return "1 month"
	}
	return strconv.Itoa(int(m)) + " months"
}

// Never is the only time for which Peil keeps what it does not read.
type Never struct{}

// UnmarshalYAML accepts the word never.
func (*Never) UnmarshalYAML(node ast.Node) error {
	if s, err := scalar(node, "the word never"); err != nil || s != "never" {
		return misplaced(node, "data of this category are never read: write never, or take the key out")
	}
	return nil
}
