package transforms

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"peil/pipeline/source"
	"peil/transforms/contract"
)

// Traced is a model with what it reads and makes.
type Traced struct {
	Model string   `json:"step"`  // such as vault/35_persons
	Where string   `json:"where"` // vault, crossing, warehouse, period or publish
	Reads []string `json:"reads"` // tables: source.members is one of the source
	Makes []string `json:"makes"` // tables and views
	// Class is the most that a table of it can reveal: public, counts, pseudonymous or
	// identifying; of what is published also anonymous.
	Class contract.Class `json:"class"`
}

// classes are the privacy classes of models, from the least to the most.
var classes = []contract.Class{contract.Public, contract.Counts, contract.Pseudonymous, contract.Identifying}

// usual are the classes of tables whose heading tells none.
var usual = map[string]contract.Class{
	"vault": contract.Identifying, "crossing": contract.Pseudonymous, "warehouse": contract.Pseudonymous, "period": contract.Counts,
}

var (
	comments  = regexp.MustCompile(`(?m)--.*$`)
	texts     = regexp.MustCompile(`'[^']*'`)
	created   = regexp.MustCompile(`(?i)\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP\s+)?(?:TABLE|VIEW)\s+(?:warehouse\.)?(\w+)`)
	from      = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:warehouse\.)?(\w+)`)
	classWord = regexp.MustCompile(`(?s)Class:\s+(?:--\s+)?(.*?)[.;]`)
)

// Trace says of every model that these outputs take what it reads and makes, in the order in
// which they run. It is read from the models themselves.
func Trace(outputs []string) []Traced {
	known := map[string]bool{}
	for _, t := range source.TableNames {
		known["source."+t] = true
	}
	var all []Traced
	trace := func(folder string, known map[string]bool) {
		for _, m := range models(folder) {
			t := m.trace(known)
			for _, name := range t.Makes {
				known[name] = true
			}
			all = append(all, t)
		}
	}
	trace("vault", known)
	for _, crosses := range AllowList {
		known[crosses.Name] = true
	}
	for _, folder := range []string{"crossing", "warehouse", "period"} {
		trace(folder, known)
	}
	if slices.Contains(outputs, "wsob") {
		trace("period/months", known)
	}
	for _, o := range outputs {
		if _, err := files.ReadDir("period/" + o); err == nil {
			trace("period/"+o, maps.Clone(known)) // which know nothing of each other
		}
	}
	return all
}

func (m Model) trace(known map[string]bool) Traced {
	where, _, _ := strings.Cut(m.Name, "/")
	t := Traced{Model: m.Name, Where: where, Class: m.class(usual[where])}
	makes, reads := map[string]bool{}, map[string]bool{}
	text := texts.ReplaceAllString(comments.ReplaceAllString(m.SQL, ""), "''")
	if m.Reads != "" {
		reads["source."+m.Reads] = true
		makes[m.Table()] = true
	}
	for _, found := range created.FindAllStringSubmatch(text, -1) {
		makes[found[1]] = true
	}
	for _, found := range from.FindAllStringSubmatch(text, -1) {
		if name := found[1]; known[name] && !makes[name] {
			reads[name] = true
		}
	}
	t.Makes, t.Reads = slices.Sorted(maps.Keys(makes)), slices.Sorted(maps.Keys(reads))
	return t
}

// class is the highest that the headings of a model tell.
func (m Model) class(usual contract.Class) contract.Class {
	highest := -1
	for _, found := range classWord.FindAllStringSubmatch(m.SQL, -1) {
		for i, c := range classes {
			if strings.Contains(found[1], string(c)) {
				highest = max(highest, i)
			}
		}
	}
	if highest < 0 {
		return usual
	}
	return classes[highest]
}
