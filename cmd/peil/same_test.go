package main

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// The same input, configuration, key and day give the same bytes, with one thread and with
// two. An age envelope is random: of an encrypted file the keyed hash of the plaintext is
// compared.
func TestSameBytesWithOneAndTwoThreads(t *testing.T) {
	l := makeMarked(t, 3000, 130000) // more rows than DuckDB gives one thread
	text, err := os.ReadFile(l.made.ConfigPath)
	if err != nil {
		t.Fatal(err)
	}
	threads, store := regexp.MustCompile(`threads: \d+`), regexp.MustCompile(`(?m)^store: \w+`)
	if !threads.Match(text) || !store.Match(text) {
		t.Fatal("the demonstration's configuration names neither threads nor store")
	}
	var found []map[string]string
	for _, n := range []string{"1", "2"} {
		changed := store.ReplaceAll(threads.ReplaceAll(text, []byte("threads: "+n)), []byte("store: out"+n))
		if err := os.WriteFile(l.made.ConfigPath, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := l.command(t.Context(), t, "run", "--quiet", "--as-of", "2025-01-01").CombinedOutput(); err != nil {
			t.Fatalf("peil run with %s threads: %v\n%s", n, err, out)
		}
		found = append(found, contents(t, filepath.Join(l.dir, "out"+n)))
	}
	if len(found[0]) < 20 {
		t.Errorf("only %d files: the test would prove little", len(found[0]))
	}
	if diff := gocmp.Diff(found[0], found[1]); diff != "" {
		t.Errorf("files differ (-one thread +two threads):\n%s", diff)
	}
	checkRejectedLines(t, l.dir, filepath.Join(l.dir, "out2", "private", "quality", "2025-01-01", "rejects.csv"))
}

// checkRejectedLines asserts that a loan that is rejected for want of a date stands where the
// list says: two threads must not mix up the lines.
func checkRejectedLines(t *testing.T, dir, list string) {
	t.Helper()
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][]string{}
	checked := 0
	for _, reject := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(reject, ",") // file, line, column, code
		if f[3] != "no-date" {
			continue
		}
		if lines[f[0]] == nil {
			data, err := os.ReadFile(filepath.Join(dir, f[0]))
			if err != nil {
				t.Fatal(err)
			}
			lines[f[0]] = strings.Split(string(data), "\n")
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		if date := strings.Split(lines[f[0]][n-1], ";")[8]; date != "" && !strings.HasPrefix(date, "0000") {
			t.Errorf("%s line %d is said to have no date and has %q", f[0], n, date)
		}
		checked++
	}
	if checked < 20 {
		t.Errorf("only %d rejects without a date: the test would prove little", checked)
	}
}

// contents are the hashes of the contents of all published files, by name.
func contents(t *testing.T, store string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(store, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "manifest.json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var m struct {
			Files []struct {
				Name, SHA256  string
				PlaintextHMAC string `json:"plaintext_hmac"`
				ContentSHA256 string `json:"content_sha256"`
			}
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		folder, _ := filepath.Rel(store, filepath.Dir(path))
		for _, f := range m.Files {
			sum := cmp.Or(f.PlaintextHMAC, f.ContentSHA256, f.SHA256)
			if !strings.Contains(folder, "state") && !strings.Contains(folder, "frozen") {
				found[filepath.Join(folder, f.Name)] = sum
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
