package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"peil/pipeline/store"
)

// ErrFault is what a Faulty store fails with.
var ErrFault = errors.New("fault put in by the test")

// Faulty is a store that fails its n-th call and, unless it is to fail but once,
// every one after it: what its user then leaves behind is what a crash there
// would have. Calls are those of the store, its sets and its writers that read or
// write; a failed Publish or Commit has not happened.
type Faulty struct {
	store.Store
	faults *faults
}

type faults struct {
	mu     sync.Mutex
	n      int
	once   bool
	failed string
}

// FailAt makes a store fail from its n-th call on, counted from 1.
func FailAt(s store.Store, n int) *Faulty { return &Faulty{s, &faults{n: n}} }

// FailOnce makes a store fail its n-th call, counted from 1.
func FailOnce(s store.Store, n int) *Faulty { return &Faulty{s, &faults{n: n, once: true}} }

// With is another store that shares the count of calls.
func (f *Faulty) With(s store.Store) *Faulty { return &Faulty{s, f.faults} }

// Failed says which call failed first; "" is that it did not come to that.
func (f *Faulty) Failed() string {
	f.faults.mu.Lock()
	defer f.faults.mu.Unlock()
	return f.faults.failed
}

// call counts a call and returns its fault.
func (f *faults) call(what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n--
	if f.n > 0 || f.n < 0 && f.once {
		return nil
	}
	if f.failed == "" {
		f.failed = what
	}
	return fmt.Errorf("%s: %w", what, ErrFault)
}

func (f *Faulty) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := f.faults.call("open " + name); err != nil {
		return nil, err
	}
	return f.Store.Open(ctx, name)
}

func (f *Faulty) Stat(ctx context.Context, name string) (store.Info, error) {
	if err := f.faults.call("stat " + name); err != nil {
		return store.Info{}, err
	}
	return f.Store.Stat(ctx, name)
}

func (f *Faulty) List(ctx context.Context, folder string) ([]store.Info, error) {
	if err := f.faults.call("list " + folder); err != nil {
		return nil, err
	}
	return f.Store.List(ctx, folder)
}

func (f *Faulty) Remove(ctx context.Context, name string) error {
	if err := f.faults.call("remove " + name); err != nil {
		return err
	}
	return f.Store.Remove(ctx, name)
}

func (f *Faulty) Sweep(ctx context.Context, run, folder string) error {
	if err := f.faults.call("sweep " + folder); err != nil {
		return err
	}
	return f.Store.Sweep(ctx, run, folder)
}

func (f *Faulty) Create(ctx context.Context, name string) (store.Writer, error) {
	return f.faults.create(ctx, name, f.Store.Create)
}

func (f *Faulty) CreateNew(ctx context.Context, name string) (store.Writer, error) {
	return f.faults.create(ctx, name, f.Store.CreateNew)
}

func (f *faults) create(ctx context.Context, name string, create func(context.Context, string) (store.Writer, error)) (store.Writer, error) {
	if err := f.call("create " + name); err != nil {
		return nil, err
	}
	w, err := create(ctx, name)
	if err != nil {
		return nil, err
	}
	return &faultyWriter{w, f, name}, nil
}

func (f *Faulty) Stage(ctx context.Context, folder string) (store.Set, error) {
	if err := f.faults.call("stage " + folder); err != nil {
		return nil, err
	}
	set, err := f.Store.Stage(ctx, folder)
	if err != nil {
		return nil, err
	}
	return &faultySet{set, f.faults, folder}, nil
}

func (f *Faulty) Lock(ctx context.Context, owner store.Owner) (*store.Lock, error) {
	if err := f.faults.call("lock"); err != nil {
		return nil, err
	}
	return f.Store.Lock(ctx, owner)
}

type faultyWriter struct {
	store.Writer
	faults *faults
	name   string
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if err := w.faults.call("write " + w.name); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

func (w *faultyWriter) Commit() error {
	if err := w.faults.call("commit " + w.name); err != nil {
		return errors.Join(err, w.Writer.Abort())
	}
	return w.Writer.Commit()
}

type faultySet struct {
	store.Set
	faults *faults
	folder string
}

func (s *faultySet) Create(ctx context.Context, name string) (store.Writer, error) {
	return s.faults.create(ctx, name, s.Set.Create)
}

func (s *faultySet) Publish(ctx context.Context, manifest []byte) error {
	if err := s.faults.call("publish " + s.folder); err != nil {
		return errors.Join(err, s.Set.Discard())
	}
	return s.Set.Publish(ctx, manifest)
}
