package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Error is a failure of DuckDB with every value of the data taken out of its text:
// DuckDB quotes the row that it could not read or convert, and that row may be a
// person's.
type Error struct {
	// Kind is DuckDB's name of the class of error, such as "Conversion Error".
	Kind string
	// Text is the first line of DuckDB's message where it speaks of names, paths
	// or limits only; else empty.
	Text string
	// OutOfMemory says that limits.memory was too small.
	OutOfMemory bool
}

func (e *Error) Error() string {
	if e.Text == "" {
		return strings.ToLower(e.Kind) + " (values left out)"
	}
	return strings.ToLower(e.Kind) + ": " + e.Text
}

// quotesNoValue are the classes of error whose message holds names, paths and
// limits, but never a value that a query met.
var quotesNoValue = map[duckdb.ErrorType]bool{
	duckdb.ErrorTypeBinder:      true,
	duckdb.ErrorTypeCatalog:     true,
	duckdb.ErrorTypeParser:      true,
	duckdb.ErrorTypeSyntax:      true,
	duckdb.ErrorTypeOutOfMemory: true,
	duckdb.ErrorTypePermission:  true,
	duckdb.ErrorTypeIO:          true,
}

func redact(err error) error {
	var d *duckdb.Error
	if !errors.As(err, &d) {
		return err
	}
	if d.Type == duckdb.ErrorTypeInterrupt {
		return context.Canceled
	}
	kind, text, _ := strings.Cut(d.Msg, ": ")
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if !quotesNoValue[d.Type] {
		text = ""
	}
	return &Error{Kind: kind, Text: text, OutOfMemory: d.Type == duckdb.ErrorTypeOutOfMemory}
}
