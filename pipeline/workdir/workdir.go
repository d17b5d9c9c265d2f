// Package workdir is the folder that a process works in, which nothing of it outlives.
package workdir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// A run's folder holds pipes and the warehouse's file. Its name begins with this.
const workPrefix = "peil-run-"

// Dir is the run's own folder, readable by nobody else, held by a lock that dies with
// the process.
type Dir struct {
	Path string
	lock *os.File
}

// Sweep removes what dead runs left behind.
func Sweep(env func(string) (string, bool)) {
	for _, root := range roots(env) {
		sweep(root)
	}
}

// New sweeps, and makes a folder of its own, in memory where there is room for the given
// number of bytes.
func New(need int64, env func(string) (string, bool)) (*Dir, error) {
	Sweep(env)
	var root string
	for _, root = range roots(env) {
		if Room(root) > need {
			break
		}
	}
	path, err := os.MkdirTemp(root, workPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a folder for the run: %w", err)
	}
	w := &Dir{Path: path}
	if w.lock, err = hold(path); err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("make a folder for the run: %w", err)
	}
	return w, nil
}

// Remove ends the run's folder. It is safe to call twice.
func (w *Dir) Remove() error {
	return errors.Join(os.RemoveAll(w.Path), w.lock.Close())
}

// roots are where the folder may be: in memory first, the user's own before everybody's.
func roots(env func(string) (string, bool)) []string {
	var roots []string
	if dir, ok := env("XDG_RUNTIME_DIR"); ok && filepath.IsAbs(dir) {
		roots = append(roots, dir)
	} else {
		roots = append(roots, "/dev/shm")
	}
	roots = slices.DeleteFunc(roots, func(dir string) bool {
		info, err := os.Stat(dir)
		return err != nil || !info.IsDir()
	})
	return append(roots, os.TempDir())
}

// Room is how many bytes are free where a folder lies; 0 where that is not known.
func Room(dir string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0
	}
	return int64(s.Bavail) * int64(s.Bsize)
}

func hold(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep removes the folders of runs that are dead: those whose lock is free. A folder
// that belongs to somebody else is left to them.
func sweep(root string) {
	left, err := filepath.Glob(filepath.Join(root, workPrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		if f, err := hold(dir); err == nil {
			os.RemoveAll(dir)
			f.Close()
		}
	}
}
