package store_test

import (
	"testing"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

func TestS3Conformance(t *testing.T) {
	for name, location := range map[string]string{
		"WholeBucket": "s3://" + storetest.Bucket,
		"Prefix":      "s3://" + storetest.Bucket + "/library 1+1/peil/",
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Conformance(t, func(t *testing.T) func() store.Store {
				server := storetest.NewS3(t)
				return func() store.Store { return openStore(t, location, server.Options()) }
			})
		})
	}
}

func openStore(t *testing.T, location string, opts store.Options) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), location, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
