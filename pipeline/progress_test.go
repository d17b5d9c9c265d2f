package pipeline_test

import (
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline"
)

// Of a file the rows are told once it has been read.
func TestRowsOfEachFileAreTold(t *testing.T) {
	l := newLater(t)
	l.export([]*patron{{id: 1, branch: "A", born: day(t, "1980-01-01"), joined: day(t, "2020-01-01")}, {id: 2, branch: "B", born: day(t, "1990-01-01"), joined: day(t, "2021-01-01")}}, day(t, "2024-12-02"))
	rows := map[string]int64{}
	_, err := pipeline.Run(t.Context(), pipeline.Options{
		Config: l.load(), AsOf: day(t, "2024-12-02"), Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader,
		Events: func(e pipeline.Event) {
			if r := e.Reading; e.Kind == pipeline.ReadRows {
				rows[e.Name] += r.Rows
				if !r.Ended || r.Part != e.Name || r.Elapsed <= 0 {
					t.Errorf("%s: %+v, want it ended after some time", e.Name, r)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"branches.csv": 2, "members.csv": 2}, rows); diff != "" {
		t.Errorf("rows of each file (-want +got):\n%s", diff)
	}
}
