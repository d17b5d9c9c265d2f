package retention

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
)

// Taken apart, frozen figures keep every count by one characteristic, and no combination.
func TestTakeApart(t *testing.T) {
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// branch A has many new members, of whom age, sex and area always go together; B has four
	err = db.Exec(t.Context(), `CREATE TABLE new_members AS
		SELECT DATE '2024-03-01' AS month, 'A' AS branch, 10 * (n % 3)::INTEGER AS age_from, chr(70 + (n % 3)::INTEGER) AS sex, 'class' || n % 3 AS subscription_class,
			'sub' || n % 3 AS subscription, '271' || n % 3 AS pc4, 1 + n AS persons FROM range(30) t(n)
		UNION ALL SELECT DATE '2024-03-01', 'B', 4, 'F', 'youth', 'Jeugd', '2711', 4`)
	if err != nil {
		t.Fatal(err)
	}
	const threshold = 5
	if err := db.Exec(t.Context(), strings.ReplaceAll(takeApart, "%d", fmt.Sprint(threshold))); err != nil {
		t.Fatal(err)
	}
	list := func(query string) []string {
		rows, err := db.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all []string
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		return all
	}
	for _, by := range []string{"age_from", "sex", "subscription_class", "subscription", "pc4", "subscription_class || subscription"} {
		query := "SELECT " + by + " || ': ' || sum(persons) FROM %s WHERE branch = 'A' GROUP BY " + by + " ORDER BY ALL"
		if diff := cmp.Diff(list(fmt.Sprintf(query, "new_members")), list(fmt.Sprintf(query, "apart"))); diff != "" {
			t.Errorf("by %s (-before +after):\n%s", by, diff)
		}
	}
	if n, err := db.Count(t.Context(), "SELECT count(*) FROM (SELECT DISTINCT age_from, sex, pc4 FROM apart WHERE branch = 'A')"); err != nil || n < 20 {
		t.Errorf("%d of 27 combinations occur, want nearly all: %v", n, err)
	}
	got := list("SELECT concat_ws(' ', age_from, sex, subscription_class, subscription, pc4, persons) FROM apart WHERE branch = 'B'")
	if diff := cmp.Diff([]string{"-1 ? unknown ? ? 4"}, got); diff != "" {
		t.Error(diff)
	}
}
