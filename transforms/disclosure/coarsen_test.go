package disclosure

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func TestCoarsen(t *testing.T) {
	large := randomTable(rand.New(rand.NewPCG(1, 1)), 400, 6, 3, 8)
	got, lost, err := Coarsen(large)
	if err != nil {
		t.Fatal(err)
	}
	if lost[0] != 1 || lost[1] != 0 || lost[2] != 0 {
		t.Errorf("levels lost: %v", lost)
	}
	var before, after int64
	for _, c := range large.Cells {
		before += c.Count
	}
	for _, c := range got.Cells {
		if after += c.Count; c.Codes[0] != "north" && c.Codes[0] != "south" {
			t.Fatalf("a cell of %v", c.Codes)
		}
	}
	if before != after || len(got.Cells) > 2*6*2 {
		t.Errorf("%d persons in %d cells, before %d", after, len(got.Cells), before)
	}
	_, report, err := Suppress(t.Context(), got, Rule{Threshold: 5}, "f")
	if err != nil || len(report.Exposed()) > 0 {
		t.Errorf("suppressed: %v, %d exposed", err, len(report.Exposed()))
	}
	for name, table := range map[string]Table{
		"small":   randomTable(rand.New(rand.NewPCG(1, 1)), 60, 6, 3, 8),
		"network": national(),
	} {
		if same, lost, err := Coarsen(table); err != nil || len(same.Cells) != len(table.Cells) || lost[0] > 0 {
			t.Errorf("%s: lost %v, %v", name, lost, err)
		}
	}
	large.Dimensions[0].Groups = nil
	if _, _, err := Coarsen(large); !errors.Is(err, ErrTooLarge) {
		t.Errorf("without groups: %v", err)
	}
}
