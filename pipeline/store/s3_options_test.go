package store_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"

	"github.com/google/go-cmp/cmp"
	"github.com/rclone/gofakes3"
)

// TestS3Encryption looks at the headers of all that makes an object.
func TestS3Encryption(t *testing.T) {
	for _, opts := range []store.S3Options{
		{},
		{Encryption: "AES256"},
		{Encryption: "aws:kms"},
		{Encryption: "aws:kms", KMSKey: "arn:aws:kms:eu-central-1:1:key/2"},
	} {
		t.Run(opts.Encryption+opts.KMSKey, func(t *testing.T) {
			// The server in process knows no KMS, and checks signatures before
			// it could be spared the header.
			server := storetest.NewS3(t, gofakes3.WithV4Auth(nil))
			opts.Endpoint, opts.PathStyle = server.URL, true
			var mu sync.Mutex
			made := map[string]int{}
			server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
				if kind := makes(r); kind != "" {
					mu.Lock()
					made[kind]++
					mu.Unlock()
					got := [2]string{
						r.Header.Get("X-Amz-Server-Side-Encryption"),
						r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"),
					}
					if diff := cmp.Diff([2]string{opts.Encryption, opts.KMSKey}, got); diff != "" {
						t.Errorf("%s of %s (-want +got)\n%s", kind, r.URL.Path, diff)
					}
					r.Header.Del("X-Amz-Server-Side-Encryption")
					r.Header.Del("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
				}
				serve.ServeHTTP(w, r)
			})
			s := openStore(t, s3Location, store.Options{S3: opts})
			if err := store.WriteNew(t.Context(), s, "large", bytes.Repeat([]byte("x"), 9<<20)); err != nil {
				t.Fatal(err)
			}
			if err := publishEdition(t, s, "public/x", 1); err != nil {
				t.Fatal(err)
			}
			for _, kind := range []string{"put", "copy", "multipart"} {
				if made[kind] == 0 {
					t.Errorf("nothing was made by %s", kind)
				}
			}
		})
	}
}

// makes says how a request makes an object, if it does.
func makes(r *http.Request) string {
	switch query := r.URL.Query(); {
	case r.Method == http.MethodPost && query.Has("uploads"):
		return "multipart"
	case r.Method != http.MethodPut || query.Has("partNumber"):
		return ""
	case r.Header.Get("X-Amz-Copy-Source") != "":
		return "copy"
	}
	return "put"
}

func TestS3OpenRefuses(t *testing.T) {
	storetest.NewS3(t)
	t.Setenv("AWS_REGION", "")
	for _, test := range []struct {
		location string
		opts     store.S3Options
		want     string
	}{
		{"s3://", store.S3Options{}, "no bucket given"},
		{"s3:///prefix", store.S3Options{}, "no bucket given"},
		{"s3://bucket/a//b", store.S3Options{}, "prefix: invalid name"},
		{"s3://bucket/../b", store.S3Options{}, "prefix: invalid name"},
		{"s3://bucket", store.S3Options{}, "no region"},
		{"s3://bucket", store.S3Options{Encryption: "aes"}, `encryption "aes" is not supported`},
		{"s3://bucket", store.S3Options{KMSKey: "k"}, "needs encryption aws:kms"},
		{"s3://bucket", store.S3Options{Profile: "nobody"}, "nobody"},
		{"gs://bucket", store.S3Options{}, "gs:// is not supported"},
		{"", store.S3Options{}, "no location given"},
	} {
		_, err := store.Open(t.Context(), test.location, store.Options{S3: test.opts})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q %+v: error %v, want one that says %q", test.location, test.opts, err, test.want)
		}
	}
}

// TestS3Errors says what a wrong configuration leads to, where, and no secret.
func TestS3Errors(t *testing.T) {
	const secret = "not-the-secret"
	for _, test := range []struct {
		name     string
		location string
		env      map[string]string
		want     string
	}{
		{"wrong secret", s3Location, map[string]string{"AWS_SECRET_ACCESS_KEY": secret}, "SignatureDoesNotMatch"},
		{"unknown key", s3Location, map[string]string{"AWS_ACCESS_KEY_ID": "nobody"}, "InvalidAccessKeyId"},
		{"no bucket", "s3://nowhere/peil", nil, "NoSuchBucket"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := storetest.NewS3(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			s := openStore(t, test.location, server.Options())
			_, lockErr := s.Lock(t.Context(), storetest.Owner("run"))
			_, listErr := s.List(t.Context(), "public")
			writeErr := store.WriteFile(t.Context(), s, "public/x", []byte("x"))
			for verb, err := range map[string]error{"lock": lockErr, "list public": listErr, "write public/x": writeErr} {
				if err == nil {
					t.Errorf("%s: no error", verb)
					continue
				}
				for _, part := range []string{verb, test.location, test.want} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("error %q does not say %q", err, part)
					}
				}
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error %q shows the secret", err)
				}
			}
		})
	}
}
