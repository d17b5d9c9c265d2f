// Package wsob makes the yearly return that Dutch libraries owe under the library act
// (Wsob, article 11): the items of annex I, categories c (loans) and d (membership), of the
// Regeling gegevenslevering openbare bibliotheekvoorzieningen that member and loan data can
// answer, over a calendar year with the stand of 31 December.
//
// The edition is public. Counts of persons are rounded where a branch has 1 to
// threshold - 1 in an age group, and every total is the sum of its rounded parts, so that
// parts add up and no count of persons below the threshold stands anywhere. Where an edition
// of new-members tells the total, it is that: the largest part takes up the difference. Parts
// that would expose a count there are left out, and read protected. Counts of loans are exact.
// Figures that the source can only give in part are lower bounds, and say so.
//
// Files: wsob.xlsx and index.html for people, wsob.csv with a row for each item and
// branch, and wsob.json ([Return]) for filling in forms. Item codes are Peil's own: the
// letter of the category and the place in it; codes with a zero are not in the annex but
// needed for parts to add up. Item names are those of the annex, word for word.
package wsob

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
	"peil/reports/render"
)

// Layout is the version of wsob.json and wsob.csv.
const Layout = "peil-wsob/1"

// Return is the content of wsob.json.
type Return struct {
	Layout     string `json:"layout"`  // of this file and of wsob.csv, with its version
	Library    string `json:"library"` // name of the organisation
	ISIL       string `json:"isil"`    // of the organisation
	Year       int    `json:"year"`    // that it is the return of
	AsOf       string `json:"as_of"`
	SnapshotOn string `json:"snapshot_on"` // day on which the source was read
	Threshold  int    `json:"threshold"`   // no count of persons from 1 to threshold - 1
	Language   string `json:"language"`    // of definitions and warnings
	// State is provisional, where the data were read before late events had come in; final;
	// or revised, for the correction of one that was final or sent.
	State    string   `json:"state"`
	Revision int      `json:"revision,omitempty"` // 2 for the first correction
	Changes  []Change `json:"changes,omitempty"`  // of the organisation's figures, by a correction
	// PreviousSource is published, where the year before is repeated as it was published, or
	// counted, where no return of it was.
	PreviousSource string `json:"previous_source"`
	PreviousIn     string `json:"previous_in,omitempty"`    // folder in the store that it is repeated from
	PreviousState  string `json:"previous_state,omitempty"` // what that publication says of itself
	Items          []Item `json:"items"`
	// StatLine are the items as CBS table 70763ned divides them.
	StatLine []StatLine `json:"statline_70763ned"`
	// Borrowers are the active borrowers of the year and the one before, if loans are known.
	Borrowers []Borrowers `json:"active_borrowers,omitempty"`

	corrects map[string]int64 // see Edition
}

// Item is one item of the return.
type Item struct {
	Code       string `json:"code"`       // Peil's own
	Name       string `json:"name"`       // Dutch, as in annex I
	Annex      bool   `json:"annex"`      // false: ours, so that parts add up
	Unit       string `json:"unit"`       // events or persons
	Definition string `json:"definition"` // what is counted, and how
	Figure
	Previous Figure   `json:"previous"`           // the year before
	Branches []Part   `json:"branches,omitempty"` // that add up to the item
	Warnings []string `json:"warnings,omitempty"` // what makes the figure doubtful

	short  string
	absent bool // these data can never answer it
}

// Figure is a value and how sure it is.
type Figure struct {
	Value  *int64 `json:"value"`  // null where not available or protected
	Status Status `json:"status"` // exact, rounded, bounded, lower_bound, not_available or protected
}

// Status says how a value relates to the true count.
type Status string

// Statuses of a figure.
const (
	Exact        Status = "exact"
	Rounded      Status = "rounded"       // small parts rounded, to protect persons
	Bounded      Status = "bounded"       // at most the value; Lowest says at least how many
	LowerBound   Status = "lower_bound"   // the source holds only a part; persons rounded too
	NotAvailable Status = "not_available" // the source holds nothing of it
	Protected    Status = "protected"     // left out: beside other publications it would tell of few persons
)

// Part is the value of an item at one branch; all parts, with those that are protected, add up
// to the item.
type Part struct {
	Branch          string `json:"branch"`                     // name; empty for a branch that is not known
	Code            string `json:"branch_code"`                // in the source
	ISIL            string `json:"isil,omitempty"`             // if it has one
	Value           *int64 `json:"value"`                      // null where not available or protected
	Previous        *int64 `json:"previous"`                   // the year before
	Status          Status `json:"status,omitempty"`           // protected; else it is that of the item
	PreviousStatus  Status `json:"previous_status,omitempty"`  // the same of the year before
	Follows         bool   `json:"follows,omitempty"`          // the value makes the branch add up to what new-members tells of it, or a stand to whole steps from it; the count lies near
	PreviousFollows bool   `json:"previous_follows,omitempty"` // the year before does
}

