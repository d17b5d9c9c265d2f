package transforms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every case is a branch of one library: what its members count for on 31 December of
// 2024 and of 2023. The source still knows who left from July 2024.
func TestYearlyReturnOfMembers(t *testing.T) {
	const before = "first=2020-01-01 last=2020-01-01 born=1980-05-05"
	cases := []struct {
		name, member, memberships string
		want                      string
	}{
		{"a member all along", before, "", "2023 members adult, 2024 members adult"},
		{"registered on 31 December", "born=1980-05-05 first=2024-12-31 last=2024-12-31", "", "2024 members adult, 2024 new adult"},
		{"registered on 1 January", "born=1980-05-05 first=2025-01-01 last=2025-01-01", "", ""},
		{"registered on 1 January of the year", "born=1980-05-05 first=2024-01-01 last=2024-01-01", "", "2024 members adult, 2024 new adult"},
		{"last valid day 31 December: lapsed in the next year", before + " until=2024-12-31", "", "2023 members adult, 2024 members adult"},
		{"last valid day 30 December: lapsed on the 31st", before + " until=2024-12-30", "", "2023 members adult, 2024 lapsed adult"},
		{"new and lapsed in one year", "born=1980-05-05 first=2024-02-01 last=2024-02-01 until=2024-08-01", "", "2024 lapsed adult, 2024 new adult"},
		{"eighteen on 31 December", "born=2006-12-31 first=2024-03-01 last=2024-03-01", "", "2024 members adult, 2024 new adult"},
		{"eighteen on 1 January", "born=2007-01-01 first=2024-03-01 last=2024-03-01", "", "2024 members youth, 2024 new youth"},
		{"youth last year, adult this year", "born=2006-06-01 first=2020-01-01 last=2020-01-01", "", "2023 members youth, 2024 members adult"},
		{"unknown birth date", "first=2024-03-01 last=2024-03-01", "", "2024 members unknown, 2024 new unknown"},
		{"returner: not new", "born=1980-05-05 first=2020-01-01 last=2024-11-05", "from=2020-01-01 to=2024-08-15\nfrom=2024-11-05", "2023 members adult, 2024 lapsed adult, 2024 members adult"},
		{"returner after years: neither new nor lapsed", "born=1980-05-05 first=2010-01-01 last=2024-11-05", "from=2010-01-01 to=2015-08-15\nfrom=2024-11-05", "2024 members adult"},
		{"renewed without a gap", "born=1980-05-05 first=2020-01-01 last=2024-09-01", "from=2020-01-01 to=2024-08-31\nfrom=2024-09-01", "2023 members adult, 2024 members adult"},
		{"unknown first registration: not new", "born=1980-05-05 last=2024-09-10", "", "2024 members adult"},
		{"institution", before + " kind=institution", "", ""},
		{"left before the cut-off", before + " until=2024-06-29", "", ""},
	}
	var l library
	for i, c := range cases {
		l.branches += fmt.Sprintf("branch=K%02d name=K%02d\n", i, i)
		l.members += fmt.Sprintf("id=%d branch=K%02d %s\n", i+1, i, c.member)
		for line := range strings.Lines(c.memberships) {
			l.memberships += fmt.Sprintf("id=%d branch=K%02d %s\n", i+1, i, strings.TrimSpace(line))
		}
	}
	l.output = "wsob"
	warehouse := count(t, l)
	for i, c := range cases {
		got := lines(t, warehouse, fmt.Sprintf("SELECT year, item, age_group FROM wsob_members JOIN branches b USING (branch_no), range(persons) WHERE b.branch = 'K%02d' ORDER BY ALL", i))
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %q, want %q", c.name, s, c.want)
		}
	}
	got := lines(t, warehouse, "SELECT * FROM wsob_years ORDER BY year")
	want := []string{"2023 2023-01-01 2023-12-31 false false", "2024 2024-01-01 2024-12-31 true false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("years (-want +got):\n%s", diff)
	}
}

func TestYearlyReturnOfLoans(t *testing.T) {
	var l library
	for at, n := range map[string]int{
		"2023-12-31T23:59:59": 1, "2024-01-01T00:00:00": 2, "2024-12-31T23:59:59": 4, "2025-01-01T00:00:00": 8,
		"2024-12-31T22:59:59Z": 16, "2024-12-31T23:00:00Z": 32, // local midnight
	} {
		for range n {
			l.loans += "branch=A kind=loan material=book at=" + at + "\n"
		}
	}
	l.loans += "branch=A kind=renewal material=book at=2024-06-01\nbranch=A kind=??? material=book at=2024-06-01\n"
	l.output = "wsob"
	warehouse := count(t, l)
	got := lines(t, warehouse, "SELECT year, kind, sum(events) FROM wsob_loans GROUP BY ALL ORDER BY ALL")
	if diff := cmp.Diff([]string{"2023 loan 1", "2024 loan 22", "2024 renewal 1", "2024 unknown 1"}, got); diff != "" {
		t.Errorf("loans by year and kind (-want +got):\n%s", diff)
	}
	got = lines(t, warehouse, "SELECT * FROM wsob_coverage ORDER BY year")
	if diff := cmp.Diff([]string{"2023 1", "2024 2"}, got); diff != "" {
		t.Errorf("months with loans (-want +got):\n%s", diff)
	}
}

func TestYearlyReturnDoubts(t *testing.T) {
	l := library{members: `id=1 branch=A first=2024-02-01 last=2024-02-01
id=2 branch=A first=2024-05-05 last=2024-05-05
id=3 branch=B first=2024-05-05 last=2024-05-05
id=4 branch=A last=2024-06-01
id=5 branch=A first=2011-01-01 last=2024-06-02
id=6 branch=A first=2012-01-01 last=2012-01-01 until=2024-08-01`}
	l.output = "wsob"
	warehouse := count(t, l)
	got := lines(t, warehouse, "SELECT year, new, one_day, day, first_unknown, lapsed, presumed FROM wsob_doubts ORDER BY year")
	if diff := cmp.Diff([]string{"2023 0 0 <nil> 0 0 0", "2024 3 2 2024-05-05 1 2 1"}, got); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}
