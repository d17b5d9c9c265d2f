package store_test

import (
	"testing"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestRehearsalConformance(t *testing.T) {
	storetest.Conformance(t, func(t *testing.T) func() store.Store {
		real, scratch := t.TempDir(), t.TempDir()
		return func() store.Store {
			return store.Rehearse(openStore(t, real, store.Options{}), openStore(t, scratch, store.Options{}))
		}
	})
}

// TestRehearsalLeavesTheRealStore changes everything that a store can change.
func TestRehearsalLeavesTheRealStore(t *testing.T) {
	real := openStore(t, t.TempDir(), store.Options{})
	for _, name := range []string{"a", "b", "c"} {
		if err := publishEdition(t, real, "public/"+name, 1); err != nil {
			t.Fatal(err)
		}
	}
	before := map[string]map[string]string{}
	for _, name := range []string{"a", "b", "c"} {
		before[name] = readFolder(t, real, "public/"+name)
	}
	s := store.Rehearse(real, openStore(t, t.TempDir(), store.Options{}))
	lock, err := real.Lock(t.Context(), store.Owner{Run: "another"}) // holds the real one meanwhile
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	if err := publishEdition(t, s, "public/a", 2); err != nil {
		t.Fatal(err)
	}
	if err := store.RemoveAll(t.Context(), s, "public/b"); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteFile(t.Context(), s, "public/d", []byte("new")); err != nil {
		t.Fatal(err)
	}
	wantEdition(t, s, "public/a", 2)
	wantEdition(t, s, "public/b", 0)
	wantEdition(t, s, "public/c", 1)
	for name, files := range before {
		if diff := cmp.Diff(files, readFolder(t, real, "public/"+name)); diff != "" {
			t.Errorf("%s was changed (-want +got):\n%s", name, diff)
		}
	}
	if _, err := real.Stat(t.Context(), "public/d"); err == nil {
		t.Error("public/d was written")
	}
}
