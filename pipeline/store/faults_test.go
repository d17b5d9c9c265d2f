package store

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// SetLockExpiry sets how long a lock on S3 is respected.
func SetLockExpiry(s Store, expiry time.Duration) { s.(*s3Store).expiry = expiry }

// PutRaw writes an object on S3 under a name that may be the store's own.
func PutRaw(ctx context.Context, s Store, name string, data []byte) error {
	return s.(*s3Store).put(ctx, name, data)
}

// OpenFailing opens a directory whose changes go through d.
func OpenFailing(path string, d *FailingDisk) (Store, error) {
	opened, err := openDir(path, "")
	if err != nil {
		return nil, err
	}
	s := opened.(*dirStore)
	if err := s.openRoot(true); err != nil {
		return nil, err
	}
	d.disk, s.disk = s.disk, d
	return s, nil
}

// FailingDisk fails the n-th change and, if it is dead, all that follow, as when
// the process or the machine stops there.
type FailingDisk struct {
	disk

	N         int    // of the change to fail, from 1; counts down, 0: none
	Dead      bool   // whether all after it fail, too
	NoRename  string // a name to which no rename succeeds
	Exchanges bool   // whether two folders can be exchanged in one step
	Err       error
}

func (d *FailingDisk) fail(what, name string) error {
	d.N--
	if d.N == 0 || d.N < 0 && d.Dead {
		return &fs.PathError{Op: what, Path: name, Err: d.Err}
	}
	return nil
}

func (d *FailingDisk) create(name string) (file, error) {
	if err := d.fail("create", name); err != nil {
		return nil, err
	}
	f, err := d.disk.create(name)
	return &failingFile{f, d, name}, err
}

func (d *FailingDisk) mkdir(name string) error {
	return orElse(d.fail("mkdir", name), func() error { return d.disk.mkdir(name) })
}

func (d *FailingDisk) rename(from, to string) error {
	if to == d.NoRename {
		return d.Err
	}
	return orElse(d.fail("rename", to), func() error { return d.disk.rename(from, to) })
}

func (d *FailingDisk) exchange(a, b string) error {
	if !d.Exchanges {
		return errors.ErrUnsupported
	}
	return orElse(d.fail("exchange", b), func() error { return d.disk.exchange(a, b) })
}

func (d *FailingDisk) link(from, to string) error {
	return orElse(d.fail("link", to), func() error { return d.disk.link(from, to) })
}

func (d *FailingDisk) remove(name string) error {
	return orElse(d.fail("remove", name), func() error { return d.disk.remove(name) })
}

func (d *FailingDisk) removeAll(name string) error {
	return orElse(d.fail("remove", name), func() error { return d.disk.removeAll(name) })
}

func (d *FailingDisk) syncDir(name string) error {
	return orElse(d.fail("sync", name), func() error { return d.disk.syncDir(name) })
}

func orElse(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

// failingFile writes a byte less than asked when it fails.
type failingFile struct {
	file
	disk *FailingDisk
	name string
}

func (f *failingFile) Write(p []byte) (int, error) {
	if err := f.disk.fail("write", f.name); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	return f.file.Write(p)
}

func (f *failingFile) Sync() error { return orElse(f.disk.fail("sync", f.name), f.file.Sync) }
