package intake

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/source"
	"peil/pipeline/store"
)

// Written says when the newest file of a table was written, as far as files can tell: of
// members and loans, which an export makes anew each time. A table that a database delivers
// is as new as the run, and is left out.
func Written(ctx context.Context, c *config.Config) (map[string]time.Time, error) {
	newest := map[string]time.Time{}
	for name, t := range inputTables(c) {
		if name != source.Members && name != source.Loans {
			continue
		}
		paths := slices.Clone(t.Paths)
		for _, p := range t.Files {
			paths = append(paths, p...)
		}
		for _, pattern := range paths {
			at, err := lastWritten(ctx, c, pattern)
			if err != nil {
				return nil, exit.With(exit.Source, fmt.Errorf("see how fresh %s is: %w", c.Rel(pattern), err))
			}
			if at.After(newest[name]) {
				newest[name] = at
			}
		}
	}
	return newest, nil
}

// lastWritten is when the newest file that a path or pattern names was written; the zero
// time if there is none.
func lastWritten(ctx context.Context, c *config.Config, pattern string) (newest time.Time, err error) {
	if object, ok := strings.CutPrefix(pattern, "s3://"); ok {
		return lastInBucket(ctx, c, object)
	}
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return newest, err
	}
	for _, m := range matches {
		info, err := os.Stat(m)
		if err != nil {
			return newest, err
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}

func lastInBucket(ctx context.Context, c *config.Config, object string) (newest time.Time, err error) {
	bucket, name, _ := strings.Cut(object, "/")
	s, err := archive.OpenPlace(ctx, c.S3, "s3://"+bucket, "")
	if err != nil {
		return newest, err
	}
	defer s.Close()
	var objects []store.Info
	if i := strings.IndexAny(name, `*?[\`); i < 0 {
		info, err := s.Stat(ctx, name)
		if err != nil {
			return newest, err
		}
		objects = []store.Info{info}
	} else if objects, err = s.List(ctx, strings.TrimPrefix(path.Dir(name[:i]+"x"), ".")); err != nil {
		return newest, err
	}
	for _, o := range objects {
		if match, _ := path.Match(name, o.Name); (match || o.Name == name) && o.Modified.After(newest) {
			newest = o.Modified
		}
	}
	return newest, nil
}

// Exported is the day of the source's export in the library's time zone: configured, or
// that of the older of the files of members and loans. The zero time is a database, which
// is read as it is.
func Exported(ctx context.Context, c *config.Config) (time.Time, error) {
	if !c.Source.SnapshotOn.IsZero() {
		return c.Source.SnapshotOn.Time, nil
	}
	times, err := Written(ctx, c)
	if err != nil {
		return time.Time{}, err
	}
	var oldest time.Time
	for _, at := range times {
		at = at.In(c.Location())
		if day := archive.Midnight(at); oldest.IsZero() || day.Before(oldest) {
			oldest = day
		}
	}
	return oldest, nil
}

// CheckFresh refuses to count a period that had not ended when the source was exported.
func CheckFresh(ctx context.Context, c *config.Config, p archive.Period) error {
	on, err := Exported(ctx, c)
	if err != nil || on.IsZero() {
		return err
	}
	if !p.Until.After(on) {
		return nil
	}
	return exit.With(exit.Source, fmt.Errorf("make %s %s: the source is stale: it was exported on %s, and the period lasted to %s; export again and run again", p.Output, p.Name, on.Format(time.DateOnly), p.Until.AddDate(0, 0, -1).Format(time.DateOnly)))
}
