package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
)

// oldFolder is where the old publication goes in a staged set that could not be
// exchanged for it. After an exchange newFolder holds it.
const oldFolder = "old"

func (s *dirStore) Stage(ctx context.Context, folder string) (Set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return newSet(ctx, s, s.lock, folder)
}

func (s *dirStore) createStaged(ctx context.Context, staged, name string) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	folder := path.Join(staged, newFolder)
	if err := s.disk.mkdir(folder); err != nil {
		return nil, err
	}
	name = path.Join(folder, name)
	f, err := s.disk.create(name)
	if err != nil {
		return nil, err
	}
	return &dirWriter{
		ctx: ctx, file: f,
		commit: func() error { return nil },
		abort:  func() error { return s.drop(name) },
	}, nil
}

func (s *dirStore) publishStaged(ctx context.Context, lock *Lock, staged, folder string, _ []string, manifest []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := path.Join(staged, newFolder)
	if err := s.disk.mkdir(ready); err != nil {
		return err
	}
	if err := writeDurably(s.disk, path.Join(ready, ManifestName), manifest); err != nil {
		return err
	}
	if err := s.disk.syncDir(ready); err != nil {
		return err
	}
	if err := s.swap(lock, staged, folder); err != nil {
		return err
	}
	// What stays behind if this fails is swept by the next Lock.
	s.clearStaged(staged)
	return nil
}

// swap puts the staged folder in the place of the published one. The caller
// holds mu, as for all that follows.
func (s *dirStore) swap(lock *Lock, staged, folder string) error {
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
		return s.swapInTwo(lock, staged, folder)
	}
	if err != nil {
		return err
	}
	return s.disk.syncDir(path.Dir(folder))
}

// swapInTwo replaces a folder with two renames. The record comes first, so that
// a crash between them is repaired.
func (s *dirStore) swapInTwo(lock *Lock, staged, folder string) error {
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
		return lock.fail(err)
	}
	if err := s.apply(staged, folder); err != nil {
		return lock.fail(err)
	}
	return nil
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

func (s *dirStore) exists(name string) bool {
	_, err := s.root.Lstat(filepath.FromSlash(name))
	return err == nil
}

func (s *dirStore) clear(_ context.Context, staged string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clearStaged(staged)
}

// clearStaged removes a staged set and the folders above it that it leaves
// empty.
func (s *dirStore) clearStaged(staged string) error {
	if err := s.disk.removeAll(staged); err != nil {
		return err
	}
	s.prune(path.Dir(staged))
	return nil
}

// recover finishes what dead runs had decided and removes what they had not.
func (s *dirStore) recover(ctx context.Context) error {
	records, err := fs.Glob(s.root.FS(), recordPattern)
	if err != nil {
		return err
	}
	for _, name := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, err := s.root.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		folder, err := parseRecord(name, data)
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
