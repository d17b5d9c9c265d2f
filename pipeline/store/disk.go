package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// disk is every change the directory store asks of the operating system, by
// slash-separated names relative to the store; tests make each of them fail.
type disk interface {
	create(name string) (file, error) // a new file, 0600
	mkdir(name string) error          // with its parents, 0700; existing ones are left alone
	rename(from, to string) error
	exchange(a, b string) error // errors.ErrUnsupported where it cannot
	link(from, to string) error
	remove(name string) error
	removeAll(name string) error
	syncDir(name string) error
}

type file interface {
	io.Writer
	Sync() error
	Close() error
}

// rootDisk is the disk itself. os.Root keeps every name, symbolic links
// included, within the store.
type rootDisk struct{ root *os.Root }

// create sets the mode once more after opening, since a umask may have taken
// away even the owner's.
func (d rootDisk) create(name string) (file, error) {
	f, err := d.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o600); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (d rootDisk) mkdir(name string) error {
	if name == "." {
		return nil
	}
	local := filepath.FromSlash(name)
	if info, err := d.root.Stat(local); err == nil && info.IsDir() {
		return nil
	}
	if err := d.mkdir(path.Dir(name)); err != nil {
		return err
	}
	if err := d.root.Mkdir(local, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return notDirectory(d.root, local, err)
		}
		return err
	}
	if err := d.root.Chmod(local, 0o700); err != nil {
		return err
	}
	return d.syncDir(path.Dir(name))
}

// notDirectory returns nil if name has meanwhile become a directory, else err.
func notDirectory(root *os.Root, name string, err error) error {
	if info, statErr := root.Stat(name); statErr == nil && info.IsDir() {
		return nil
	}
	return err
}

func (d rootDisk) rename(from, to string) error {
	return d.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

func (d rootDisk) exchange(a, b string) error {
	dirA, err := d.root.Open(filepath.FromSlash(path.Dir(a)))
	if err != nil {
		return err
	}
	defer dirA.Close()
	dirB, err := d.root.Open(filepath.FromSlash(path.Dir(b)))
	if err != nil {
		return err
	}
	defer dirB.Close()
	if err := exchangeAt(dirA, path.Base(a), dirB, path.Base(b)); err != nil {
		return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
	}
	return nil
}

func (d rootDisk) link(from, to string) error {
	return d.root.Link(filepath.FromSlash(from), filepath.FromSlash(to))
}

func (d rootDisk) remove(name string) error {
	return d.root.Remove(filepath.FromSlash(name))
}

func (d rootDisk) removeAll(name string) error {
	return d.root.RemoveAll(filepath.FromSlash(name))
}

func (d rootDisk) syncDir(name string) error {
	dir, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	return syncDirectory(dir)
}
