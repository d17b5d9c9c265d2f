package pipeline_test

import (
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"peil/pipeline"
	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/store/storetest"
)

// A run into a bucket leaves there what a run into a folder leaves on the disk.
func TestARunIntoABucket(t *testing.T) {
	server := storetest.NewS3(t)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	l := newLater(t)
	l.write("peil.yaml", strings.Replace(laterConfig, "store: out", "store: s3://"+storetest.Bucket+"/peil", 1))
	l.write("members.csv", "member_id,branch,first_registered_on,last_registered_on\n1,A,2020-01-01,2020-01-01\n2,B,2024-11-01,2024-11-01\n")
	c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	run := func() *pipeline.Summary {
		s, err := pipeline.Run(t.Context(), pipeline.Options{
			Config: c, AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := run(); s.Outputs[0].Status != pipeline.Published {
		t.Errorf("the first run: %+v", s.Outputs)
	}
	if s := run(); s.Outputs[0].Status != pipeline.Unchanged {
		t.Errorf("the second run: %+v", s.Outputs)
	}
	store, err := archive.OpenStore(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found, err := archive.Verify(t.Context(), store, "")
	if err != nil || len(found) != 2 {
		t.Fatalf("verified %d folders, want 2: %v", len(found), err)
	}
	for _, v := range found {
		if len(v.Differs) > 0 || v.Files == 0 {
			t.Errorf("%s: %d files, %v", v.Folder, v.Files, v.Differs)
		}
	}
}

// A server that is busy, slow or breaks connections, now and then, is no reason to fail.
func TestARunThroughBadWeather(t *testing.T) {
	server := storetest.NewS3(t)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	var requests, bad atomic.Int64
	server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		switch n := requests.Add(1); {
		case n%50 == 0:
			bad.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
		case n%70 == 0:
			bad.Add(1)
			panic(http.ErrAbortHandler)
		case n%41 == 0:
			time.Sleep(100 * time.Millisecond)
			fallthrough
		default:
			serve.ServeHTTP(w, r)
		}
	})
	l := newLater(t)
	l.write("peil.yaml", strings.Replace(laterConfig, "store: out", "store: s3://"+storetest.Bucket+"/peil\ns3: {within_eu: this machine}", 1))
	l.write("members.csv", "member_id,branch,first_registered_on,last_registered_on\n1,A,2020-01-01,2020-01-01\n2,B,2024-11-01,2024-11-01\n")
	c, err := config.Load(filepath.Join(l.dir, "peil.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := pipeline.Run(t.Context(), pipeline.Options{
		Config: c, AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
	if err != nil || s.Outputs[0].Status != pipeline.Published {
		t.Fatalf("%d of %d requests failed: %v", bad.Load(), requests.Load(), err)
	}
	if bad.Load() < 3 {
		t.Errorf("only %d of %d requests failed", bad.Load(), requests.Load())
	}
	server.Around(nil)
	store, err := archive.OpenStore(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found, err := archive.Verify(t.Context(), store, "")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, v := range found {
		if len(v.Differs) > 0 {
			t.Errorf("%s: %v", v.Folder, v.Differs)
		}
	}
}
