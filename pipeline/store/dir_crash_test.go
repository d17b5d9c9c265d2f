package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"peil/pipeline/store"
)

func openFailing(t *testing.T, path string, d *store.FailingDisk) store.Store {
	t.Helper()
	s, err := store.OpenFailing(path, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestDirectoryCrash stops, or only fails, at each change that a first and a
// second publication make.
func TestDirectoryCrash(t *testing.T) {
	tests := []struct {
		exchanges bool // two folders can be exchanged in one step
		dead      bool // the run ends there, rather than tidying up
		first     bool // there was no publication before
	}{
		{true, true, true},
		{true, true, false},
		{true, false, false},
		{false, true, false},
		{false, false, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("exchanges=%v,dead=%v,first=%v", test.exchanges, test.dead, test.first), func(t *testing.T) {
			t.Parallel()
			n := 1
			for !crashAt(t, n, test.exchanges, test.dead, test.first) {
				n++
			}
			if n < 15 {
				t.Errorf("a publication made only %d changes", n)
			}
		})
	}
}

// crashAt reports whether the publication went through without coming to the
// n-th change.
func crashAt(t *testing.T, n int, exchanges, dead, first bool) (through bool) {
	const folder = "public/kb/2024-W52"
	dir := t.TempDir()
	whole := openFailing(t, dir, &store.FailingDisk{Exchanges: exchanges})
	before := 0
	if !first {
		before = 1
		if err := publishEdition(t, whole, folder, 1); err != nil {
			t.Fatal(err)
		}
	}
	failing := &store.FailingDisk{N: n, Dead: dead, Exchanges: exchanges, Err: syscall.ENOSPC}
	s := openFailing(t, dir, failing)
	err := publishEdition(t, s, folder, 2)
	if failing.N > 0 {
		if err != nil {
			t.Fatal(err)
		}
		wantEdition(t, whole, folder, 2)
		wantOnlyFolder(t, dir)
		return true
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("failure %d: error %v, want the disk's", n, err)
	}
	seen := before
	if exchanges {
		seen = wantEdition(t, whole, folder, before, 2)
	} else {
		seen = wantEdition(t, whole, folder, before, 2, 0)
	}
	if err == nil && seen != 2 {
		t.Fatalf("failure %d: published without an error, but edition %d is there", n, seen)
	}

	// Without anything to do the next run repairs; what it sees, stays.
	lock, err := whole.Lock(t.Context(), store.Owner{Run: "next"})
	if err != nil {
		t.Fatalf("failure %d: %v", n, err)
	}
	repaired := wantEdition(t, whole, folder, before, 2)
	if exchanges && repaired != seen {
		t.Errorf("failure %d: edition %d became %d", n, seen, repaired)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	wantOnlyFolder(t, dir)
	if err := publishEdition(t, whole, folder, 3); err != nil {
		t.Fatal(err)
	}
	wantEdition(t, whole, folder, 3)
	return false
}

// wantOnlyFolder fails if a store holds anything that is not published.
func wantOnlyFolder(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "public" {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// TestDirectoryWriteFails fails each change of writing a single object.
func TestDirectoryWriteFails(t *testing.T) {
	for name, write := range map[string]func(s store.Store) error{
		"Create":    func(s store.Store) error { return store.WriteFile(t.Context(), s, "private/runs/a", []byte("new")) },
		"CreateNew": func(s store.Store) error { return store.WriteNew(t.Context(), s, "private/runs/b", []byte("new")) },
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				dir := t.TempDir()
				failing := &store.FailingDisk{N: n, Err: syscall.ENOSPC}
				s := openFailing(t, dir, failing)
				if err := os.MkdirAll(filepath.Join(dir, "private/runs"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "private/runs/a"), []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
				err := write(s)
				if failing.N > 0 {
					return
				}
				if err == nil {
					continue // a clean-up failed: the object is there
				}
				if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "private/runs/") || !strings.Contains(err.Error(), dir) {
					t.Errorf("failure %d: error %q names not the disk's error, the object and the store", n, err)
				}
				for object, content := range readFolder(t, s, "private/runs") {
					if content != "new" && !(object == "a" && content == "old") {
						t.Errorf("failure %d: %s holds %q", n, object, content)
					}
				}
			}
		})
	}
}

// TestDirectoryBrokenPublication lets the second of the two renames fail: the
// run may publish nothing more, since the next one repairs by the old decision.
func TestDirectoryBrokenPublication(t *testing.T) {
	failing := &store.FailingDisk{Err: syscall.EIO}
	s := openFailing(t, t.TempDir(), failing)
	if err := publishEdition(t, s, "public/x", 1); err != nil {
		t.Fatal(err)
	}
	lock, err := s.Lock(t.Context(), store.Owner{Run: "run"})
	if err != nil {
		t.Fatal(err)
	}
	failing.NoRename = "public/x"
	if err := publishLocked(t, s, "public/x", 2); !errors.Is(err, syscall.EIO) {
		t.Fatalf("error %v, want the disk's", err)
	}
	failing.NoRename = ""
	if err := publishLocked(t, s, "public/y", 3); !errors.Is(err, syscall.EIO) {
		t.Errorf("the next publication: error %v, want the cause of the first", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	lock, err = s.Lock(t.Context(), store.Owner{Run: "next"})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	wantEdition(t, s, "public/x", 2)
}
