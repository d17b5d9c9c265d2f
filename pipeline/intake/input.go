// Package intake opens the source that the configuration describes, whichever library system
// or files it is, with the codes and areas that belong to it.
package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/source"
	"peil/pipeline/source/file"
	"peil/pipeline/store"
	"peil/transforms"
)

// OpenSource opens the configured source. runDir is the run's folder; empty where nothing
// will be read.
func OpenSource(ctx context.Context, c *config.Config, runDir string, env func(string) (string, bool)) (s source.Source, err error) {
	if c.Source.Database() {
		s, err = openDatabase(ctx, c, runDir, env)
	} else {
		s, err = openFiles(ctx, c, runDir)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, exit.With(exit.Source, err)
	}
	return s, nil
}

func openFiles(ctx context.Context, c *config.Config, runDir string) (source.Source, error) {
	columns := map[string]map[string][]string{}
	for table, byColumn := range c.Source.Columns {
		columns[table] = map[string][]string{}
		for column, headings := range byColumn {
			columns[table][column] = headings
		}
	}
	tables := inputTables(c)
	maps.DeleteFunc(tables, func(_ string, in file.Input) bool { return in.Query != "" && len(in.Files) == 0 })
	return file.Open(ctx, file.Options{
		Tables: tables, Columns: columns, RunDir: runDir, Memory: (c.Limits.Memory / 4).MiB(), Threads: c.Limits.Threads, Rel: c.Rel,
		Some: c.Source.Database(),
		Bucket: func(ctx context.Context, location string) (store.Store, error) {
			return archive.OpenPlace(ctx, c.S3, location, "")
		},
	})
}

func inputTables(c *config.Config) map[string]file.Input {
	tables := map[string]file.Input{}
	for name, in := range map[string]config.Input{
		source.Members: c.Source.Members, source.Loans: c.Source.Loans,
		source.Branches: c.Source.Branches, source.Memberships: c.Source.Memberships,
	} {
		if !in.Given() {
			continue
		}
		t := file.Input{Query: c.Path(in.Query), Files: map[string][]string{}}
		for _, p := range in.Paths {
			t.Paths = append(t.Paths, c.Path(p))
		}
		for view, paths := range in.Files {
			for _, p := range paths {
				t.Files[view] = append(t.Files[view], c.Path(p))
			}
		}
		tables[name] = t
	}
	return tables
}

// holdsValidity says whether the source tells when memberships ended, so that the
// population of an earlier day can be told from it.
func holdsValidity(s source.Source) bool {
	for _, t := range s.Tables() {
		if t.Name == source.Memberships || t.Name == source.Members && (t.Has("valid_until") || t.Has("ended_on")) {
			return true
		}
	}
	return false
}

// HoldsMoves says whether the source itself can show that a member changed branch.
func HoldsMoves(s source.Source) bool {
	for _, t := range s.Tables() {
		if t.Name == source.Memberships && t.Has("branch") || t.Name == source.Branches && t.Has("merged_into") {
			return true
		}
	}
	return false
}

// Inputs are the files of the source and their hashes, made while the run goes on.
type Inputs struct {
	s3    config.S3
	Bytes int64
	paths []string
	files []archive.InputFile // in the order of paths
	err   chan error
}

// ListInputs lists every file that the configuration names. What is not there the source
// itself complains of.
func ListInputs(c *config.Config) *Inputs {
	in := &Inputs{s3: c.S3}
	tables := inputTables(c)
	if files := areaFiles(c); files != nil {
		tables["areas"] = file.Input{Paths: files}
	}
	for name, t := range tables {
		all := slices.Clone(t.Paths)
		if t.Query != "" {
			all = append(all, t.Query)
		}
		for p := range maps.Values(t.Files) {
			all = append(all, p...)
		}
		for _, pattern := range all {
			matches, err := filepath.Glob(pattern)
			if err != nil {
				continue
			}
			for _, m := range matches {
				info, err := os.Stat(m)
				if err != nil {
					continue
				}
				in.paths = append(in.paths, m)
				if name != "areas" { // bytes are those of the source
					in.Bytes += info.Size()
				}
				in.files = append(in.files, archive.InputFile{Table: name, Part: c.Rel(m), Bytes: info.Size()})
			}
		}
	}
	return in
}

// AddObjects lists what the source reads from buckets.
func (in *Inputs) AddObjects(s source.Source) {
	for _, t := range s.Tables() {
		for _, p := range t.Parts {
			if strings.HasPrefix(p.Name(), "s3://") {
				in.paths = append(in.paths, p.Name())
				in.Bytes += p.Size()
				in.files = append(in.files, archive.InputFile{Table: t.Name, Part: p.Name(), Bytes: p.Size()})
			}
		}
	}
}

// Hash begins to hash the files, beside the run.
func (in *Inputs) Hash(ctx context.Context) {
	in.err = make(chan error, 1)
	go func() {
		defer close(in.err)
		for i, p := range in.paths {
			var err error
			if in.files[i].SHA256, err = HashInput(ctx, in.s3, p); err != nil {
				in.err <- fmt.Errorf("hash %s: %w", in.files[i].Part, err)
				return
			}
		}
	}()
}

// Hashed waits for the hashes and returns the files in a fixed order.
func (in *Inputs) Hashed() ([]archive.InputFile, error) {
	if err := <-in.err; err != nil {
		return nil, err
	}
	files := slices.Clone(in.files)
	slices.SortFunc(files, func(a, b archive.InputFile) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Part, b.Part))
	})
	return files, nil
}

// openInput opens a file, or an object in a bucket.
func openInput(ctx context.Context, s3 config.S3, path string) (io.ReadCloser, error) {
	object, ok := strings.CutPrefix(path, "s3://")
	if !ok {
		return os.Open(path)
	}
	bucket, name, _ := strings.Cut(object, "/")
	s, err := archive.OpenPlace(ctx, s3, "s3://"+bucket, "")
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, name)
}

// HashInput is the SHA-256 of a file or object of the source.
func HashInput(ctx context.Context, s3 config.S3, path string) (string, error) {
	f, err := openInput(ctx, s3, path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, buf := sha256.New(), make([]byte, 1<<20)
	for ctx.Err() == nil {
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(sum.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", ctx.Err()
}

// WithCodes puts further codes in place after the built-in ones.
func WithCodes(ctx context.Context, vault *engine.DB, lists map[string]map[string]string, models []transforms.Model) ([]transforms.Model, error) {
	if _, err := transforms.Run(ctx, vault, models[:1], nil, func(transforms.Step) {}); err != nil {
		return nil, err
	}
	for list, codes := range lists {
		for code, value := range codes {
			if err := vault.Exec(ctx, "DELETE FROM code_map WHERE list = ? AND code = upper(trim(?))", list, code); err != nil {
				return nil, fmt.Errorf("install codes: %w", err)
			}
			if list == "branch" {
				value = strings.ToUpper(strings.TrimSpace(value))
			}
			if err := vault.Exec(ctx, "INSERT INTO code_map VALUES (?, upper(trim(?)), ?)", list, code, value); err != nil {
				return nil, fmt.Errorf("install codes: %w", err)
			}
		}
	}
	return models[1:], nil
}
