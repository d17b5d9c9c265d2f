package storetest

import (
	"errors"
	"fmt"
	"testing"

	"peil/pipeline/store"
)

// TestFaultyConformance shows that a store whose fault never comes is a store.
func TestFaultyConformance(t *testing.T) {
	Conformance(t, func(t *testing.T) func() store.Store {
		dir := t.TempDir()
		return func() store.Store { return FailAt(openDir(t, dir), 1_000_000) }
	})
}

func TestFaulty(t *testing.T) {
	work := func(s store.Store) error {
		lock, err := s.Lock(t.Context(), Owner("run"))
		if err != nil {
			return err
		}
		defer lock.Release()
		set, err := s.Stage(t.Context(), "public/x")
		if err != nil {
			return err
		}
		defer set.Discard()
		w, err := set.Create(t.Context(), "a")
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := w.Write([]byte("a")); err != nil {
			return err
		}
		if err := w.Commit(); err != nil {
			return err
		}
		if err := set.Publish(t.Context(), nil); err != nil {
			return err
		}
		if err := store.WriteNew(t.Context(), s, "private/1", []byte("1")); err != nil {
			return err
		}
		_, listErr := s.List(t.Context(), "")
		_, statErr := s.Stat(t.Context(), "private/1")
		_, openErr := store.ReadFile(t.Context(), s, "private/1")
		return errors.Join(listErr, statErr, openErr, s.Remove(t.Context(), "private/1"))
	}
	var failed []string
	for n := 1; ; n++ {
		s := FailOnce(openDir(t, t.TempDir()), n)
		err := work(s)
		if s.Failed() == "" {
			check(t, err)
			break
		}
		if !errors.Is(err, ErrFault) {
			t.Errorf("call %d: error %v, want the fault", n, err)
		}
		failed = append(failed, s.Failed())

		dead := FailAt(openDir(t, t.TempDir()), n)
		if err := work(dead); !errors.Is(err, ErrFault) {
			t.Errorf("dead from call %d: error %v, want the fault", n, err)
		}
	}
	want(t, fmt.Sprint(failed), "[lock stage public/x create a write a commit a publish public/x "+
		"create private/1 write private/1 commit private/1 list  stat private/1 open private/1 remove private/1]")
}

func openDir(t *testing.T, dir string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir, store.Options{})
	check(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}
