package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What does not fit into limits.memory ends the run with words that help; nothing of the vault
// went to a disk to make it fit, nothing is published, nothing is left behind.
func TestMemoryLimit(t *testing.T) {
	root := t.TempDir()
	l := markedLibrary{dir: filepath.Join(root, "lib"), runtime: filepath.Join(root, "run")}
	for _, dir := range []string{l.dir, l.runtime} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"peil.yaml": "version: 1\nlibrary: {name: Test, isil: NL-0823450000, language: en}\nsource: {type: file, members: members.csv, branches: branches.csv}\n" +
			"keys: {file: peil.key}\nstore: out\noutputs: {quality: }\nlimits: {memory: 256MB}\n",
		"peil.key":     strings.Repeat("3c", 32),
		"branches.csv": "branch,name\nA,Aa\n",
	} {
		if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(l.dir, "members.csv"))
	if err != nil {
		t.Fatal(err)
	}
	w, random := bufio.NewWriter(f), rand.New(rand.NewPCG(1, 2))
	fmt.Fprintln(w, "member_id,branch,subscription,first_registered_on")
	for i := range 200_000 { // labels that no compression makes smaller, 230 MB of them
		fmt.Fprintf(w, "%d,A,", i)
		for range 72 {
			fmt.Fprintf(w, "%016x", random.Uint64())
		}
		fmt.Fprintln(w, ",2020-01-01")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	status, out := l.run(t, "run", "--as-of", "2025-01-01", "--quiet")
	if status != 1 || !strings.Contains(out, "raise limits.memory") {
		t.Errorf("status %d\n%s", status, out)
	}
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Dir(path) == l.dir || strings.Contains(path, "/private/runs/") || strings.HasSuffix(path, "/private/store.json") {
			return err
		}
		t.Errorf("%s is left", strings.TrimPrefix(path, root))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
