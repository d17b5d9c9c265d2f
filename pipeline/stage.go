package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/store"
)

// staged is one folder's files on their way to being published: a reports.Sink that
// hashes and counts what passes through.
type staged struct {
	folder   string
	set      store.Set
	manifest archive.Manifest
	// recipients and fingerprint are set for files that are encrypted on the way.
	recipients  []age.Recipient
	fingerprint func() hash.Hash
	// supersedes is what a correction would replace, where none was begun: if the member
	// files are equal there is nothing to correct.
	supersedes *archive.Manifest
	replaced   *archive.Manifest // by a correction, also one that was begun; nil for a first edition
	// before is done once it is certain that the folder is published, and before it is; it
	// may be nil.
	before func(context.Context) error
	// members is the member set, which is to be seen just before the folder is; nil: none.
	members store.Writer
	// promised makes of a writing one that is held against the file's contract too; it may
	// be nil.
	promised func(ctx context.Context, name string, write writing) writing
}

// writing writes a file and says how many rows it holds.
type writing = func(io.Writer) (rows int64, err error)

// File stages one file as it is written.
func (s *staged) File(ctx context.Context, name string, write writing) error {
	if s.promised != nil {
		write = s.promised(ctx, name, write)
	}
	return s.stage(ctx, name, func(w io.Writer, f *archive.File) error {
		rows, err := write(w)
		f.Rows = rows
		return err
	})
}

// encrypted is a sink whose files can be read by the recipients alone. Their names get
// the ending .age.
type encrypted struct{ *staged }

// File encrypts one file on its way to the stage; the plaintext rests nowhere.
func (e encrypted) File(ctx context.Context, name string, write func(io.Writer) (int64, error)) error {
	return e.stage(ctx, name+".age", func(w io.Writer, f *archive.File) error {
		envelope, err := delivery.Encrypt(w, e.recipients)
		if err != nil {
			return err
		}
		mac := e.fingerprint()
		if f.Rows, err = write(io.MultiWriter(envelope, mac)); err != nil {
			return err
		}
		f.PlaintextHMAC = hex.EncodeToString(mac.Sum(nil))
		return envelope.Close()
	})
}

func (s *staged) stage(ctx context.Context, name string, write func(io.Writer, *archive.File) error) error {
	w, err := s.set.Create(ctx, name)
	if err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	defer w.Abort()
	f := archive.File{Name: name}
	sum := sha256.New()
	count := &countingWriter{w: io.MultiWriter(w, sum)}
	if err := write(count, &f); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("stage %s: %w", name, err)
	}
	f.Bytes, f.SHA256 = count.n, hex.EncodeToString(sum.Sum(nil))
	s.manifest.Files = append(s.manifest.Files, f)
	return nil
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
