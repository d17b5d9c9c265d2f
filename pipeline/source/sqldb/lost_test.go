package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// broken is a session whose connection breaks after some rows.
type broken struct {
	session
	err error
}

func (b broken) stream(_ context.Context, _ string, _ []string, w io.Writer, _ func()) error {
	if _, err := io.WriteString(w, "A,Aa\nB,Bee\n"); err != nil {
		return err
	}
	return b.err
}

// TestNoErrorOfTheConnectionIsTakenForOneOfThePipe: a broken pipe to the vault means that the
// vault stopped; one to the server means that rows are missing.
func TestNoErrorOfTheConnectionIsTakenForOneOfThePipe(t *testing.T) {
	for _, cause := range []error{syscall.EPIPE, syscall.ECONNRESET, io.ErrUnexpectedEOF} {
		dir := t.TempDir()
		vault, err := engine.Open(t.Context(), engine.Options{Threads: 1, Dirs: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		defer vault.Close()
		p := &part{db: &DB{o: Options{System: PostgreSQL, RunDir: dir}.withDefaults(), session: broken{err: fmt.Errorf("write: %w", cause)}}, table: source.Branches, columns: []string{"branch", "name"}, Query: Query{Name: "units"}}
		_, err = p.Read(t.Context(), vault, func(relation string) string { return "CREATE TABLE t AS FROM " + relation })
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "units at localhost:5432: the connection was lost") {
			t.Errorf("%v: got %v", cause, err)
		}
	}
}
