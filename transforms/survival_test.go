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
	// October's new members have not had three months by the end of December; of those who
	// came in the months before July, when the report begins, some time is over too
	want := []string{"2024-11-01 2024-08-01 3 2"} // 1 and 3; 2 ended the day before, 4 was away that day
	got := lines(t, warehouse, "SELECT month, registered, after, still FROM survival WHERE registered = '2024-08-01' ORDER BY ALL")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("survival (-want +got):\n%s", diff)
	}
}

// Whoever came long ago and left since the source forgets is no survivor; who stayed is.
func TestSurvivalOfYearsAgo(t *testing.T) {
	warehouse := count(t, library{members: `
		id=1 branch=A first=2022-11-10 last=2022-11-10
		id=2 branch=A first=2022-11-20 last=2022-11-20 until=2024-11-19
		id=3 branch=A first=2022-11-20 last=2022-11-20 until=2024-11-20`})
	want := []string{"2024-11-01 2022-11-01 24 2"}
	if diff := cmp.Diff(want, lines(t, warehouse, "SELECT month, registered, after, still FROM survival WHERE still > 0 ORDER BY ALL")); diff != "" {
		t.Errorf("survival (-want +got):\n%s", diff)
	}
	// from August to December, four lengths of time each, anything can be said
	want = []string{"20"}
	if diff := cmp.Diff(want, lines(t, warehouse, "SELECT count(*) FROM survival")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestPresent(t *testing.T) {
	warehouse := count(t, library{members: `
		id=1 branch=A born=2015-01-01 sex=F postcode=2711EC last=2020-03-01
		id=2 branch=A born=2014-12-31 sex=F postcode=2711EC last=2020-03-01 until=2024-12-31
		id=3 branch=B born=1980-05-05 postcode=2711EC last=2020-03-01 until=2024-12-30
		id=4 branch=B sex=M last=2020-03-01
		id=5 branch=B kind=institution postcode=2711EC last=2020-03-01
		id=6 branch=B born=1980-05-05 sex=M postcode=2712AB last=2025-01-01`,
		loans: `
		id=1 branch=B owner_branch=A material=book kind=loan at=2024-05-01
		id=1 branch=B owner_branch=A material=book kind=loan at=2024-12-01
		id=2 branch=A owner_branch=A material=book kind=loan at=2024-12-01
		id=2 branch=A material=book kind=loan at=2024-12-02
		id=4 branch=A owner_branch=B material=book kind=renewal at=2024-12-02
		branch=C owner_branch=C material=book kind=loan at=2024-12-03`})
	for query, want := range map[string][]string{
		"SELECT pc4, age, sex, persons FROM residents ORDER BY ALL":                                                                                                {"2711 9 F 1", "2711 10 F 1", "? -1 M 1"},
		"SELECT pc4, branch, persons FROM catchments JOIN branches USING (branch_no) ORDER BY ALL":                                                                 {"2711 A 2", "? B 1"},
		"SELECT branch, members, borrowers, loans FROM activity JOIN branches USING (branch_no) ORDER BY ALL":                                                      {"A 2 2 4", "B 1 0 0"},
		"SELECT branch, loans, active_borrowers, loans_of_known FROM circulation_by_owner JOIN branches USING (branch_no) WHERE month = '2024-12-01' ORDER BY ALL": {"? 1 1 1", "A 2 2 2", "C 1 0 0"},
		"SELECT CAST(sum(end_members) AS BIGINT) - (SELECT CAST(sum(persons) AS BIGINT) FROM residents) FROM balance WHERE month = '2024-12-01'":                   {"0"},
	} {
		if diff := cmp.Diff(want, lines(t, warehouse, query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
