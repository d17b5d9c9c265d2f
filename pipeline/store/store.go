// Package store keeps what Peil makes: in a directory, or under a prefix of an
// S3 bucket, behind one interface.
//
//	s, err := store.Open(ctx, "s3://bucket/peil", store.Options{})
//	lock, err := s.Lock(ctx, owner) // one run at a time; repairs what a dead run left
//	set, err := s.Stage(ctx, "public/kb/2024-W52")
//	w, err := set.Create(ctx, "kb-leden.csv")
//	...                             // write, then w.Commit()
//	err = set.Publish(ctx, manifest)
//	err = lock.Release()
//
// # Names
//
// A name is relative and slash-separated: "public/wsob/2024/wsob.csv". No
// element is empty, ".", "..", or begins with a dot (those are the store's
// own), and no character is one that some file system cannot hold. A symbolic
// link that leads out of the directory is never followed.
//
// # What a reader can see
//
// A single object appears whole or not at all, on both kinds.
//
// A set of files published together is a folder whose manifest.json is written
// last. In a directory the folder is exchanged in one step: at any instant, and
// after a crash at any instant, it is the complete old one or the complete new
// one. (Where the file system cannot exchange two folders it is missing for the
// instant between two renames; a crash there is repaired by the next Lock.)
//
// S3 has no such step. What holds there at every instant is: where a
// manifest.json stands, every file beside it is the one it names. A first
// publication is therefore as atomic as in a directory. When one replaces
// another, the old manifest is deleted first, the new files take their places
// one by one, and the new manifest comes last: for that while the folder counts
// as not published. A run that dies within it left the complete new set and the
// decision to publish it under .staging, and the next Lock finishes the work.
//
// On either kind a reader that opens several files one after the other may
// straddle a replacement. It reads the manifest, then the files, and checks
// their hashes; on a difference it begins again.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// ManifestName is the file that makes a folder a publication.
const ManifestName = "manifest.json"

// maxReadFile bounds what ReadFile takes into memory, in bytes.
const maxReadFile = 64 << 20

// Store is a place to publish in and to read from. Errors for a missing object
// match fs.ErrNotExist. A Store may be used by several goroutines.
type Store interface {
	// Location is where the store is, for messages: a path or s3://bucket/prefix.
	Location() string

	// Open opens an object for reading.
	Open(ctx context.Context, name string) (io.ReadCloser, error)

	// Stat returns what is known of an object without reading it.
	Stat(ctx context.Context, name string) (Info, error)

	// List returns the objects below a folder, at any depth, sorted by name.
	// The folder "" is the whole store; a folder that is not there is empty.
	List(ctx context.Context, folder string) ([]Info, error)

	// Create writes one object, replacing one of the same name on Commit. The
	// context must live until then.
	Create(ctx context.Context, name string) (Writer, error)

	// CreateNew is Create for an object that must not exist yet: of several
	// that try, the Commit of exactly one succeeds, and that of the others
	// returns an error that matches fs.ErrExist.
	CreateNew(ctx context.Context, name string) (Writer, error)

	// Remove deletes an object. One that is not there is no error.
	Remove(ctx context.Context, name string) error

	// Stage begins a set of files that will be published together as folder.
	// It needs the lock.
	Stage(ctx context.Context, folder string) (Set, error)

	// Lock makes this run the only one that publishes here, and then repairs
	// or removes what earlier runs left half done. If another run holds the
	// store the error is a *HeldError, which matches ErrHeld.
	Lock(ctx context.Context, owner Owner) (*Lock, error)

	// Sweep removes what a run that died had begun to write below a folder without
	// the lock, and not finished. The run is the one of its Options.
	Sweep(ctx context.Context, run, folder string) error

	// Close gives up what the store holds open. It does not release a lock.
	Close() error
}

// Writer writes one object. Nothing of it is visible before Commit returns nil.
type Writer interface {
	io.Writer

	// Commit makes the object visible and durable. After an error nothing is
	// visible, unless it came after the decisive step (an answer that was
	// lost, a name that could not be flushed): then the object is whole.
	Commit() error

	// Abort discards what was written. After Commit it does nothing, so that
	// it can be deferred.
	Abort() error
}

