package store_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

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

// keepVersions makes the bucket of a server keep versions, and returns how many versions lie
// below a prefix of its keys.
func keepVersions(t *testing.T, s *storetest.S3) (versions func(prefix string) int) {
	t.Helper()
	client := s.Client(t)
	bucket := storetest.Bucket
	if _, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	}); err != nil {
		t.Fatal(err)
	}
	return func(prefix string) int {
		out, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &prefix})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Versions) + len(out.DeleteMarkers)
	}
}

// Of what is rewritten or removed with its folder, and of what was staged, nothing stays in a
// bucket that keeps versions.
func TestNothingOldStaysInVersions(t *testing.T) {
	server := storetest.NewS3(t)
	versions := keepVersions(t, server)
	ctx := t.Context()
	s := openStore(t, s3Location, server.Options())
	write := func(name, content string) {
		t.Helper()
		if err := store.WriteFile(ctx, s, name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(prefix string, n int, when string) {
		t.Helper()
		if got := versions("peil/" + prefix); got != n {
			t.Errorf("%s: %d versions below %s, want %d", when, got, prefix, n)
		}
	}
	const folder = "private/state/2025-01-01"
	for _, content := range []string{"first", "second"} {
		write(folder+"/members.csv.age", content)
		write(folder+"/manifest.json", content)
		write(folder+"-other/members.csv.age", content)
	}
	want(folder, 6, "three files written twice")
	if err := store.EraseOld(ctx, s, folder); err != nil {
		t.Fatal(err)
	}
	want(folder+"/", 2, "old versions erased")
	if text, err := store.ReadFile(ctx, s, folder+"/members.csv.age"); err != nil || string(text) != "second" {
		t.Errorf("what is there now: %q, %v", text, err)
	}
	if err := store.RemoveAll(ctx, s, folder); err != nil {
		t.Fatal(err)
	}
	want(folder+"/", 0, "folder removed")
	want(folder+"-other", 2, "another folder removed")
	dead, err := s.Lock(ctx, store.Owner{Run: "dead"})
	if err != nil {
		t.Fatal(err)
	}
	staged, err := s.Stage(ctx, folder)
	if err != nil {
		t.Fatal(err)
	}
	w, err := staged.Create(ctx, "members.csv.age")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	want(".staging/", 1, "a run died")
	if err := dead.Release(); err != nil {
		t.Fatal(err)
	}
	lock, err := s.Lock(ctx, store.Owner{Run: "next"})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	want(".staging/", 0, "next run begun")
}
