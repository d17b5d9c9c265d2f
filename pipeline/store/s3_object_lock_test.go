package store_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

// A bucket with object lock holds on to what is written locked; one without it, and a
// directory, take it all the same. Nowhere is anything replaced.
func TestWriteNewLocked(t *testing.T) {
	until := time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, locks := range []bool{true, false} {
		server := storetest.NewS3(t)
		var held []string
		server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
			if locks && r.URL.Query().Has("object-lock") {
				io.WriteString(w, `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`)
				return
			}
			if r.Method == http.MethodPut && r.Header.Get("x-amz-object-lock-mode") != "" {
				// the server of these tests has no object lock: it would refuse
				held = append(held, r.Header.Get("x-amz-object-lock-mode")+" "+r.Header.Get("x-amz-object-lock-retain-until-date"))
				if len(held) > 1 {
					w.WriteHeader(http.StatusPreconditionFailed)
					io.WriteString(w, "<Error><Code>PreconditionFailed</Code></Error>")
				}
				return
			}
			serve.ServeHTTP(w, r)
		})
		s, err := store.Open(t.Context(), "s3://"+storetest.Bucket+"/peil", server.Options())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := store.WriteNewLocked(t.Context(), s, "private/ledger/000001.json", []byte("{}"), until); err != nil {
			t.Fatal(err)
		}
		if err := store.WriteNewLocked(t.Context(), s, "private/ledger/000001.json", []byte("{}"), until); !errors.Is(err, fs.ErrExist) {
			t.Errorf("object lock %t: a second time: %v", locks, err)
		}
		if want := "GOVERNANCE 2030-01-02T03:04:05Z"; locks && (len(held) != 2 || held[0] != want) || !locks && len(held) != 0 {
			t.Errorf("object lock %t: the server was asked to hold %q", locks, held)
		}
	}
	dir, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := store.WriteNewLocked(t.Context(), dir, "a", nil, until); err != nil {
		t.Fatal(err)
	}
}
