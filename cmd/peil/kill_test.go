package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"peil/pipeline/demo"
)

// Runs of what is due are killed at random times, by the signal that nobody can catch.
// After the next run that lives every period is there once, whole and as its manifest says,
// was delivered once, the ledger is in order, and nothing else is left. PEIL_KILLS sets how
// many kills there are.
func TestKilledRuns(t *testing.T) {
	kills := 2
	if text := os.Getenv("PEIL_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	l := makeScheduled(t)
	const aWeek = 10 // kills, before one run lives
	usual, landed := 4*time.Second, 0
	day := time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC) // a Monday
	for ; landed < kills; day = day.AddDate(0, 0, 7) {
		for range min(aWeek, kills-landed) {
			if l.killed(t, day, rand.N(usual+usual/8)) {
				landed++
			}
		}
		begun := time.Now()
		l.live(t, day)
		usual = (usual + time.Since(begun)) / 2
		l.wantOrder(t, fmt.Sprintf("after %d kills, as of %s", landed, day.Format(time.DateOnly)))
	}
	t.Logf("%d runs were killed over %s of due days; every period is there once and was delivered once", landed, day.Sub(time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)))
}

// What a run left that died once all was done goes, though nothing is due that would need
// another run.
func TestNothingIsDueAndNothingIsLeft(t *testing.T) {
	l := makeScheduled(t)
	day := time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)
	l.live(t, day)
	for _, dir := range []string{filepath.Join(l.runtime, "peil-run-1"), filepath.Join(l.dir, "out", ".staging", "dead")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "warehouse.duckdb"), []byte("left"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, out := l.run(t, "run", "--due", "--as-of", day.Format(time.DateOnly)); status != 0 || !strings.Contains(out, "nothing is due") {
		t.Fatalf("status %d\n%s", status, out)
	}
	l.wantOrder(t, "with nothing due")
}

func makeScheduled(t *testing.T) markedLibrary {
	t.Helper()
	root := t.TempDir()
	l := markedLibrary{dir: filepath.Join(root, "lib"), runtime: filepath.Join(root, "run")}
	if err := os.Mkdir(l.runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Generate(t.Context(), demo.Options{
		Dir: l.dir, Members: 1500, Loans: 6000, Branches: 6, Seed: 7, AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.dir, "peil.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(string(text), "basis: public task", "basis: public task\n    assessment: D 7", 1)
	config = strings.Replace(config, "recipients: ", "recipients:\n  kb: {name: KB, basis: Wsob, agreement: K 1, assessment: D 8, keys: []} ", 1)
	config += "deliver:\n  kb: {to: feeds, approve: automatic}\n  cbs: {to: sent, approve: automatic}\n" +
		"calendar: {kb: weekly monday, new-members: monthly 2, cbs: monthly 1, quality: weekly monday}\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

// killed starts a run, and kills it after a while; it says whether the run was not over.
func (l markedLibrary) killed(t *testing.T, day time.Time, after time.Duration) bool {
	t.Helper()
	cmd := l.command(t.Context(), t, "run", "--due", "--quiet", "--as-of", day.Format(time.DateOnly))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Signal(syscall.SIGKILL)
	cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

// live lets a run do what is due; a second then finds nothing.
func (l markedLibrary) live(t *testing.T, day time.Time) {
	t.Helper()
	for _, want := range []string{"", "nothing is due on " + day.Format(time.DateOnly)} {
		out, err := l.command(t.Context(), t, "run", "--due", "--quiet", "--as-of", day.Format(time.DateOnly)).CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 3 {
			err = nil // warnings about the data
		}
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("as of %s: %v, want %q\n%s", day.Format(time.DateOnly), err, want, out)
		}
	}
}

// wantOrder fails unless the store, the destinations and the ledger tell the same story.
func (l markedLibrary) wantOrder(t *testing.T, when string) {
	t.Helper()
	for _, verify := range [][]string{{"verify"}, {"ledger", "verify"}} {
		if out, err := l.command(t.Context(), t, verify...).CombinedOutput(); err != nil {
			t.Fatalf("%s: peil %s: %v\n%s", when, strings.Join(verify, " "), err, out)
		}
	}
	out, err := l.command(t.Context(), t, "ledger", "show").Output()
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]int{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 4 && f[2] == "sent" {
			sent[f[3]+"/"+strings.TrimSuffix(f[4], ":")]++
		}
	}
	made := map[string]bool{}
	for output, prefix := range map[string]string{"kb": "public", "cbs": "private"} {
		for _, manifest := range glob(t, l.dir, "out", prefix, output, "*", "manifest.json") {
			made[output+"/"+filepath.Base(filepath.Dir(manifest))] = true
		}
	}
	if len(made) == 0 || len(made) != len(sent) {
		t.Errorf("%s: %d periods were made and %d sent: %v, %v", when, len(made), len(sent), made, sent)
	}
	for period, times := range sent {
		if times != 1 || !made[period] {
			t.Errorf("%s: %s was sent %d times", when, period, times)
		}
		output, name, _ := strings.Cut(period, "/")
		l.wantArrived(t, when, output, name)
	}
	for _, place := range []string{"out", "feeds", "sent"} {
		if left := glob(t, l.dir, place, ".*"); len(left) > 0 {
			t.Errorf("%s: left behind: %v", when, left)
		}
	}
	if left := glob(t, l.runtime, "*"); len(left) > 0 {
		t.Errorf("%s: left behind: %v", when, left)
	}
}

// wantArrived fails unless what is at the destination is what the store holds.
func (l markedLibrary) wantArrived(t *testing.T, when, output, name string) {
	t.Helper()
	from, to := map[string]string{"kb": "public", "cbs": "private"}[output], map[string]string{"kb": "feeds", "cbs": "sent"}[output]
	published := filepath.Join(l.dir, "out", from, output, name)
	same := 0
	arrived := glob(t, l.dir, to, name, "*")
	for _, file := range arrived {
		there, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		here, err := os.ReadFile(filepath.Join(published, filepath.Base(file)))
		switch {
		case err == nil && string(here) == string(there):
			same++
		case errors.Is(err, fs.ErrNotExist) && filepath.Base(file) == "control.csv.age": // sealed on the way
			same++
		default:
			t.Errorf("%s: %s differs from what was published: %v", when, file, err)
		}
	}
	if want := map[string]int{"kb": len(glob(t, published, "*")) - 1, "cbs": 2}[output]; same != want {
		t.Errorf("%s: %s %s: %d files arrived, want %d: %v", when, output, name, same, want, arrived)
	}
}

func glob(t *testing.T, elements ...string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
