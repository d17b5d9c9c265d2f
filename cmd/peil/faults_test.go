package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const faultDay = "2024-12-30"

// run runs peil and returns its exit status and what it printed.
func (l markedLibrary) run(t *testing.T, args ...string) (int, string) {
	t.Helper()
	out, err := l.command(t.Context(), t, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode(), string(out)
	}
	return 0, string(out)
}

// mountStore puts the store on a disk of its own, of a few bytes.
func (l markedLibrary) mountStore(t *testing.T, options string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a file system can be mounted by root alone")
	}
	store := filepath.Join(l.dir, "out")
	if err := os.MkdirAll(store, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=700,"+options, "none", store).CombinedOutput(); err != nil {
		t.Skipf("mount: %s", out)
	}
	t.Cleanup(func() { exec.Command("umount", store).Run() })
}

func (l markedLibrary) remount(t *testing.T, options string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "remount,"+options, filepath.Join(l.dir, "out")).CombinedOutput(); err != nil {
		t.Skipf("mount: %s", out)
	}
}

// The store's disk is full, at whichever write. What was published before stays whole, and
// with room the next run makes and sends the rest, once.
func TestDiskFull(t *testing.T) {
	l := makeScheduled(t)
	l.mountStore(t, "size=16k")
	full := 0
	for size := 16; size <= 4096; size *= 4 {
		l.remount(t, fmt.Sprintf("size=%dk", size))
		status, out := l.run(t, "run", "--due", "--quiet", "--as-of", faultDay)
		if status == 0 || status == 3 {
			t.Fatalf("%d KiB were enough: the test proves nothing", size)
		}
		if strings.Contains(out, "no space left on device") {
			full++
		} else if status != 1 && status != 6 {
			t.Errorf("with %d KiB: status %d\n%s", size, status, out)
		}
		if status, out := l.run(t, "verify"); status != 0 {
			t.Errorf("with %d KiB: what was published is not whole: %s", size, out)
		}
		if size >= 256 {
			break
		}
	}
	if full == 0 {
		t.Error("no run said that the disk is full")
	}
	l.remount(t, "size=64m")
	day, err := time.Parse(time.DateOnly, faultDay)
	if err != nil {
		t.Fatal(err)
	}
	l.live(t, day)
	l.wantOrder(t, "after a full disk")
}

func TestReadOnlyStore(t *testing.T) {
	l := makeScheduled(t)
	l.mountStore(t, "size=64m")
	l.remount(t, "ro")
	status, out := l.run(t, "run", "--due", "--quiet", "--as-of", faultDay)
	if status != 1 || !strings.Contains(out, "read-only file system") || !strings.Contains(out, "lock store") {
		t.Errorf("status %d\n%s", status, out)
	}
	for _, place := range []string{"feeds", "sent"} {
		if left := glob(t, l.dir, place); len(left) > 0 {
			t.Errorf("%v: something was sent", left)
		}
	}
	if status, out := l.run(t, "status"); status != 0 || !strings.Contains(out, "nothing has been run yet") {
		t.Errorf("status: %d\n%s", status, out)
	}
}

// Two schedulers start at once: one does what is due, the other says who holds the store, or
// comes too late to find anything.
func TestTwoSchedulers(t *testing.T) {
	l := makeScheduled(t)
	var wg sync.WaitGroup
	statuses, said := make([]int, 2), make([]string, 2)
	for i := range statuses {
		wg.Go(func() { statuses[i], said[i] = l.run(t, "run", "--due", "--quiet", "--as-of", faultDay) })
	}
	wg.Wait()
	done := 0
	for i, status := range statuses {
		switch {
		case status == 0 || status == 3:
			done++
		case status != 75 || !strings.Contains(said[i], "another run holds") && !strings.Contains(said[i], "holds it (process "):
			t.Errorf("status %d\n%s", status, said[i])
		}
	}
	if done == 0 {
		t.Error("neither did anything")
	}
	l.wantOrder(t, "after two schedulers")
}

// SIGTERM, as a machine that shuts down sends it, leaves 10 seconds.
func TestTerminated(t *testing.T) {
	l := makeMarked(t, 3000, 90000)
	for _, after := range []time.Duration{300, 1200} {
		cmd := l.command(t.Context(), t, "run", "--as-of", "2025-01-01")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		begun := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("it took %s to leave", took)
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && !status.Signaled() && status.ExitStatus() == 0 {
			t.Skip("the run was over before it could be terminated")
		}
		if left := append(glob(t, l.runtime, "*"), glob(t, l.dir, "out", ".staging", "*")...); len(left) > 0 && cmd.ProcessState.ExitCode() == 130 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// A source that vanishes between two nights is status 5, tells so, and loses nothing.
func TestSourceGone(t *testing.T) {
	l := makeScheduled(t)
	data := filepath.Join(l.dir, "data")
	if err := os.Rename(data, data+".away"); err != nil {
		t.Fatal(err)
	}
	if status, out := l.run(t, "run", "--due", "--quiet", "--as-of", faultDay); status != 5 {
		t.Errorf("status %d\n%s", status, out)
	}
	if err := os.Rename(data+".away", data); err != nil {
		t.Fatal(err)
	}
	day, _ := time.Parse(time.DateOnly, faultDay)
	l.live(t, day)
	l.wantOrder(t, "after the source came back")
}
