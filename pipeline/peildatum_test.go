package pipeline_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/exit"
)

// The day that the population is true for and the day printed in the file are the same.
func TestPeildatum(t *testing.T) {
	const (
		dated   = "member_id,branch,last_registered_on,ended_on\n1,A,2020-01-01,\n2,A,2020-01-01,2025-01-05\n3,A,2025-01-03,\n"
		undated = "member_id,branch,last_registered_on\n1,A,2020-01-01\n2,A,2020-01-01\n3,A,2025-01-03\n"
	)
	for _, c := range []struct {
		name, members, snapshot, asOf string
		peildatum                     string
		persons                       int64
		status                        int
	}{
		{"the day of the snapshot", dated, "2025-01-10", "2025-01-10", "2025-01-10", 2, exit.Done},
		{"an earlier day, told from the dates", dated, "2025-01-10", "2025-01-01", "2025-01-01", 2, exit.Done},
		{"an earlier day that the dates reach", dated, "2025-01-10", "2025-01-04", "2025-01-04", 3, exit.Done},
		{"an earlier day without validity dates: the snapshot's, visibly", undated, "2025-01-10", "2025-01-01", "2025-01-10", 3, exit.Warned},
		{"a later day: the future is not told", dated, "2025-01-10", "2025-01-20", "2025-01-10", 2, exit.Warned},
		{"too far from the snapshot: withheld", dated, "2025-01-10", "2025-03-01", "2025-01-10", 2, exit.Withheld},
		{"no day given: that of the run", dated, "", "2025-01-10", "2025-01-10", 2, exit.Done},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLater(t)
			text := strings.Replace(laterConfig, "outputs: {new-members: {months: 12}}", "outputs: {cbs: {}}", 1)
			if c.snapshot != "" {
				text = strings.Replace(text, "type: file,", "type: file, snapshot_on: "+c.snapshot+",", 1)
			}
			l.write("peil.yaml", text)
			l.write("members.csv", c.members)
			conf, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			asOf, err := time.Parse(time.DateOnly, c.asOf)
			if err != nil {
				t.Fatal(err)
			}
			s, err := pipeline.Run(t.Context(), pipeline.Options{
				Config: conf, AsOf: asOf, PlaintextOK: true, Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
			})
			if err != nil {
				t.Fatal(err)
			}
			if s.Counted.Peildatum != c.peildatum || s.Counted.Population != c.persons || s.ExitStatus() != c.status {
				t.Errorf("got %s, %d persons, status %d; want %s, %d, %d", s.Counted.Peildatum, s.Counted.Population, s.ExitStatus(), c.peildatum, c.persons, c.status)
			}
			folder := filepath.Join(l.dir, "out", "private", "cbs", c.peildatum)
			if c.status == exit.Withheld {
				if _, err := os.Stat(folder); err == nil {
					t.Error("a withheld file is there")
				}
				return
			}
			compact := strings.ReplaceAll(c.peildatum, "-", "")
			file, err := os.ReadFile(filepath.Join(folder, "cbs-lgb-1_NL-0823450000_"+compact+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(file), ";"+compact+"\r\n"); int64(n) != c.persons {
				t.Errorf("%d lines with the peildatum, want %d", n, c.persons)
			}
		})
	}
}
