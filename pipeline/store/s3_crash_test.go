package store_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"

	"github.com/rclone/gofakes3"
)

const s3Location = "s3://" + storetest.Bucket + "/peil"

// newS3LongAgo starts a server that dates whatever it stores an hour back, so
// that every lock on it has expired.
func newS3LongAgo(t *testing.T) *storetest.S3 {
	return storetest.NewS3(t, gofakes3.WithTimeSkewLimit(0),
		gofakes3.WithTimeSource(gofakes3.FixedTimeSource(time.Now().Add(-time.Hour))))
}

// fault is how a request fails.
type fault string

const (
	throttled  fault = "throttled"  // answered with 503
	notArrived fault = "notArrived" // the connection breaks before it is served
	answerLost fault = "answerLost" // the connection breaks after it was served
)

// failFrom makes the n-th request of those to come fail, and all after it if
// the run is to be dead. It returns a function that reports whether it came to
// that.
func failFrom(server *storetest.S3, n int, f fault, dead bool) (reached func() bool) {
	var mu sync.Mutex
	count := 0
	server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		mu.Lock()
		count++
		failing, after := count == n, count > n && dead
		mu.Unlock()
		switch {
		case after:
			panic(http.ErrAbortHandler)
		case !failing:
			serve.ServeHTTP(w, r)
		case f == throttled:
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
		case f == answerLost:
			serve.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			panic(http.ErrAbortHandler)
		}
	})
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return count >= n
	}
}

// TestS3Crash ends a run at each request of a first and a second publication.
func TestS3Crash(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	tests := []struct {
		fault fault
		dead  bool // the run ends there, rather than tidying up
		first bool // there was no publication before
	}{
		{notArrived, true, true},
		{notArrived, true, false},
		{notArrived, false, false},
		{answerLost, true, true},
		{answerLost, true, false},
		{answerLost, false, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s,dead=%v,first=%v", test.fault, test.dead, test.first), func(t *testing.T) {
			n := 1
			for !s3CrashAt(t, n, test.fault, test.dead, test.first) {
				n++
			}
			if n < 25 {
				t.Errorf("a publication made only %d requests", n)
			}
		})
	}
}

// s3CrashAt reports whether the publication went through without coming to the
// n-th request.
func s3CrashAt(t *testing.T, n int, f fault, dead, first bool) (through bool) {
	const folder = "public/kb/2024-W52"
	server := newS3LongAgo(t)
	whole := openStore(t, s3Location, server.Options())
	before := 0
	if !first {
		before = 1
		if err := publishEdition(t, whole, folder, 1); err != nil {
			t.Fatal(err)
		}
	}
	reached := failFrom(server, n, f, dead)
	err := publishEdition(t, openStore(t, s3Location, server.Options()), folder, 2)
	server.Around(nil)
	if !reached() {
		if err != nil {
			t.Fatal(err)
		}
		wantEdition(t, whole, folder, 2)
		return true
	}

	// Where a manifest stands the folder is complete.
	seen := 0
	if _, published := readFolder(t, whole, folder)[store.ManifestName]; published {
		seen = wantEdition(t, whole, folder, 1, 2)
	}
	if err == nil && seen != 2 {
		t.Fatalf("request %d: published without an error, but edition %d is there", n, seen)
	}
	lock, err := whole.Lock(t.Context(), store.Owner{Run: "next"})
	if err != nil {
		t.Fatalf("request %d: %v", n, err)
	}
	if repaired := wantEdition(t, whole, folder, before, 2); seen == 2 && repaired != 2 {
		t.Errorf("request %d: edition 2 became %d", n, repaired)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if err := publishEdition(t, whole, folder, 3); err != nil {
		t.Fatal(err)
	}
	wantEdition(t, whole, folder, 3)
	return false
}

// TestS3Retries lets each single request of a publication and of a new object
// fail once: nobody notices.
func TestS3Retries(t *testing.T) {
	const folder = "public/kb/2024-W52"
	const requests = 45 // more than there are
	type attempt struct {
		name    string
		server  *storetest.S3
		store   store.Store
		reached func() bool
		err     error
	}
	var attempts []*attempt
	var wg sync.WaitGroup
	for _, f := range []fault{throttled, notArrived, answerLost} {
		for n := 1; n <= requests; n++ {
			server := storetest.NewS3(t)
			a := &attempt{
				name:   fmt.Sprintf("request %d %s", n, f),
				server: server,
				store:  openStore(t, s3Location, server.Options()),
			}
			a.reached = failFrom(server, n, f, false)
			wg.Go(func() {
				a.err = errors.Join(
					publishEdition(t, a.store, folder, 2),
					store.WriteNew(t.Context(), a.store, "private/ledger/1", []byte("entry")))
			})
			attempts = append(attempts, a)
		}
	}
	wg.Wait()
	for _, a := range attempts {
		if a.err != nil {
			t.Errorf("%s: %v", a.name, a.err)
			continue
		}
		a.server.Around(nil)
		wantEdition(t, a.store, folder, 2)
	}
	if attempts[len(attempts)-1].reached() {
		t.Errorf("there are %d requests or more", requests)
	}
}

// TestS3ResumesReading breaks the connection again and again in the middle of
// an object.
func TestS3ResumesReading(t *testing.T) {
	server := storetest.NewS3(t)
	s := openStore(t, s3Location, server.Options())
	content := strings.Repeat("0123456789", 100_000)
	if err := store.WriteFile(t.Context(), s, "a", []byte(content)); err != nil {
		t.Fatal(err)
	}
	server.Around(breakAfter(300_000))
	got, err := store.ReadFile(t.Context(), s, "a")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != content {
		t.Errorf("read %d bytes that differ from the %d written", len(got), len(content))
	}

	r, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := store.WriteFile(t.Context(), s, "a", []byte("new "+content)); err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 64<<10); err == nil; {
		_, err = r.Read(buf)
	}
	if !strings.Contains(err.Error(), "replaced while being read") {
		t.Errorf("error %v, want that it was replaced", err)
	}

	server.Around(breakAfter(0))
	if _, err := store.ReadFile(t.Context(), s, "a"); err == nil {
		t.Error("reading goes on for ever, or not at all, without an error")
	}
}

// breakAfter breaks each connection after so many bytes of an object.
func breakAfter(n int) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		if r.Method != http.MethodGet {
			serve.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		serve.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
		w.WriteHeader(answer.Code)
		body := answer.Body.Bytes()
		w.Write(body[:min(n, len(body))])
		if n < len(body) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}
