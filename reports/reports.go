// Package reports holds what the outputs have in common: what they are told of a run,
// and where they put their files. One package below it makes one output.
package reports

import (
	"context"
	"io"
	"time"
)

// About is what a report says of the run that made it.
type About struct {
	Library    string // name of the organisation
	ISIL       string // of the organisation
	Language   string // nl or en
	AsOf       time.Time
	SnapshotOn time.Time // addresses and members as of this day
	Cutoff     time.Time // who left before it is no longer read
	Source     string    // where the figures come from, one line
	Threshold  int       // smallest count of persons in a public table
	K, L       int       // persons in, and distinct values of, a released group
}

// Sink takes the files of one edition of one output.
type Sink interface {
	// File stages one file. write returns the number of rows it wrote, for the
	// manifest; 0 where rows mean nothing.
	File(ctx context.Context, name string, write func(w io.Writer) (rows int64, err error)) error
}
