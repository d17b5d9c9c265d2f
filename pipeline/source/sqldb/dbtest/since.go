package dbtest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
)

// Memory remembers in this process.
type Memory struct {
	known map[string]*sqldb.Known
	rows  map[string][]byte
}

// NewMemory remembers nothing yet.
func NewMemory() *Memory {
	return &Memory{known: map[string]*sqldb.Known{}, rows: map[string][]byte{}}
}

// Known implements [sqldb.Memory].
func (m *Memory) Known(_ context.Context, part string) (*sqldb.Known, error) {
	return m.known[part], nil
}

// Rows implements [sqldb.Memory].
func (m *Memory) Rows(_ context.Context, part string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m.rows[part])), nil
}

// Keep implements [sqldb.Memory].
func (m *Memory) Keep(_ context.Context, part string, as *sqldb.Known) (sqldb.Keeper, error) {
	return &keeper{m: m, part: part, as: as}, nil
}

type keeper struct {
	bytes.Buffer
	m    *Memory
	part string
	as   *sqldb.Known
}

func (k *keeper) Commit() error { k.m.known[k.part], k.m.rows[k.part] = k.as, k.Bytes(); return nil }
func (k *keeper) Abort() error  { return nil }

// History changes a database over and over, and each time compares what is read since the
// last time with what is read whole.
type History struct {
	Open func() (src *sqldb.Source, dir string)
	// Changes are kinds of change; Change makes one. Each kind comes about equally often.
	Changes []string
	Change  func(r *rand.Rand, kind string)
	Rounds  int
	Seed    uint64
	Fetched int64 // rows that came from the server after the first time
	Rows    int64 // rows that there were to read after the first time
}

// Run plays the history.
func (h *History) Run(t *testing.T) {
	t.Helper()
	r := rand.New(rand.NewPCG(h.Seed, 0))
	memory := NewMemory()
	var kinds []int
	for round := range h.Rounds {
		for range min(round, 1) * (1 + r.IntN(24)) { // the first time there are none
			if len(kinds) == 0 {
				kinds = r.Perm(len(h.Changes))
			}
			h.Change(r, h.Changes[kinds[0]])
			kinds = kinds[1:]
		}
		whole, dir := h.Open()
		want := sortedRows(t, dir, whole)
		since, dir := h.Open()
		since.Remember(memory)
		got := sortedRows(t, dir, since)
		for table, rows := range want {
			if diff := cmp.Diff(rows, got[table]); diff != "" {
				t.Fatalf("seed %d, round %d: %s (-whole +since last):\n%s", h.Seed, round, table, diff)
			}
		}
		if round == h.Rounds-1 {
			if diff := cmp.Diff(got, sortedRows(t, dir, since)); diff != "" {
				t.Fatalf("seed %d, round %d: read again (-first +again):\n%s", h.Seed, round, diff)
			}
		}
		for _, f := range since.Fetched() {
			if round > 0 {
				h.Fetched, h.Rows = h.Fetched+f.Fetched, h.Rows+f.Rows
			}
		}
		whole.Close()
		since.Close()
	}
}

// sortedRows are the rows of each table. Those of one member keep their order, which
// decides between them; that of the others means nothing.
func sortedRows(t *testing.T, dir string, src *sqldb.Source) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range src.Tables() {
		rows := Rows(t, dir, table)
		if table.Name == source.Members {
			slices.SortStableFunc(rows, func(a, b string) int {
				a, _, _ = strings.Cut(a, " ")
				b, _, _ = strings.Cut(b, " ")
				return strings.Compare(a, b)
			})
		} else {
			slices.Sort(rows)
		}
		all[table.Name] = rows
	}
	return all
}
