package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
)

const (
	// stagingFolder holds whatever is not visible yet. What is found there once
	// the lock has been taken belongs to no living run.
	stagingFolder = ".staging"

	// A set is staged in .staging/<run>/<n>/new. Where it cannot take its place
	// in one step, commit.json beside it records that it is complete and shall:
	// from then on a crash is repaired forwards.
	newFolder  = "new"
	commitName = "commit.json"

	recordPattern = stagingFolder + "/*/*/" + commitName
)

var (
	errSetClosed  = errors.New("already published or discarded")
	errSuperseded = errors.New("a later publication stands within the folder to be replaced")
)

// stager is what a kind of store adds to make sets; staged is a set's folder
// below .staging.
type stager interface {
	errorf(verb, name string, err error) error
	createStaged(ctx context.Context, staged, name string) (Writer, error)

	// publishStaged adds the manifest to the committed files and puts them in
	// place of the folder.
	publishStaged(ctx context.Context, lock *Lock, staged, folder string, files []string, manifest []byte) error

	// clear removes a staged set.
	clear(ctx context.Context, staged string) error
}

// set keeps the books of a set being staged.
type set struct {
	stager stager
	lock   *Lock
	folder string
	staged string

	mu     sync.Mutex
	files  map[string]bool // false while being written
	closed bool
}

// newSet begins a set under a lock, which may be nil.
func newSet(ctx context.Context, s stager, lock *Lock, folder string) (Set, error) {
	err := cmp.Or(ctx.Err(), checkName(folder), lock.check())
	if err != nil {
		return nil, s.errorf("stage", folder, err)
	}
	return &set{stager: s, lock: lock, folder: folder, staged: lock.nextStaged(), files: map[string]bool{}}, nil
}

func (t *set) errorf(verb, name string, err error) error {
	return t.stager.errorf(verb, path.Join(t.folder, name), err)
}

func (t *set) Create(ctx context.Context, name string) (Writer, error) {
	if err := t.add(name); err != nil {
		return nil, t.errorf("write", name, err)
	}
	w, err := t.stager.createStaged(ctx, t.staged, name)
	if err != nil {
		t.drop(name)
		return nil, t.errorf("write", name, err)
	}
	return &setWriter{Writer: &namedWriter{w, name, t.errorf}, set: t, name: name}, nil
}

func (t *set) add(name string) error {
	if err := checkSetFile(name); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return errSetClosed
	}
	if _, taken := t.files[name]; taken {
		return fs.ErrExist
	}
	t.files[name] = false
	return nil
}

func (t *set) settle(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return t.errorf("write", name, errSetClosed)
	}
	t.files[name] = true
	return nil
}

func (t *set) drop(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.files, name)
}

// close ends the set and returns the names of its files.
func (t *set) close() ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errSetClosed
	}
	t.closed = true
	var files []string
	for name, committed := range t.files {
		if !committed {
			return nil, fmt.Errorf("%s was not committed", name)
		}
		files = append(files, name)
	}
	return files, nil
}

func (t *set) Publish(ctx context.Context, manifest []byte) error {
	files, err := t.close()
	if err == nil {
		err = cmp.Or(ctx.Err(), t.lock.check())
	}
	if err == nil {
		err = t.stager.publishStaged(ctx, t.lock, t.staged, t.folder, files, manifest)
	}
	if err != nil {
		return t.errorf("publish", "", err)
	}
	return nil
}

func (t *set) Discard() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	// Also when the run is being cancelled, which is when sets are discarded.
	ctx, cancel := afterwards(t.lock.ctx)
	defer cancel()
	if err := t.stager.clear(ctx, t.staged); err != nil {
		return t.errorf("discard", "", err)
	}
	return nil
}

// setWriter tells the set what became of a file.
type setWriter struct {
	Writer
	set  *set
	name string
	done bool
}

func (w *setWriter) Commit() error {
	if w.done {
		return w.Writer.Commit() // which refuses
	}
	w.done = true
	if err := w.Writer.Commit(); err != nil {
		w.set.drop(w.name)
		return err
	}
	return w.set.settle(w.name)
}

func (w *setWriter) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	w.set.drop(w.name)
	return w.Writer.Abort()
}

// commitRecord says where a complete staged set is to go.
type commitRecord struct {
	Folder string `json:"folder"`
}

// parseRecord reads a commit record; its folder is checked like any name.
func parseRecord(name string, data []byte) (string, error) {
	var record commitRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	if err := checkName(record.Folder); err != nil {
		return "", fmt.Errorf("read %s: folder: %w", name, err)
	}
	return record.Folder, nil
}
