// Package storetest holds what tests of a store, and of what uses one, have in
// common: the suite that every kind of store passes, an S3 server in process,
// and a store that fails.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"peil/pipeline/store"

	"github.com/google/go-cmp/cmp"
)

// Owner is an owner for tests, of the given run.
func Owner(run string) store.Owner {
	return store.Owner{Run: run, Host: "host.example", PID: 12, Since: time.Date(2025, 1, 6, 2, 0, 0, 0, time.UTC)}
}

// Conformance tests what every store promises. For each test newStore makes an
// empty store, and each call of open returns one more handle on it.
func Conformance(t *testing.T, newStore func(t *testing.T) (open func() store.Store)) {
	tests := []struct {
		name string
		run  func(t *testing.T, open func() store.Store)
	}{
		{"Objects", testObjects},
		{"MissingObjects", testMissing},
		{"List", testList},
		{"Names", testNames},
		{"Abort", testAbort},
		{"CreateNew", testCreateNew},
		{"LargeObject", testLargeObject},
		{"CancelledContext", testCancelled},
		{"RemoveAll", testRemoveAll},
		{"Publish", testPublish},
		{"PublishRefuses", testPublishRefuses},
		{"Discard", testDiscard},
		{"Lock", testLock},
		{"LockSweeps", testLockSweeps},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, newStore(t)) })
	}
}

func testObjects(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	for _, content := range []string{"first", "", "the third is longer"} {
		check(t, store.WriteFile(ctx, s, "private/runs/a.json", []byte(content)))
		wantFile(t, s, "private/runs/a.json", content)
		info, err := s.Stat(ctx, "private/runs/a.json")
		check(t, err)
		wantRecent(t, &info)
		want(t, info, store.Info{Name: "private/runs/a.json", Size: int64(len(content))})
	}
	wantFile(t, open(), "private/runs/a.json", "the third is longer")

	check(t, s.Remove(ctx, "private/runs/a.json"))
	check(t, s.Remove(ctx, "private/runs/a.json"))
	wantNames(t, s, "")
}

func testMissing(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	check(t, store.WriteFile(ctx, s, "a/b", nil))
	for _, name := range []string{"x", "a", "a/x", "x/y/z"} {
		_, err := s.Open(ctx, name)
		wantError(t, err, fs.ErrNotExist, name)
		_, err = s.Stat(ctx, name)
		wantError(t, err, fs.ErrNotExist, name)
		_, err = store.ReadFile(ctx, s, name)
		wantError(t, err, fs.ErrNotExist, name)
		check(t, s.Remove(ctx, name))
	}
	wantNames(t, s, "", "a/b")
}

func testList(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	wantNames(t, s, "")
	wantNames(t, s, "a")
	for _, name := range []string{"a/x", "a-b/x", "a/y/z", "ab", "b/één bestand.csv", "b/1+1=2&c%20.csv"} {
		check(t, store.WriteFile(ctx, s, name, []byte(name)))
		wantFile(t, s, name, name)
	}
	wantNames(t, s, "", "a-b/x", "a/x", "a/y/z", "ab", "b/1+1=2&c%20.csv", "b/één bestand.csv")
	wantNames(t, s, "a", "a/x", "a/y/z")
	wantNames(t, s, "a/y", "a/y/z")
	wantNames(t, s, "a/x")
	wantNames(t, s, "c")
	objects, err := s.List(ctx, "a")
	check(t, err)
	for i := range objects {
		wantRecent(t, &objects[i])
	}
	want(t, objects, []store.Info{{Name: "a/x", Size: 3}, {Name: "a/y/z", Size: 5}})
}

