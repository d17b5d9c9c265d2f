// Package file reads the canonical tables from CSV and Parquet files.
//
// The scanner decides what a record of a CSV file is; one quick pass with it over a
// file settles the encoding, counts the records and finds those that cannot be read.
// A file without surprises is then read by DuckDB itself, at its own speed. Any other
// (transcoded, with records to reject, with quotes in the middle of values) reaches
// DuckDB through a pipe, as records that leave no room for interpretation. So does an
// object in a bucket, which DuckDB itself cannot reach. Nothing is
// skipped in silence, and nothing is written to the disk.
//
// Everything that is wrong with the input is an [*Error].
package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"peil/pipeline/source"
	"peil/pipeline/store"
)

// Input says where one table comes from: Paths or Query.
type Input struct {
	Paths []string // files or globs, absolute, or s3://BUCKET/NAME
	Query string   // path of an .sql file, absolute, that holds one SELECT
	// Files are the views that Query may read: name → files or globs, absolute.
	Files map[string][]string
}

// Options say what to open.
type Options struct {
	Tables map[string]Input // by canonical name
	// Some says that the tables that are not here come from elsewhere.
	Some bool
	// Columns are headings beside the built-in ones: table → column → headings.
	Columns map[string]map[string][]string
	// RunDir is a folder for pipes that only the owner can read; one of the vault's Dirs.
	RunDir string
	// Memory and Threads limit the instance of its own in which a query runs.
	Memory  string
	Threads int
	// Bucket opens a bucket, given as s3://BUCKET; nil where no path is in one.
	Bucket func(ctx context.Context, location string) (store.Store, error)
	// Rel shows a path as it is configured, for messages; nil shows it as it is.
	Rel func(string) string
}

// files is an opened set of files.
type files struct {
	tables []source.Table
	paths  []string
}

// Open looks at the beginning of every file: that it can be read and what its
// headings mean. All that is wrong is reported together.
func Open(ctx context.Context, o Options) (source.Source, error) {
	if o.Rel == nil {
		o.Rel = func(path string) string { return path }
	}
	s := &files{}
	var errs []error
	for _, table := range sortedKeys(o.Tables) {
		if source.Columns[table] == nil {
			errs = append(errs, &Error{Problem: fmt.Sprintf("source has no table %q", table), Remedy: "use " + strings.Join(source.TableNames, ", ")})
		}
	}
	for _, table := range source.TableNames {
		input, ok := o.Tables[table]
		if !ok {
			if !o.Some && (table == source.Members || table == source.Branches) {
				errs = append(errs, &Error{Problem: fmt.Sprintf("the table %s is not configured", table), Remedy: fmt.Sprintf("add %s: FILE under source", table)})
			}
			continue
		}
		t, paths, err := openTable(ctx, o, table, input)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.tables = append(s.tables, t)
		s.paths = append(s.paths, paths...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.Sort(s.paths)
	s.paths = slices.Compact(s.paths)
	return s, nil
}

func (s *files) Tables() []source.Table { return s.tables }
func (s *files) Paths() []string        { return s.paths }
func (s *files) Close() error           { return nil }

// openTable opens one table, and says which files the vault itself must read.
func openTable(ctx context.Context, o Options, table string, input Input) (source.Table, []string, error) {
	t := source.Table{Name: table}
	if (input.Query == "") == (len(input.Paths) == 0) {
		return t, nil, &Error{Problem: fmt.Sprintf("the table %s needs either files or a query", table), Remedy: fmt.Sprintf("set source.%s to one of them", table)}
	}
	if input.Query != "" {
		p, ignored, err := openQuery(ctx, o, table, input)
		if err != nil {
			return t, nil, err
		}
		t.Parts = []source.Part{p}
		addHeadings(&t, p.index, ignored)
		return t, nil, nil
	}
	named, err := newNames(table, o.Columns[table])
	if err != nil {
		return t, nil, err
	}
	paths, err := expand(ctx, o, input.Paths)
	if err != nil {
		return t, nil, err
	}
	var errs []error
	for _, path := range paths {
		p, ignored, err := openPart(ctx, o, named, path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.Parts = append(t.Parts, p)
		addHeadings(&t, p.index, ignored)
	}
	return t, localPaths(paths), errors.Join(errs...)
}

// addHeadings notes what one more part of a table has: the parts need not have the
// same headings.
func addHeadings(t *source.Table, index map[string]int, ignored []string) {
	var present []string
	for _, c := range source.Columns[t.Name] {
		if i, ok := index[c.Name]; t.Has(c.Name) || ok && i >= 0 {
			present = append(present, c.Name)
		}
	}
	t.Present = present
	for _, h := range ignored {
		if !slices.Contains(t.Ignored, h) {
			t.Ignored = append(t.Ignored, h)
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
