// Package bench times whole runs on a fictional library: what a library of a size costs
// on this machine, step by step.
package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/demo"
)

// Options say what to time. All fields are required but those of Run that a run can do
// without.
type Options struct {
	Library demo.Options // Dir is not used: a folder of its own is made and removed
	Runs    int          // from 1; each into an empty store
	// Run is what every run is given; configuration, day and events are filled in here.
	Run pipeline.Options
	// Progress is told what is about to be done.
	Progress func(what string)
}

// Report is what was measured. Times are of the wall clock: the machine's other work is in
// them, so compare reports of one machine and one hour.
type Report struct {
	Members int    `json:"members"` // rows of the members file that were asked for
	Loans   int    `json:"loans"`
	Runs    int    `json:"runs"`
	Steps   []Step `json:"steps"`
	// Total is of a whole run: minimum, median and maximum over the runs, in seconds.
	Total [3]float64 `json:"total_seconds"`
	// CPU is the median over the runs of the processor time of all threads, in seconds.
	CPU float64 `json:"cpu_seconds"`
	// Peak is the most memory that the process held, making the library included, in bytes.
	Peak int64 `json:"peak_bytes"`
}

// Step is one part of a run.
type Step struct {
	Name    string  `json:"step"`
	Seconds float64 `json:"seconds"` // median over the runs
	Rows    int64   `json:"rows,omitempty"`
}

// Measure makes a library, and times runs of every output on it.
func Measure(ctx context.Context, o Options) (report *Report, err error) {
	dir, err := os.MkdirTemp("", "peil-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o.Library.Dir = filepath.Join(dir, "library")
	o.Library.Progress = func(what string) { o.Progress("make " + what) }
	made, err := demo.Generate(ctx, o.Library)
	if err != nil {
		return nil, err
	}
	c, err := config.Load(made.ConfigPath)
	if err != nil {
		return nil, err
	}
	o.Run.Config, o.Run.AsOf = c, o.Library.AsOf
	var runs []timing
	for n := range o.Runs {
		o.Progress(fmt.Sprintf("run %d of %d", n+1, o.Runs))
		t, err := measure(ctx, o.Run)
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		runs = append(runs, t)
		if err := os.RemoveAll(c.Path(c.Store)); err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
	}
	report = summarise(runs)
	report.Members, report.Loans, report.Runs = o.Library.Members, o.Library.Loans, o.Runs
	report.Peak = peak()
	return report, nil
}

// timing is what one run took.
type timing struct {
	order      []string // steps in the order in which they first began
	spent      map[string]time.Duration
	rows       map[string]int64
	total, cpu time.Duration
}

func measure(ctx context.Context, o pipeline.Options) (timing, error) {
	t := timing{spent: map[string]time.Duration{}, rows: map[string]int64{}}
	begun, cpu := o.Now(), processorTime()
	step, since := "prepare", begun
	next := func(name string, now time.Time) {
		if _, known := t.spent[step]; !known {
			t.order = append(t.order, step)
		}
		t.spent[step] += now.Sub(since)
		step, since = name, now
	}
	o.Events = func(e pipeline.Event) {
		if name := stepOf(e); e.Kind == pipeline.StepBegun && name != "" {
			next(name, o.Now())
		}
	}
	s, err := pipeline.Run(ctx, o)
	if err != nil {
		return t, err
	}
	end := o.Now()
	next("", end)
	for _, a := range s.Read {
		t.rows["read "+a.Table] = a.Rows
	}
	t.total, t.cpu = end.Sub(begun), processorTime()-cpu
	return t, nil
}

// tables says which model reads which table of the source.
var tables = map[string]string{
	"vault/20_branch_rows": "branches", "vault/30_record_rows": "members",
	"vault/40_membership_rows": "memberships", "crossing/10_loans_read": "loans",
}

// stepOf names the part of the run that an event begins: the reading of a table, the models
// of a folder, or an output. Models of a period count for the output that they are run for.
func stepOf(e pipeline.Event) string {
	if table, reads := tables[e.Name]; reads {
		return "read " + table
	}
	folder, _, isModel := strings.Cut(e.Name, "/")
	switch {
	case folder == "period":
		return ""
	case isModel:
		return "models of the " + folder
	}
	return "make " + e.Name
}

// summarise takes the medians.
func summarise(runs []timing) *Report {
	r := &Report{}
	for _, name := range runs[0].order {
		seconds := each(runs, func(t timing) time.Duration { return t.spent[name] })
		r.Steps = append(r.Steps, Step{Name: name, Seconds: median(seconds), Rows: runs[0].rows[name]})
	}
	totals := each(runs, func(t timing) time.Duration { return t.total })
	r.Total = [3]float64{slices.Min(totals), median(totals), slices.Max(totals)}
	r.CPU = median(each(runs, func(t timing) time.Duration { return t.cpu }))
	return r
}

func each(runs []timing, of func(timing) time.Duration) []float64 {
	var seconds []float64
	for _, t := range runs {
		seconds = append(seconds, of(t).Seconds())
	}
	return seconds
}

// median is the middle one, of an even number the lower of the two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
