package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

// TestS3LockTakeOver lets a run take over the store of one that has not renewed
// its lock, and that then goes on.
func TestS3LockTakeOver(t *testing.T) {
	server := newS3LongAgo(t)
	slow, next := openStore(t, s3Location, server.Options()), openStore(t, s3Location, server.Options())
	store.SetLockExpiry(slow, 24*time.Hour) // it renews too seldom
	lock, err := slow.Lock(t.Context(), storetest.Owner("slow"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := slow.Stage(t.Context(), "public/x")
	if err != nil {
		t.Fatal(err)
	}
	nextLock, err := next.Lock(t.Context(), storetest.Owner("next"))
	if err != nil {
		t.Fatal(err)
	}
	if err := publishLocked(t, next, "public/x", 1); err != nil {
		t.Fatal(err)
	}
	if err := set.Publish(t.Context(), []byte("slow")); !errors.Is(err, store.ErrLockLost) {
		t.Errorf("Publish after the take-over: error %v, want ErrLockLost", err)
	}
	if cause := context.Cause(lock.Context()); !errors.Is(cause, store.ErrLockLost) {
		t.Errorf("the lock's context ended with %v, want ErrLockLost", cause)
	}
	if err := lock.Release(); !errors.Is(err, store.ErrLockLost) {
		t.Errorf("Release: error %v, want ErrLockLost", err)
	}
	wantEdition(t, next, "public/x", 1)
	if err := nextLock.Context().Err(); err != nil {
		t.Errorf("the lock of the run that took over: %v", err)
	}
	if err := nextLock.Release(); err != nil {
		t.Error(err)
	}
}

// TestS3LockRenewed waits for the second renewal of a lock.
func TestS3LockRenewed(t *testing.T) {
	server := storetest.NewS3(t)
	s := openStore(t, s3Location, server.Options())
	store.SetLockExpiry(s, 4*time.Second)
	lock, err := s.Lock(t.Context(), storetest.Owner("run"))
	if err != nil {
		t.Fatal(err)
	}
	renewals := make(chan bool, 100)
	server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		serve.ServeHTTP(w, r)
		renewals <- r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/.lock")
	})
	for range 2 {
		if !<-renewals {
			t.Error("a held lock asks for something other than its renewal")
		}
	}
	if err := lock.Context().Err(); err != nil {
		t.Errorf("the renewed lock: %v", context.Cause(lock.Context()))
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

// TestS3LockLost makes renewals fail in two ways.
func TestS3LockLost(t *testing.T) {
	t.Run("Refused", func(t *testing.T) {
		server := storetest.NewS3(t)
		s := openStore(t, s3Location, server.Options())
		store.SetLockExpiry(s, 100*time.Millisecond)
		lock, err := s.Lock(t.Context(), storetest.Owner("run"))
		if err != nil {
			t.Fatal(err)
		}
		server.Around(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>")
		})
		<-lock.Context().Done()
		if _, err := s.Stage(t.Context(), "public/x"); !errors.Is(err, store.ErrLockLost) {
			t.Errorf("Stage: error %v, want ErrLockLost", err)
		}
		wantLost(t, lock)
	})
	t.Run("TakenOver", func(t *testing.T) {
		server := newS3LongAgo(t)
		s, other := openStore(t, s3Location, server.Options()), openStore(t, s3Location, server.Options())
		store.SetLockExpiry(s, 100*time.Millisecond)
		lock, err := s.Lock(t.Context(), storetest.Owner("run"))
		if err != nil {
			t.Fatal(err)
		}
		otherLock, err := other.Lock(t.Context(), storetest.Owner("other"))
		if err != nil {
			t.Fatal(err)
		}
		wantLost(t, lock)
		if err := otherLock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func wantLost(t *testing.T, lock *store.Lock) {
	t.Helper()
	<-lock.Context().Done()
	if cause := context.Cause(lock.Context()); !errors.Is(cause, store.ErrLockLost) {
		t.Errorf("the context ended with %v, want ErrLockLost", cause)
	}
	if err := lock.Release(); !errors.Is(err, store.ErrLockLost) {
		t.Errorf("Release: error %v, want ErrLockLost", err)
	}
}

// TestS3LockNeedsConditions refuses servers that ignore or do not know one of
// the two conditions.
func TestS3LockNeedsConditions(t *testing.T) {
	for _, header := range []string{"If-Match", "If-None-Match"} {
		for _, status := range []int{http.StatusOK, http.StatusNotImplemented} {
			t.Run(fmt.Sprint(header, status), func(t *testing.T) {
				server := storetest.NewS3(t)
				s := openStore(t, s3Location, server.Options())
				writes := 0
				server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
					if r.Method != http.MethodPut || r.Header.Get(header) == "" {
						serve.ServeHTTP(w, r)
						return
					}
					if writes++; writes == 1 && header == "If-None-Match" {
						serve.ServeHTTP(w, r) // the condition holds
						return
					}
					w.Header().Set("ETag", `"1"`)
					w.WriteHeader(status)
					if status != http.StatusOK {
						fmt.Fprint(w, "<Error><Code>NotImplemented</Code><Message>No.</Message></Error>")
					}
				})
				_, err := s.Lock(t.Context(), storetest.Owner("run"))
				if err == nil || !strings.Contains(err.Error(), "does not support conditional writes") {
					t.Errorf("error %v, want that conditions are not supported", err)
				}
			})
		}
	}
}

// TestS3LockUnreadable takes over what is no lock once it is old, and respects
// it while it is young.
func TestS3LockUnreadable(t *testing.T) {
	for name, test := range map[string]struct {
		server *storetest.S3
		held   bool
	}{
		"young": {storetest.NewS3(t), true},
		"old":   {newS3LongAgo(t), false},
	} {
		t.Run(name, func(t *testing.T) {
			lockAsFile := openStore(t, "s3://"+storetest.Bucket, test.server.Options())
			if err := store.PutRaw(t.Context(), lockAsFile, "peil/.lock", []byte("not JSON")); err != nil {
				t.Fatal(err)
			}
			s := openStore(t, s3Location, test.server.Options())
			lock, err := s.Lock(t.Context(), storetest.Owner("run"))
			if errors.Is(err, store.ErrHeld) != test.held {
				t.Fatalf("error %v, want held: %v", err, test.held)
			}
			if lock != nil {
				lock.Release()
			}
		})
	}
}
