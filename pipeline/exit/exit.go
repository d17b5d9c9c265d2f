// Package exit holds the statuses that the command ends with, and the errors that decide them.
package exit

import (
	"errors"
	"fmt"

	"peil/pipeline/engine"
	"peil/pipeline/source/sqldb"
)

// Exit statuses, a contract with whoever runs the command.
const (
	Done        = 0
	Failed      = 1
	Usage       = 2
	Warned      = 3
	Withheld    = 4
	Source      = 5
	Delivery    = 6
	Held        = 75
	Interrupted = 130
)

// Error is an error that decides the exit status.
type Error struct {
	Status int
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// With gives an error the status to end with.
func With(status int, err error) error { return &Error{Status: status, Err: err} }

// Usagef makes an error for what the person who runs the command can mend on the command
// line or in the configuration.
func Usagef(format string, args ...any) error {
	return &Error{Usage, fmt.Errorf(format, args...)}
}

// Explain gives an error of the engine the words that help, and one of the source its status.
func Explain(err error) error {
	var e *engine.Error
	if errors.As(err, &e) && e.OutOfMemory {
		return fmt.Errorf("%w; raise limits.memory in the configuration: the vault never writes to the disk", err)
	}
	var lost *sqldb.Error
	if errors.As(err, &lost) {
		return &Error{Source, err}
	}
	return err
}
