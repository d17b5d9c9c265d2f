package store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// readRetries is how often in a row a connection may break, without a byte
// having come, before a read fails.
const readRetries = 5

// s3Reader reads an object and, if the connection breaks, goes on where it was:
// the SDK's retries end with the headers.
type s3Reader struct {
	ctx    context.Context
	store  *s3Store
	name   string
	etag   *string
	size   int64
	offset int64
	body   io.ReadCloser
	broken int // times in a row
}

func (s *s3Store) open(ctx context.Context, name string) (*s3Reader, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(name)})
	if err != nil {
		return nil, s3Error(err)
	}
	return &s3Reader{
		ctx: ctx, store: s, name: name, etag: out.ETag, size: aws.ToInt64(out.ContentLength), body: out.Body,
	}, nil
}

func (r *s3Reader) Read(p []byte) (int, error) {
	for {
		n, err := r.body.Read(p)
		r.offset += int64(n)
		if n > 0 {
			r.broken = 0
			return n, nil // an error, if it lasts, comes again
		}
		if err == nil || err == io.EOF && r.offset == r.size {
			return 0, err
		}
		if err := r.resume(err); err != nil {
			return 0, r.store.errorf("read", r.name, err)
		}
	}
}

// resume opens the rest of the object after cause. If the object was replaced
// meanwhile, it fails.
func (r *s3Reader) resume(cause error) error {
	r.broken++
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if r.broken > readRetries || r.offset >= r.size {
		return cause
	}
	out, err := r.store.client.GetObject(r.ctx, &s3.GetObjectInput{
		Bucket: &r.store.bucket, Key: r.store.key(r.name),
		IfMatch: r.etag, Range: aws.String(fmt.Sprintf("bytes=%d-", r.offset)),
	})
	if isAnswer(err, "PreconditionFailed") {
		return errors.New("it was replaced while being read")
	}
	if err != nil {
		return fmt.Errorf("resume at byte %d of %d: %w", r.offset, r.size, s3Error(err))
	}
	r.body.Close()
	r.body = out.Body
	return nil
}

func (r *s3Reader) Close() error { return r.body.Close() }
