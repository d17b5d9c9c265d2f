package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"peil/pipeline/store"
)

// scheme begins the path of an object in a bucket.
const scheme = "s3://"

func isObject(path string) bool { return strings.HasPrefix(path, scheme) }

// localPaths are those of files that DuckDB may read itself.
func localPaths(paths []string) []string { return slices.DeleteFunc(slices.Clone(paths), isObject) }

// bucket opens the bucket of an object's path, and says what the object, or the pattern,
// is called in it.
func (o Options) bucket(ctx context.Context, object string) (store.Store, string, error) {
	bucket, name, _ := strings.Cut(strings.TrimPrefix(object, scheme), "/")
	if bucket == "" || name == "" {
		return nil, "", &Error{Path: object, Problem: "this names no object", Remedy: "write s3://BUCKET/NAME"}
	}
	s, err := o.Bucket(ctx, scheme+bucket)
	if err != nil {
		return nil, "", &Error{Path: object, Problem: "the bucket cannot be reached: " + err.Error(), Remedy: "check region and credentials, as the AWS tools take them from the environment"}
	}
	return s, name, nil
}

// objects are the paths of the objects that a path or pattern names, in order of their
// names.
func (o Options) objects(ctx context.Context, pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, globbing) {
		return []string{pattern}, nil
	}
	s, name, err := o.bucket(ctx, pattern)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	folder := path.Dir(name[:strings.IndexAny(name, globbing)] + "x")
	if folder == "." {
		folder = ""
	}
	all, err := s.List(ctx, folder)
	if err != nil {
		return nil, &Error{Path: pattern, Problem: "the bucket cannot be listed: " + err.Error(), Remedy: "check the rights of the account, or name the objects one by one"}
	}
	var paths []string
	for _, object := range all {
		match, err := path.Match(name, object.Name)
		if err != nil {
			return nil, &Error{Path: pattern, Problem: "the pattern cannot be understood", Remedy: "close every [ with a ]"}
		}
		if match {
			paths = append(paths, strings.TrimSuffix(pattern, name)+object.Name)
		}
	}
	if len(paths) == 0 {
		return nil, &Error{Path: pattern, Problem: "no object matches this pattern", Remedy: "check the bucket and the name in the configuration"}
	}
	return paths, nil
}

// stampObject looks an object up.
func (o Options) stampObject(ctx context.Context, object string) (stamp, error) {
	s, name, err := o.bucket(ctx, object)
	if err != nil {
		return stamp{}, err
	}
	info, err := s.Stat(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stamp{}, &Error{Path: object, Problem: "the object does not exist", Remedy: "check the bucket and the name in the configuration"}
	case err != nil:
		return stamp{}, &Error{Path: object, Problem: fmt.Sprintf("the object cannot be reached: %v", err), Remedy: "check the name, and the rights of the account"}
	}
	return stamp{path: object, shown: object, bytes: info.Size, bucket: s, object: name}, nil
}
