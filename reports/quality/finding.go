package quality

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"peil/transforms/contract"
)

// Place is where a fault stands in the source's own file. Value is what stands there, only
// where it says nothing about a person.
type Place struct {
	File   string
	Line   int64 // 1-based; 0 where the part has no lines
	Column string
	Code   string // of the finding, such as members.birth_date.readable
	Value  string
}

// Finding is one kind of fault: how often, what it does to the figures, and what to mend.
type Finding struct {
	Code   string        `json:"code"`
	Count  int64         `json:"count"`
	Of     int64         `json:"of"` // rows or persons; 0 where that means nothing
	What   contract.Text `json:"what"`
	Effect contract.Text `json:"effect"`
	Mend   contract.Text `json:"mend"`
	// First is one place, in words of the file: data/members.csv line 12; empty where there
	// is none.
	First string `json:"first,omitempty"`
}

// advice is what is known of a finding in advance.
type advice struct {
	What   contract.Text `yaml:"what"`
	Effect contract.Text `yaml:"effect"`
	Mend   contract.Text `yaml:"mend"`
}

//go:embed advice.yaml
var adviceYAML []byte

var advices = func() map[string]advice {
	var all map[string]advice
	if err := yaml.UnmarshalWithOptions(adviceYAML, &all, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("advice.yaml: %v", err)) // the file is part of the program
	}
	return all
}()

// findings lists what was wrong with the input, the most frequent first.
func findings(f Findings) []Finding {
	var all []Finding
	add := func(code string, count, of int64, what contract.Text) {
		if count == 0 {
			return
		}
		a, ok := advices[code]
		if !ok {
			return // counted elsewhere: a row without a number is a reject
		}
		if what.EN == "" {
			what = a.What
		}
		all = append(all, Finding{Code: code, Count: count, Of: of, What: what, Effect: a.Effect, Mend: a.Mend, First: f.first(code)})
	}
	for _, r := range f.Contracts {
		if code, ok := strings.CutPrefix(r.Contract, contract.Input+"."); ok {
			add(code+"."+r.Rule, r.Count, r.Of, contract.Text{NL: r.NL, EN: r.EN})
		}
	}
	rejected := map[string]int64{}
	for _, r := range f.Rejects {
		rejected[r.Code]++
	}
	for code, n := range rejected {
		add(code, n, 0, contract.Text{})
	}
	for _, a := range f.Accounts {
		add("merged."+a.Table, a.Merged, a.Rows, contract.Text{})
		add("unmatched."+a.Table, a.Unmatched, a.Rows, contract.Text{})
	}
	for _, c := range f.Checks {
		if strings.HasPrefix(c.Name, "unmapped.") {
			add(c.Name, c.Count, c.Of, contract.Text{})
		}
	}
	for i, field := range Fields {
		var missing, persons int64
		for _, c := range f.Complete {
			missing, persons = missing+c.Missing[i], persons+c.Persons
		}
		add("missing."+field, missing, persons, contract.Text{})
	}
	slices.SortFunc(all, func(a, b Finding) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code)) })
	return all
}

// first is the first place of a finding, in words.
func (f Findings) first(code string) string {
	var file string
	var line int64
	for _, p := range f.Places {
		if p.Code == code {
			file, line = p.File, p.Line
			break
		}
	}
	for _, r := range f.Rejects {
		if r.Code == code && (file == "" || r.Line > 0 && r.Line < line) {
			file, line = r.Part, r.Line
		}
	}
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
