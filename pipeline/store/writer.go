package store

import "errors"

var errWriterDone = errors.New("already committed or aborted")

// namedWriter adds to a writer's errors what was being written, and where.
type namedWriter struct {
	Writer
	name   string
	errorf func(verb, name string, err error) error
}

func (w *namedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil {
		err = w.errorf("write", w.name, err)
	}
	return n, err
}

func (w *namedWriter) Commit() error {
	if err := w.Writer.Commit(); err != nil {
		return w.errorf("write", w.name, err)
	}
	return nil
}

func (w *namedWriter) Abort() error {
	if err := w.Writer.Abort(); err != nil {
		return w.errorf("discard", w.name, err)
	}
	return nil
}
