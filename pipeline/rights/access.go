package rights

import (
	"embed"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"text/template"
)

// RecordsSQL reads the records of one member in the vault.
//
//go:embed records.sql
var RecordsSQL string

//go:embed letters/*.txt
var letters embed.FS

// Access is all that Peil knows of one member and to whom it went: what the member gets who
// asks for it.
type Access struct {
	Library   string `json:"library"`   // name
	ISIL      string `json:"isil"`      // of the organisation
	Reference string `json:"reference"` // keyed; names the member to nobody else
	On        string `json:"on"`        // the day it was asked

	// Records are what Peil reads of the member in the library system at each run; none:
	// the system does not know the member.
	Records     []map[string]string `json:"records"`
	Order       []string            `json:"-"`           // of the columns
	Memberships int                 `json:"memberships"` // episodes that the system tells of
	Loans       Loans               `json:"loans"`

	Kept        []Kept       `json:"kept"`
	Disclosures []Disclosure `json:"disclosures"`
	// Untold is how many deliveries there were of which nobody can tell any more who was
	// in them, since their member sets have had their time.
	Untold int     `json:"untold"`
	Rights []Entry `json:"rights"` // without the keyed id

	Retention string `json:"retention"` // of contact data after the end, in the letter's language
}

// Loans are the loans that Peil reads of a member.
type Loans struct {
	Events int64  `json:"events"` // of all kinds
	From   string `json:"from,omitempty"`
	Until  string `json:"until,omitempty"`
}

// Kept is what the store holds of a member under a keyed name.
type Kept struct {
	Name string              `json:"name"` // of the folder
	Rows []map[string]string `json:"rows"`
}

// Disclosure is a delivery that the member was in.
type Disclosure struct {
	Recipient string   `json:"recipient"`
	On        string   `json:"on"` // the day it was sent
	Output    string   `json:"output,omitempty"`
	Period    string   `json:"period,omitempty"`
	What      string   `json:"what,omitempty"`    // of a disclosure by hand
	Fields    []string `json:"fields,omitempty"`  // that were sent of each person
	Purpose   string   `json:"purpose,omitempty"` // of the delivery
	Basis     string   `json:"basis"`
	Agreement string   `json:"agreement,omitempty"`
	// Replaces says that it was a correction of an earlier delivery.
	Replaces bool `json:"replaces,omitempty"`
}

// Export is what a member may take along (GDPR art. 20): what the library has of them, as it
// came from the system, in a form that a machine can read.
type Export struct {
	Library     string              `json:"library"`     // name
	ISIL        string              `json:"isil"`        // of the organisation
	On          string              `json:"on"`          // the day it was asked
	Members     []map[string]string `json:"members"`     // records, by the names of their columns
	Memberships []map[string]string `json:"memberships"` // episodes, by the names of their columns
	Loans       []map[string]string `json:"loans"`       // events, by the names of their columns
}

// Erased says whether the member asked to be.
func (a *Access) Erased() bool { return a.exercises(Erasure) }

// Away says whether the member is in no count.
func (a *Access) Away() bool { return len(a.Records) > 0 && (a.Erased() || a.exercises(Restriction)) }

func (a *Access) exercises(r Right) bool {
	return slices.ContainsFunc(a.Rights, func(e Entry) bool { return e.Right == r && e.InForce() })
}

// Write writes the letter, in nl or en.
func (a *Access) Write(w io.Writer, language string) error {
	return letter(w, "access", language, a)
}

// WriteConfirmation writes to a member that a right holds from now on, and who is told.
func WriteConfirmation(w io.Writer, language, library, reference string, right Right, on string, told []Told) error {
	return letter(w, "confirm", language, map[string]any{"Library": library, "Reference": reference, "Right": string(right), "On": on, "Told": told})
}

func letter(w io.Writer, name, language string, about any) error {
	file := name + "." + language + ".txt"
	t, err := template.New(file).Funcs(template.FuncMap{
		"day":  func(at string) string { return at[:min(10, len(at))] },
		"list": func(words []string) string { return strings.Join(words, ", ") },
		"wrap": wrap, "lines": words[language].lines, "row": words[language].row, "right": words[language].right,
	}).ParseFS(letters, path.Join("letters", file))
	if err != nil {
		return fmt.Errorf("write the letter: %w", err)
	}
	if err := t.Execute(w, about); err != nil {
		return fmt.Errorf("write the letter: %w", err)
	}
	return nil
}

// wrap breaks a text into lines of at most 88 characters, all but the first indented.
func wrap(indent int, text string) string {
	var b strings.Builder
	width := indent
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case width+1+n > 88:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			width = indent
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}
