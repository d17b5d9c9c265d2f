package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

const (
	// groupRows is how many records go through one pipe. DuckDB stores rows in groups of so
	// many; what comes in other portions it gathers once more, at almost the cost of storing.
	groupRows = 122_880
	// groupSize bounds the bytes of a group, where records are longer than any should be.
	groupSize = 32 << 20
	// groupPipes is how many pipes one statement reads. DuckDB keeps what it has read from a
	// pipe until the statement ends.
	groupPipes = 8
	// groupsHeld is how many groups are in memory: two that are read and one that is filled.
	groupsHeld = 3
)

// FeedGroups is FeedFrom for many rows, which it lets DuckDB store with two threads: records
// go group by group through pipes of their own, and files is an SQL list of those that one
// statement reads. Rows keep their order, where the statement keeps it.
func (db *DB) FeedGroups(ctx context.Context, dir string, fill func(io.Writer) error, statement func(files string) string) error {
	return newGroupWriter(ctx, db, dir, statement).feed(fill)
}

// groupWriter divides records into groups, and sends each into the next pipe.
type groupWriter struct {
	ctx       context.Context // of the statements; Write has none of its own
	db        *DB
	dir       string
	statement func(files string) string
	rows      int // records in a full group

	group   []byte
	records int
	quoted  bool        // the bytes so far end within quotes
	free    chan []byte // buffers that hold no group

	begun   bool     // a statement has been
	made    []string // pipes of the statement that runs
	pipes   []string // those into which nothing has been poured yet
	ended   chan struct{}
	result  chan error
	pouring sync.WaitGroup
	failed  error // of a statement that ended before its rows did
}

func newGroupWriter(ctx context.Context, db *DB, dir string, statement func(files string) string) *groupWriter {
	w := &groupWriter{ctx: ctx, db: db, dir: dir, statement: statement, rows: groupRows, free: make(chan []byte, groupsHeld)}
	for range groupsHeld - 1 {
		w.free <- nil
	}
	return w
}

// feed lets fill write everything.
func (w *groupWriter) feed(fill func(io.Writer) error) error {
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithCancel(w.ctx)
	defer cancel()
	err := fill(w)
	if w.failed != nil {
		return w.failed
	}
	if err != nil {
		cancel() // before the end of the pipes, which would look like the end of the rows
	} else if len(w.group) > 0 || !w.begun {
		err = w.send()
	}
	endErr := w.end()
	if err != nil && !errors.Is(err, errNoReader) {
		return err
	}
	return endErr // of the statement, which is also what left a pipe without a reader
}

// Write takes records, in portions of any size.
func (w *groupWriter) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, full := w.take(p[written:])
		w.group = append(w.group, p[written:written+n]...)
		written += n
		if full {
			if err := w.send(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// take says how many bytes of p belong to the group: to the end of the record that makes it
// full, or all.
func (w *groupWriter) take(p []byte) (n int, full bool) {
	for n < len(p) {
		line := bytes.IndexByte(p[n:], '\n') + 1
		if line == 0 {
			line = len(p) - n
		}
		w.quoted = w.quoted != (bytes.Count(p[n:n+line], []byte{'"'})%2 == 1)
		n += line
		if w.quoted || p[n-1] != '\n' {
			continue
		}
		if w.records++; w.records >= w.rows || len(w.group)+n >= groupSize {
			return n, true
		}
	}
	return n, false
}

// send lets the group flow into the next pipe, and waits for a buffer for the one after it.
func (w *groupWriter) send() error {
	if len(w.pipes) == 0 {
		if w.failed = w.end(); w.failed != nil {
			return w.failed
		}
		if err := w.begin(); err != nil {
			return err
		}
	}
	path, group, ended := w.pipes[0], w.group, w.ended
	w.pipes = w.pipes[1:]
	w.pouring.Go(func() {
		pour(path, group, ended)
		w.free <- group
	})
	w.group, w.records = nil, 0
	select {
	case b := <-w.free:
		w.group = b[:0]
		return nil
	case <-w.ended:
		return errNoReader
	}
}

// begin starts a statement over pipes that are yet to be filled.
func (w *groupWriter) begin() error {
	w.begun = true
	for range groupPipes {
		path, err := Pipe(w.dir)
		if err != nil {
			return err
		}
		w.pipes, w.made = append(w.pipes, path), append(w.made, path)
	}
	ended, result := make(chan struct{}), make(chan error, 1)
	w.ended, w.result = ended, result
	statement := w.statement(list(w.pipes))
	go func() {
		result <- w.db.Exec(w.ctx, statement)
		close(ended)
	}()
	return nil
}

// pour writes a group into a pipe. It fails where nobody reads, because the statement has
// ended: that says itself why.
func pour(path string, group []byte, ended <-chan struct{}) {
	pipe, err := openWriter(path, ended)
	if err != nil || pipe == nil {
		return
	}
	widen(pipe)
	pipe.Write(group)
	pipe.Close()
}

// end lets the pipes that are left end at once, and waits for the statement.
func (w *groupWriter) end() (err error) {
	if w.result != nil {
		for _, path := range w.pipes {
			pour(path, nil, w.ended)
		}
		err = <-w.result
		w.pouring.Wait()
	}
	for _, path := range w.made {
		os.Remove(path)
	}
	w.pipes, w.made, w.result = nil, nil, nil
	return err
}
