package kb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A title stands apart where ten persons borrowed it and ten, or none, borrowed the rest of
// its subject; a number that the KB does not know, never.
func TestRareTitlesFallToTheirSubject(t *testing.T) {
	const (
		isbn, older, ean, ppn = "9789025768225", "9025768229", "5051888226964", "123456789"
		people                = `INSERT INTO branches VALUES (0, '?', NULL, NULL, NULL, NULL, NULL), (1, '0101', 'Centrum', 'NL-0823451001', 'vestiging', NULL, NULL);
			INSERT INTO age_spans SELECT i, on_date, on_date, 40 FROM range(1, 200) t(i) CROSS JOIN reference_dates;
			INSERT INTO members (mk, kind, branch_no, objected) SELECT i, 'person', 1, false FROM range(1, 200) t(i);`
	)
	loans := func(first, n int, genre, title string) string {
		return fmt.Sprintf("INSERT INTO loans_read SELECT i, 'person', 1, 1, 'book', 'adult', '%s', 'loan', DATE '2025-01-02', false, NULL, NULL, NULL, NULL, NULL, nullif('%s', '') FROM range(%d, %d) t(i);", genre, title, first, first+n)
	}
	for _, c := range []struct {
		name, loans, want string
	}{
		{"and the rest holds ten", loans(1, 12, "fiction", isbn) + loans(20, 10, "fiction", ppn), ppn + " 10, " + isbn + " 10"},
		{"and there is no rest", loans(1, 12, "fiction", isbn), isbn + " 10"},
		{"and the rest holds fewer", loans(1, 12, "fiction", isbn) + loans(20, 9, "fiction", ppn), " 20"},
		{"a rest of many rare titles", loans(1, 12, "fiction", ean) + loans(20, 6, "fiction", ppn) + loans(30, 6, "fiction", ""), " 10, " + ean + " 10"},
		{"an older ISBN is the newer one", loans(1, 6, "fiction", isbn) + loans(7, 6, "fiction", older), isbn + " 10"},
		{"a wrong check digit is the library's own number", loans(1, 12, "fiction", "9789025768226"), " 10"},
	} {
		db, dir := open(t, people, c.loans+loans(100, 30, "nonfiction", ""))
		out, _ := write(t, db, dir)
		var got []string
		for _, row := range records(t, out.files["kb-uitleningen.csv"]) {
			if row["genre"] == "fictie" {
				got = append(got, row["titel"]+" "+row["personen"])
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What a group is divided into adds up to it, and every part holds k persons.
func TestPartsOfAGroupAddUp(t *testing.T) {
	db, _ := open(t, library(t), "UPDATE loans_read SET owner_branch_no = CASE WHEN rowid % 7 = 0 THEN 2 ELSE branch_no END, school = rowid % 11 = 0, title = CASE WHEN rowid % 5 = 0 THEN '123456789' END",
		"SELECT 1")
	for what, query := range map[string]string{
		"rows of fewer than k persons": "SELECT count(*) FROM kb_loan_rows WHERE persons < 10",
		"groups whose parts do not add up": `SELECT count(*) FROM (
			SELECT * EXCLUDE (persons) FROM kb_loan_groups
			EXCEPT ALL
			SELECT level, period, from_on, branch_no, age_from, kind, material, audience, genre, CAST(sum(events) AS BIGINT) FROM kb_loan_rows GROUP BY ALL)`,
		"groups that would show fewer than k as the rest of a part": `SELECT count(*) FROM (
			SELECT any_value(number) FROM kb_loan_rows WHERE level < 5 GROUP BY level, period, from_on, branch_no, age_from, kind, material, audience, genre
			HAVING count(*) > 1 AND min(persons) < 10)`,
	} {
		if n, err := db.Count(t.Context(), query); err != nil || n != 0 {
			t.Errorf("%d %s, %v", n, what, err)
		}
	}
	if n, err := db.Count(t.Context(), "SELECT count(DISTINCT owner_no) * count(DISTINCT school) * count(DISTINCT number) FROM kb_loan_rows"); err != nil || n == 0 {
		t.Errorf("no group is divided by owner, school and title: %d, %v", n, err)
	}
}
