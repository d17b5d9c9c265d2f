package newmembers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
	"peil/reports/newmembers/area"
)

// library says what made-up library stands in a test's warehouse.
type library struct {
	seed, branches, months, size, low, frozen int
	moves, loans, owners                      bool
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
	return open(t, fmt.Sprintf("SET VARIABLE seed = %d; SET VARIABLE branches = %d; SET VARIABLE months = %d; SET VARIABLE size = %d; SET VARIABLE low = %d; SET VARIABLE frozen = %d; SET VARIABLE moves = %t; SET VARIABLE loans = %t; SET VARIABLE owners = %t;",
		l.seed, l.branches, l.months, l.size, l.low, l.frozen, l.moves, l.loans, l.owners)+string(script))
}

func (l library) options() Options {
	from := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	return Options{From: from, Until: from.AddDate(0, l.months, 0), AgeClasses: []int{0, 4, 13, 18, 30, 50, 65}, Population: population()}
}

// population is a made-up one, in five-year classes.
func population() *area.Population {
	var b strings.Builder
	b.WriteString("postcode,leeftijd,inwoners,inwoners_man,inwoners_vrouw\n")
	for pc4 := 2711; pc4 < 2731; pc4++ {
		for from := 0; from < 95; from += 5 {
			men := 80 + (pc4*7+from*13)%170
			fmt.Fprintf(&b, "%d,%d-%d,%d,%d,%d\n", pc4, from, from+4, 2*men+5, men, men+5)
		}
		fmt.Fprintf(&b, "%d,95+,15,5,10\n", pc4)
	}
	p, err := area.ReadPopulation(strings.NewReader(b.String()), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{})
	if err != nil {
		panic(err)
	}
	return p
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
