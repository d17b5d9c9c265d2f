package protect

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/exit"
	"peil/reports/risk"
	"peil/transforms/disclosure/attack"
)

// counted reads a protected table: codes joined by |, then what is written.
func counted(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range records(t, path, ',') {
		out[strings.Join(r[:len(r)-1], "|")] = r[len(r)-1]
	}
	return out
}

// TestProtectRounds compares with what SmallCountRounding publishes of the same table.
func TestProtectRounds(t *testing.T) {
	file := shared(t, "tables", "plsround_e6_input.csv")
	r, written, err := protectWith(t, file, "", "mode: table\ndimensions: [{column: geo, groups: [eu]}, {column: year}]\ncount: freq\n")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, row := range records(t, shared(t, "tables", "plsround_e6_base5_expected_publish.csv"), ',') {
		want[row[0]+"|"+row[1]] = row[3]
	}
	if diff := cmp.Diff(want, counted(t, written)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if r.Table.Safe != 3 || r.Table.Attacked != 3 || r.Table.LargestDeviation != 3 || r.Table.Changed != 12 {
		t.Errorf("report: %+v", r.Table)
	}
}

// TestProtectSuppressesWhatAnAttackerCouldFind reads the file that was written as a reader
// does, and works out the bounds of every small count.
func TestProtectSuppressesWhatAnAttackerCouldFind(t *testing.T) {
	file := shared(t, "tables", "sdctable_simpleheuristic_input.csv")
	r, written, err := protectWith(t, file, "", "mode: table\ndimensions: [{column: v1, total: tot}, {column: v2, total: tot}]\ncount: freq\nmethod: suppression\nthreshold: 48\n")
	if err != nil {
		t.Fatal(err)
	}
	got := counted(t, written)
	table := attack.Table{Figure: "f", Dimensions: []attack.Dimension{{Name: "v1", Total: "tot"}, {Name: "v2", Total: "tot"}}}
	small := map[string]bool{}
	for _, row := range records(t, file, ',') {
		codes := row[2:]
		n, err := strconv.ParseInt(row[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		cell := attack.Published{Codes: codes, Low: n, High: n}
		switch shown := got[strings.Join(codes, "|")]; {
		case shown == "":
			cell.Low, cell.High, cell.Width = 0, attack.Unbounded, 1
		case shown != row[0] || n < 48:
			t.Errorf("%v reads %s, is %d", codes, shown, n)
		}
		small[fmt.Sprintf("f: v1=%s, v2=%s", codes[0], codes[1])] = n < 48
		table.Cells = append(table.Cells, cell)
	}
	p, err := attack.Join(table)
	if err != nil {
		t.Fatal(err)
	}
	audit, err := attack.Audit(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	smallest := 0
	for _, f := range audit.Findings {
		if small[p.Cells[f.Cell].Name] {
			smallest++
			if f.High-f.Low < 47 {
				t.Errorf("%s lies from %d to %d", p.Cells[f.Cell].Name, f.Low, f.High)
			}
		}
	}
	if len(got) != 25 || smallest != 4 || r.Table.Primary != 4 || r.Table.Secondary == 0 {
		t.Errorf("%d cells, %d small ones, %+v", len(got), smallest, r.Table)
	}
}

// TestProtectLinkedGroups: two groupings of the same regions, each safe alone.
func TestProtectLinkedGroups(t *testing.T) {
	file := shared(t, "tables", "sdctable_linked_input.csv")
	_, written, err := protectWith(t, file, "", "mode: table\ndimensions: [{column: region, groups: [county, group]}]\ncount: n\nmethod: suppression\nthreshold: 4\n")
	if err != nil {
		t.Fatal(err)
	}
	var hidden []string
	for _, r := range records(t, written, ',') {
		if r[1] == "" {
			hidden = append(hidden, r[0])
		}
	}
	if diff := cmp.Diff([]string{"A", "B", "K", "L", "M", "N"}, hidden); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
}

// TestProtectThreeDimensions: new members by branch, month and age are no network. They are
// published as they are where that is proven to be safe, else by organisation.
func TestProtectThreeDimensions(t *testing.T) {
	tests := []struct {
		branches, months, ages, coarsened int
	}{
		{8, 12, 6, 0},
		{60, 12, 6, 1}, // too many cells to try
	}
	for _, tt := range tests {
		rng := rand.New(rand.NewPCG(1, 3))
		var rows [][]string
		written := 0
		for b := range tt.branches {
			size := rng.ExpFloat64() * 5
			for m := range tt.months {
				for a := range tt.ages {
					rows = append(rows, []string{fmt.Sprintf("b%02d", b), fmt.Sprint("o", b/6), fmt.Sprintf("m%02d", m), fmt.Sprint("a", a), fmt.Sprint(int(rng.ExpFloat64() * size))})
				}
			}
		}
		in := write(t, "new.csv", joined("branch,organisation,month,age,new", rows))
		const protection = "mode: table\nmethod: suppression\ncount: new\ndimensions: [{column: branch, groups: [organisation]}, {column: month}, {column: age}]\n"
		r, file, err := protectWith(t, in, "", protection)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range records(t, file, ',') {
			if n, err := strconv.Atoi(row[3]); err == nil {
				written++
				if n > 0 && n < 5 {
					t.Errorf("%v is written", row)
				}
			}
			if tt.coarsened > 0 && strings.HasPrefix(row[0], "b") {
				t.Fatalf("%v is of a branch", row)
			}
		}
		got := r.Table
		if got.Safe != got.Attacked || got.Safe != got.Primary || got.Primary == 0 || written != got.Cells-got.Primary-got.Secondary || *got.Narrowest < 4 {
			t.Errorf("%d branches: %d written, %+v", tt.branches, written, got)
		}
		if got.Dimensions[0].Coarsened != tt.coarsened || got.Dimensions[1].Coarsened != 0 || got.Dimensions[2].Coarsened != 0 {
			t.Errorf("%d branches: %+v", tt.branches, got.Dimensions)
		}
		_, again, err := protectWith(t, in, "", protection)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(records(t, file, ','), records(t, again, ',')); diff != "" {
			t.Errorf("%d branches: not the same again:\n%s", tt.branches, diff)
		}
	}
}

// TestProtectHierarchyOfCodes: a file with nested levels, of which the last is the total,
// over rows that are persons.
func TestProtectHierarchyOfCodes(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "place.csv"), []byte("1011;Amsterdam;West;*\n1012;Amsterdam;West;*\n3511;Utrecht;West;*\n9711;Groningen;North;*\n9999;Nowhere;North;*\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := write(t, "f.csv", "place\n"+strings.Repeat("1011\n", 7)+strings.Repeat("1012\n", 2)+strings.Repeat("3511\n", 9)+strings.Repeat("9711\n", 6))
	r, written, err := protectWith(t, in, folder, "mode: table\ndimensions: [{column: place, hierarchy: place.csv}]\n")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Total", "22"}, {"Amsterdam", "7"}, {"Utrecht", "9"}, {"Groningen", "6"}, {"West", "16"}, {"North", "6"}, {"1011", "7"}, {"1012", "0"}, {"3511", "9"}, {"9711", "6"}}
	if diff := cmp.Diff(want, records(t, written, ',')); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]risk.Dimension{{Column: "place", Codes: 4, Groups: 5}}, r.Table.Dimensions); diff != "" {
		t.Error(diff)
	}
}

// TestProtectWithholds: whatever the attacker does not find safe is not written.
func TestProtectWithholds(t *testing.T) {
	w := &protector{given: &givenFile{shown: "f.csv"}}
	if err := w.withhold(&risk.Table{Attacked: 3, Safe: 3}); err != nil {
		t.Errorf("all is safe, got %v", err)
	}
	for _, r := range []*risk.Table{{Attacked: 3, Safe: 2, Unsafe: 1}, {Attacked: 3, Safe: 2, NotProven: 1}} {
		var failed *exit.Error
		if err := w.withhold(r); !errors.As(err, &failed) || failed.Status != exit.Withheld || !strings.Contains(err.Error(), "1 of the 3 cells") {
			t.Errorf("%+v: got %v", r, err)
		}
	}
}
