package transforms_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Who is erased or restricted is nowhere, whoever objected only where it goes to nobody
// else; by any of a person's member ids, and by the library system's own flag.
func TestRights(t *testing.T) {
	const three = "id=1 branch=A last=2020-03-01\nid=2 branch=A last=2020-03-02\nid=3 branch=A last=2020-03-03"
	for _, c := range []struct {
		name, members, rights      string
		known, population, crossed []string
	}{
		{"nobody", three, "", []string{"0", "1", "2"}, []string{"0", "1", "2"}, nil},
		{"one who objects", three, "2 objected", []string{"0", "1", "2"}, []string{"0", "2"}, []string{"1"}},
		{"one who is away", three, "2 away", []string{"0", "2"}, []string{"0", "2"}, nil},
		{"both", three, "2 away\n2 objected\n3 objected", []string{"0", "2"}, []string{"0"}, []string{"2"}},
		{"somebody else", three, "9 away", []string{"0", "1", "2"}, []string{"0", "1", "2"}, nil},
		{"by a number that no longer leads", "id=1 branch=A last=2020-03-01 person=p\nid=2 branch=A last=2021-03-02 person=p\nid=3 branch=A last=2020-03-03", "1 objected",
			[]string{"1", "2"}, []string{"2"}, []string{"1"}},
		{"by the system's flag", "id=1 branch=A last=2020-03-01 objection=ja\nid=2 branch=A last=2020-03-02 objection=nee", "", []string{"0", "1"}, []string{"1"}, []string{"0"}},
		{"a person's number is no member's number", "id=1 branch=A last=2020-03-01 person=2", "2 away", []string{"0"}, []string{"0"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			vault := inVault(t, library{members: c.members, rights: c.rights})
			for _, q := range []struct {
				what, query string
				want        []string
			}{
				{"known", "SELECT mk FROM members ORDER BY mk", c.known},
				{"for CBS", "SELECT mk FROM population ORDER BY mk", c.population},
				{"crossed as objecting", "SELECT mk FROM outgoing_members WHERE objected ORDER BY mk", c.crossed},
			} {
				if diff := cmp.Diff(q.want, lines(t, vault, q.query)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", q.what, diff)
				}
			}
		})
	}
}
