package archive

import (
	"strings"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// A file that is read in pieces is in the table whole, and takes the place of what was there.
func TestATableIsUnsealedWhole(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key, err := pseudonym.Parse([]byte(strings.Repeat("5a", 32)))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := s.Lock(t.Context(), store.Owner{Run: "run"})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	const rows = 300 // of 250 kB: more than one piece
	set, err := s.Stage(t.Context(), "private/state/2025-01-01")
	if err != nil {
		t.Fatal(err)
	}
	defer set.Discard()
	if err := Seal(t.Context(), set, db, dir, key, "members.csv.age", "SELECT range, repeat('x', 250000) FROM range(300)"); err != nil {
		t.Fatal(err)
	}
	if err := set.Publish(t.Context(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := UnsealTable(t.Context(), s, db, dir, key, "private/state/2025-01-01/members.csv.age", "before", "read_csv(%s, auto_detect=false, header=false, columns={'n':'INTEGER','x':'VARCHAR'})"); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Count(t.Context(), "SELECT count(DISTINCT n) FROM before WHERE length(x) = 250000"); n != rows || err != nil {
			t.Errorf("%d of %d rows, %v", n, rows, err)
		}
		if n, err := db.Count(t.Context(), "SELECT count(*) FROM before"); n != rows || err != nil {
			t.Errorf("%d rows, want %d, %v", n, rows, err)
		}
	}
}
