package store_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

// A server that sends a client on to another gets nothing there: neither body nor name.
func TestRedirectsAreNotFollowed(t *testing.T) {
	server := storetest.NewS3(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	s := openStore(t, s3Location, server.Options())
	if err := store.WriteFile(t.Context(), s, "private/a.csv", []byte("before")); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{301, 302, 307, 308} {
		server.Around(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, other.URL+r.URL.Path, status)
		})
		if err := store.WriteFile(t.Context(), s, "private/a.csv", []byte("secret")); err == nil {
			t.Errorf("%d: a write was sent on", status)
		}
		if _, err := store.ReadFile(t.Context(), s, "private/a.csv"); err == nil {
			t.Errorf("%d: a read was sent on", status)
		} else if status > 302 && !strings.Contains(err.Error(), "nobody configured") {
			t.Errorf("%d: %v", status, err)
		}
	}
	if asked > 0 {
		t.Errorf("the other server was asked %d times", asked)
	}
}

// Erased, an object is gone from a bucket that keeps versions too, and its neighbours stay.
func TestEraseRemovesVersions(t *testing.T) {
	server := storetest.NewS3(t)
	s := openStore(t, s3Location, server.Options())
	versioned, err := store.Versioned(t.Context(), s)
	if err != nil || versioned {
		t.Fatalf("before: %t, %v", versioned, err)
	}
	var asked []string
	server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		q := r.URL.Query()
		switch {
		case q.Has("versioning"):
			w.Write([]byte(`<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`))
		case q.Has("versions"):
			w.Write([]byte(`<ListVersionsResult><IsTruncated>false</IsTruncated>
				<Version><Key>peil/private/a.csv</Key><VersionId>v1</VersionId></Version>
				<Version><Key>peil/private/a.csv.age</Key><VersionId>v2</VersionId></Version>
				<DeleteMarker><Key>peil/private/a.csv</Key><VersionId>v3</VersionId></DeleteMarker></ListVersionsResult>`))
		case r.Method == http.MethodDelete:
			asked = append(asked, r.URL.Path+" "+q.Get("versionId"))
			w.WriteHeader(http.StatusNoContent)
		default:
			serve.ServeHTTP(w, r)
		}
	})
	if err := store.Erase(t.Context(), s, "private/a.csv"); err != nil {
		t.Fatal(err)
	}
	const key = "/bucket/peil/private/a.csv"
	if got := strings.Join(asked, ", "); got != key+" , "+key+" v1, "+key+" v3" {
		t.Errorf("deleted %s", got)
	}
}
