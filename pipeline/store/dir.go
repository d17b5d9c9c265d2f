package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// dirStore is a store in a directory.
type dirStore struct {
	path string
	run  string // of the Options

	// mu guards the fields below. It is held over every step that makes or
	// prunes folders, so that one call does not remove the folder that
	// another is about to write into.
	mu   sync.Mutex
	root *os.Root // nil until the directory exists
	disk disk
	lock *Lock
}

func openDir(location, run string) (Store, error) {
	abs, err := filepath.Abs(location)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &dirStore{path: abs, run: run}
	if err := s.openRoot(false); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func (s *dirStore) Location() string { return s.path }

func (s *dirStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.root == nil {
		return nil
	}
	return s.root.Close()
}

// openRoot opens the directory if that has not been done, and makes it first if
// create is set. The caller holds mu, or is the constructor.
func (s *dirStore) openRoot(create bool) error {
	if s.root != nil {
		return nil
	}
	if create {
		if err := makeRoot(s.path); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot(s.path)
	if err != nil {
		return err
	}
	s.root, s.disk = root, rootDisk{root}
	return nil
}

// makeRoot makes the store's own directory. One that exists keeps its mode.
func makeRoot(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, 0o700)
}

// reading returns the directory to read from.
func (s *dirStore) reading() (*os.Root, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.openRoot(false); err != nil {
		return nil, err
	}
	return s.root, nil
}

func (s *dirStore) errorf(verb, name string, err error) error {
	return fmt.Errorf("%s %s in store %s: %w", verb, name, s.path, err)
}

func (s *dirStore) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := s.open(ctx, name)
	if err != nil {
		return nil, s.errorf("open", name, err)
	}
	return f, nil
}

func (s *dirStore) open(ctx context.Context, name string) (*os.File, error) {
	if err := cmp.Or(ctx.Err(), checkName(name)); err != nil {
		return nil, err
	}
	root, err := s.reading()
	if err != nil {
		return nil, err
	}
	if _, err := statObject(root, name); err != nil {
		return nil, err
	}
	return root.Open(filepath.FromSlash(name))
}

func (s *dirStore) Stat(ctx context.Context, name string) (Info, error) {
	info, err := s.stat(ctx, name)
	if err != nil {
		return Info{}, s.errorf("stat", name, err)
	}
	return info, nil
}

func (s *dirStore) stat(ctx context.Context, name string) (Info, error) {
	if err := cmp.Or(ctx.Err(), checkName(name)); err != nil {
		return Info{}, err
	}
	root, err := s.reading()
	if err != nil {
		return Info{}, err
	}
	return statObject(root, name)
}

// statObject treats what is no regular file as missing: on S3 there are no
// folders, and opening a pipe would block.
func statObject(root *os.Root, name string) (Info, error) {
	info, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return Info{}, err
	}
	if !info.Mode().IsRegular() {
		return Info{}, fmt.Errorf("not a file: %w", fs.ErrNotExist)
	}
	return Info{Name: name, Size: info.Size(), Modified: info.ModTime()}, nil
}

func (s *dirStore) List(ctx context.Context, folder string) ([]Info, error) {
	objects, err := s.list(ctx, folder)
	if err != nil {
		return nil, s.errorf("list", cmp.Or(folder, "everything"), err)
	}
	return objects, nil
}

