package transforms_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSurvival(t *testing.T) {
	warehouse := count(t, library{members: `
		id=1 branch=A first=2024-08-10 last=2024-08-10
		id=2 branch=A first=2024-08-20 last=2024-08-20 until=2024-11-19
		id=3 branch=A first=2024-08-31 last=2024-08-31 until=2024-11-30
		id=4 branch=A first=2024-08-05 last=2024-12-01
		id=5 branch=A first=2024-10-05 last=2024-10-05`, memberships: `
		id=4 branch=A from=2024-08-05 to=2024-09-01
		id=4 branch=B from=2024-12-01`})
	// October's new members have not had three months by the end of December
	want := []string{"2024-08-01 3 4 2"} // 1 and 3; 2 ended the day before, 4 was away that day
	got := lines(t, warehouse, "SELECT month, after, new, still FROM survival ORDER BY ALL")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("survival (-want +got):\n%s", diff)
	}
}
