package kb_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"peil/reports/kb"
	"peil/transforms/disclosure/attack"
)

// published adds to a problem what a reader of a week's feed of members knows: whole steps of 5
// from 10 upward, each count in the nearest, and the stated totals.
func published(t *testing.T, p *attack.Problem, figure string, out *staged) {
	t.Helper()
	var risk kb.Risk
	if err := json.Unmarshal(out.files["risk.json"], &risk); err != nil {
		t.Fatal(err)
	}
	total := attack.Equation{Sum: risk.Members.Total, Terms: []attack.Term{{Cell: len(p.Cells), Factor: 1}}}
	p.Cells = append(p.Cells, attack.Cell{Name: "in no group, " + figure, High: risk.Members.Total})
	for _, row := range records(t, out.files["kb-leden.csv"]) {
		n := number(t, row["personen"])
		place := strings.Join([]string{row["niveau"], row["vestiging"], row["leeftijdsklasse"], row["geslacht"], row["pc4"], row["abonnement"], row["lidmaatschapsduur"]}, "|")
		total.Terms = append(total.Terms, attack.Term{Cell: len(p.Cells), Factor: 1})
		p.Cells = append(p.Cells, attack.Cell{Name: figure + ": " + place, Low: max(n-2, 10), High: n + 2})
	}
	p.Equations = append(p.Equations, total)
}

// TestSuccessiveWeeks: of no group does the difference of two feeds tell how many came or
// left, whoever comes, leaves or moves in between.
func TestSuccessiveWeeks(t *testing.T) {
	var feeds []*staged
	var done []string
	for _, change := range []string{"SELECT 1",
		"DELETE FROM stays WHERE mk = (SELECT min(mk) FROM stays)",
		"UPDATE members SET pc4 = '2712' WHERE mk = (SELECT min(mk) FROM members WHERE pc4 = '2711')",
		"DELETE FROM stays WHERE mk IN (SELECT mk FROM stays ORDER BY mk DESC LIMIT 3)",
	} {
		done = append(done, change)
		db, dir := open(t, append([]string{library(t)}, done...)...)
		out, _ := write(t, db, dir)
		feeds = append(feeds, out)
	}
	var p attack.Problem
	for i, out := range feeds {
		published(t, &p, fmt.Sprint("week ", i), out)
	}
	for i := range feeds {
		for j := range i {
			p.Differences(fmt.Sprint("week ", j), fmt.Sprint("week ", i), 4)
		}
	}
	report, err := attack.Audit(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Exposed() {
		t.Errorf("%s: %d to %d, %v", p.Cells[f.Cell].Name, f.Low, f.High, f.Verdict)
	}
	differ := slices.ContainsFunc(feeds[1:], func(s *staged) bool {
		return string(s.files["kb-leden.csv"]) != string(feeds[0].files["kb-leden.csv"])
	})
	if t.Logf("%d changes between weeks", len(report.Findings)); len(report.Findings) < 50 || !differ {
		t.Errorf("%d changes, feeds differ: %t", len(report.Findings), differ)
	}
}