// StatLine is one line of the comparison with CBS.
type StatLine struct {
	Name string `json:"name"` // of the line
	Figure
	Previous Figure `json:"previous"` // the year before
}

// Change is a figure of the organisation that a correction changes.
type Change struct {
	Code   string `json:"code"`   // of the item
	Before *int64 `json:"before"` // null where it was not available
	After  *int64 `json:"after"`  // null where it is not available any more
}

// Edition is what a return is among those that were published.
type Edition struct {
	State    string // provisional, final or revised
	Revision int    // 2 for the first correction
	// Corrects are the totals, as in Result, of the edition that this one corrects; nil where
	// it corrects none.
	Corrects map[string]int64
	// LastYear is the return of the year before as it was published; nil where it was not.
	LastYear   *Return
	LastYearIn string // folder in the store
	// Told is of the return's year and of the year before, by site. The return follows it.
	Told [2][]Told
}

// Result is what the caller may check.
type Result struct {
	Answered   int // items of the annex with a figure for the year
	Unanswered int // items of the annex without
	Warnings   int
	// StatLine are the figures as CBS table 70763ned divides them; Totals all items that have
	// a figure, by code and name; Bounds those of them that are lower bounds.
	StatLine []StatLine
	Totals   map[string]int64
	Bounds   []string
}

// Told is what public editions of new-members tell of the persons of an item in a year at a
// branch, or at several that they were rounded together for; nil where they do not.
type Told struct {
	Branches             []string // their codes
	Members, New, Lapsed *int64
	NewYouth, NewAdult   int64 // of New, by age when registering
}

// Make counts the return of a year. The models must have run for that year.
func Make(ctx context.Context, warehouse *engine.DB, about reports.About, year int, edition Edition) (*Return, error) {
	r, err := read(ctx, warehouse, about, year, edition.Told)
	if err != nil {
		return nil, fmt.Errorf("make return of %d: %w", year, err)
	}
	r.setEdition(edition)
	return r, nil
}

// Write stages the return.
func (r *Return) Write(ctx context.Context, about reports.About, out reports.Sink) (Result, error) {
	r.conclude()
	doc := document(r, about)
	long := long(r)
	for _, file := range []struct {
		name  string
		write func(io.Writer) (int64, error)
	}{
		{"wsob.xlsx", func(w io.Writer) (int64, error) { return 0, render.WriteXLSX(w, doc) }},
		{"index.html", func(w io.Writer) (int64, error) { return 0, render.WriteHTML(w, doc) }},
		{"wsob.csv", func(w io.Writer) (int64, error) { return int64(len(long.Rows)), render.WriteCSV(w, long) }},
		{"wsob.json", func(w io.Writer) (int64, error) {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return int64(len(r.Items)), e.Encode(r)
		}},
	} {
		if err := out.File(ctx, file.name, file.write); err != nil {
			return Result{}, fmt.Errorf("write %s: %w", file.name, err)
		}
	}
	return r.result(), nil
}

func (r *Return) result() Result {
	var n Result
	n.StatLine, n.Totals = r.StatLine, map[string]int64{}
	for _, item := range r.Items {
		if item.Value != nil {
			n.Totals[item.total()] = *item.Value
			if item.Status == LowerBound {
				n.Bounds = append(n.Bounds, item.total())
			}
		}
		n.Warnings += len(item.Warnings)
		switch {
		case !item.Annex:
		case item.Value == nil:
			n.Unanswered++
		default:
			n.Answered++
		}
	}
	return n
}

// read counts the items of a year and makes the return of them.
func read(ctx context.Context, warehouse *engine.DB, about reports.About, year int, told [2][]Told) (*Return, error) {
	c, err := count(ctx, warehouse, year)
	if err != nil {
		return nil, err
	}
	for i := range c.years {
		c.years[i].told = told[i]
	}
	r, err := newReturn(c, about, year)
	if err != nil {
		return nil, err
	}
	r.Borrowers, err = countBorrowers(ctx, warehouse, int64(max(about.Threshold, 1)))
	return r, err
}

// newReturn protects what was counted and puts it into words.
func newReturn(c *counts, about reports.About, year int) (*Return, error) {
	if err := c.protect(int64(about.Threshold)); err != nil {
		return nil, err
	}
	r := &Return{
		Layout: Layout, Library: about.Library, ISIL: about.ISIL, Year: year, AsOf: about.AsOf.Format(time.DateOnly),
		SnapshotOn: about.SnapshotOn.Format(time.DateOnly), Threshold: about.Threshold, Language: about.Language,
	}
	for _, s := range catalogue {
		r.Items = append(r.Items, c.item(s, about.Language))
	}
	for _, s := range statLine {
		sum := spec{sum: s.codes}
		r.StatLine = append(r.StatLine, StatLine{s.name.in(about.Language), c.figure(sum, 0), c.figure(sum, 1)})
	}
	r.warn(c, about)
	return r, nil
}
