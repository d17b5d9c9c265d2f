package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	tmtypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// writeID is metadata that marks which attempt wrote a new object.
const writeID = "peil-write"

var errAborted = errors.New("aborted")

// s3Writer streams an object into an upload, which S3 makes visible when it is
// complete.
type s3Writer struct {
	ctx    context.Context
	pipe   *io.PipeWriter
	ended  chan struct{} // closed when the upload has, with result
	result error
	done   bool
}

func (s *s3Store) Create(ctx context.Context, name string) (Writer, error) {
	return s.create(ctx, name, s.upload)
}

func (s *s3Store) CreateNew(ctx context.Context, name string) (Writer, error) {
	return s.create(ctx, name, s.uploadNew)
}

func (s *s3Store) create(ctx context.Context, name string, upload uploadFunc) (Writer, error) {
	if err := cmp.Or(ctx.Err(), checkName(name)); err != nil {
		return nil, s.errorf("write", name, err)
	}
	return &namedWriter{s.stream(ctx, name, upload), name, s.errorf}, nil
}

type uploadFunc func(ctx context.Context, name string, body io.Reader) error

// stream begins an upload of what will be written.
func (s *s3Store) stream(ctx context.Context, name string, upload uploadFunc) *s3Writer {
	body, pipe := io.Pipe()
	w := &s3Writer{ctx: ctx, pipe: pipe, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		w.result = upload(ctx, name, body)
		body.CloseWithError(cmp.Or(w.result, errWriterDone))
	}()
	return w
}

// upload writes an object, replacing one that is there.
func (s *s3Store) upload(ctx context.Context, name string, body io.Reader) error {
	_, err := s.transfers.UploadObject(ctx, s.uploadInput(name, body))
	return s3Error(err)
}

// uploadNew writes an object that must not be there. A retried request may find
// what its first attempt wrote, whose answer was lost: it bears our mark.
func (s *s3Store) uploadNew(ctx context.Context, name string, body io.Reader) error {
	id := rand.Text()
	in := s.uploadInput(name, body)
	in.IfNoneMatch = aws.String("*")
	in.Metadata = map[string]string{writeID: id}
	_, err := s.transfers.UploadObject(ctx, in)
	err = s3Error(err)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	out, headErr := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(name)})
	if headErr == nil && out.Metadata[writeID] == id {
		return nil
	}
	return err
}

func (s *s3Store) uploadInput(name string, body io.Reader) *transfermanager.UploadObjectInput {
	return &transfermanager.UploadObjectInput{
		Bucket: &s.bucket, Key: s.key(name), Body: body,
		ServerSideEncryption: tmtypes.ServerSideEncryption(s.opts.Encryption), SSEKMSKeyID: s.opts.kmsKey(),
	}
}

// condition is what must hold for an object to be written; nil: nothing.
type condition struct {
	ifMatch, ifNoneMatch *string // ETags
}

// put writes a small object.
func (s *s3Store) put(ctx context.Context, name string, data []byte) error {
	_, err := s.putIf(ctx, name, data, condition{})
	return s3Error(err)
}

// putIf writes a small object on a condition and returns its ETag. The error is
// the SDK's own.
func (s *s3Store) putIf(ctx context.Context, name string, data []byte, c condition) (*string, error) {
	out, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: s.key(name), Body: bytes.NewReader(data), IfMatch: c.ifMatch, IfNoneMatch: c.ifNoneMatch,
		ServerSideEncryption: types.ServerSideEncryption(s.opts.Encryption), SSEKMSKeyId: s.opts.kmsKey(),
	})
	if err != nil {
		return nil, err
	}
	return out.ETag, nil
}

func (w *s3Writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, errWriterDone
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.pipe.Write(p)
}

func (w *s3Writer) Commit() error {
	if w.done {
		return errWriterDone
	}
	w.done = true
	w.pipe.CloseWithError(w.ctx.Err()) // nil is the end of the object
	<-w.ended
	return w.result
}

func (w *s3Writer) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	w.pipe.CloseWithError(errAborted)
	<-w.ended
	return nil
}
