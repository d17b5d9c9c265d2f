package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

var pipes atomic.Int64

// Pipe makes a named pipe in dir, readable by the owner alone. What passes
// through it never rests on the disk.
func Pipe(dir string) (path string, err error) {
	path = filepath.Join(dir, fmt.Sprintf("pipe-%d", pipes.Add(1)))
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return "", fmt.Errorf("make pipe: %w", err)
	}
	return path, nil
}

// CopyTo writes the rows of a SELECT to w as DuckDB's COPY formats them.
// format is the option list, such as "FORMAT csv, HEADER". dir must be one of the
// instance's Dirs. The bytes pass through a named pipe: nothing lies on the disk.
func (db *DB) CopyTo(ctx context.Context, dir, query, format string, w io.Writer) error {
	path, err := Pipe(dir)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	// Opened for reading and writing so that neither side can block for ever on
	// an end that never opens; closing keep is what lets the reader see the end.
	keep, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open pipe: %w", err)
	}
	r, err := os.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		keep.Close()
		return fmt.Errorf("open pipe: %w", err)
	}
	defer r.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	read := make(chan error, 1)
	go func() {
		_, err := io.CopyBuffer(onlyWriter{w}, r, make([]byte, 1<<20))
		if err != nil {
			cancel()
			io.Copy(io.Discard, r) // the writer must not hang on a full pipe
		}
		read <- err
	}()
	err = db.Exec(ctx, "COPY ("+query+") TO "+Literal(path)+" ("+format+", USE_TMP_FILE false)")
	keep.Close()
	if readErr := <-read; readErr != nil {
		return readErr
	}
	if err != nil {
		return fmt.Errorf("copy rows: %w", err)
	}
	return nil
}

// openWriter waits until somebody reads the pipe and opens its other end; without a
// reader the bytes of a short file would be lost before they are read. It gives up,
// with neither file nor error, when the statement has ended.
func openWriter(path string, ended <-chan struct{}) (*os.File, error) {
	for {
		w, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if !errors.Is(err, syscall.ENXIO) {
			return w, err
		}
		select {
		case <-ended:
			return nil, nil
		case <-time.After(time.Millisecond):
		}
	}
}

// onlyWriter hides ReadFrom, so that the buffer size stays ours.
type onlyWriter struct{ io.Writer }
