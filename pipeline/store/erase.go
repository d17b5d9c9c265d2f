package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Erase removes an object so that nothing of it can be brought back through the store:
// where a bucket keeps versions, those go as well. One that is not there is no error.
func Erase(ctx context.Context, s Store, name string) error {
	if err := s.Remove(ctx, name); err != nil {
		return err
	}
	bucket, ok := s.(*s3Store)
	if !ok {
		return nil
	}
	if err := bucket.eraseVersions(ctx, name); err != nil {
		return bucket.errorf("erase", name, s3Error(err))
	}
	return nil
}

// Versioned says whether a store keeps versions of what is removed.
func Versioned(ctx context.Context, s Store) (bool, error) {
	bucket, ok := s.(*s3Store)
	if !ok {
		return false, nil
	}
	out, err := bucket.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &bucket.bucket})
	if err != nil {
		return false, s3Error(err)
	}
	return out.Status != "", nil // also Suspended: what there is stays
}

// EraseOld removes, where a bucket keeps versions, what stood below a folder before: versions
// that were replaced, and those of objects that are gone.
func EraseOld(ctx context.Context, s Store, folder string) error {
	bucket, ok := s.(*s3Store)
	if !ok {
		return nil
	}
	if err := bucket.eraseOld(ctx, folder); err != nil {
		return bucket.errorf("erase old versions below", folder, s3Error(err))
	}
	return nil
}

func (s *s3Store) eraseOld(ctx context.Context, folder string) error {
	return s.deleteVersions(ctx, folder+"/", func(_ string, latest bool) bool { return !latest })
}

// eraseVersions deletes every version of an object, and the marks of its deletion.
func (s *s3Store) eraseVersions(ctx context.Context, name string) error {
	return s.deleteVersions(ctx, name, func(key string, _ bool) bool { return key == s.prefix+name })
}

// deleteVersions deletes those versions of objects whose names begin with a prefix that are
// chosen, by key and by whether it is what the object is now. A mark of deletion is never what
// an object is. Where the server has no versions, or the account may not see them, there is
// nothing to do.
func (s *s3Store) deleteVersions(ctx context.Context, prefix string, chosen func(key string, latest bool) bool) error {
	if on, err := Versioned(ctx, s); err != nil || !on {
		return nil
	}
	var versions, marks []types.ObjectIdentifier
	pages := s3.NewListObjectVersionsPaginator(s.client, &s3.ListObjectVersionsInput{Bucket: &s.bucket, Prefix: s.key(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, v := range page.Versions {
			if chosen(aws.ToString(v.Key), aws.ToBool(v.IsLatest)) {
				versions = append(versions, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
			}
		}
		for _, m := range page.DeleteMarkers {
			if chosen(aws.ToString(m.Key), false) {
				marks = append(marks, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
			}
		}
	}
	// the marks last: without its mark an older version would be the object again
	for _, v := range append(versions, marks...) {
		if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: v.Key, VersionId: v.VersionId}); err != nil {
			return err
		}
	}
	return nil
}