func (s *dirStore) list(ctx context.Context, folder string) ([]Info, error) {
	if err := checkFolder(folder); err != nil {
		return nil, err
	}
	root, err := s.reading()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var objects []Info
	err = fs.WalkDir(root.FS(), cmp.Or(folder, "."), func(name string, e fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone while being walked, as on S3
		}
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(e.Name(), ".") {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() || name == folder {
			return nil
		}
		info, err := e.Info()
		if err == nil {
			objects = append(objects, Info{Name: name, Size: info.Size(), Modified: info.ModTime()})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(objects, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return objects, nil
}

func (s *dirStore) Remove(ctx context.Context, name string) error {
	if err := s.removeObject(ctx, name); err != nil {
		return s.errorf("remove", name, err)
	}
	return nil
}

func (s *dirStore) removeObject(ctx context.Context, name string) error {
	if err := cmp.Or(ctx.Err(), checkName(name)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.openRoot(false)
	if err == nil {
		_, err = statObject(s.root, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.disk.remove(name); err != nil {
		return err
	}
	folder := path.Dir(name)
	if err := s.disk.syncDir(folder); err != nil {
		return err
	}
	s.prune(folder)
	return nil
}

// prune removes folders that have become empty, up to the root. That a folder
// is not empty is the usual end of it, and an empty folder does no harm.
func (s *dirStore) prune(folder string) {
	for ; folder != "."; folder = path.Dir(folder) {
		if s.disk.remove(folder) != nil {
			return
		}
	}
}

func (s *dirStore) Create(ctx context.Context, name string) (Writer, error) {
	return s.create(ctx, name, s.replace)
}

func (s *dirStore) CreateNew(ctx context.Context, name string) (Writer, error) {
	return s.create(ctx, name, s.place)
}

// replace gives the temporary file its name, whether or not it is taken.
func (s *dirStore) replace(temp, name string) error {
	return s.disk.rename(temp, name)
}

// place gives the temporary file its name only if that is free: a hard link,
// unlike a rename, never replaces.
func (s *dirStore) place(temp, name string) error {
	if err := s.disk.link(temp, name); err != nil {
		return err
	}
	return s.disk.remove(temp)
}

// create opens a temporary file that finish will give its name.
func (s *dirStore) create(ctx context.Context, name string, finish func(temp, name string) error) (Writer, error) {
	w, err := s.createTemp(ctx, name, finish)
	if err != nil {
		return nil, s.errorf("write", name, err)
	}
	return &namedWriter{w, name, s.errorf}, nil
}

func (s *dirStore) createTemp(ctx context.Context, name string, finish func(temp, name string) error) (*dirWriter, error) {
	if err := cmp.Or(ctx.Err(), checkName(name)); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.openRoot(true); err != nil {
		return nil, err
	}
	if err := s.disk.mkdir(stagingFolder); err != nil {
		return nil, err
	}
	temp := path.Join(stagingFolder, tempPrefix(s.run)+rand.Text()+".tmp")
	f, err := s.disk.create(temp)
	if err != nil {
		return nil, err
	}
	return &dirWriter{
		ctx: ctx, file: f,
		commit: func() error { return s.settle(temp, name, finish) },
		abort:  func() error { return s.drop(temp) },
	}, nil
}

// settle moves a finished temporary file to its name and makes that durable.
func (s *dirStore) settle(temp, name string, finish func(temp, name string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	folder := path.Dir(name)
	if err := s.disk.mkdir(folder); err != nil {
		return err
	}
	if err := finish(temp, name); err != nil {
		s.prune(folder)
		return err
	}
	s.prune(stagingFolder)
	return s.disk.syncDir(folder)
}

// drop removes a temporary file.
func (s *dirStore) drop(temp string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.disk.remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.prune(stagingFolder)
	return nil
}

// tempPrefix begins the names of the temporary files of a run.
func tempPrefix(run string) string { return run + "." }

func (s *dirStore) Sweep(ctx context.Context, run, _ string) error {
	if err := s.sweepTemp(ctx, run); err != nil {
		return s.errorf("sweep", stagingFolder, err)
	}
	return nil
}

func (s *dirStore) sweepTemp(ctx context.Context, run string) error {
	if err := cmp.Or(ctx.Err(), checkName(run)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.openRoot(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	left, err := fs.Glob(s.root.FS(), path.Join(stagingFolder, tempPrefix(run)+"*.tmp"))
	if err != nil {
		return err
	}
	for _, temp := range left {
		if err := s.disk.remove(temp); err != nil {
			return err
		}
	}
	s.prune(stagingFolder)
	return nil
}

// dirWriter writes a file that commit makes visible and abort removes.
type dirWriter struct {
	ctx    context.Context
	file   file
	commit func() error
	abort  func() error
	failed error // of a Write, so that what is incomplete is not committed
	done   bool
}

func (w *dirWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, errWriterDone
	}
	if w.failed = cmp.Or(w.failed, w.ctx.Err()); w.failed != nil {
		return 0, w.failed
	}
	n, err := w.file.Write(p)
	w.failed = err
	return n, err
}

func (w *dirWriter) Commit() error {
	if w.done {
		return errWriterDone
	}
	w.done = true
	err := cmp.Or(w.failed, w.ctx.Err())
	if err == nil {
		err = w.file.Sync()
	}
	if closeErr := w.file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		w.abort()
	}
	return err
}

func (w *dirWriter) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	w.file.Close()
	return w.abort()
}
