package store

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// rehearsal is a store that shows what is done to it, and leaves the real one as it was:
// what is written goes to scratch, what is removed is only remembered.
type rehearsal struct {
	Store // scratch
	real  Store

	mu      sync.Mutex
	removed map[string]bool // of the real store's objects
}

// Rehearse returns a store that begins as real is, and whose changes go to scratch, an
// empty store. Neither lock nor anything else touches the real one. It closes neither.
func Rehearse(real, scratch Store) Store {
	return &rehearsal{Store: scratch, real: real, removed: map[string]bool{}}
}

// holder is the store that an object now stands in.
func (r *rehearsal) holder(ctx context.Context, name string) (Store, error) {
	_, err := r.Store.Stat(ctx, name)
	if err == nil {
		return r.Store, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.removed[name] {
		return nil, err
	}
	return r.real, nil
}

func (r *rehearsal) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	s, err := r.holder(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, name)
}

func (r *rehearsal) Stat(ctx context.Context, name string) (Info, error) {
	s, err := r.holder(ctx, name)
	if err != nil {
		return Info{}, err
	}
	return s.Stat(ctx, name)
}

func (r *rehearsal) List(ctx context.Context, folder string) ([]Info, error) {
	before, err := r.real.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	since, err := r.Store.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	all := map[string]Info{}
	r.mu.Lock()
	for _, o := range before {
		if !r.removed[o.Name] {
			all[o.Name] = o
		}
	}
	r.mu.Unlock()
	for _, o := range since {
		all[o.Name] = o
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Info) int { return strings.Compare(a.Name, b.Name) }), nil
}

func (r *rehearsal) CreateNew(ctx context.Context, name string) (Writer, error) {
	if _, err := r.Stat(ctx, name); err == nil {
		return nil, fmt.Errorf("write %s: %w", name, fs.ErrExist)
	}
	return r.Store.CreateNew(ctx, name)
}

func (r *rehearsal) Remove(ctx context.Context, name string) error {
	r.mu.Lock()
	r.removed[name] = true
	r.mu.Unlock()
	return r.Store.Remove(ctx, name)
}

func (r *rehearsal) Stage(ctx context.Context, folder string) (Set, error) {
	set, err := r.Store.Stage(ctx, folder)
	if err != nil {
		return nil, err
	}
	return &rehearsedSet{set, r, folder}, nil
}

func (r *rehearsal) Close() error { return nil }

// rehearsedSet takes the place of what the folder held in the real store.
type rehearsedSet struct {
	Set
	rehearsal *rehearsal
	folder    string
}

func (s *rehearsedSet) Publish(ctx context.Context, manifest []byte) error {
	before, err := s.rehearsal.real.List(ctx, s.folder)
	if err != nil {
		return err
	}
	if err := s.Set.Publish(ctx, manifest); err != nil {
		return err
	}
	s.rehearsal.mu.Lock()
	defer s.rehearsal.mu.Unlock()
	for _, o := range before {
		if !strings.Contains(strings.TrimPrefix(o.Name, s.folder+"/"), "/") { // not of a correction within it
			s.rehearsal.removed[o.Name] = true
		}
	}
	return nil
}

// Changes are what a store of Rehearse would have changed in the real one: the objects that
// were written, and the names of those that were removed and not written again.
func Changes(ctx context.Context, s Store) (written []Info, removed []string, err error) {
	r, ok := s.(*rehearsal)
	if !ok {
		return nil, nil, fmt.Errorf("list changes in store %s: it is not rehearsed", s.Location())
	}
	if written, err = r.Store.List(ctx, ""); err != nil {
		return nil, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	again := map[string]bool{}
	for _, o := range written {
		again[o.Name] = true
	}
	for name := range r.removed {
		if _, err := r.real.Stat(ctx, name); err == nil && !again[name] {
			removed = append(removed, name)
		}
	}
	slices.Sort(removed)
	return written, removed, nil
}
