package pipeline

import (
	"errors"
	"fmt"

	"peil/pipeline/engine"
	"peil/pipeline/source/sqldb"
)

// Exit statuses, a contract with whoever runs the command.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitWarned      = 3
	ExitWithheld    = 4
	ExitSource      = 5
	ExitDelivery    = 6
	ExitHeld        = 75
	ExitInterrupted = 130
)

// ExitError is an error that decides the exit status.
type ExitError struct {
	Status int
	Err    error
}

func (e *ExitError) Error() string { return e.Err.Error() }

func (e *ExitError) Unwrap() error { return e.Err }

// Usage makes an error for what the person who runs the command can mend on the command
// line or in the configuration.
func Usage(format string, args ...any) error {
	return &ExitError{ExitUsage, fmt.Errorf(format, args...)}
}

// fault gives an error of the engine the words that help, and one of the source its status.
func fault(err error) error {
	var e *engine.Error
	if errors.As(err, &e) && e.OutOfMemory {
		return fmt.Errorf("%w; raise limits.memory in the configuration: the vault never writes to the disk", err)
	}
	var lost *sqldb.Error
	if errors.As(err, &lost) {
		return &ExitError{ExitSource, err}
	}
	return err
}
