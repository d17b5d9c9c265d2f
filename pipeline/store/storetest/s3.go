package storetest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"peil/pipeline/store"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

// Bucket is the bucket that an S3 server of this package has.
const Bucket = "bucket"

// S3 is an S3 server in process, over a real connection. Unless an option says
// otherwise it checks signatures.
type S3 struct {
	URL string

	mu     sync.Mutex
	around func(w http.ResponseWriter, r *http.Request, serve http.Handler)
}

// NewS3 starts a server with an empty bucket, and sets the environment so that
// the test's AWS clients have its credentials and nothing else of the machine's.
// The server ends with the test.
func NewS3(t *testing.T, opts ...gofakes3.Option) *S3 {
	t.Helper()
	const id, secret = "test-id", "test-secret"
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "eu-central-1", "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	backend := s3mem.New()
	if err := backend.CreateBucket(t.Context(), Bucket); err != nil {
		t.Fatal(err)
	}
	opts = append([]gofakes3.Option{gofakes3.WithV4Auth(map[string]string{id: secret})}, opts...)
	handler := oneWriteAtATime(gofakes3.New(backend, opts...).Server())
	s := &S3{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		around := s.around
		s.mu.Unlock()
		if around == nil {
			handler.ServeHTTP(w, r)
			return
		}
		around(w, r, handler)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// oneWriteAtATime makes conditional writes atomic, as those of S3 are; the
// in-memory backend checks the condition some time before it writes.
func oneWriteAtATime(handler http.Handler) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			mu.Lock()
			defer mu.Unlock()
		}
		handler.ServeHTTP(w, r)
	})
}

// Around makes f answer every request from now on; it may pass it on to serve,
// change what comes back, or panic with http.ErrAbortHandler to break the
// connection. With nil the server answers by itself.
func (s *S3) Around(f func(w http.ResponseWriter, r *http.Request, serve http.Handler)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.around = f
}

// Client is a client of the server that knows nothing of stores.
func (s *S3) Client(t *testing.T) *s3.Client {
	t.Helper()
	c, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s3.NewFromConfig(c, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = &s.URL, true })
}

// Options are the options to reach the server with.
func (s *S3) Options() store.Options {
	return store.Options{S3: store.S3Options{Endpoint: s.URL, PathStyle: true}}
}
