package store_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"peil/pipeline/store"

	"github.com/google/go-cmp/cmp"
)

// edition returns the files of an edition of a publication. Two editions differ
// in names and contents.
func edition(i int) map[string]string {
	content := strings.Repeat(fmt.Sprint("edition ", i, "\n"), 10)
	return map[string]string{
		"same.csv":            content,
		fmt.Sprint(i, ".csv"): content,
		store.ManifestName:    content,
	}
}

// publishEdition publishes one under a lock of its own, which it releases.
func publishEdition(t *testing.T, s store.Store, folder string, i int) error {
	lock, err := s.Lock(t.Context(), store.Owner{Run: fmt.Sprint("run-", i)})
	if err != nil {
		return err
	}
	err = publishLocked(t, s, folder, i)
	return errors.Join(err, lock.Release())
}

func publishLocked(t *testing.T, s store.Store, folder string, i int) error {
	set, err := s.Stage(t.Context(), folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	files := edition(i)
	for name, content := range files {
		if name == store.ManifestName {
			continue
		}
		w, err := set.Create(t.Context(), name)
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := io.WriteString(w, content); err != nil {
			return err
		}
		if err := w.Commit(); err != nil {
			return err
		}
	}
	return set.Publish(t.Context(), []byte(files[store.ManifestName]))
}

// readFolder returns the contents of a folder's files by name.
func readFolder(t *testing.T, s store.Store, folder string) map[string]string {
	t.Helper()
	objects, err := s.List(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, o := range objects {
		data, err := store.ReadFile(t.Context(), s, o.Name)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimPrefix(o.Name, folder+"/")] = string(data)
	}
	return files
}

// wantEdition fails unless the folder is one of the editions, complete, and
// returns which; 0 is that nothing is there.
func wantEdition(t *testing.T, s store.Store, folder string, editions ...int) int {
	t.Helper()
	got := readFolder(t, s, folder)
	for _, i := range editions {
		if i == 0 && len(got) == 0 || i > 0 && maps.Equal(got, edition(i)) {
			return i
		}
	}
	t.Fatalf("the folder is none of the editions %v:\n%s", editions, cmp.Diff(edition(editions[0]), got))
	return 0
}
