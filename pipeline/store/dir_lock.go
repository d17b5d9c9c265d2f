package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// lockName is where the owner of a store stands. In a directory the lock itself
// is the operating system's, which a crashed run cannot leave behind.
const lockName = ".lock"

func (s *dirStore) Lock(ctx context.Context, owner Owner) (*Lock, error) {
	if err := cmp.Or(ctx.Err(), checkOwner(owner)); err != nil {
		return nil, fmt.Errorf("lock store %s: %w", s.path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.takeLock(owner)
	if err != nil {
		return nil, err
	}
	lock := newLock(ctx, owner.Run)
	lock.release = func() error { return s.unlock(lock, f) }
	if err := s.recover(ctx); err != nil {
		lock.cancel(nil)
		s.freeLock(f)
		return nil, fmt.Errorf("repair store %s after an earlier run: %w", s.path, err)
	}
	s.lock = lock
	return lock, nil
}

// takeLock opens the lock file and locks it.
func (s *dirStore) takeLock(owner Owner) (*os.File, error) {
	if err := s.openRoot(true); err != nil {
		return nil, fmt.Errorf("lock store: %w", err)
	}
	for {
		f, err := s.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("lock store %s: %w", s.path, err)
		}
		taken, err := tryLock(f)
		if err == nil && !taken {
			held := &HeldError{Location: s.path, Owner: readOwner(f)}
			f.Close()
			return nil, held
		}
		if err == nil && !s.isLockFile(f) {
			// Its holder released it, and so removed it, after we opened it.
			f.Close()
			continue
		}
		if err == nil {
			err = writeOwner(f, owner)
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock store %s: %w", s.path, err)
		}
		return f, nil
	}
}

// isLockFile reports whether f is the file that now bears the lock's name.
func (s *dirStore) isLockFile(f *os.File) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := s.root.Lstat(lockName)
	return err == nil && os.SameFile(opened, named)
}

// readOwner returns what stands in the lock file; another run may be just
// writing it, so that nothing readable stands there.
func readOwner(f *os.File) Owner {
	var owner Owner
	if json.NewDecoder(io.LimitReader(f, 4096)).Decode(&owner) != nil {
		return Owner{}
	}
	return owner
}

func writeOwner(f *os.File, owner Owner) error {
	data, err := json.Marshal(owner)
	if err != nil {
		return err
	}
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(data, '\n'), 0)
	return err
}

// unlock removes what the run staged and did not publish, and frees the lock.
func (s *dirStore) unlock(lock *Lock, f *os.File) error {
	err := lock.sweep(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lock = nil
	if err := cmp.Or(s.freeLock(f), err); err != nil {
		return fmt.Errorf("unlock store %s: %w", s.path, err)
	}
	return nil
}

// freeLock removes the file before it closes it: the other way round it could
// remove the file of the next holder. Should the removal fail, the lock is free
// all the same.
func (s *dirStore) freeLock(f *os.File) error {
	s.root.Remove(lockName)
	return f.Close()
}
