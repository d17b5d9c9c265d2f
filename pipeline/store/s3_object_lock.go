package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// WriteNewLocked is WriteNew; in a bucket that has object lock nobody can replace or delete
// the object before the day until, but who may bypass governance retention there
// (s3:BypassGovernanceRetention). The credentials then must allow s3:PutObjectRetention. A
// directory, and a bucket without object lock, cannot hold on to it.
func WriteNewLocked(ctx context.Context, s Store, name string, data []byte, until time.Time) error {
	bucket, ok := s.(*s3Store)
	if !ok {
		return WriteNew(ctx, s, name, data)
	}
	if err := checkName(name); err != nil {
		return bucket.errorf("write", name, err)
	}
	locks, err := bucket.hasObjectLock(ctx)
	if err != nil {
		return bucket.errorf("write", name, s3Error(err))
	}
	if !locks {
		return WriteNew(ctx, s, name, data)
	}
	if err := bucket.putLocked(ctx, name, data, until); err != nil {
		return bucket.errorf("write", name, err)
	}
	return nil
}

// hasObjectLock asks the bucket. A server that does not know the question has none, and of
// one that does not answer it to this account nothing is known: then neither.
func (s *s3Store) hasObjectLock(ctx context.Context) (bool, error) {
	out, err := s.client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &s.bucket})
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c := out.ObjectLockConfiguration
	return c != nil && c.ObjectLockEnabled == types.ObjectLockEnabledEnabled, nil
}

// putLocked writes an object that must not be there. A retried request may find what its
// first attempt wrote: it bears our mark.
func (s *s3Store) putLocked(ctx context.Context, name string, data []byte, until time.Time) error {
	id := rand.Text()
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: s.key(name), Body: bytes.NewReader(data), IfNoneMatch: aws.String("*"), Metadata: map[string]string{writeID: id},
		ServerSideEncryption: types.ServerSideEncryption(s.opts.Encryption), SSEKMSKeyId: s.opts.kmsKey(),
		ObjectLockMode: types.ObjectLockModeGovernance, ObjectLockRetainUntilDate: aws.Time(until.UTC().Truncate(time.Second)),
	})
	if err = s3Error(err); !errors.Is(err, fs.ErrExist) {
		return err
	}
	out, headErr := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(name)})
	if headErr == nil && out.Metadata[writeID] == id {
		return nil
	}
	return err
}
