package newmembers

import (
	"flag"
	"path/filepath"
	"testing"
	"time"
)

var look = flag.String("look", "", "write reports to this folder, to be looked at")

// TestLook writes pages and workbooks for eyes: what no golden file can judge.
func TestLook(t *testing.T) {
	if *look == "" {
		t.Skip("-look names no folder")
	}
	for name, l := range map[string]library{
		"town":     {seed: 1, branches: 8, months: 36, size: 3000, low: 0, frozen: 30, moves: true, loans: true, owners: true},
		"first":    {seed: 2, branches: 5, months: 36, size: 3000, low: 30},
		"national": {seed: 3, branches: 1000, months: 36, size: 3000, low: 12, frozen: 18, moves: true, loans: true},
	} {
		db := l.warehouse(t)
		internal, public := newMemory(), newMemory()
		start := time.Now()
		r, err := Write(t.Context(), db, about("nl"), l.options(), internal, public)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %v, %+v", name, time.Since(start).Round(time.Millisecond), r)
		internal.save(t, filepath.Join(*look, name, "internal"))
		public.save(t, filepath.Join(*look, name, "public"))
	}
}
