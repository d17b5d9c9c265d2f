// Package protect makes one file of any origin safe to publish: rows about persons, or
// counts of persons. It needs no library, no key and no store.
package protect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"peil/pipeline"
	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/reports/render"
	"peil/reports/risk"
	"peil/transforms/disclosure"
)

// Options say which file to protect and how. All fields but Language are required.
type Options struct {
	File     string // CSV or Parquet
	Config   *Config
	Output   string // a folder, new or empty
	Language string // of the report; empty: as the protection says
	Now      func() time.Time
	Events   func(pipeline.Event)
}

// Summary is what Run wrote.
type Summary struct {
	Folder string       `json:"folder"`
	Files  []string     `json:"files"` // in the folder, the protected file first
	Report *risk.Report `json:"report"`
}

// Run makes one file safe to publish, and a report on the risk that is left. The
// output folder appears complete or not at all. An [exit.Error] with [exit.Withheld] says that
// the file could not be made safe enough: nothing is written then.
func Run(ctx context.Context, o Options) (*Summary, error) {
	path, err := filepath.Abs(o.File)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, exit.Usagef("%s: there is no such file", o.File)
	}
	staging, err := newStaging(o.Output)
	if err != nil {
		return nil, err
	}
	defer staging.discard()
	db, err := engine.Open(ctx, engine.Options{ReadPaths: []string{path}, Dirs: []string{staging.path}, KeepJoinOrder: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.Lock(ctx); err != nil {
		return nil, err
	}
	given, err := openGiven(ctx, db, path, o.File)
	if err != nil {
		return nil, err
	}
	name := protectedName(path)
	w := &protector{db: db, given: given, config: o.Config, events: o.Events, target: filepath.Join(staging.path, name)}
	report, err := w.protect(ctx)
	if errors.Is(err, disclosure.ErrNotAnonymous) {
		err = &exit.Error{Status: exit.Withheld, Err: err}
	}
	if err != nil {
		return nil, err
	}
	report.File, report.Output = filepath.Base(path), name
	if err := staging.report(report, o); err != nil {
		return nil, err
	}
	if err := staging.publish(); err != nil {
		return nil, err
	}
	return &Summary{Folder: o.Output, Files: []string{name, "risk.html", "risk.json"}, Report: report}, nil
}

// protectedName is that of the protected file: it must not pass for the original.
func protectedName(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(filepath.Base(path), ext) + "-protected" + ext
}

// protector is one file on its way.
type protector struct {
	db     *engine.DB
	given  *givenFile
	config *Config
	events func(pipeline.Event)
	target string
}

func (w *protector) protect(ctx context.Context) (*risk.Report, error) {
	if w.config.Rows != nil {
		return w.rows(ctx)
	}
	return w.table(ctx)
}

func (w *protector) step(format string, args ...any) {
	w.events(pipeline.Event{Kind: pipeline.StepBegun, Name: "protect", Text: fmt.Sprintf(format, args...)})
}

// write writes the rows of a SELECT to the target, in the format of the given file.
func (w *protector) write(ctx context.Context, query string) error {
	w.step("write %s", filepath.Base(w.target))
	format := "FORMAT parquet, COMPRESSION zstd"
	if !w.given.parquet {
		format = "FORMAT csv, HEADER, DELIMITER " + engine.Literal(string(w.given.comma))
	}
	if err := w.db.Exec(ctx, "COPY ("+query+") TO "+engine.Literal(w.target)+" ("+format+", USE_TMP_FILE false)"); err != nil {
		return fmt.Errorf("write protected file: %w", err)
	}
	return nil
}

// protectStaging is a folder beside the one that is asked for, which it becomes when all
// is written.
type protectStaging struct{ path, final string }

func newStaging(final string) (*protectStaging, error) {
	switch entries, err := os.ReadDir(final); {
	case err == nil && len(entries) > 0:
		return nil, exit.Usagef("folder %s is not empty and nothing is ever overwritten; name another with --output, or remove it", final)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, exit.Usagef("%s cannot be the output folder: %w", final, err)
	}
	path, err := os.MkdirTemp(filepath.Dir(filepath.Clean(final)), ".peil-protect-")
	if err != nil {
		return nil, exit.Usagef("make output folder: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	return &protectStaging{path, final}, nil
}

// discard removes what was not published.
func (s *protectStaging) discard() { os.RemoveAll(s.path) }

func (s *protectStaging) report(r *risk.Report, o Options) error {
	language := o.Language
	if language == "" {
		language = o.Config.Language
	}
	if err := s.file("risk.json", r.WriteJSON); err != nil {
		return err
	}
	return s.file("risk.html", func(w io.Writer) error {
		return render.WriteHTML(w, r.Document(render.Language(language), o.Now()))
	})
}

func (s *protectStaging) file(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(filepath.Join(s.path, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// publish makes the files lasting, for the owner alone, and gives the folder its name.
func (s *protectStaging) publish() error {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	for _, e := range entries {
		if err := settle(filepath.Join(s.path, e.Name())); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if err := os.Remove(s.final); err != nil && !errors.Is(err, os.ErrNotExist) { // an empty folder, if any
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.Rename(s.path, s.final); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

func settle(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Sync(), f.Close())
}
