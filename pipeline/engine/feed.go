package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"syscall"
)

// pieceSize is how many bytes of CSV one statement reads from a pipe. DuckDB keeps what it
// has read from a pipe until the statement ends, since it could not read it again: without
// an end a large source would fill the memory.
const pieceSize = 64 << 20

// FeedFrom runs a statement that reads the named pipe at the path it is given, while fill
// writes into that pipe. What fill writes is CSV whose quote and escape are both '"'; the
// statement, such as an INSERT, runs for one piece of it after the other. Each piece ends
// with a record. Where fill writes nothing the statement runs once, over no rows. dir must
// be one of the instance's Dirs.
//
// Many rows go quicker through [DB.FeedGroups]. Meanwhile the instance has one thread: a pipe is
// read by one, and the thread that waits
// for the statement polls without rest while another reads: it would take as much of the
// processor as the reading itself, away from whoever fills the pipe.
func (db *DB) FeedFrom(ctx context.Context, dir string, fill func(io.Writer) error, statement func(path string) string) (err error) {
	if err := db.Exec(ctx, setThreads(1)); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, db.Exec(context.WithoutCancel(ctx), setThreads(db.opts.Threads)))
	}()
	return db.feed(ctx, dir, fill, statement)
}

func (db *DB) feed(ctx context.Context, dir string, fill func(io.Writer) error, statement func(path string) string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &pieceWriter{db: db, ctx: ctx, dir: dir, statement: statement, limit: pieceSize}
	err := w.begin()
	if err == nil {
		err = fill(w)
	}
	if w.failed != nil {
		return w.failed
	}
	if err != nil {
		cancel() // before the end of the pipe, which would look like the end of the rows
	}
	endErr := w.end()
	if gone := errors.Is(err, syscall.EPIPE) || errors.Is(err, errNoReader); err != nil && !gone {
		return err
	}
	return endErr // of the statement, which is also what made a pipe break
}

var errNoReader = errors.New("nobody reads the pipe")

// pieceWriter writes into a pipe, and into the next one when a piece is full.
type pieceWriter struct {
	db        *DB
	ctx       context.Context // of the statements; Write has none of its own
	dir       string
	statement func(path string) string
	limit     int

	path   string
	pipe   *os.File
	ended  chan struct{}
	result chan error
	failed error // of a statement that ended before its rows did

	size   int
	quoted bool // the bytes so far end within quotes
}

func (w *pieceWriter) begin() error {
	path, err := Pipe(w.dir)
	if err != nil {
		return err
	}
	w.path, w.size = path, 0
	ended, result := make(chan struct{}), make(chan error, 1)
	w.ended, w.result = ended, result
	go func() {
		result <- w.db.Exec(w.ctx, w.statement(path))
		close(ended)
	}()
	w.pipe, err = openWriter(path, ended)
	if err == nil && w.pipe == nil {
		err = errNoReader
	}
	return err
}

// end closes the pipe and waits for its statement.
func (w *pieceWriter) end() error {
	if w.path == "" {
		return nil
	}
	if w.pipe != nil {
		w.pipe.Close()
	}
	err := <-w.result
	os.Remove(w.path)
	w.path, w.pipe = "", nil
	return err
}

// Write passes the bytes on, dividing them where a record ends once a piece is full.
func (w *pieceWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := len(p)
		if w.size+n > w.limit {
			if end := w.recordEnd(p); end > 0 {
				n = end
			}
		}
		divide := n < len(p) || w.size+n > w.limit && p[n-1] == '\n' && !w.quotedAfter(p[:n])
		if w.pipe == nil {
			return written, errNoReader
		}
		m, err := w.pipe.Write(p[:n])
		written += m
		if err != nil {
			return written, err
		}
		w.quoted = w.quotedAfter(p[:n])
		w.size += n
		p = p[n:]
		if divide {
			if w.failed = w.end(); w.failed != nil {
				return written, w.failed
			}
			if err := w.begin(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

func (w *pieceWriter) quotedAfter(p []byte) bool {
	return w.quoted != (bytes.Count(p, []byte{'"'})%2 == 1)
}

// recordEnd is the place after the first end of a record in p, 0 if there is none.
func (w *pieceWriter) recordEnd(p []byte) int {
	quoted := w.quoted
	for i, b := range p {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\n' && !quoted:
			return i + 1
		}
	}
	return 0
}