func testNames(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	lock, err := s.Lock(ctx, Owner("run"))
	check(t, err)
	defer lock.Release()
	for _, name := range []string{
		"", ".", "..", "/a", "a/", "a//b", "a/../b", "../a", "./a", "a/.", `a\b`, `..\a`, "C:/a", "a\x00b", "a\nb",
		"a\xffb", ".lock", ".staging/x", "a/.hidden", "a*", "a?", strings.Repeat("a/", 500) + "a", strings.Repeat("a", 201),
	} {
		_, err := s.Open(ctx, name)
		wantInvalid(t, "Open", name, err)
		_, err = s.Stat(ctx, name)
		wantInvalid(t, "Stat", name, err)
		_, err = s.Create(ctx, name)
		wantInvalid(t, "Create", name, err)
		_, err = s.CreateNew(ctx, name)
		wantInvalid(t, "CreateNew", name, err)
		_, err = s.Stage(ctx, name)
		wantInvalid(t, "Stage", name, err)
		wantInvalid(t, "Remove", name, s.Remove(ctx, name))
		wantInvalid(t, "RemoveAll", name, store.RemoveAll(ctx, s, name))
		_, err = s.Lock(ctx, Owner(name))
		wantInvalid(t, "Lock", name, err)
		if name != "" {
			_, err = s.List(ctx, name)
			wantInvalid(t, "List", name, err)
		}
	}
	set, err := s.Stage(ctx, "public/x")
	check(t, err)
	defer set.Discard()
	for _, name := range []string{"", "a/b", "../a", ".a", store.ManifestName} {
		_, err := set.Create(ctx, name)
		wantInvalid(t, "Set.Create", name, err)
	}
}

func testAbort(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	check(t, store.WriteFile(ctx, s, "a", []byte("old")))
	for _, name := range []string{"a", "b/c"} {
		w, err := s.Create(ctx, name)
		check(t, err)
		_, err = io.WriteString(w, "new")
		check(t, err)
		wantNames(t, s, "", "a")
		check(t, w.Abort())
		check(t, w.Abort())
		if w.Commit() == nil {
			t.Errorf("%s: Commit after Abort succeeded", name)
		}
		wantNames(t, s, "", "a")
		wantFile(t, s, "a", "old")
	}

	w, err := s.Create(ctx, "a")
	check(t, err)
	_, err = io.WriteString(w, "new")
	check(t, err)
	wantFile(t, s, "a", "old")
	check(t, w.Commit())
	check(t, w.Abort())
	wantFile(t, s, "a", "new")
	if _, err := io.WriteString(w, "more"); err == nil {
		t.Error("Write after Commit succeeded")
	}
	if w.Commit() == nil {
		t.Error("second Commit succeeded")
	}
	wantFile(t, s, "a", "new")
}

func testCreateNew(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	check(t, store.WriteNew(ctx, s, "ledger/1", []byte("mine")))
	wantError(t, store.WriteNew(ctx, open(), "ledger/1", []byte("yours")), fs.ErrExist, "ledger/1")
	wantFile(t, s, "ledger/1", "mine")

	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = store.WriteNew(ctx, s, "ledger/2", fmt.Append(nil, i)) })
	}
	wg.Wait()
	var winners []int
	for i, err := range errs {
		if err == nil {
			winners = append(winners, i)
		} else {
			wantError(t, err, fs.ErrExist, "ledger/2")
		}
	}
	if len(winners) != 1 {
		t.Fatalf("writers %v created the same new object", winners)
	}
	wantFile(t, s, "ledger/2", fmt.Sprint(winners[0]))
	wantNames(t, s, "", "ledger/1", "ledger/2")
}

// testLargeObject writes in odd pieces what S3 takes in several parts.
func testLargeObject(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	content := bytes.Repeat([]byte("0123456789abcdef\n"), 1_200_000) // 20 MB
	for _, create := range []func(context.Context, string) (store.Writer, error){s.Create, s.CreateNew} {
		w, err := create(ctx, "large")
		check(t, err)
		for rest := content; len(rest) > 0; {
			n := min(len(rest), 1_000_003)
			_, err := w.Write(rest[:n])
			check(t, err)
			rest = rest[n:]
		}
		check(t, w.Commit())
		got, err := store.ReadFile(ctx, s, "large")
		check(t, err)
		if !bytes.Equal(got, content) {
			t.Fatalf("read %d bytes that differ from the %d written", len(got), len(content))
		}
		check(t, s.Remove(ctx, "large"))
	}

	w, err := s.Create(ctx, "large")
	check(t, err)
	_, err = w.Write(content)
	check(t, err)
	check(t, w.Abort())
	wantNames(t, s, "")
}

func testCancelled(t *testing.T, open func() store.Store) {
	s := open()
	check(t, store.WriteFile(t.Context(), s, "a", []byte("old")))
	ctx, cancel := context.WithCancel(t.Context())
	w, err := s.Create(ctx, "a")
	check(t, err)
	_, err = io.WriteString(w, "new")
	check(t, err)
	cancel()
	wantError(t, w.Commit(), context.Canceled, "Commit")

	_, err = s.Open(ctx, "a")
	wantError(t, err, context.Canceled, "Open")
	_, err = s.List(ctx, "")
	wantError(t, err, context.Canceled, "List")
	wantError(t, s.Remove(ctx, "a"), context.Canceled, "Remove")
	_, err = s.Lock(ctx, Owner("run"))
	wantError(t, err, context.Canceled, "Lock")
	wantFile(t, s, "a", "old")
}

