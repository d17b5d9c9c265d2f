package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"peil/pipeline/store"
)

func TestInterruptedRunLeavesNothing(t *testing.T) {
	l := makeMarked(t, 2000, 60000)
	for _, after := range []time.Duration{200, 700} {
		cmd := l.command(t.Context(), t, "run", "--as-of", "2025-01-01")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			if err == nil {
				t.Skip("the run was over before it could be interrupted")
			}
			t.Fatal(err)
		}
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			continue // so early that it was not listening yet
		}
		if exit.ExitCode() != 130 || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("after %d ms: status %d, %s", after, exit.ExitCode(), stderr.String())
		}
		if left, _ := filepath.Glob(filepath.Join(l.runtime, "*")); len(left) > 0 {
			t.Errorf("after %d ms the run left %v", after, left)
		}
		if left, _ := filepath.Glob(filepath.Join(l.dir, "out", ".staging", "*")); len(left) > 0 {
			t.Errorf("after %d ms the run left %v", after, left)
		}
	}
}

func TestOneRunAtATime(t *testing.T) {
	l := makeMarked(t, 500, 1000)
	s, err := store.Open(t.Context(), filepath.Join(l.dir, "out"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lock, err := s.Lock(t.Context(), store.Owner{Run: "other", Host: "elsewhere", PID: 1, Since: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	out, err := l.command(t.Context(), t, "run", "--as-of", "2025-01-01").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 75 || !strings.Contains(string(out), "elsewhere") {
		t.Errorf("got %v, want status 75 and who holds the store:\n%s", err, out)
	}
}
