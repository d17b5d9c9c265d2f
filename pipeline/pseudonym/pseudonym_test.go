package pseudonym_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
)

func testKey(t *testing.T) pseudonym.Key {
	t.Helper()
	k, err := pseudonym.Parse([]byte(strings.Repeat("0b", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPseudonymInSQLEqualsGo(t *testing.T) {
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	k := testKey(t)
	if err := k.Install(db, pseudonym.Register); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"1", "00001", "een lange sleutel met é", strings.Repeat("x", 1000)} {
		sum := pseudonym.Pseudonym(k.Derive(pseudonym.Register), id)
		want := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:])
		var got string
		if err := db.Get(t.Context(), []any{&got}, "SELECT pseudonym(?)::VARCHAR", id); err != nil || got != want {
			t.Errorf("pseudonym(%q) = %q, %v; want %q", id, got, err, want)
		}
	}
	if n, err := db.Count(t.Context(), "SELECT count(*) FROM (SELECT pseudonym(NULL) p) WHERE p IS NULL"); err != nil || n != 1 {
		t.Errorf("pseudonym(NULL) is not NULL: %v", err)
	}
	if n, err := db.Count(t.Context(), "SELECT count(DISTINCT pseudonym(range::VARCHAR)) FROM range(300000)"); err != nil || n != 300000 {
		t.Errorf("got %d distinct pseudonyms of 300000 ids, %v", n, err)
	}
}

func TestPurposesCannotBeLinked(t *testing.T) {
	k := testKey(t)
	if k.Derive(pseudonym.Register) == k.Derive(pseudonym.Sealing) {
		t.Error("two purposes share a subkey")
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "peil.key")
	made, err := pseudonym.Create(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	read, err := pseudonym.Load(t.Context(), pseudonym.Place{File: path}, nil)
	if err != nil || read != made {
		t.Fatalf("read another key than was made: %v", err)
	}
	if _, err := pseudonym.Create(path, rand.Reader); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwriting a key: got %v, want fs.ErrExist", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := pseudonym.Load(t.Context(), pseudonym.Place{File: path}, nil); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: got %v", err)
	}
}

func TestOtherPlaces(t *testing.T) {
	text := strings.Repeat("0b", 32)
	env := func(name string) (string, bool) { return text, name == "PEIL_KEY" }
	if k, err := pseudonym.Load(t.Context(), pseudonym.Place{Env: "PEIL_KEY"}, env); err != nil || k != testKey(t) {
		t.Errorf("from the environment: %v", err)
	}
	if _, err := pseudonym.Load(t.Context(), pseudonym.Place{Env: "OTHER"}, env); !errors.Is(err, pseudonym.ErrNoKey) {
		t.Errorf("from an unset variable: %v", err)
	}
	if k, err := pseudonym.Load(t.Context(), pseudonym.Place{Command: []string{"echo", text}}, env); err != nil || k != testKey(t) {
		t.Errorf("from a command: %v", err)
	}
	if _, err := pseudonym.Load(t.Context(), pseudonym.Place{Command: []string{"false"}}, env); err == nil {
		t.Error("a failing command gave a key")
	}
}

func TestWrongKeysAreRefusedWithoutShowingThem(t *testing.T) {
	for _, text := range []string{"", "abcd", strings.Repeat("0b", 31), strings.Repeat("0b", 33), strings.Repeat("zq", 32), strings.Repeat("00", 32), "#" + strings.Repeat("0b", 32)} {
		_, err := pseudonym.Parse([]byte(text))
		if !errors.Is(err, pseudonym.ErrKey) {
			t.Errorf("Parse(%q): got %v, want ErrKey", text, err)
		}
		if err != nil && len(text) > 8 && strings.Contains(err.Error(), text[:8]) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
	var log bytes.Buffer
	fmt.Fprintf(&log, "%v %+v %#v %s", testKey(t), testKey(t), testKey(t), testKey(t))
	if strings.Contains(log.String(), "0b0b") || strings.Contains(log.String(), "11, 11") {
		t.Errorf("a key was printed: %s", log.String())
	}
}

func BenchmarkInstall(b *testing.B) {
	db, err := engine.Open(b.Context(), engine.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	k, _ := pseudonym.Parse([]byte(strings.Repeat("0b", 32)))
	if err := k.Install(db, pseudonym.Register); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := db.Exec(b.Context(), "CREATE OR REPLACE TABLE t AS SELECT pseudonym(range::VARCHAR) FROM range(1000000)"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "ids/s")
}
