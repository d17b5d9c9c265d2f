package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Percent is a share in hundredths, written "5%" or "0.5%".
type Percent float64

// misplaced is a value that does not mean what its key needs, with its place in the file.
func misplaced(node ast.Node, format string, args ...any) error {
	at := node.GetToken().Position
	return fmt.Errorf("[%d:%d] %s", at.Line, at.Column, fmt.Sprintf(format, args...))
}

// scalar reads a single value as it is written.
func scalar(node ast.Node, kind string) (string, error) {
	var s string
	if err := yaml.NodeToValue(node, &s); err != nil {
		return "", misplaced(node, "this is not %s", kind)
	}
	return strings.TrimSpace(s), nil
}

// UnmarshalYAML accepts a number with a per cent sign.
func (p *Percent) UnmarshalYAML(node ast.Node) error {
	s, err := scalar(node, "a percentage: write for example 5%")
	if err != nil {
		return err
	}
	digits, ok := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if !ok || err != nil || !(f >= 0 && f <= 100) {
		return misplaced(node, "%q is not a percentage: write for example 5%% or 0.5%%", s)
	}
	*p = Percent(f)
	return nil
}

// String writes the share as it stands in the file.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// Of is the share of n that p is, in units of n.
func (p Percent) Of(n int64) float64 { return float64(p) / 100 * float64(n) }

// Size is a number of bytes, written "2GB" or "512MB" (powers of 1024).
type Size int64

// UnmarshalYAML accepts a number with a unit.
func (z *Size) UnmarshalYAML(node ast.Node) error {
	s, err := scalar(node, "a size: write for example 2GB")
	if err != nil {
		return err
	}
	text := strings.ToUpper(s)
	for _, u := range []struct {
		unit  string
		bytes float64
	}{{"GB", 1 << 30}, {"MB", 1 << 20}} {
		if digits, ok := strings.CutSuffix(text, u.unit); ok {
			f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
			if err == nil && f > 0 && f < 1<<20 {
				*z = Size(f * u.bytes)
				return nil
			}
		}
	}
	return misplaced(node, "%q is not a size: write for example 2GB or 512MB", s)
}

// MiB writes the size as DuckDB reads it.
func (z Size) MiB() string { return strconv.FormatInt(int64(z)>>20, 10) + "MiB" }

// Date is a day; the zero Date is no day.
type Date struct{ time.Time }

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date: write YYYY-MM-DD", s)
	}
	return Date{t}, nil
}

// UnmarshalYAML accepts YYYY-MM-DD.
func (d *Date) UnmarshalYAML(node ast.Node) error {
	s, err := scalar(node, "a date: write YYYY-MM-DD")
	if err != nil {
		return err
	}
	if *d, err = ParseDate(s); err != nil {
		return misplaced(node, "%v", err)
	}
	return nil
}

// String writes YYYY-MM-DD, or nothing for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

// Texts is a text or a list of texts.
type Texts []string

// UnmarshalYAML accepts both.
func (t *Texts) UnmarshalYAML(node ast.Node) error {
	var one string
	if yaml.NodeToValue(node, &one) == nil {
		*t = Texts{one}
		return nil
	}
	var many []string
	if err := yaml.NodeToValue(node, &many); err != nil {
		return misplaced(node, "this is neither one text nor a list of texts")
	}
	*t = many
	return nil
}

// Heading is a column of a file and what it is called in a report.
type Heading struct{ Heading, Title string }

// Headings is an ordered list of columns: headings, or headings with titles.
type Headings []Heading

// UnmarshalYAML accepts [heading, ...] and {heading: title, ...}.
func (h *Headings) UnmarshalYAML(node ast.Node) error {
	titled, ok := node.(*ast.MappingNode)
	if !ok {
		var names Texts
		if err := names.UnmarshalYAML(node); err != nil {
			return misplaced(node, "these are neither headings nor headings with titles")
		}
		for _, n := range names {
			*h = append(*h, Heading{n, n})
		}
		return nil
	}
	for _, pair := range titled.Values {
		heading, err := scalar(pair.Key, "a heading")
		if err != nil {
			return err
		}
		title, err := scalar(pair.Value, "a title")
		if err != nil {
			return err
		}
		*h = append(*h, Heading{heading, title})
	}
	return nil
}

// UnmarshalYAML accepts a path, a list of paths, or a query with its files.
func (i *Input) UnmarshalYAML(node ast.Node) error {
	if _, ok := node.(*ast.MappingNode); !ok {
		var paths Texts
		if err := paths.UnmarshalYAML(node); err != nil {
			return misplaced(node, "this is neither a path, a list of paths, nor a query: with its files:")
		}
		i.Paths = paths
		return nil
	}
	var q struct {
		Query string           `yaml:"query"`
		Files map[string]Texts `yaml:"files"`
	}
	if err := yaml.NodeToValue(node, &q, yaml.Strict()); err != nil {
		return err
	}
	if q.Query == "" {
		return misplaced(node, "a table in parts needs query: with an .sql file, and files: that it reads")
	}
	i.Query, i.Files = q.Query, q.Files
	return nil
}

// UnmarshalYAML accepts a place. A secret itself is refused, and not repeated.
func (s *Secret) UnmarshalYAML(node ast.Node) error {
	if _, ok := node.(*ast.MappingNode); !ok {
		return misplaced(node, "a secret must not stand in this file: write {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}")
	}
	type place Secret
	return yaml.NodeToValue(node, (*place)(s), yaml.Strict())
}

// defaultCBS is the output as "cbs: {}" has it. The words are those that library systems
// and people use for subscriptions that are no membership.
func defaultCBS() CBS {
	return CBS{
		Layout: "cbs-lgb/1",
		LeaveOut: LeaveOut{
			Staff:        Texts{"PERSONEEL", "PERSONEELSPAS", "MEDEWERKER", "DIENSTPAS", "STAFF"},
			Test:         Texts{"TEST", "TESTPAS", "TESTACCOUNT"},
			Interlibrary: Texts{"IBL", "ILL", "INTERLIBRARY"},
		},
		Tolerance: Tolerance{Total: 10, Part: 25, From: 100},
	}
}

// UnmarshalYAML sets what is given over the defaults.
func (c *CBS) UnmarshalYAML(node ast.Node) error {
	type plain CBS
	p := plain(defaultCBS())
	if err := yaml.NodeToValue(node, &p, yaml.Strict()); err != nil {
		return err
	}
	*c = CBS(p)
	return nil
}
