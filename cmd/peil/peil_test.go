package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"peil/pipeline/demo"
)

// The test binary is also the command, so that tests run what users run.
func TestMain(m *testing.M) {
	if os.Getenv("PEIL_TEST_COMMAND") != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"peil": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			runtime := filepath.Join(e.WorkDir, ".run")
			e.Setenv("XDG_RUNTIME_DIR", runtime)
			return os.Mkdir(runtime, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "library": library, "nothing-left": nothingLeft},
	})
}

// exits runs a command and asserts its exit status: exits 2 peil run.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARGUMENT ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s exited with %d, want %d", args[1], got, want)
	}
}

// library makes a small fictional library in a folder: library DIR.
func library(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: library DIR")
	}
	asOf := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := demo.Generate(context.Background(), demo.Options{Dir: ts.MkAbs(args[0]), Members: 1500, Loans: 6000, Branches: 6, Seed: 7, AsOf: asOf})
	ts.Check(err)
}

// nothingLeft asserts that a run left neither a folder of its own, nor a staged file, nor
// a publication in the store: nothing-left STORE.
func nothingLeft(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nothing-left STORE")
	}
	runs, err := filepath.Glob(filepath.Join(ts.Getenv("XDG_RUNTIME_DIR"), "*"))
	ts.Check(err)
	if len(runs) > 0 {
		ts.Fatalf("the run's own folder is left: %v", runs)
	}
	filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, filepath.FromSlash("private/runs/")) && !strings.Contains(filepath.Base(path), "lock") {
			ts.Fatalf("left in the store: %s", path)
		}
		return nil
	})
}
