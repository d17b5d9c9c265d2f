package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/klauspost/compress/zstd"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/store"
)

// The extract is what the last run with --since last read from the library system: the rows
// as they came, sealed under the library's key. It is there for who asks for it, replaced
// by each such run, and never needed: without it everything is read again.
const (
	extractKnown = "known.json.age"
	extractRows  = ".csv.zst.age"
)

// Extract is a [sqldb.Memory] in the store.
type Extract struct {
	store         store.Store
	key           pseudonym.Key
	at            time.Time
	before, after map[string]*sqldb.Known
	set           store.Set
}

// OpenExtract reads what is kept, unless that lay unused for too long, and stages what will
// take its place.
func OpenExtract(ctx context.Context, s store.Store, key pseudonym.Key, at time.Time) (*Extract, error) {
	e := &Extract{store: s, key: key, at: at, after: map[string]*sqldb.Known{}}
	if err := DropOldExtract(ctx, s, at); err != nil {
		return nil, err
	}
	if err := e.load(ctx); err != nil {
		return nil, err
	}
	var err error
	if e.set, err = s.Stage(ctx, ExtractFolder); err != nil {
		return nil, fmt.Errorf("keep the extract: %w", err)
	}
	return e, nil
}

// Discard gives up what is staged and not published.
func (e *Extract) Discard() error { return e.set.Discard() }

// load finds out what is kept. What another key sealed or another version wrote is as
// nothing.
func (e *Extract) load(ctx context.Context) error {
	m, err := readExtractManifest(ctx, e.store)
	if err != nil || m == nil || m.KeyID != e.key.ID() || m.Version != ManifestVersion {
		return err
	}
	r, err := e.open(ctx, extractKnown)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := json.NewDecoder(r).Decode(&e.before); err != nil {
		return unreadable(err)
	}
	return nil
}

// Known implements [sqldb.Memory].
func (e *Extract) Known(_ context.Context, part string) (*sqldb.Known, error) {
	return e.before[part], nil
}

// Rows implements [sqldb.Memory].
func (e *Extract) Rows(ctx context.Context, part string) (io.ReadCloser, error) {
	return e.open(ctx, part+extractRows)
}

// Keep implements [sqldb.Memory].
func (e *Extract) Keep(ctx context.Context, part string, as *sqldb.Known) (sqldb.Keeper, error) {
	k, err := e.create(ctx, part+extractRows)
	if err != nil {
		return nil, err
	}
	k.kept = func() { e.after[part] = as }
	return k, nil
}

// Publish replaces the extract by that of this run.
func (e *Extract) Publish(ctx context.Context) error {
	k, err := e.create(ctx, extractKnown)
	if err != nil {
		return err
	}
	defer k.Abort()
	if err := json.NewEncoder(k).Encode(e.after); err != nil {
		return fmt.Errorf("keep the extract: %w", err)
	}
	if err := k.Commit(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(extractManifest{ManifestVersion, e.key.ID(), e.at.UTC().Format(time.RFC3339)}, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the extract: %w", err)
	}
	if err := e.set.Publish(ctx, append(text, '\n')); err != nil {
		return fmt.Errorf("keep the extract: %w", err)
	}
	return nil
}

// sealedReader reads what a sealedWriter wrote.
type sealedReader struct {
	rows *zstd.Decoder
	file io.Closer
}

func (e *Extract) open(ctx context.Context, name string) (io.ReadCloser, error) {
	file, err := e.store.Open(ctx, path.Join(ExtractFolder, name))
	if err != nil {
		return nil, unreadable(err)
	}
	plain, err := delivery.Open(file, e.key.Derive(pseudonym.Sealing))
	if err != nil {
		return nil, errors.Join(unreadable(err), file.Close())
	}
	rows, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, errors.Join(unreadable(err), file.Close())
	}
	return &sealedReader{rows, file}, nil
}

func unreadable(err error) error {
	return fmt.Errorf("read the last extract: %w; remove %s from the store: it only saves work, and the next run reads everything", err, ExtractFolder)
}

func (r *sealedReader) Read(p []byte) (int, error) {
	n, err := r.rows.Read(p)
	if err != nil && err != io.EOF {
		err = unreadable(err)
	}
	return n, err
}

func (r *sealedReader) Close() error {
	r.rows.Close()
	return r.file.Close()
}

// sealedWriter compresses, seals and stores.
type sealedWriter struct {
	*zstd.Encoder
	envelope io.Closer
	file     store.Writer
	kept     func()
}

func (e *Extract) create(ctx context.Context, name string) (*sealedWriter, error) {
	file, err := e.set.Create(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("keep the extract: %w", err)
	}
	envelope, err := delivery.Seal(file, e.key.Derive(pseudonym.Sealing))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the extract: %w", err), file.Abort())
	}
	z, err := zstd.NewWriter(envelope, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the extract: %w", err), file.Abort())
	}
	return &sealedWriter{Encoder: z, envelope: envelope, file: file, kept: func() {}}, nil
}

// Commit implements [sqldb.Keeper].
func (w *sealedWriter) Commit() error {
	for _, end := range []func() error{w.Encoder.Close, w.envelope.Close, w.file.Commit} {
		if err := end(); err != nil {
			return fmt.Errorf("keep the extract: %w", err)
		}
	}
	w.kept()
	return nil
}

// Abort implements [sqldb.Keeper].
func (w *sealedWriter) Abort() error { return w.file.Abort() }

// ExtractDays is how long an extract may lie unused. It holds whom the source held.
const ExtractDays = 31

// extractManifest says what an extract is of.
type extractManifest struct {
	Version int    `json:"version"`
	KeyID   string `json:"key_id"`
	At      string `json:"at"` // RFC 3339
}

func readExtractManifest(ctx context.Context, s store.Store) (*extractManifest, error) {
	text, err := store.ReadFile(ctx, s, path.Join(ExtractFolder, store.ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	m := &extractManifest{}
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return m, nil
}

// ForgetExtract removes the extract: the next run with --since last reads everything.
func ForgetExtract(ctx context.Context, s store.Store) error {
	if err := store.RemoveAll(ctx, s, ExtractFolder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the last extract: %w", err)
	}
	return nil
}

// DropOldExtract removes an extract that has not been used for too long.
func DropOldExtract(ctx context.Context, s store.Store, now time.Time) error {
	m, err := readExtractManifest(ctx, s)
	if err != nil || m == nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, m.At); err == nil && now.Sub(at) < ExtractDays*24*time.Hour {
		return nil
	}
	return ForgetExtract(ctx, s)
}
