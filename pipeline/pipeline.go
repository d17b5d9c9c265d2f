// Package pipeline makes outputs: one run from the configuration to the published
// files.
//
// A run opens the source and the store, reads the source into the vault, stages the CBS
// file from it, lets pseudonymised rows cross to the warehouse, closes the vault, counts,
// and then makes one period after another: it counts, stages, checks, and publishes what no
// check withholds, its manifest last. Vault and warehouse are never open at the same time: what
// identifies a person is gone before the first figure for others is made.
package pipeline

import (
	"context"
	"io"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/store"
	"peil/reports/quality"
	"peil/reports/wsob"
)

// Options say what to run. Config, AsOf, Version, Env, Now, Random and Events are required.
type Options struct {
	Config  *config.Config
	Outputs []string  // names; none: all that are configured
	AsOf    time.Time // the day the run speaks of, midnight UTC

	// From and To make every whole period that lies in these days, in one reading of the
	// source, instead of the last one before AsOf. To may be zero: up to AsOf.
	From, To time.Time
	// Periods, where not nil, are what to make, instead of Outputs, From and To.
	Periods []archive.Period
	// Resume names a run to go on with: its plan and its AsOf count, and what it published
	// is not made again.
	Resume string

	// PlaintextOK lets the CBS file be written in clear where no recipient is
	// configured.
	PlaintextOK bool
	// SinceLast reads of a database only what has changed since the last run that did, and
	// keeps what the next such run needs.
	SinceLast bool
	// Accept names checks that may fail without withholding anything, for a Reason that
	// manifest and ledger keep.
	Accept []string
	Reason string

	Version string // of the program, for the record of the run
	Env     func(string) (string, bool)
	Now     func() time.Time
	Random  io.Reader // for the run's name
	Events  func(Event)

	store  func(context.Context, *config.Config) (store.Store, error) // nil: as configured
	target dispatch.Opener                                            // nil: as configured

	rehearsal *Rehearsal // nil: the run is in earnest
}

// Event is one thing that happened in a run, for people and logs. It never holds
// anything personal.
type Event struct {
	Kind EventKind
	Run  string
	Name string // step, check or output
	// Text says it in words, in English.
	Text string
	// Done and Total are bytes of the source read so far and in all; 0 where unknown.
	Done, Total int64
	// Reading is how far the reading of a part has come; only of its kind. Of a file it is
	// known once it has been read.
	Reading sqldb.Reading
	// Made and NotMade are periods, "OUTPUT PERIOD" each, and Next the command that goes on;
	// only of a failure.
	Made, NotMade []string
	Next          string
}

// EventKind says what an event is about.
type EventKind string

// Kinds of events.
const (
	StepBegun EventKind = "step"
	Warning   EventKind = "warning"
	ReadRows  EventKind = "reading"
	Failure   EventKind = "failure" // of the step Name
)

// Output is what became of one output.
type Output struct {
	Name   string `json:"output"`
	Period string `json:"period"`
	// Status is published, unchanged or withheld.
	Status string `json:"status"`
	// Figures are provisional, final or revised, for kb and wsob.
	Figures string   `json:"figures,omitempty"`
	Folders []string `json:"folders"` // in the store, one for each edition
	Files   int      `json:"files"`
	Rows    int64    `json:"rows"`
	Why     []string `json:"why,omitempty"` // checks that withheld it
	// Run made it, where that is an earlier run that this one resumed.
	Run string `json:"run,omitempty"`
	// StatLine is a yearly return in the lines of CBS table 70763ned, to hold against them.
	StatLine []wsob.StatLine `json:"statline_70763ned,omitempty"`
	// Delivery says what became of sending it, where a destination is configured.
	Delivery string `json:"delivery,omitempty"`
}

// Statuses of an output.
const (
	Published = "published"
	Unchanged = "unchanged"
	Withheld  = "withheld"
)

// Summary is what a run did.
type Summary struct {
	Run     string            `json:"run"`
	AsOf    string            `json:"as_of"`
	Store   string            `json:"store"`
	Read    []quality.Account `json:"read"`
	Checks  []quality.Check   `json:"checks"`
	Outputs []Output          `json:"outputs"`
	// Frozen are the closed months whose figures this run kept for later years.
	Frozen  []string `json:"frozen,omitempty"`
	Counted Counted  `json:"counted"`
	// Fetched says of each part of a database what was read again; only with SinceLast.
	Fetched  []sqldb.Fetched `json:"fetched,omitempty"`
	Seconds  float64         `json:"seconds"`
	Warnings int             `json:"warnings"`
	// Retention is what the store held for too long.
	Retention Due `json:"retention"`
}

// Counted are the run's main figures.
type Counted struct {
	Peildatum    string `json:"peildatum,omitempty"`
	Population   int64  `json:"population"`   // persons valid on the peildatum
	Institutions int64  `json:"institutions"` // known, left out of all figures
	Loans        int64  `json:"loans"`        // loan events of all kinds and years
}

// ExitStatus is the status that a completed run ends with.
func (s *Summary) ExitStatus() int {
	for _, o := range s.Outputs {
		if o.Status == Withheld {
			return exit.Withheld
		}
	}
	for _, o := range s.Outputs {
		if o.Delivery == dispatch.DeliveryFailed {
			return exit.Delivery
		}
	}
	if s.Warnings > 0 || s.Retention.Problem != "" {
		return exit.Warned
	}
	return exit.Done
}

// openStore opens the configured store, or the one that a test puts in its place.
func (o Options) openStore(ctx context.Context) (store.Store, error) {
	if o.store != nil {
		return o.store(ctx, o.Config)
	}
	return archive.OpenStore(ctx, o.Config)
}
