package transforms_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/pseudonym"
	"peil/pipeline/source"
	"peil/transforms"
	"peil/transforms/parse"
)

// library is a small library written down for a test: a line a row, "column=value" words
// apart from each other by a blank. What a line leaves out is empty.
type library struct {
	branches, members, memberships, loans string
	priorMembers, priorMoves              string // earlier snapshots: id= stands for the member's pseudonym
	rights                                string // the register: member id and away or objected, a line each
	params                                func(*transforms.Parameters)
	output                                string // to count; empty: new-members
}

type rowsPart struct {
	table string
	rows  []map[string]string
}

func (p rowsPart) Name() string { return p.table + " of the test" }
func (p rowsPart) Size() int64  { return 0 }
func (p rowsPart) Read(ctx context.Context, db *engine.DB, statement func(string) string) ([]source.Reject, error) {
	var names, rows []string
	for _, c := range source.Columns[p.table] {
		names = append(names, engine.Ident(c.Name))
	}
	for _, r := range p.rows {
		var values []string
		for _, c := range source.Columns[p.table] {
			v := "NULL::VARCHAR"
			if r[c.Name] != "" {
				v = engine.Literal(r[c.Name])
			}
			values = append(values, v)
		}
		rows = append(rows, "("+strings.Join(values, ", ")+")")
	}
	return nil, db.Exec(ctx, statement("(VALUES "+strings.Join(rows, ", ")+") AS given("+strings.Join(names, ", ")+")"))
}
func (p rowsPart) Lines(_ context.Context, positions []int64) ([]int64, error) {
	lines := make([]int64, len(positions))
	for i, n := range positions {
		lines[i] = n + 1
	}
	return lines, nil
}

// short are the words in which the tests write the commonest columns.
var short = map[string]string{
	"id": "member_id", "person": "person_id", "first": "first_registered_on", "last": "last_registered_on",
	"until": "valid_until", "ended": "ended_on", "born": "birth_date", "from": "valid_from", "to": "valid_to",
	"at": "loaned_at", "closed": "closed_on", "into": "merged_into",
}

