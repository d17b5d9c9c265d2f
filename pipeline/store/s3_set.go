package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// maxCopy is the largest object S3 copies in one request, in bytes.
const maxCopy = 5 << 30

func (s *s3Store) Stage(ctx context.Context, folder string) (Set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return newSet(ctx, s, s.lock, folder)
}

func (s *s3Store) createStaged(ctx context.Context, staged, name string) (Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.stream(ctx, path.Join(staged, newFolder, name), s.upload), nil
}

// publishStaged makes the decision durable with the commit record, and then
// carries it out.
func (s *s3Store) publishStaged(ctx context.Context, lock *Lock, staged, folder string, files []string, manifest []byte) error {
	if err := s.checkReplaceable(ctx, folder); err != nil {
		return err
	}
	if err := s.put(ctx, path.Join(staged, newFolder, ManifestName), manifest); err != nil {
		return err
	}
	if err := s.checkStaged(ctx, staged, files); err != nil {
		return err
	}
	record, err := json.Marshal(commitRecord{Folder: folder})
	if err != nil {
		return err
	}
	if err := lock.confirm(ctx); err != nil {
		return err
	}
	// From here on, and also if the answer to this is lost, the next run may
	// find the decision.
	if err := s.put(ctx, path.Join(staged, commitName), record); err != nil {
		return lock.fail(err)
	}
	if err := s.apply(ctx, staged, folder); err != nil {
		return lock.fail(err)
	}
	return nil
}

// checkReplaceable refuses a folder that holds folders, as in a directory.
func (s *s3Store) checkReplaceable(ctx context.Context, folder string) error {
	objects, err := s.list(ctx, folder)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if child, _, nested := strings.Cut(strings.TrimPrefix(o.Name, folder+"/"), "/"); nested {
			return fmt.Errorf("%s/%s: %w", folder, child, errSuperseded)
		}
	}
	return nil
}

// checkStaged makes sure that all that was decided can be carried out.
func (s *s3Store) checkStaged(ctx context.Context, staged string, files []string) error {
	objects, err := s.list(ctx, path.Join(staged, newFolder))
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, o := range objects {
		if o.Size > maxCopy {
			return fmt.Errorf("%s has %d bytes: S3 copies at most %d", path.Base(o.Name), o.Size, int64(maxCopy))
		}
		found[path.Base(o.Name)] = true
	}
	for _, name := range files {
		if !found[name] {
			return fmt.Errorf("%s is gone: did another run take the store over?", name)
		}
	}
	return nil
}

// apply carries out a recorded decision from its beginning, however often, and
// then forgets it. Whoever still does so after the store was taken over fails at
// a copy, since what was staged is gone.
func (s *s3Store) apply(ctx context.Context, staged, folder string) error {
	ready := path.Join(staged, newFolder)
	fresh, err := s.list(ctx, ready)
	if err != nil {
		return err
	}
	manifest := path.Join(ready, ManifestName)
	if !slices.ContainsFunc(fresh, func(o Info) bool { return o.Name == manifest }) {
		return nil // it was carried out, or somebody emptied the staging folder
	}
	stale, err := s.list(ctx, folder)
	if err != nil {
		return err
	}
	published := map[string]bool{}
	if err := s.remove(ctx, path.Join(folder, ManifestName)); err != nil {
		return err
	}
	for _, o := range fresh {
		name := path.Base(o.Name)
		published[path.Join(folder, name)] = true
		if o.Name == manifest {
			continue
		}
		if err := s.copy(ctx, o.Name, path.Join(folder, name)); err != nil {
			return err
		}
	}
	for _, o := range stale {
		if published[o.Name] {
			continue
		}
		if err := s.remove(ctx, o.Name); err != nil {
			return err
		}
	}
	if err := s.copy(ctx, manifest, path.Join(folder, ManifestName)); err != nil {
		return err
	}
	// The record goes first: without it the rest is only to be removed.
	if err := s.remove(ctx, path.Join(staged, commitName)); err != nil {
		return err
	}
	// What stays behind if this fails is swept by the next Lock.
	s.clear(ctx, staged)
	return nil
}

func (s *s3Store) clear(ctx context.Context, staged string) error {
	objects, err := s.list(ctx, staged)
	if err != nil {
		return err
	}
	for _, o := range objects {
		err = cmp.Or(err, s.remove(ctx, o.Name))
	}
	return err
}

// recover finishes what dead runs had decided and removes what they had not.
func (s *s3Store) recover(ctx context.Context) error {
	objects, err := s.list(ctx, stagingFolder)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if record, _ := path.Match(recordPattern, o.Name); !record {
			continue
		}
		folder, err := s.readRecord(ctx, o.Name)
		if err != nil {
			return err
		}
		if err := s.apply(ctx, path.Dir(o.Name), folder); err != nil {
			return fmt.Errorf("publish %s: %w", folder, err)
		}
	}
	if err := s.clear(ctx, stagingFolder); err != nil {
		return err
	}
	if err := s.eraseOld(ctx, stagingFolder); err != nil {
		return err
	}
	return s.abortUploads(ctx, s.prefix)
}

// Sweep cannot tell uploads of one run from those of another: it drops all below the folder.
func (s *s3Store) Sweep(ctx context.Context, _, folder string) error {
	err := checkName(folder)
	if err == nil {
		err = s.abortUploads(ctx, s.prefix+folder+"/")
	}
	if err != nil {
		return s.errorf("sweep", folder, err)
	}
	return nil
}

func (s *s3Store) readRecord(ctx context.Context, name string) (string, error) {
	r, err := s.open(ctx, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return "", err
	}
	return parseRecord(name, data)
}

// abortUploads drops the invisible parts of uploads that dead runs had begun.
// Many credentials and some servers do not allow to look for them; then they are
// left to the bucket's lifecycle rules. NoSuchUpload is how some say: none.
func (s *s3Store) abortUploads(ctx context.Context, prefix string) error {
	pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if isAnswer(err, "AccessDenied", "NotImplemented", "MethodNotAllowed", "NoSuchUpload") {
			return nil
		}
		if err != nil {
			return s3Error(err)
		}
		for _, u := range page.Uploads {
			_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: u.Key, UploadId: u.UploadId})
			if err != nil && !isAnswer(err, "NoSuchUpload", "AccessDenied") {
				return s3Error(err)
			}
		}
	}
	return nil
}

// copy copies an object within the store.
func (s *s3Store) copy(ctx context.Context, from, to string) error {
	source := s.bucket + "/" + s.prefix + from
	elements := strings.Split(source, "/")
	for i, e := range elements {
		// S3 reads a plus sign as a space, which PathEscape leaves alone.
		elements[i] = strings.ReplaceAll(url.PathEscape(e), "+", "%2B")
	}
	_, err := s.client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &s.bucket, Key: s.key(to), CopySource: aws.String(strings.Join(elements, "/")),
		ServerSideEncryption: types.ServerSideEncryption(s.opts.Encryption), SSEKMSKeyId: s.opts.kmsKey(),
	})
	if err != nil {
		return fmt.Errorf("copy %s to %s: %w", from, to, s3Error(err))
	}
	return nil
}
