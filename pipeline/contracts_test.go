package pipeline_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"peil/reports/quality"
	"peil/transforms/contract"
)

// Every CSV file that a run publishes has a contract, which it keeps, and every contract of
// an output is of a file that is published.
func TestEveryPublishedTableHasAContract(t *testing.T) {
	l := newLater(t)
	l.write("peil.yaml", strings.NewReplacer("months: 12}", "months: 12, population: {file: people.csv, on: 2024-01-01}, service_area: [2711]}, kb: {}, wsob: {}, quality: {}",
		"branches.csv}", "branches.csv, loans: loans.csv}").Replace(laterConfig))
	l.write("people.csv", "postcode;leeftijd;inwoners;inwoners_man;inwoners_vrouw\n2711;0-17;100;50;50\n2711;18+;400;190;210\n")
	loans := "branch,owner_branch,material,kind,loaned_at,member_id\nA,A,boek,uitlening,2024-11-20,1\nB,A,boek,uitlening,2024-12-10,41\n"
	for month := range 12 { // to the first run a year of which something is known in every month
		loans += fmt.Sprintf("A,B,boek,uitlening,%s-05,\n", time.Date(2023, time.Month(11+month), 1, 0, 0, 0, 0, time.UTC).Format("2006-01"))
	}
	l.write("loans.csv", loans)
	members := func(first string) string { // two groups, large enough for rounding to hide a change of either; the first of them moves
		var b strings.Builder
		for i := range 80 {
			branch := []string{first, "A", "B"}[min(i, 1)+i/40]
			fmt.Fprintf(&b, "%d,%s,2024-08-%02d,2024-08-%02d,,\n", i+1, branch, i%28+1, i%28+1)
		}
		return b.String()
	}
	l.run("2024-11-21", members("A"))
	l.run("2024-12-20", members("B"))
	l.run("2025-01-02", members("B"))
	// the public edition of so small a library has no loans per branch
	published := map[string]bool{"new-members.loans": true}
	err := filepath.WalkDir(filepath.Join(l.dir, "out"), func(path string, _ fs.DirEntry, err error) error {
		if table, ok := strings.CutSuffix(filepath.Base(path), ".csv"); ok {
			output := filepath.Base(filepath.Dir(filepath.Dir(path)))
			published[output+"."+table] = true
			if contract.Find(output, table) == nil {
				t.Errorf("%s has no contract: add transforms/contract/tables/%s/%s.yaml", path, output, table)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contract.All {
		ours := slices.Contains([]string{"new-members", "kb", "wsob", "quality"}, c.Folder)
		if ours && !published[c.Name()] {
			t.Errorf("contract %s is of no file that is published", c.Name())
		}
	}
	text, err := os.ReadFile(filepath.Join(l.dir, "out/private/quality/2025-01-02/checks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Checks []quality.Check }
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"contract.input.members", "contract.input.loans", "contract.core", "contract.new-members", "contract.kb", "contract.wsob"} {
		if i := slices.IndexFunc(found.Checks, func(c quality.Check) bool { return c.Name == name }); i < 0 || found.Checks[i].Result != quality.OK {
			t.Errorf("no check %s that is in order", name)
		}
	}
}
