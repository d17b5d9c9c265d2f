package store

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// staying is an HTTP client that sends a request where it is meant to go and nowhere else:
// a server that answers with the address of another would get the body sent there.
type staying struct{ s3.HTTPClient }

type meantFor struct{}

func (s staying) Do(r *http.Request) (*http.Response, error) {
	return s.HTTPClient.Do(r.WithContext(context.WithValue(r.Context(), meantFor{}, r.URL.Host)))
}

// refuseRedirects is asked for a proxy before any request of a client goes out, also one
// that follows a redirect. Requests that are not of a staying client pass.
func refuseRedirects(t *http.Transport) {
	proxy := t.Proxy
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		if host, ok := r.Context().Value(meantFor{}).(string); ok && host != r.URL.Host {
			return nil, fmt.Errorf("the server %s sends us on to %s, which nobody configured", host, r.URL.Host)
		}
		if proxy == nil {
			return nil, nil
		}
		return proxy(r)
	}
}

// Place is where a bucket is, as far as its address says.
type Place struct {
	Bucket   string
	Region   string
	Endpoint string // URL of a server other than those of AWS; empty: AWS's own of the region
}

// PlaceOf says where a store is; false for a directory, which is on this machine.
func PlaceOf(s Store) (Place, bool) {
	bucket, ok := s.(*s3Store)
	if !ok {
		return Place{}, false
	}
	o := bucket.client.Options()
	return Place{Bucket: bucket.bucket, Region: o.Region, Endpoint: aws.ToString(o.BaseEndpoint)}, true
}
