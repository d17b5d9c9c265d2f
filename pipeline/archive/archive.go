// Package archive is what the store holds and where: the outputs of each period with their
// manifests, and what Peil keeps for itself, sealed under the library's key, the figures of
// closed months, the state that one snapshot leaves the next, the extract of the source.
//
// It knows how these are written, found, read and verified. What is published and when is the
// matter of a run, which stands above it.
package archive

// Where things lie in the private part of a store, beside the outputs.
const (
	// A state is what one snapshot must tell the next, by its day.
	StateFolder = "private/state"
	// The markers of the first loans of a year, one folder a year. They name members by keyed
	// pseudonyms and die with the year.
	FirstsPrefix = StateFolder + "/firsts-"
	// The extract is what the last run with --since last read from the library system.
	ExtractFolder = StateFolder + "/extract"

	// The figures of months that could still be counted exactly, by month: those of the report,
	// those of the yearly return, and who borrowed.
	FrozenFolder    = "private/frozen/new-members"
	ClosedFolder    = "private/frozen/months"
	BorrowersFolder = "private/frozen/borrowers"
	// What public editions told.
	ReleasedFolder = "private/frozen/released/new-members"

	RunsFolder  = "private/runs"   // records
	PurgeFolder = "private/purges" // certificates
)
