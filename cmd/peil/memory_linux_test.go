package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMemoryStaysIn(t *testing.T) {
	keepMemoryIn()
	var core unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil || core.Cur != 0 || core.Max != 0 {
		t.Errorf("core files may have %d to %d bytes: %v", core.Cur, core.Max, err)
	}
	if on, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || on != 0 {
		t.Errorf("dumpable %d: %v", on, err)
	}
}

// The command does so before anything else: what it starts to get the key shows it.
func TestTheCommandKeepsItsMemoryIn(t *testing.T) {
	l := makeMarked(t, 300, 0)
	limit := filepath.Join(l.dir, "limit")
	script := "#!/bin/sh\nulimit -c > '" + limit + "'\ncat '" + l.made.KeyPath + "'\n"
	if err := os.WriteFile(filepath.Join(l.dir, "key.sh"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(l.made.ConfigPath)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "file: peil.key ", "command: [./key.sh] ", 1)
	if changed == string(text) {
		t.Fatal("the configuration names its key in another way")
	}
	if err := os.WriteFile(l.made.ConfigPath, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := l.command(t.Context(), t, "key", "show").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := os.ReadFile(limit); err != nil || strings.TrimSpace(string(got)) != "0" {
		t.Errorf("core files of what it starts: %q, %v", got, err)
	}
}