func testRemoveAll(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	for _, name := range []string{"a/manifest.json", "a/x", "a/r2/manifest.json", "ab/x"} {
		check(t, store.WriteFile(ctx, s, name, nil))
	}
	check(t, store.RemoveAll(ctx, s, "a"))
	wantNames(t, s, "", "ab/x")
	check(t, store.RemoveAll(ctx, s, "a"))
}

func testPublish(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	lock, err := s.Lock(ctx, Owner("20250106T020000Z"))
	check(t, err)
	const folder = "public/kb/2024-W52"
	publish(t, s, folder, "1", map[string]string{"leden.csv": "a", "old.csv": "b", "empty": ""})
	wantNames(t, s, "", folder+"/empty", folder+"/leden.csv", folder+"/manifest.json", folder+"/old.csv")
	wantFile(t, s, folder+"/manifest.json", "1")

	publish(t, s, folder, "2", map[string]string{"leden.csv": "c", "new 100% 1+1.csv": "d"})
	wantNames(t, s, "", folder+"/leden.csv", folder+"/manifest.json", folder+"/new 100% 1+1.csv")
	wantFile(t, s, folder+"/leden.csv", "c")
	wantFile(t, s, folder+"/new 100% 1+1.csv", "d")
	wantFile(t, s, folder+"/manifest.json", "2")

	// Beside it, and within it.
	publish(t, s, "public/kb/2024-W5", "3", map[string]string{"x": "x"})
	publish(t, s, folder+"/r2", "4", map[string]string{"x": "y"})
	wantFile(t, s, folder+"/manifest.json", "2")
	wantFile(t, s, folder+"/r2/x", "y")
	check(t, lock.Release())
	wantFile(t, open(), folder+"/r2/manifest.json", "4")
}

func testPublishRefuses(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	if _, err := s.Stage(ctx, "public/x"); err == nil {
		t.Error("Stage without the lock succeeded")
	}
	lock, err := s.Lock(ctx, Owner("run"))
	check(t, err)
	publish(t, s, "public/x", "1", map[string]string{"a": "1"})

	// A file that was not committed, one written twice.
	set, err := s.Stage(ctx, "public/x")
	check(t, err)
	w, err := set.Create(ctx, "a")
	check(t, err)
	if _, err := set.Create(ctx, "a"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Create of a file: error %v, want fs.ErrExist", err)
	}
	if set.Publish(ctx, nil) == nil {
		t.Error("Publish with an unfinished file succeeded")
	}
	check(t, w.Abort())
	if _, err := set.Create(ctx, "b"); err == nil {
		t.Error("Create after Publish succeeded")
	}
	if set.Publish(ctx, nil) == nil {
		t.Error("second Publish succeeded")
	}

	// A folder that a later publication stands in.
	publish(t, s, "public/x/r2", "2", map[string]string{"a": "2"})
	set, err = s.Stage(ctx, "public/x")
	check(t, err)
	if err := set.Publish(ctx, []byte("3")); err == nil || !strings.Contains(err.Error(), "public/x/r2") {
		t.Errorf("Publish over a folder that holds one: error %v, want one that names public/x/r2", err)
	}

	// After the lock.
	set, err = s.Stage(ctx, "public/y")
	check(t, err)
	check(t, lock.Release())
	if set.Publish(ctx, []byte("4")) == nil {
		t.Error("Publish after Release succeeded")
	}
	wantNames(t, s, "", "public/x/a", "public/x/manifest.json", "public/x/r2/a", "public/x/r2/manifest.json")
	wantFile(t, s, "public/x/a", "1")
	wantFile(t, s, "public/x/manifest.json", "1")
}

func testDiscard(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	lock, err := s.Lock(ctx, Owner("run"))
	check(t, err)
	defer lock.Release()
	publish(t, s, "public/x", "1", map[string]string{"a": "1"})
	set, err := s.Stage(ctx, "public/x")
	check(t, err)
	w, err := set.Create(ctx, "aborted")
	check(t, err)
	check(t, w.Abort())
	w, err = set.Create(ctx, "b")
	check(t, err)
	check(t, w.Commit())
	wantNames(t, s, "", "public/x/a", "public/x/manifest.json")
	check(t, set.Discard())
	check(t, set.Discard())
	if set.Publish(ctx, nil) == nil {
		t.Error("Publish after Discard succeeded")
	}
	wantNames(t, s, "", "public/x/a", "public/x/manifest.json")
}

