package store_test

import (
	"path/filepath"
	"testing"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

func TestDirectoryConformance(t *testing.T) {
	storetest.Conformance(t, func(t *testing.T) func() store.Store {
		dir := filepath.Join(t.TempDir(), "not", "there yet")
		return func() store.Store {
			s, err := store.Open(t.Context(), dir, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}
	})
}
