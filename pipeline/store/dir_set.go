package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"sync"
)

// A set is staged in .staging/<run>/<n>/new. After an exchange that folder
// holds the old publication. Where two folders cannot be exchanged, commit.json
// beside it records the decision, and old takes the old publication aside.
const (
	newFolder  = "new"
	oldFolder  = "old"
	commitName = "commit.json"
)

// commitRecord says that a staged set is complete and is to take its place.
type commitRecord struct {
	Folder string `json:"folder"`
}

// dirSet is a set staged in a directory.
type dirSet struct {
	store  *dirStore
	lock   *Lock
	folder string
	staged string // .staging/<run>/<n>

	mu     sync.Mutex
	names  map[string]bool // false while being written
	closed bool
}

var errSetClosed = errors.New("already published or discarded")

func (s *dirStore) Stage(ctx context.Context, folder string) (Set, error) {
	set, err := s.stage(ctx, folder)
	if err != nil {
		return nil, s.errorf("stage", folder, err)
	}
	return set, nil
}

func (s *dirStore) stage(ctx context.Context, folder string) (*dirSet, error) {
	if err := cmp.Or(ctx.Err(), checkName(folder)); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.lock.check(); err != nil {
		return nil, err
	}
	s.sets++
	staged := path.Join(stagingFolder, s.lock.run, strconv.Itoa(s.sets))
	if err := s.disk.mkdir(path.Join(staged, newFolder)); err != nil {
		return nil, err
	}
	return &dirSet{store: s, lock: s.lock, folder: folder, staged: staged, names: map[string]bool{}}, nil
}

func (t *dirSet) errorf(verb, name string, err error) error {
	return t.store.errorf(verb, path.Join(t.folder, name), err)
}

func (t *dirSet) Create(ctx context.Context, name string) (Writer, error) {
	w, err := t.create(ctx, name)
	if err != nil {
		return nil, t.errorf("write", name, err)
	}
	return w, nil
}

func (t *dirSet) create(ctx context.Context, name string) (*dirWriter, error) {
	if err := cmp.Or(ctx.Err(), checkSetFile(name)); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errSetClosed
	}
	if _, taken := t.names[name]; taken {
		return nil, fs.ErrExist
	}
	temp := path.Join(t.staged, newFolder, name)
	f, err := t.store.disk.create(temp)
	if err != nil {
		return nil, err
	}
	t.names[name] = false
	return &dirWriter{
		ctx: ctx, file: f, label: name, errorf: t.errorf,
		commit: func() error { return t.settle(name) },
		abort:  func() error { return t.drop(name) },
	}, nil
}

func (t *dirSet) settle(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return errSetClosed
	}
	t.names[name] = true
	return nil
}

func (t *dirSet) drop(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil // the whole folder went
	}
	delete(t.names, name)
	return t.store.disk.remove(path.Join(t.staged, newFolder, name))
}

func (t *dirSet) Publish(ctx context.Context, manifest []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return t.errorf("publish", "", errSetClosed)
	}
	t.closed = true
	err := t.complete(ctx, manifest)
	if err == nil {
		err = t.store.swap(t.lock, t.staged, t.folder)
	}
	if err != nil {
		return t.errorf("publish", "", err)
	}
	// What stays behind if this fails is swept by the next Lock.
	t.store.clear(t.staged)
	return nil
}

// complete checks that every file was committed, and adds the manifest.
func (t *dirSet) complete(ctx context.Context, manifest []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for name, committed := range t.names {
		if !committed {
			return fmt.Errorf("%s was not committed", name)
		}
	}
	staged := path.Join(t.staged, newFolder)
	if err := writeDurably(t.store.disk, path.Join(staged, ManifestName), manifest); err != nil {
		return err
	}
	return t.store.disk.syncDir(staged)
}

func (t *dirSet) Discard() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	if err := t.store.clear(t.staged); err != nil {
		return t.errorf("discard", "", err)
	}
	return nil
}

