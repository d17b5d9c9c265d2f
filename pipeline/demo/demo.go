// Package demo makes a fictional Dutch public library to try Peil on: the files
// that a library system would export, a configuration, a key, and an age identity
// that stands in for the recipient at CBS.
//
// The data are drawn from a seed by hashing row numbers, in SQL: the same options
// give the same bytes. The key and the identity are
// random each time: a key that follows from a small number is no key, and people
// start from a demonstration and go on with their own data.
//
// The library is believable where figures depend on it: ages, sexes, seasons,
// returners, movers, a merger, households, heavy and light borrowers, popular
// titles. It is as dirty as exports are: dates, postcodes and house numbers in every
// spelling, placeholders, unknown and unmapped codes, duplicate rows, institutions
// among the members, loans without a member. Fewer than 2 in 1,000 rows of a file
// cannot be used at all. The rates stand in the SQL.
package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Options say what library to make. A zero number means its default.
type Options struct {
	// Dir is the folder to fill: an empty one, or one that is made in a folder that
	// exists.
	Dir string
	// Members is the number of rows in the members file; by default 25,000.
	Members int
	// Loans is the number of transactions, of every kind, over the calendar year of
	// AsOf and the two before it; by default 500,000.
	Loans int
	// Branches, over all organisations; by default 8. From 5 for one
	// organisation there is a main branch, a bus, a servicepunt and one that closed.
	Branches int
	// Organisations, at most 999; by default 1. The first has the ISIL of the
	// configuration.
	Organisations int
	// Seed of all that is drawn but the key and the identity. Zero is a seed too.
	Seed uint64
	// AsOf is the day on which the export was made; only its date counts. Required.
	AsOf time.Time
	// Mark, letters and digits, makes every personal value recognisable, for tests
	// that search outputs for them. Ids, names, e-mail addresses, telephone and account
	// numbers then begin with it; persons are born on 23 February, four or
	// more years before AsOf; full postcodes end in QX or qx, foreign ones in the mark;
	// the house number is 98765 and its addition QXQX. The id of a loan's member who is not
	// there has an X before the mark. Institutions keep their false birth date.
	Mark string
	// Memory limits DuckDB, here and in the configuration; by default "2GB".
	Memory string
	// Threads is the limit in the configuration, 0 for one a core. Generate itself
	// uses one.
	Threads int
	// Progress, if not nil, is told what is about to be made.
	Progress func(what string)
}

// Made says what was written.
type Made struct {
	// Files are the data files, by path relative to the folder with forward
	// slashes, with their number of rows. The members file and the last loans file end with
	// one line more, that is cut off and no row.
	Files map[string]int64
	// ConfigPath, KeyPath and IdentityPath are the paths of the configuration, of
	// Peil's own key, and of the identity that opens what is encrypted to CBS.
	ConfigPath, KeyPath, IdentityPath string
	// Recipient is the public half of the identity, "age1...".
	Recipient string
}

// ErrNotEmpty says that the folder to fill holds something already.
var ErrNotEmpty = errors.New("folder is not empty")

var markPattern = regexp.MustCompile(`^[A-Za-z0-9]*$`)

func (o *Options) complete() error {
	for _, d := range []struct {
		what             string
		n                *int
		byDefault, limit int
	}{
		{"members", &o.Members, 25_000, 100_000_000},
		{"loans", &o.Loans, 500_000, 1_000_000_000},
		{"branches", &o.Branches, 8, 9_000},
		{"organisations", &o.Organisations, 1, 999},
	} {
		if *d.n == 0 {
			*d.n = d.byDefault
		}
		if *d.n < 0 || *d.n > d.limit {
			return fmt.Errorf("number of %s is %d, want 1 to %d", d.what, *d.n, d.limit)
		}
	}
	switch {
	case o.Dir == "":
		return errors.New("no folder to fill")
	case o.AsOf.IsZero():
		return errors.New("no reference date")
	case o.Organisations > o.Branches:
		return fmt.Errorf("%d organisations need at least as many branches, not %d", o.Organisations, o.Branches)
	case o.Branches > 999*o.Organisations:
		return fmt.Errorf("%d branches are too many, want at most 999 an organisation", o.Branches)
	case !markPattern.MatchString(o.Mark):
		return errors.New("mark: want letters and digits only")
	}
	if o.Memory == "" {
		o.Memory = "2GB"
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return nil
}

// path is where a file of the demonstration stands; name has forward slashes.
func (o Options) path(name string) string { return filepath.Join(o.Dir, filepath.FromSlash(name)) }

// Generate fills the folder. The error is [ErrNotEmpty] if something is in it; after
// any error nothing that Generate made is left.
func Generate(ctx context.Context, o Options) (Made, error) {
	if err := o.complete(); err != nil {
		return Made{}, fmt.Errorf("make demo library: %w", err)
	}
	undo, err := claim(o.Dir)
	if err != nil {
		return Made{}, fmt.Errorf("make demo library: %w", err)
	}
	m := Made{
		Files:        map[string]int64{},
		ConfigPath:   o.path("peil.yaml"),
		KeyPath:      o.path("peil.key"),
		IdentityPath: o.path("cbs-identity.txt"),
	}
	if err = writeData(ctx, o, &m); err == nil {
		err = writePapers(o, &m)
	}
	if err != nil {
		return Made{}, errors.Join(fmt.Errorf("make demo library: %w", err), undo())
	}
	return m, nil
}

// claim makes sure that dir exists and is empty. undo takes away what was put there
// since, and the folder itself if it was new.
func claim(dir string) (undo func() error, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, err
		}
		return func() error { return os.RemoveAll(dir) }, nil
	case err != nil:
		return nil, err
	case len(entries) > 0:
		return nil, fmt.Errorf("%w: %s; name a new or an empty one", ErrNotEmpty, dir)
	}
	return func() error {
		entries, err := os.ReadDir(dir)
		errs := []error{err}
		for _, e := range entries {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
		return errors.Join(errs...)
	}, nil
}
