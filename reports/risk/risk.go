// Package risk is the report that stands beside a protected file: how easily somebody could
// be found in it, before and after, and what that cost. It has two forms: risk.json for
// programs and a page in plain words.
//
// The report is for those who decide about the publication. It holds no value of any
// person, but it does hold exact counts of the groups that were hidden.
package risk

import (
	"encoding/json"
	"io"

	"peil/transforms/disclosure"
)

// Report is the content of risk.json. One of Microdata, Table and Editions is there. Shares
// and chances lie from 0 to 1.
type Report struct {
	File      string     `json:"file,omitempty"` // that was protected
	Output    string     `json:"output"`         // that was written
	Mode      string     `json:"mode"`           // microdata, table or editions
	Microdata *Microdata `json:"microdata,omitempty"`
	Table     *Table     `json:"table,omitempty"`
	Editions  *Editions  `json:"editions,omitempty"`
}

// Microdata is the risk in rows about persons.
type Microdata struct {
	K              int         `json:"k"`
	SuppressAtMost float64     `json:"suppress_at_most"`
	Metric         string      `json:"metric"` // loss or precision
	Local          bool        `json:"local"`
	PersonColumn   string      `json:"person_column,omitempty"` // whose distinct values are persons; empty: rows
	Scheme         []Scheme    `json:"scheme"`
	Sensitive      []Sensitive `json:"sensitive"`
	Kept           []string    `json:"kept"`    // columns written as they were, not assessed
	Dropped        []string    `json:"dropped"` // columns not written

	Rows           int64   `json:"rows"`
	SuppressedRows int64   `json:"suppressed_rows"`
	Loss           float64 `json:"loss"`        // of the scheme, by the metric, before local recoding
	DetailLost     float64 `json:"detail_lost"` // in what is written: the weighted mean of Scheme.Loss
	// SuppressedBeforeLocal is how many rows the scheme suppressed, before local
	// recoding took some of them back.
	SuppressedBeforeLocal int64 `json:"suppressed_before_local"`
	Combinations          int   `json:"combinations"` // of levels, of which the scheme is the best

	Persons            int64               `json:"persons"`
	SuppressedPersons  int64               `json:"suppressed_persons"` // with a row that was suppressed
	HomogeneousClasses int                 `json:"homogeneous_classes"`
	Before             disclosure.Exposure `json:"before"`
	After              disclosure.Exposure `json:"after"`
	Recount            Recount             `json:"recount"`
}

// Recount is what a count that shares nothing with the protection found in the rows as they are
// written. A group of them that lacks what was asked for keeps all from being written.
type Recount struct {
	Groups   int64 `json:"groups"`
	Smallest int64 `json:"smallest"` // persons; 0 where no group is left
}

// Scheme is what happened to one quasi-identifier.
type Scheme struct {
	Column string  `json:"column"`
	By     string  `json:"by"`     // the hierarchy's file, or the built-in generalisation
	Level  int     `json:"level"`  // 0: as it was
	Levels int     `json:"levels"` // the coarsest there is
	Weight float64 `json:"weight"`
	// Loss is the mean share of all values that a written value may stand for, 1 if
	// suppressed, scaled so that 0 is nothing lost.
	Loss float64 `json:"loss"`
}

// Sensitive is what was asked of a sensitive column.
type Sensitive struct {
	Column  string  `json:"column"`
	L       float64 `json:"l"` // 0: nothing
	Entropy bool    `json:"entropy"`
}

// Table is the risk in counts of persons.
type Table struct {
	Method          string      `json:"method"` // rounding or suppression
	Threshold       int64       `json:"threshold"`
	Zeros           bool        `json:"zeros"`
	GroupDisclosure bool        `json:"group_disclosure"`
	Dimensions      []Dimension `json:"dimensions"`

	Cells      int `json:"cells"`       // published, sums included
	SmallCells int `json:"small_cells"` // below the threshold, not empty, no sums
	// Of rounding.
	Changed          int     `json:"changed"`
	LargestDeviation int64   `json:"largest_deviation"`
	MeanDeviation    float64 `json:"mean_deviation"`
	// Of suppression.
	Primary   int `json:"primary"`   // hidden for what they count
	Secondary int `json:"secondary"` // hidden so that those cannot be computed

	// Attacked cells are those that an independent attacker tried to find out.
	Attacked  int    `json:"attacked"`
	Safe      int    `json:"safe"`
	Unsafe    int    `json:"unsafe"`
	NotProven int    `json:"not_proven"`
	Narrowest *int64 `json:"narrowest,omitempty"` // how far possible counts of any cell lie apart at least; absent where none has a limit
}

// Dimension is one classification of a table.
type Dimension struct {
	Column string `json:"column"`
	Codes  int    `json:"codes"`
	Groups int    `json:"groups"` // sums below the total
	// Coarsened is how many of its lowest levels were left out, because with them the table
	// could not be proven safe in about a minute.
	Coarsened int `json:"coarsened"`
}

// WriteJSON writes risk.json.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
