package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// expand turns files and globs into regular files that can be read, and objects in buckets,
// each once, a glob's in order of their names.
func expand(ctx context.Context, o Options, patterns []string) ([]string, error) {
	var files []string
	var errs []error
	for _, pattern := range patterns {
		paths, err := o.matches(ctx, pattern)
		if err != nil {
			errs = append(errs, err)
		}
		for _, p := range paths {
			if slices.Contains(files, p) {
				continue // globs may overlap; rows counted twice help nobody
			}
			if !isObject(p) {
				errs = append(errs, readable(p, o.Rel))
			}
			files = append(files, p)
		}
	}
	return files, errors.Join(errs...)
}

func (o Options) matches(ctx context.Context, pattern string) ([]string, error) {
	if isObject(pattern) {
		return o.objects(ctx, pattern)
	}
	if _, err := os.Lstat(pattern); err == nil || !strings.ContainsAny(pattern, `*?[`) {
		return []string{filepath.Clean(pattern)}, nil
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, &Error{Path: o.Rel(pattern), Problem: "the pattern cannot be understood", Remedy: "close every [ with a ]"}
	}
	if len(paths) == 0 {
		return nil, &Error{Path: o.Rel(pattern), Problem: "no file matches this pattern", Remedy: "check the folder and the name in the configuration"}
	}
	return paths, nil
}

func readable(path string, show func(string) string) error {
	fail := func(problem, remedy string) error {
		return &Error{Path: show(path), Problem: problem, Remedy: remedy}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("the file does not exist", "check the path in the configuration; paths are relative to its folder")
	case errors.Is(err, fs.ErrPermission):
		return fail("the file may not be read", "give the user that runs peil permission to read it and the folders above it")
	case err != nil:
		return fail("the file cannot be reached: "+cause(err), "check the path in the configuration")
	case info.IsDir():
		return fail("this is a folder", fmt.Sprintf("name the files in it, such as %s", show(filepath.Join(path, "*.csv"))))
	case !info.Mode().IsRegular():
		return fail("this is not a regular file", "save the data in a file first: it is read more than once")
	}
	f, err := os.Open(path)
	if err != nil {
		return fail("the file may not be read: "+cause(err), "give the user that runs peil permission to read it")
	}
	return f.Close()
}

// cause is the reason of a file error without the path, which may be absolute.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