func parseRows(table, text string) source.Table {
	t := source.Table{Name: table}
	var rows []map[string]string
	for line := range strings.Lines(text) {
		row := map[string]string{}
		for _, word := range strings.Fields(line) {
			k, v, _ := strings.Cut(word, "=")
			if long, ok := short[k]; ok {
				k = long
			}
			row[k] = v
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		t.Parts = []source.Part{rowsPart{table, rows}}
	}
	return t
}

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// inVault runs the library through the vault's models.
func inVault(t *testing.T, l library) *engine.DB {
	t.Helper()
	vault, _, _ := l.read(t, t.TempDir())
	return vault
}

// read runs the library through the vault's models; the crossing may use dir.
func (l library) read(t *testing.T, dir string) (*engine.DB, []source.Table, transforms.Parameters) {
	t.Helper()
	ctx := t.Context()
	params := transforms.Parameters{
		AsOf: date("2025-01-01"), Peildatum: date("2025-01-01"), SnapshotOn: date("2025-01-01"),
		MonthsFrom: date("2024-07-01"), MonthsUntil: date("2025-01-01"), KBFrom: date("2024-12-23"), KBUntil: date("2024-12-30"),
		AgeClasses: []int{0, 4, 13, 18, 30, 50, 65}, K: 3, L: 1,
	}.WholeYear(2024)
	if l.params != nil {
		l.params(&params)
	}
	vault, err := engine.Open(ctx, engine.Options{Dirs: []string{dir}, KeepJoinOrder: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { vault.Close() })
	key, err := pseudonym.Parse([]byte(strings.Repeat("5a", 32)))
	if err != nil {
		t.Fatal(err)
	}
	steps := []error{
		parse.Install(ctx, vault, "Europe/Amsterdam"), key.Install(vault, pseudonym.Register), params.Install(ctx, vault),
		transforms.CreatePrior(ctx, vault), vault.Lock(ctx),
	}
	for _, row := range strings.Split(strings.TrimSpace(l.priorMembers), "\n") {
		if f := strings.Fields(row); len(f) == 4 { // id branch deleted_on snapshot_on
			steps = append(steps, vault.Exec(ctx, "INSERT INTO prior_members VALUES (pseudonym(?), ?, nullif(?, '-')::DATE, ?::DATE)", f[0], f[1], f[2], f[3]))
		}
	}
	for _, row := range strings.Split(strings.TrimSpace(l.priorMoves), "\n") {
		if f := strings.Fields(row); len(f) == 3 { // id on_date from_branch
			steps = append(steps, vault.Exec(ctx, "INSERT INTO prior_moves VALUES (pseudonym(?), ?::DATE, ?)", f[0], f[1], f[2]))
		}
	}
	if l.rights != "" {
		steps = append(steps, vault.Exec(ctx, "CREATE OR REPLACE MACRO register_id(key_no, text) AS pseudonym(text)"))
	}
	for _, row := range strings.Split(strings.TrimSpace(l.rights), "\n") {
		if f := strings.Fields(row); len(f) == 2 {
			steps = append(steps, vault.Exec(ctx, "INSERT INTO register VALUES (0, pseudonym('member ' || ?), ?, ?, false)", f[0], f[1] == "away", f[1] == "objected"))
		}
	}
	if l.branches == "" {
		l.branches = "branch=A name=Aa\nbranch=B name=Bee\nbranch=C name=Cee"
	}
	tables := []source.Table{
		parseRows("branches", l.branches), parseRows("members", l.members), parseRows("memberships", l.memberships), parseRows("loans", l.loans),
	}
	_, err = transforms.Run(ctx, vault, transforms.Vault(), tables, func(transforms.Step) {})
	for _, err := range append(steps, err) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return vault, tables, params
}

// count runs the library through vault, crossing and warehouse, and counts its output.
func count(t *testing.T, l library) *engine.DB {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	vault, tables, params := l.read(t, dir)
	before := func(transforms.Step) {}
	file := filepath.Join(dir, "warehouse.duckdb")
	if _, err := transforms.Cross(ctx, vault, file, tables, before); err != nil {
		t.Fatal(err)
	}
	warehouse, err := engine.Open(ctx, engine.Options{Path: file, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { warehouse.Close() })
	if _, err := transforms.Run(ctx, warehouse, transforms.Warehouse(), nil, before); err != nil {
		t.Fatal(err)
	}
	output := l.output
	if output == "" {
		output = "new-members"
	}
	if err := transforms.Count(ctx, warehouse, output, params, before); err != nil {
		t.Fatal(err)
	}
	return warehouse
}

// lines returns the rows of a query, a text a row.
func lines(t *testing.T, db *engine.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	var got []string
	for rows.Next() {
		values := make([]any, len(cols))
		dest := make([]any, len(cols))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(cols))
		for i, v := range values {
			words[i] = fmt.Sprint(v)
			if d, ok := v.(time.Time); ok {
				words[i] = d.Format(time.DateOnly)
			}
		}
		got = append(got, strings.Join(words, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

// figures tells what a library's balance says, leaving out what is zero, in the words of
// the report: "2024-12 A new=1 end=1". Months in which nothing changes are left out.
func figures(t *testing.T, warehouse *engine.DB) []string {
	t.Helper()
	return lines(t, warehouse, `SELECT concat_ws(' ', strftime(month, '%Y-%m'), b.branch,
			CASE WHEN begin_members > 0 THEN 'begin=' || begin_members END, CASE WHEN new > 0 THEN 'new=' || new END,
			CASE WHEN re_registered > 0 THEN 're=' || re_registered END, CASE WHEN moved_in > 0 THEN 'in=' || moved_in END,
			CASE WHEN lapsed > 0 THEN 'lapsed=' || lapsed END, CASE WHEN moved_out > 0 THEN 'out=' || moved_out END,
			CASE WHEN end_members > 0 THEN 'end=' || end_members END,
			CASE WHEN gap_unknown > 0 THEN 'gap?=' || gap_unknown END, CASE WHEN first_unknown > 0 THEN 'first?=' || first_unknown END)
		FROM balance JOIN branches b USING (branch_no)
		WHERE new + re_registered + moved_in + lapsed + moved_out > 0
		ORDER BY month, b.branch`)
}

func TestValidOnThePeildatum(t *testing.T) {
	for _, c := range []struct {
		name, members, memberships string
		want                       int64
	}{
		{"no end", "id=1 branch=A first=2020-03-01 last=2020-03-01", "", 1},
		{"starts on the peildatum", "id=1 branch=A first=2025-01-01 last=2025-01-01", "", 1},
		{"starts the day after", "id=1 branch=A first=2025-01-02 last=2025-01-02", "", 0},
		{"ends the day before", "id=1 branch=A first=2020-03-01 last=2020-03-01 until=2024-12-31", "", 0},
		{"ends on the peildatum: it is the last valid day", "id=1 branch=A first=2020-03-01 last=2020-03-01 until=2025-01-01", "", 1},
		{"ends the day after", "id=1 branch=A first=2020-03-01 last=2020-03-01 until=2025-01-02", "", 1},
		{"ended before its validity ran out: the earlier counts", "id=1 branch=A last=2020-03-01 until=2025-06-01 ended=2024-12-31", "", 0},
		{"ended later than its validity: the earlier counts", "id=1 branch=A last=2020-03-01 until=2024-12-31 ended=2025-06-01", "", 0},
		{"no dates at all", "id=1 branch=A", "", 1},
		{"institution", "id=1 branch=A kind=institution last=2020-03-01", "", 0},
		{"institution, said in the sex column", "id=1 branch=A sex=Instelling last=2020-03-01", "", 0},
		{"history: in a gap", "id=1 branch=A first=2020-01-01 last=2025-02-01", "id=1 from=2020-01-01 to=2024-11-30\nid=1 from=2025-02-01", 0},
		{"history: in an episode", "id=1 branch=A first=2020-01-01 last=2025-02-01", "id=1 from=2020-01-01 to=2025-01-15\nid=1 from=2025-02-01", 1},
		{"two memberships at once are one person", "id=1 branch=A last=2020-01-01", "id=1 from=2020-01-01\nid=1 branch=B from=2022-01-01", 1},
		{"deleted without an end, first shown by this snapshot", "id=1 branch=A last=2020-03-01 deleted=true", "", 1},
		{"deleted though it would be valid for long", "id=1 branch=A last=2020-03-01 until=2030-01-01 deleted=true", "", 1},
		{"deleted after it had ended", "id=1 branch=A last=2020-03-01 until=2024-12-01 deleted=true", "", 0},
		{"unknown branch", "id=1 branch=ZZ last=2020-03-01", "", 1},
		{"a row without a member id is a reject", "branch=A last=2020-03-01", "", 0},
		{"records of one person", "id=1 branch=A last=2020-03-01 person=p\nid=2 branch=B last=2021-03-01 person=p", "", 1},
		{"the same member id twice", "id=1 branch=A last=2020-03-01\nid=1 branch=A last=2021-03-01", "", 1},
		{"twins are two persons", "id=1 branch=A born=2010-01-01 postcode=2711EC house_number=1 last=2020-03-01\nid=2 branch=A born=2010-01-01 postcode=2711EC house_number=1 last=2020-03-01", "", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			vault := inVault(t, library{members: c.members, memberships: c.memberships})
			if n, err := vault.Count(t.Context(), "SELECT count(*) FROM population"); err != nil || n != c.want {
				t.Errorf("valid on the peildatum: got %d, want %d (%v)", n, c.want, err)
			}
		})
	}
}

func TestPersonsOfSeveralRecords(t *testing.T) {
	vault := inVault(t, library{members: "id=1 branch=A first=2012-05-01 last=2020-03-01 sex=V subscription=x person=p\nid=2 branch=B first=2015-01-01 last=2021-03-01 sex=M subscription=y person=p\nid=3 branch=C last=2021-03-01 sex=V subscription=z person=p"})
	got := lines(t, vault, "SELECT b.branch, sex, subscription, first_on, last_on FROM members JOIN branches b USING (branch_no)")
	want := []string{"B M y 2012-05-01 2021-03-01"} // of two registered last on one day, the first in the source
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("person (-want +got):\n%s", diff)
	}
}

func TestBalance(t *testing.T) {
	const merged = "branch=A name=Aa\nbranch=B name=Bee closed=2024-10-01 into=A\nbranch=C name=Cee"
	for _, c := range []struct {
		name string
		library
		want []string
	}{
		{"new in the month of the first registration", library{members: "id=1 branch=A first=2024-09-30 last=2024-09-30"},
			[]string{"2024-09 A new=1 end=1"}},
		{"new on the first day of a month", library{members: "id=1 branch=A first=2024-10-01 last=2024-10-01"},
			[]string{"2024-10 A new=1 end=1"}},
		{"lapsed on the day after the last valid day", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01 until=2024-09-30"},
			[]string{"2024-10 A begin=1 lapsed=1"}},
		{"an end on the last but one day of the month lapses in it", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01 until=2024-09-29"},
			[]string{"2024-09 A begin=1 lapsed=1"}},
		{"returner with only two dates: the gap is unknown", library{members: "id=1 branch=A first=2020-01-01 last=2024-11-05"},
			[]string{"2024-11 A begin=1 re=1 lapsed=1 end=1 gap?=1"}},
		{"returner with a history: lapsed when the first episode ended", library{members: "id=1 branch=A first=2020-01-01 last=2024-11-05", memberships: "id=1 from=2020-01-01 to=2024-08-15\nid=1 from=2024-11-05"},
			[]string{"2024-08 A begin=1 lapsed=1", "2024-11 A re=1 end=1"}},
		{"renewed without a gap: nothing happens", library{members: "id=1 branch=A first=2020-01-01 last=2024-09-01", memberships: "id=1 from=2020-01-01 to=2024-08-31\nid=1 from=2024-09-01"}, nil},
		{"renewed a day late without grace", library{members: "id=1 branch=A first=2020-01-01 last=2024-09-02", memberships: "id=1 from=2020-01-01 to=2024-08-31\nid=1 from=2024-09-02"},
			[]string{"2024-09 A begin=1 re=1 lapsed=1 end=1"}},
		{"renewed within the grace: nothing happens", library{members: "id=1 branch=A first=2020-01-01 last=2024-09-15", memberships: "id=1 from=2020-01-01 to=2024-08-31\nid=1 from=2024-09-15",
			params: func(p *transforms.Parameters) { p.RenewalGrace = 14 }}, nil},
		{"renewed a day after the grace", library{members: "id=1 branch=A first=2020-01-01 last=2024-09-16", memberships: "id=1 from=2020-01-01 to=2024-08-31\nid=1 from=2024-09-16",
			params: func(p *transforms.Parameters) { p.RenewalGrace = 14 }}, []string{"2024-09 A begin=1 re=1 lapsed=1 end=1"}},
		{"a first registration nobody knows is not new", library{members: "id=1 branch=A last=2024-09-10"},
			[]string{"2024-09 A re=1 end=1 first?=1"}},
		{"no dates: a member since ever", library{members: "id=1 branch=A"}, nil},
		{"moved, by the history", library{members: "id=1 branch=B first=2020-01-01 last=2020-01-01", memberships: "id=1 branch=A from=2020-01-01 to=2024-10-14\nid=1 branch=B from=2024-10-15"},
			[]string{"2024-10 A begin=1 out=1", "2024-10 B in=1 end=1"}},
		{"away and back at another branch is not a move", library{members: "id=1 branch=B first=2020-01-01 last=2024-10-15", memberships: "id=1 branch=A from=2020-01-01 to=2024-09-14\nid=1 branch=B from=2024-10-15"},
			[]string{"2024-09 A begin=1 lapsed=1", "2024-10 B re=1 end=1"}},
		{"moved, by the merger of a branch", library{branches: merged, members: "id=1 branch=B first=2020-01-01 last=2020-01-01"},
			[]string{"2024-10 A in=1 end=1", "2024-10 B begin=1 out=1"}},
		{"registered at a branch after it merged", library{branches: merged, members: "id=1 branch=B first=2024-11-01 last=2024-11-01"},
			[]string{"2024-11 A new=1 end=1"}},
		{"moved, by two snapshots: in the month of the later one", library{members: "id=1 branch=B first=2020-01-01 last=2020-01-01", priorMembers: "1 A - 2024-11-20",
			params: func(p *transforms.Parameters) { p.SnapshotOn = date("2024-12-20") }},
			[]string{"2024-12 A begin=1 out=1", "2024-12 B in=1 end=1"}},
		{"moved, as an earlier run saw it", library{members: "id=1 branch=B first=2020-01-01 last=2020-01-01", priorMembers: "1 B - 2024-11-20", priorMoves: "1 2024-09-20 A"},
			[]string{"2024-09 A begin=1 out=1", "2024-09 B in=1 end=1"}},
		{"the same branch in two snapshots", library{members: "id=1 branch=B first=2020-01-01 last=2020-01-01", priorMembers: "1 B - 2024-11-20"}, nil},
		{"deleted without an end: on the day of the first snapshot that showed it", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01 deleted=true", priorMembers: "1 A 2024-09-20 2024-11-20"},
			[]string{"2024-09 A begin=1 lapsed=1"}},
		{"deleted though it would be valid for long: as if it had no end", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01 until=2030-01-01 deleted=true", priorMembers: "1 A 2024-09-20 2024-11-20"},
			[]string{"2024-09 A begin=1 lapsed=1"}},
		{"institutions are no members", library{members: "id=1 branch=A kind=institution first=2024-09-01 last=2024-09-01"}, nil},
		{"unknown branch counts apart", library{members: "id=1 branch=ZZ first=2024-09-01 last=2024-09-01"},
			[]string{"2024-09 ? new=1 end=1"}},
		{"one person with two records is new once, at the branch of the later", library{members: "id=1 branch=A first=2024-08-01 last=2024-08-01 person=p\nid=2 branch=B first=2024-10-01 last=2024-10-01 person=p"},
			[]string{"2024-08 B new=1 end=1", "2024-10 B begin=1 re=1 lapsed=1 end=1 gap?=1"}},
		{"overlapping memberships count once, at the branch that began later", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01", memberships: "id=1 branch=A from=2020-01-01\nid=1 branch=B from=2024-09-01 to=2024-10-31"},
			[]string{"2024-09 A begin=1 out=1", "2024-09 B in=1 end=1", "2024-11 A in=1 end=1", "2024-11 B begin=1 out=1"}},
		{"an end before the last registration leaves only the earlier episode", library{members: "id=1 branch=A first=2020-01-01 last=2024-10-01 until=2024-09-15"},
			[]string{"2024-09 A begin=1 lapsed=1"}},
		{"ended more than six months before the run: never read", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01 until=2024-06-30"}, nil},
		{"ended six months before the run to the day", library{members: "id=1 branch=A first=2020-01-01 last=2020-01-01 until=2024-07-01"},
			[]string{"2024-07 A begin=1 lapsed=1"}},
		{"born later than registered: still counted", library{members: "id=1 branch=A born=2030-01-01 first=2024-09-01 last=2024-09-01"},
			[]string{"2024-09 A new=1 end=1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			warehouse := count(t, c.library)
			if diff := cmp.Diff(c.want, figures(t, warehouse)); diff != "" {
				t.Errorf("balance (-want +got):\n%s", diff)
			}
			checkBalance(t, warehouse)
		})
	}
}

// checkBalance asserts what must always hold.
func checkBalance(t *testing.T, warehouse *engine.DB) {
	t.Helper()
	for what, query := range map[string]string{
		"begin + new + re-registered + moved in - lapsed - moved out = end": `SELECT count(*) FROM balance WHERE begin_members + new + re_registered + moved_in - lapsed - moved_out <> end_members`,
		"begin is the end of the month before":                              `SELECT count(*) FROM balance a JOIN balance b ON b.branch_no = a.branch_no AND b.month = a.month + INTERVAL 1 MONTH WHERE b.begin_members <> a.end_members`,
		"moved in is moved out":                                             `SELECT count(*) FROM (SELECT month FROM balance GROUP BY month HAVING sum(moved_in) <> sum(moved_out))`,
		"nothing is negative":                                               `SELECT count(*) FROM balance WHERE least(begin_members, new, re_registered, moved_in, lapsed, moved_out, end_members) < 0`,
		"end is who is a member on the last day": `SELECT count(*) FROM (
			SELECT b.month, b.branch_no, any_value(b.end_members) AS end_members, count(s.mk) AS members
			FROM balance b JOIN months m USING (month)
			LEFT JOIN stays s ON s.branch_no = b.branch_no AND (s.from_on IS NULL OR s.from_on <= m.last_on) AND (s.to_on IS NULL OR s.to_on >= m.last_on)
			GROUP BY b.month, b.branch_no) WHERE end_members <> members`,
		"nobody is at two branches at once": `SELECT count(*) FROM stays a JOIN stays b ON a.mk = b.mk AND a.branch_no < b.branch_no
			AND (a.from_on IS NULL OR b.to_on IS NULL OR a.from_on <= b.to_on) AND (b.from_on IS NULL OR a.to_on IS NULL OR b.from_on <= a.to_on)`,
	} {
		if n, err := warehouse.Count(t.Context(), query); err != nil || n != 0 {
			t.Errorf("%s: %d exceptions, %v", what, n, err)
		}
	}
}