// swap puts the staged folder in the place of the published one.
func (s *dirStore) swap(lock *Lock, staged, folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := lock.check(); err != nil {
		return err
	}
	if err := s.checkReplaceable(folder); err != nil {
		return err
	}
	if err := s.disk.mkdir(path.Dir(folder)); err != nil {
		return err
	}
	ready := path.Join(staged, newFolder)
	if !s.exists(folder) {
		if err := s.disk.rename(ready, folder); err != nil {
			return err
		}
		return s.disk.syncDir(path.Dir(folder))
	}
	err := s.disk.exchange(ready, folder)
	if errors.Is(err, errors.ErrUnsupported) {
		return s.swapInTwo(staged, folder)
	}
	if err != nil {
		return err
	}
	if err := s.disk.syncDir(path.Dir(folder)); err != nil {
		return err
	}
	return s.disk.syncDir(staged)
}

// swapInTwo replaces a folder with two renames. The record comes first, so that
// a crash between them is repaired.
func (s *dirStore) swapInTwo(staged, folder string) error {
	record, err := json.Marshal(commitRecord{Folder: folder})
	if err != nil {
		return err
	}
	// Durable in itself before it bears the name that counts.
	temp := path.Join(staged, "commit.tmp")
	if err := writeDurably(s.disk, temp, record); err != nil {
		return err
	}
	if err := s.disk.rename(temp, path.Join(staged, commitName)); err != nil {
		return err
	}
	if err := s.disk.syncDir(staged); err != nil {
		return err
	}
	return s.apply(staged, folder)
}

// apply carries out a recorded decision from wherever it stopped.
func (s *dirStore) apply(staged, folder string) error {
	ready, aside := path.Join(staged, newFolder), path.Join(staged, oldFolder)
	if !s.exists(ready) {
		return nil
	}
	if s.exists(folder) {
		if err := s.disk.rename(folder, aside); err != nil {
			return err
		}
	}
	if err := s.disk.mkdir(path.Dir(folder)); err != nil {
		return err
	}
	if err := s.disk.rename(ready, folder); err != nil {
		return err
	}
	return s.disk.syncDir(path.Dir(folder))
}

// checkReplaceable refuses a folder that holds folders: replacing it would take
// away the publications they are.
func (s *dirStore) checkReplaceable(folder string) error {
	dir, err := s.root.Open(filepath.FromSlash(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			return fmt.Errorf("%s/%s: %w", folder, e.Name(), errSuperseded)
		}
	}
	return nil
}

var errSuperseded = errors.New("a later publication stands within the folder to be replaced")

func (s *dirStore) exists(name string) bool {
	_, err := s.root.Lstat(filepath.FromSlash(name))
	return err == nil
}

// clear removes a staged set and the folders above it that it leaves empty.
func (s *dirStore) clear(staged string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.disk.removeAll(staged); err != nil {
		return err
	}
	s.prune(path.Dir(staged))
	return nil
}

// recover finishes what dead runs had decided and removes what they had not.
// The caller holds mu and the lock.
func (s *dirStore) recover(ctx context.Context) error {
	records, err := fs.Glob(s.root.FS(), path.Join(stagingFolder, "*", "*", commitName))
	if err != nil {
		return err
	}
	for _, name := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		folder, err := s.readRecord(name)
		if err != nil {
			return err
		}
		if err := s.apply(path.Dir(name), folder); err != nil {
			return fmt.Errorf("publish %s: %w", folder, err)
		}
	}
	if !s.exists(stagingFolder) {
		return nil
	}
	return s.disk.removeAll(stagingFolder)
}

func (s *dirStore) readRecord(name string) (string, error) {
	data, err := s.root.ReadFile(filepath.FromSlash(name))
	if err != nil {
		return "", err
	}
	return parseRecord(name, data)
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

// writeDurably writes a new file and flushes it; its folder is the caller's to
// flush.
func writeDurably(d disk, name string, data []byte) error {
	f, err := d.create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
