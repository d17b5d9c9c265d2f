package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
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

// eraseVersions deletes every version of an object, and the marks of its deletion. Where
// the server has no versions, or the account may not see them, there is nothing to do.
func (s *s3Store) eraseVersions(ctx context.Context, name string) error {
	if on, err := Versioned(ctx, s); err != nil || !on {
		return nil
	}
	pages := s3.NewListObjectVersionsPaginator(s.client, &s3.ListObjectVersionsInput{Bucket: &s.bucket, Prefix: s.key(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, v := range versionsOf(page, s.prefix+name) {
			if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: s.key(name), VersionId: v}); err != nil {
				return err
			}
		}
	}
	return nil
}

// versionsOf are the ids of an object's versions on a page that also has others, whose
// names begin alike.
func versionsOf(page *s3.ListObjectVersionsOutput, key string) []*string {
	var ids []*string
	add := func(k, id *string) {
		if aws.ToString(k) == key {
			ids = append(ids, id)
		}
	}
	for _, v := range page.Versions {
		add(v.Key, v.VersionId)
	}
	for _, m := range page.DeleteMarkers {
		add(m.Key, m.VersionId)
	}
	return ids
}
