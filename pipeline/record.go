package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/store"
	"peil/transforms"
)

// Record is what private/runs/<run>.json says of a run: what it set out to make and what of
// it is done. It is written when the run begins, again after every period, and at the end,
// so that a run that was killed can be resumed too.
type Record struct {
	Version int    `json:"version"`
	Program string `json:"program"`
	Begun   string `json:"begun"`
	// State is running (or killed), done or failed.
	State   string    `json:"state"`
	Error   string    `json:"error,omitempty"`
	Resumes string    `json:"resumes,omitempty"` // the run whose plan this one went on with
	Planned []Planned `json:"planned"`
	// Configuration and SQL are the hashes of the file and of the models: a run that goes on
	// with this one must have the same.
	Configuration string `json:"configuration_sha256"`
	SQL           string `json:"sql_sha256"`
	Summary
	Ledger *delivery.Anchor `json:"ledger,omitempty"` // its state when the record was written
}

// States of a run.
const (
	Running = "running"
	Done    = "done"
	Failed  = "failed"
)

const recordVersion = 1

// ReadRecord reads the record of a run.
func ReadRecord(ctx context.Context, s store.Store, run string) (*Record, error) {
	if strings.ContainsAny(run, "/\\") {
		return nil, exit.Usagef("run %q: write the name of a run, as 20250106T030000Z-1a2b3c", run)
	}
	text, err := store.ReadFile(ctx, s, archive.RunsFolder+"/"+run+".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, exit.Usagef("run %s: the store knows no such run: their records are in %s", run, archive.RunsFolder)
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of run %s: %w", run, err)
	}
	r := &Record{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("read the record of run %s: it is damaged: %w", run, err)
	}
	return r, archive.CheckVersion("record of run "+run, r.Version, recordVersion)
}

// made is what became of a planned period, where it is published.
func (r *Record) made(p archive.Period) *Output {
	for _, o := range r.Outputs {
		if o.Name == p.Output && o.Period == p.Name && o.Status != Withheld {
			if o.Run == "" {
				o.Run = r.Run
			}
			return &o
		}
	}
	return nil
}

// resume takes the plan of an earlier run for this one.
func (r *run) resume(ctx context.Context) (err error) {
	if r.o.Resume == "" {
		return nil
	}
	if r.resumed, err = ReadRecord(ctx, r.store, r.o.Resume); err != nil {
		return err
	}
	if err := r.unchanged(); err != nil {
		return err
	}
	if r.o.AsOf, err = time.Parse(time.DateOnly, r.resumed.AsOf); err != nil {
		return fmt.Errorf("read the record of run %s: it is damaged: %w", r.o.Resume, err)
	}
	r.summary.AsOf = r.resumed.AsOf
	r.o.Outputs, r.o.From, r.o.To, r.o.Periods = nil, time.Time{}, time.Time{}, []archive.Period{}
	for _, planned := range r.resumed.Planned {
		p, err := archive.ParsePeriod(planned.Output, planned.Period)
		if err != nil {
			return err
		}
		r.o.Periods = append(r.o.Periods, p)
	}
	return nil
}

// unchanged refuses to go on with a run that counted by another configuration or other
// models: half of the periods would be counted by one and half by the other.
func (r *run) unchanged() error {
	const instead = "make all of it anew with peil run, --from and --to; what comes out the same is left as it is"
	switch {
	case r.resumed.SQL != transforms.Hash():
		return exit.Usagef("run %s was made by peil %s, which counts otherwise than this one (%s): go on with that program, or %s", r.o.Resume, r.resumed.Program, r.o.Version, instead)
	case r.resumed.Configuration != r.configuration:
		return exit.Usagef("the configuration %s has changed since run %s began: undo the change and resume again, or %s", r.c.File(), r.o.Resume, instead)
	}
	return nil
}

// skipDone marks the periods that the resumed run published.
func (r *run) skipDone() {
	if r.resumed == nil {
		return
	}
	for _, p := range r.plan.periods {
		p.done = r.resumed.made(p.Period)
	}
}

// record writes down how far the run is.
func (r *run) record(ctx context.Context, state string, failure error) error {
	r.summary.Read, r.summary.Checks = r.findings.Accounts, r.findings.Checks
	r.summary.Seconds = max(0, r.o.Now().Sub(r.begun).Seconds()) // a clock may be set back
	entry := Record{
		Version: recordVersion, Program: r.o.Version, Begun: r.begun.UTC().Format(time.RFC3339), State: state, Resumes: r.o.Resume,
		Planned: r.plan.list(), Configuration: r.configuration, SQL: transforms.Hash(), Summary: r.summary,
	}
	var err error
	if entry.Ledger, err = r.ledger.Anchor(ctx); err != nil && failure == nil {
		return fmt.Errorf("record the run: %w", err)
	}
	if failure != nil {
		entry.State, entry.Error = Failed, failure.Error()
	}
	b, err := json.MarshalIndent(entry, "", "  ")
	if err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	if err := store.WriteFile(ctx, r.store, archive.RunsFolder+"/"+r.id+".json", append(b, '\n')); err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	return nil
}

// recordPlaces does so at the begin of a run.
func (r *run) recordPlaces(ctx context.Context) error {
	return archive.RecordReasons(ctx, r.ledger, r.id, archive.Sections(r.c)...)
}
