package transforms_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/transforms"
)

// Who holds nothing but a subscription that is no membership is left out, with the first
// reason that fits; who also holds an ordinary one is not.
func TestLeftOut(t *testing.T) {
	for _, c := range []struct {
		name, members, memberships string
		population                 int64
		out                        []string
	}{
		{"an ordinary subscription", "id=1 branch=A last=2020-03-01 subscription=BASIS", "", 1, nil},
		{"no subscription", "id=1 branch=A last=2020-03-01", "", 1, nil},
		{"a staff pass, in any case", "id=1 branch=A last=2020-03-01 subscription=Personeel", "", 0, []string{"staff"}},
		{"two lists: the first counts", "id=1 branch=A last=2020-03-01 subscription=BOTH", "", 0, []string{"staff"}},
		{"a staff pass that is not valid", "id=1 branch=A last=2020-03-01 until=2024-12-31 subscription=PERSONEEL", "", 0, nil},
		{"a staff pass and an older subscription that goes on", "id=1 branch=A last=2020-03-01 subscription=PERSONEEL person=p\nid=2 branch=B last=2019-03-01 subscription=BASIS person=p", "", 1, nil},
		{"a staff pass and a subscription that has ended", "id=1 branch=A last=2020-03-01 subscription=PERSONEEL person=p\nid=2 branch=B last=2019-03-01 until=2024-12-31 subscription=BASIS person=p", "", 0, []string{"staff"}},
		{"a staff pass and a deleted subscription", "id=1 branch=A last=2020-03-01 subscription=PERSONEEL person=p\nid=2 branch=B last=2019-03-01 deleted=true subscription=BASIS person=p", "", 0, []string{"staff"}},
		{"history: a test account on the day", "id=1 branch=A last=2020-03-01 subscription=BASIS", "id=1 from=2020-03-01 to=2024-01-01 subscription=BASIS\nid=1 from=2024-01-02 subscription=TEST", 0, []string{"test"}},
		{"history: a test account that is over", "id=1 branch=A last=2020-03-01 subscription=TEST", "id=1 from=2020-03-01 to=2024-01-01 subscription=TEST\nid=1 from=2024-01-02 subscription=BASIS", 1, nil},
		{"history: both at once", "id=1 branch=A last=2020-03-01 subscription=TEST", "id=1 from=2020-03-01 subscription=BASIS\nid=1 from=2024-01-02 subscription=TEST", 1, nil},
		{"an institution is no person to leave out", "id=1 branch=A kind=institution last=2020-03-01 subscription=TEST", "", 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			vault := inVault(t, library{members: c.members, memberships: c.memberships, params: func(p *transforms.Parameters) {
				p.LeaveOut = []transforms.LeaveOut{{Why: "staff", Codes: []string{" personeel ", "BOTH"}}, {Why: "test", Codes: []string{"TEST", "BOTH"}}}
			}})
			n, err := vault.Count(t.Context(), "SELECT count(*) FROM population")
			if err != nil || n != c.population {
				t.Errorf("population: got %d, want %d (%v)", n, c.population, err)
			}
			if diff := cmp.Diff(c.out, lines(t, vault, "SELECT why FROM left_out ORDER BY ALL")); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
		})
	}
}
