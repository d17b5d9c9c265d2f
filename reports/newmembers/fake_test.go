package newmembers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
)

// library says what made-up library stands in a test's warehouse.
type library struct {
	seed, branches, months, size, low, frozen int
	moves, loans                              bool
}

func open(t testing.TB, script string) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Exec(t.Context(), script); err != nil {
		t.Fatal(err)
	}
	return db
}

func (l library) warehouse(t testing.TB) *engine.DB {
	t.Helper()
	script, err := os.ReadFile("testdata/fake.sql")
	if err != nil {
		t.Fatal(err)
	}
	return open(t, fmt.Sprintf("SET VARIABLE seed = %d; SET VARIABLE branches = %d; SET VARIABLE months = %d; SET VARIABLE size = %d; SET VARIABLE low = %d; SET VARIABLE frozen = %d; SET VARIABLE moves = %t; SET VARIABLE loans = %t;",
		l.seed, l.branches, l.months, l.size, l.low, l.frozen, l.moves, l.loans)+string(script))
}

func (l library) options() Options {
	from := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	return Options{From: from, Until: from.AddDate(0, l.months, 0), AgeClasses: []int{0, 4, 13, 18, 30, 50, 65}}
}

func about(language string) reports.About {
	return reports.About{Library: "Bibliotheek Voorbeeld", ISIL: "NL-0823450000", Language: language, Threshold: 5,
		AsOf: time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC), SnapshotOn: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Source: "ledenbestand van 1 januari 2025"}
}

// memory keeps the files of an edition.
type memory struct {
	names []string
	files map[string][]byte
	rows  map[string]int64
}

func newMemory() *memory { return &memory{files: map[string][]byte{}, rows: map[string]int64{}} }

func (s *memory) File(_ context.Context, name string, write func(io.Writer) (int64, error)) error {
	var b bytes.Buffer
	rows, err := write(&b)
	s.names = append(s.names, name)
	s.files[name], s.rows[name] = b.Bytes(), rows
	return err
}

// save writes the files for eyes.
func (s *memory) save(t testing.TB, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range s.files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