func testLock(t *testing.T, open func() store.Store) {
	ctx, first, second := t.Context(), open(), open()
	lock, err := first.Lock(ctx, Owner("one"))
	check(t, err)
	for _, s := range []store.Store{second, first} {
		_, err = s.Lock(ctx, Owner("two"))
		wantError(t, err, store.ErrHeld, "Lock")
		var held *store.HeldError
		if !errors.As(err, &held) {
			t.Fatalf("error %v is no *HeldError", err)
		}
		want(t, held.Owner, Owner("one"))
	}
	for _, part := range []string{"one", "host.example", "12", "2025-01-06T02:00:00Z", first.Location()} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	check(t, lock.Context().Err())
	check(t, lock.Release())
	check(t, lock.Release())
	if lock.Context().Err() == nil {
		t.Error("the lock's context lives on after Release")
	}

	lock, err = second.Lock(ctx, Owner("two"))
	check(t, err)
	_, err = first.Lock(ctx, Owner("three"))
	wantError(t, err, store.ErrHeld, "Lock")
	check(t, lock.Release())
	wantNames(t, first, "")

	// Of several at once, one gets it.
	var wg sync.WaitGroup
	locks := make([]*store.Lock, 6)
	for i := range locks {
		s := open()
		wg.Go(func() { locks[i], _ = s.Lock(ctx, Owner(fmt.Sprint("run", i))) })
	}
	wg.Wait()
	held := 0
	for _, lock := range locks {
		if lock != nil {
			held++
			check(t, lock.Release())
		}
	}
	if held != 1 {
		t.Errorf("%d runs held the store at once", held)
	}
}

// testLockSweeps leaves unfinished work under a lock that then ends.
func testLockSweeps(t *testing.T, open func() store.Store) {
	ctx, s := t.Context(), open()
	lock, err := s.Lock(ctx, Owner("dead"))
	check(t, err)
	set, err := s.Stage(ctx, "public/x")
	check(t, err)
	w, err := set.Create(ctx, "a")
	check(t, err)
	_, err = io.WriteString(w, "half")
	check(t, err)
	check(t, w.Commit())
	check(t, lock.Release())

	next := open()
	lock, err = next.Lock(ctx, Owner("next"))
	check(t, err)
	publish(t, next, "public/x", "2", map[string]string{"a": "whole"})
	if set.Publish(ctx, []byte("1")) == nil {
		t.Error("a set of an earlier run was published")
	}
	check(t, lock.Release())
	wantFile(t, s, "public/x/a", "whole")
	wantFile(t, s, "public/x/manifest.json", "2")
}

// publish publishes files and a manifest as folder.
func publish(t *testing.T, s store.Store, folder, manifest string, files map[string]string) {
	t.Helper()
	ctx := t.Context()
	set, err := s.Stage(ctx, folder)
	check(t, err)
	defer set.Discard()
	for name, content := range files {
		w, err := set.Create(ctx, name)
		check(t, err)
		_, err = io.WriteString(w, content)
		check(t, err)
		check(t, w.Commit())
	}
	check(t, set.Publish(ctx, []byte(manifest)))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// wantRecent fails unless the object was written just now, and forgets when.
func wantRecent(t *testing.T, info *store.Info) {
	t.Helper()
	if age := time.Since(info.Modified).Abs(); age > 5*time.Minute {
		t.Errorf("%s was modified %s ago", info.Name, age)
	}
	info.Modified = time.Time{}
}

func wantFile(t *testing.T, s store.Store, name, content string) {
	t.Helper()
	data, err := store.ReadFile(t.Context(), s, name)
	check(t, err)
	want(t, string(data), content)
}

func wantNames(t *testing.T, s store.Store, folder string, names ...string) {
	t.Helper()
	objects, err := s.List(t.Context(), folder)
	check(t, err)
	var got []string
	for _, o := range objects {
		got = append(got, o.Name)
	}
	want(t, got, names)
}

func wantError(t *testing.T, err, target error, what string) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: error %v, want %v", what, err, target)
	}
}

func wantInvalid(t *testing.T, verb, name string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "invalid name") {
		t.Errorf("%s %q: error %v, want invalid name", verb, name, err)
	}
}
