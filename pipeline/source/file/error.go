package file

import (
	"errors"
	"fmt"
	"strings"
)

// Error is something in the input that its owner can mend. It holds names of files
// and headings, never a value of the data.
type Error struct {
	Path    string // as configured; empty where no single file is meant
	Line    int64  // 1-based; 0 where no line is meant
	Column  string // canonical column; empty where none is meant
	Problem string // a clause, lower case, without a full stop
	Remedy  string // a sentence in the imperative, without a full stop; may be empty
}

// Error joins the parts: where, what, what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path)
		if e.Line > 0 {
			fmt.Fprintf(&b, ", line %d", e.Line)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// located adds the name of a file to an error that does not tell it.
func located(shown string, err error) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("read %s: %w", shown, err)
}
