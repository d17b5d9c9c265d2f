package archive

import (
	"errors"
	"strings"
	"testing"

	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/store/storetest"
)

func TestWithinEU(t *testing.T) {
	storetest.NewS3(t) // for its credentials alone: nothing is sent
	for _, c := range []struct {
		name, location string
		s3             config.S3
		env            map[string]string
		want           string // of the refusal; empty: let through
	}{
		{name: "a folder", location: t.TempDir()},
		{name: "Frankfurt", s3: config.S3{Region: "eu-central-1"}},
		{name: "the European cloud", s3: config.S3{Region: "eusc-de-east-1"}},
		{name: "Virginia", s3: config.S3{Region: "us-east-1"}, want: "region us-east-1, outside the EU"},
		{name: "London", s3: config.S3{Region: "eu-west-2"}, want: "region eu-west-2"},
		{name: "Zurich", s3: config.S3{Region: "eu-central-2"}, want: "region eu-central-2"},
		{name: "Virginia with a reason", s3: config.S3{Region: "us-east-1", WithinEU: "we say so"}, want: "outside the EU"},
		{name: "a region of the environment", env: map[string]string{"AWS_REGION": "us-west-2"}, want: "us-west-2"},
		{name: "a server nobody knows", s3: config.S3{Endpoint: "https://s3.example.nl"}, want: "s3.example.nl, and nobody can tell"},
		{name: "with a reason", s3: config.S3{Endpoint: "https://s3.example.nl", WithinEU: "our host in Utrecht"}},
		{name: "a blank reason", s3: config.S3{Endpoint: "https://s3.example.nl", WithinEU: "  "}, want: "within_eu"},
		{name: "this machine", s3: config.S3{Endpoint: "http://127.0.0.1:9000"}},
		{name: "this machine by its name", s3: config.S3{Endpoint: "http://localhost:9000"}},
		{name: "this machine as a part", s3: config.S3{Endpoint: "http://localhost.example.com"}, want: "localhost.example.com"},
		{name: "an address that looks like it", s3: config.S3{Endpoint: "http://127.0.0.1.example.com"}, want: "127.0.0.1.example.com"},
		{name: "another machine of the network", s3: config.S3{Endpoint: "http://192.168.1.10:9000"}, want: "192.168.1.10"},
		{name: "a server of the environment", env: map[string]string{"AWS_ENDPOINT_URL": "https://s3.example.com"}, want: "s3.example.com"},
		{name: "a server of the environment for S3", env: map[string]string{"AWS_ENDPOINT_URL_S3": "https://s3.example.com"}, want: "s3.example.com"},
		{name: "an address of AWS elsewhere", s3: config.S3{Endpoint: "https://s3.us-east-1.amazonaws.com", Region: "eu-central-1", WithinEU: "hm"}, want: "region us-east-1"},
		{name: "an address of AWS here", s3: config.S3{Endpoint: "https://s3.eu-west-1.amazonaws.com", Region: "eu-west-1"}},
		{name: "China", s3: config.S3{Endpoint: "https://s3.cn-north-1.amazonaws.com.cn", Region: "eu-west-1"}, want: "cn-north-1"},
		{name: "not quite AWS", s3: config.S3{Endpoint: "https://s3.eu-west-1.amazonaws.com.example.com", Region: "eu-west-1"}, want: "nobody can tell"},
		{name: "an access point elsewhere", location: "s3://arn:aws:s3:us-east-1:1:accesspoint/x", s3: config.S3{Region: "eu-west-1"}, want: "no name of a bucket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			if c.location == "" {
				c.location = "s3://bucket/peil"
			}
			s, err := OpenPlace(t.Context(), c.s3, c.location, "")
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				s.Close()
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a refusal with %q", err, c.want)
			}
			var failed *exit.Error
			if !strings.Contains(c.want, "no name") && (!errors.As(err, &failed) || failed.Status != exit.Usage) {
				t.Errorf("the status of %v is not that of a wrong configuration", err)
			}
		})
	}
}