// Set is a folder's files on their way to being published together.
type Set interface {
	// Create writes one file of the set; name has no folder. The manifest is
	// not written here but given to Publish.
	Create(ctx context.Context, name string) (Writer, error)

	// Publish puts the committed files and the manifest in place of whatever
	// the folder held. After an error the folder is the old one or the new
	// one (see the package comment for S3), and the set is of no more use. It
	// refuses to replace a folder that holds further folders: those are
	// publications that supersede this one.
	Publish(ctx context.Context, manifest []byte) error

	// Discard drops the set. After Publish it does nothing, so that it can be
	// deferred.
	Discard() error
}

// Info describes an object.
type Info struct {
	Name     string
	Size     int64     // bytes
	Modified time.Time // by the clock of the disk or the server
}

// Options says how to reach a store. The zero value is right for a directory,
// and for S3 as the environment and the shared AWS configuration describe it.
type Options struct {
	S3 S3Options

	// Run marks what is being written, so that Sweep finds it should the run die.
	// It may be empty.
	Run string
}

// Open opens the store at location: a path, or s3://bucket/prefix. A directory
// that does not exist is an empty store, made by the first write.
func Open(ctx context.Context, location string, opts Options) (Store, error) {
	scheme, rest, found := strings.Cut(location, "://")
	switch {
	case location == "":
		return nil, errors.New("open store: no location given: use a folder or s3://bucket/prefix")
	case !found:
		return openDir(location, opts.Run)
	case scheme == "s3":
		return openS3(ctx, rest, opts.S3)
	}
	return nil, fmt.Errorf("open store %s: %s:// is not supported: use a folder or s3://bucket/prefix", location, scheme)
}

// ReadFile returns the whole of a small object (at most 64 MiB).
func ReadFile(ctx context.Context, s Store, name string) ([]byte, error) {
	r, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxReadFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxReadFile {
		return nil, fmt.Errorf("read %s in store %s: larger than %d MiB", name, s.Location(), maxReadFile>>20)
	}
	return data, nil
}

// WriteFile writes an object whole, replacing one of the same name.
func WriteFile(ctx context.Context, s Store, name string, data []byte) error {
	w, err := s.Create(ctx, name)
	if err != nil {
		return err
	}
	return writeAll(w, data)
}

// WriteNew writes an object whole; if it exists the error matches fs.ErrExist.
func WriteNew(ctx context.Context, s Store, name string, data []byte) error {
	w, err := s.CreateNew(ctx, name)
	if err != nil {
		return err
	}
	return writeAll(w, data)
}

func writeAll(w Writer, data []byte) error {
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Commit()
}

// RemoveAll deletes everything below a folder, in a bucket that keeps versions those as well.
// The folder's own manifest goes first: what is left after a crash is then no publication.
func RemoveAll(ctx context.Context, s Store, folder string) error {
	if err := checkName(folder); err != nil {
		return fmt.Errorf("remove %s in store %s: %w", folder, s.Location(), err)
	}
	if err := s.Remove(ctx, path.Join(folder, ManifestName)); err != nil {
		return err
	}
	objects, err := s.List(ctx, folder)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := s.Remove(ctx, o.Name); err != nil {
			return err
		}
	}
	return EraseOld(ctx, s, folder)
}

// checkName reports why a name cannot be used in a store.
func checkName(name string) error {
	if !fs.ValidPath(name) || name == "." {
		return errors.New("invalid name: it must be relative, with slashes, and without empty, . or .. elements")
	}
	if len(name) > 900 {
		return errors.New("invalid name: longer than 900 bytes")
	}
	if i := strings.IndexFunc(name, unportable); i >= 0 {
		return fmt.Errorf("invalid name: character %q", name[i])
	}
	for element := range strings.SplitSeq(name, "/") {
		if len(element) > 200 {
			return errors.New("invalid name: an element is longer than 200 bytes")
		}
		if strings.HasPrefix(element, ".") {
			return errors.New("invalid name: names that begin with a dot are the store's own")
		}
	}
	return nil
}

// checkFolder is checkName for a folder to list, where "" is the whole store.
func checkFolder(name string) error {
	if name == "" {
		return nil
	}
	return checkName(name)
}

// checkSetFile reports why a name cannot be that of a file in a set.
func checkSetFile(name string) error {
	switch {
	case strings.Contains(name, "/"):
		return errors.New("invalid name: a set has no folders")
	case name == ManifestName:
		return errors.New("invalid name: the manifest is given to Publish")
	}
	return checkName(name)
}

// unportable reports whether some file system cannot hold r in a name.
func unportable(r rune) bool {
	return r < 0x20 || r == 0x7f || strings.ContainsRune(`\<>:"|?*`, r)
}
