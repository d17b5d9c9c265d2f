package pipeline_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/archive"
	"peil/pipeline/exit"
)

// A run that died after its first year is gone on with by the same configuration and the same
// models, and by no others.
func TestARunIsResumedAsItBegan(t *testing.T) {
	l := newLater(t)
	text := strings.NewReplacer("members: members.csv", "members: members.csv, loans: loans.csv", "{new-members: {months: 12}}", "{wsob: {}}").Replace(laterConfig)
	l.write("peil.yaml", text)
	patrons := []*patron{{id: 1, branch: "A", born: day(t, "1980-01-01"), joined: day(t, "2020-01-01")}}
	l.export(patrons, day(t, "2024-12-02"))
	run := func(resume string) (*pipeline.Summary, error) {
		o := pipeline.Options{Config: l.load(), AsOf: day(t, "2024-12-02"), Resume: resume, Version: "2.0", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {}}
		if resume == "" {
			o.Periods = []archive.Period{archive.PeriodOf("wsob", day(t, "2022-06-01")), archive.PeriodOf("wsob", day(t, "2023-06-01"))}
		}
		return pipeline.Run(t.Context(), o)
	}
	s, err := run("")
	if err != nil {
		t.Fatal(err)
	}
	// its record as it stood after the first year
	file := filepath.Join(l.dir, "out", "private", "runs", s.Run+".json")
	record := func(change func(*pipeline.Record)) {
		t.Helper()
		var r pipeline.Record
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil {
			t.Fatal(err)
		}
		change(&r)
		if text, err = json.Marshal(r); err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	record(func(r *pipeline.Record) { r.State, r.Outputs = pipeline.Running, r.Outputs[:1] })

	l.write("peil.yaml", text+"protection: {k: 20}\n")
	if _, err := run(s.Run); status(err) != exit.Usage || !strings.Contains(err.Error(), "peil.yaml has changed since run "+s.Run) {
		t.Errorf("under another configuration: %v", err)
	}
	l.write("peil.yaml", text)
	resumed, err := run(s.Run)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range resumed.Outputs {
		got = append(got, fmt.Sprint(o.Period, " ", o.Status, " ", o.Run == s.Run, o.Why))
	}
	if diff := cmp.Diff([]string{"2022 published true []", "2023 unchanged false []"}, got); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
	record(func(r *pipeline.Record) { r.Program, r.SQL = "1.0", "other" })
	if _, err := run(s.Run); status(err) != exit.Usage || !strings.Contains(err.Error(), "made by peil 1.0, which counts otherwise than this one (2.0)") {
		t.Errorf("by another program: %v", err)
	}
}

func status(err error) int {
	var e *exit.Error
	if !errors.As(err, &e) {
		return exit.Done
	}
	return e.Status
}
