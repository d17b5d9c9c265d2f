package pipeline_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
	"peil/pipeline/archive"
)

// A clock that is set forward and back while a run is under way, also over midnight and over
// the hours that summer time adds and takes, changes no figure: a run speaks of the day that
// it was asked for.
func TestClockJumps(t *testing.T) {
	night := time.Date(2024, 10, 27, 0, 59, 59, 0, time.UTC) // the hour that comes twice begins
	jumps := map[string]func(n int) time.Time{
		"still":        func(int) time.Time { return night },
		"back an hour": func(n int) time.Time { return night.Add(-time.Duration(n%2) * time.Hour) },
		"days on":      func(n int) time.Time { return night.AddDate(0, 0, n) },
		"years back":   func(n int) time.Time { return night.AddDate(-n%4, 0, 0) },
	}
	outputs := map[string]map[string]string{}
	for name, at := range jumps {
		l := newLater(t)
		l.write("peil.yaml", strings.Replace(laterConfig, "{new-members: {months: 12}}", "{new-members: {months: 12}, quality: {}}", 1))
		l.write("members.csv", purgeMembers)
		c, asked := l.load(), 0
		now := func() time.Time { asked++; return at(asked) }
		s, err := pipeline.Run(t.Context(), pipeline.Options{
			Config: c, AsOf: time.Date(2024, 10, 28, 0, 0, 0, 0, time.UTC), Version: "test", Env: os.LookupEnv, Now: now, Random: rand.Reader, Events: func(pipeline.Event) {},
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.Seconds < 0 {
			t.Errorf("%s: the run took %g s", name, s.Seconds)
		}
		v, err := archive.VerifyLedger(t.Context(), c, os.LookupEnv, now)
		if err != nil || len(v.Faults) > 0 {
			t.Errorf("%s: the ledger is not in order: %v, %v", name, v, err)
		}
		outputs[name] = made(t, c)
	}
	for name, files := range outputs {
		if diff := cmp.Diff(outputs["still"], files); diff != "" {
			t.Errorf("%s: other files than with a still clock (-still +%s):\n%s", name, name, diff)
		}
	}
}
