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
	widen(r)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	read := make(chan error, 1)
	go func() {
		err := pump(w, r)
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

// pump copies what r yields to w, reading ahead by some megabytes: whoever fills the pipe
// does not wait while w encrypts and hashes.
func pump(w io.Writer, r io.Reader) error {
	const ahead, size = 4, 1 << 20
	free, full, written := make(chan []byte, ahead), make(chan []byte, ahead), make(chan error, 1)
	for range ahead {
		free <- make([]byte, size)
	}
	go func() {
		var err error
		for b := range full {
			if err == nil {
				_, err = w.Write(b)
			}
			if err != nil && len(written) == 0 {
				written <- err
			}
			free <- b[:size]
		}
		close(written)
	}()
	for {
		b := <-free
		n, err := r.Read(b)
		if n > 0 {
			full <- b[:n]
		} else {
			free <- b
		}
		if err != nil || len(written) > 0 {
			close(full)
			if writeErr := <-written; writeErr != nil {
				return writeErr
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
