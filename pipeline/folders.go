package pipeline

// Where things lie in the private part of a store, beside the outputs.
const (
	// A state is what one snapshot must tell the next, by its day.
	stateFolder = "private/state"
	// The markers of the first loans of a year, one folder a year. They name members by keyed
	// pseudonyms and die with the year.
	firstsPrefix = stateFolder + "/firsts-"
	// The extract is what the last run with --since last read from the library system.
	extractFolder = stateFolder + "/extract"

	// The figures of months that could still be counted exactly, by month: those of the report,
	// those of the yearly return, and who borrowed.
	frozenFolder    = "private/frozen/new-members"
	closedFolder    = "private/frozen/months"
	borrowersFolder = "private/frozen/borrowers"
	// What public editions told.
	releasedFolder = "private/frozen/released/new-members"

	runsFolder  = "private/runs"   // records
	purgeFolder = "private/purges" // certificates
)
