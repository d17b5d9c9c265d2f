package folio_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/folio"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// library makes a FOLIO database without rows, and gives the account peil the rights that
// the source says it needs, no more.
func library(t testing.TB, s *dbtest.Server, database string) {
	t.Helper()
	s.Exec(t, "", "CREATE DATABASE "+database)
	s.Exec(t, database, read(t, "schema.sql"))
	db, err := sqldb.Open(t.Context(), s.Options(database, "peil", "geheim"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d, err := folio.Describe(folio.Options{Tenant: "t1"})
	if err != nil {
		t.Fatal(err)
	}
	grants, err := db.Grants(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, database, strings.Join(grants, "\n"))
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func open(t testing.TB, s *dbtest.Server, database string, fo folio.Options) (*sqldb.Source, map[string]source.Table, string, error) {
	t.Helper()
	o := s.Options(database, "peil", "geheim")
	o.RunDir = t.TempDir()
	db, err := sqldb.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	have, err := db.Columns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := folio.Describe(fo)
	if err != nil {
		return nil, nil, "", err
	}
	src, err := db.Source(t.Context(), have, d)
	if err != nil {
		return nil, nil, "", err
	}
	tables := map[string]source.Table{}
	for _, table := range src.Tables() {
		tables[table.Name] = table
	}
	return src, tables, o.RunDir, nil
}

func TestFolio(t *testing.T) {
	s := dbtest.Postgres(t)
	s.Exec(t, "", "CREATE ROLE peil LOGIN PASSWORD 'geheim'")
	library(t, s, "traps")
	s.Exec(t, "traps", read(t, "rows.sql"))
	const one = "kind=patron birth_date=1980-02-29 postcode=2711 EC house_number=12 a country=NL subscription=volwassen first_registered_on=2020-01-01T23:30:00.000+00:00 last_registered_on=2020-01-01T23:30:00.000+00:00 valid_until=2026-01-01"
	others := []string{
		"member_id=00000000-0000-4000-8000-000000000002 kind=staff first_registered_on=2021-05-05T10:00:00Z last_registered_on=2021-05-05T10:00:00Z",
		"member_id=00000000-0000-4000-8000-000000000003", "member_id=00000000-0000-4000-8000-000000000004",
	}
	for _, tt := range []struct {
		name, field string
		want        map[string][]string
	}{
		{"home is where the first loan was", "", map[string][]string{
			source.Branches: {"branch=cd1 name=Circ Desk 1", "branch=cd2 name=Circ Desk 2"},
			source.Members:  append([]string{"member_id=00000000-0000-4000-8000-000000000001 branch=cd1 " + one}, others...),
			source.Loans: {
				"branch=cd1 material=book kind=loan loaned_at=2025-03-30T01:30:00Z member_id=00000000-0000-4000-8000-000000000001 owner_branch=cd2 title_id=H1",
				"branch=cd2 material=other kind=loan loaned_at=2025-05-01T10:00:00.000+02:00 member_id=00000000-0000-4000-8000-000000000001 returned_at=2025-05-10T10:00:00Z",
				"material=other kind=loan loaned_at=2024-05-01T10:00:00Z",
				"branch=cd1 material=book kind=renewal loaned_at=2025-04-10T09:00:00Z member_id=00000000-0000-4000-8000-000000000001 title_id=H1",
				"material=other kind=renewal loaned_at=2025-04-20T09:00:00Z member_id=00000000-0000-4000-8000-000000000001",
			},
		}},
		{"home is in a custom field", "thuis", map[string][]string{
			source.Members: append([]string{"member_id=00000000-0000-4000-8000-000000000001 branch=cd2 " + one}, others...),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, tables, dir, err := open(t, s, "traps", folio.Options{Tenant: "t1", HomeBranch: tt.field})
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.want {
				got := dbtest.Rows(t, dir, tables[name])
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
				if strings.Contains(strings.Join(got, "\n"), "MARK") {
					t.Errorf("%s holds what must never be read", name)
				}
			}
		})
	}
	t.Run("tenant", func(t *testing.T) {
		for tenant, says := range map[string]string{"x; DROP": "not the name of a tenant", "t2": "anything of t2_mod_users.users"} {
			_, _, _, err := open(t, s, "traps", folio.Options{Tenant: tenant})
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("tenant %s: got error %v, want %q", tenant, err, says)
			}
		}
	})
	t.Run("sample", func(t *testing.T) { testSample(t, s) })
}

// testSample loads FOLIO's own sample, and finds in it what a plain reading of the
// documents finds.
func testSample(t *testing.T, s *dbtest.Server) {
	data := os.Getenv("PEIL_SHARED_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	data = filepath.Join(data, "folio-sample")
	if _, err := os.Stat(data); err != nil {
		t.Skip("no folio-sample: set PEIL_SHARED_DATA to the folder that holds it")
	}
	library(t, s, "sample")
	var want []string
	var statements strings.Builder
	insert := func(table string, id, document any) {
		fmt.Fprintf(&statements, "INSERT INTO %s VALUES ('%s', %s);\n", table, id, engine.Literal(fmt.Sprint(document)))
	}
	documents(t, filepath.Join(data, "users.jsonl"), func(text string, d map[string]any) {
		if d["username"] == nil {
			insert("t1_mod_users.groups", d["id"], text)
			return
		}
		insert("t1_mod_users.users", d["id"], text)
		personal := d["personal"].(map[string]any)
		row := fmt.Sprintf("member_id=%v", d["id"])
		for _, f := range []struct {
			name  string
			value any
		}{{"kind", d["type"]}, {"birth_date", personal["dateOfBirth"]}, {"postcode", primary(personal)["postalCode"]}, {"country", primary(personal)["countryId"]}, {"first_registered_on", d["enrollmentDate"]}} {
			if f.value != nil {
				row += fmt.Sprintf(" %s=%v", f.name, f.value)
			}
		}
		want = append(want, row)
	})
	loans := 0
	documents(t, filepath.Join(data, "loans.jsonl"), func(text string, d map[string]any) {
		if d["loanDate"] != nil && d["id"] != "" { // one is a template
			loans++
			insert("t1_mod_circulation_storage.loan", d["id"], text)
		}
	})
	s.Exec(t, "sample", statements.String())
	_, tables, dir, err := open(t, s, "sample", folio.Options{Tenant: "t1"})
	if err != nil {
		t.Fatal(err)
	}
	keep := []string{"member_id", "kind", "birth_date", "postcode", "country", "first_registered_on"}
	var got []string
	for _, row := range dbtest.Rows(t, dir, tables[source.Members]) {
		got = append(got, only(row, keep))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 303 {
		t.Errorf("%d members (-want +got):\n%s", len(got), diff)
	}
	if n := len(dbtest.Rows(t, dir, tables[source.Loans])); n != loans || n == 0 {
		t.Errorf("%d loans, want %d", n, loans)
	}
}

// only keeps some columns of a row whose values hold no blanks around =.
func only(row string, columns []string) string {
	var kept []string
	for _, word := range strings.Split(row, " ") {
		name, _, assigned := strings.Cut(word, "=")
		if assigned && slices.Contains(columns, name) {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

func primary(personal map[string]any) map[string]any {
	addresses, _ := personal["addresses"].([]any)
	for _, a := range addresses {
		if address := a.(map[string]any); address["primaryAddress"] == true {
			return address
		}
	}
	if len(addresses) > 0 {
		return addresses[0].(map[string]any)
	}
	return nil
}

func documents(t *testing.T, path string, each func(text string, d map[string]any)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var d map[string]any
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		each(lines.Text(), d)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkFolio reads many loans with the query as it is.
func BenchmarkFolio(b *testing.B) {
	rows, s := dbtest.BenchRows(b), dbtest.Postgres(b)
	s.Exec(b, "", "CREATE ROLE peil LOGIN PASSWORD 'geheim'")
	library(b, s, "bench")
	s.Exec(b, "bench", read(b, "rows.sql"))
	s.Exec(b, "bench", fmt.Sprintf(`TRUNCATE t1_mod_circulation_storage.loan;
		INSERT INTO t1_mod_circulation_storage.loan SELECT gen_random_uuid(), jsonb_build_object('userId', gen_random_uuid(), 'itemId', '00000000-0000-4000-8000-0000000000d1',
			'checkoutServicePointId', '00000000-0000-4000-8000-0000000000a1', 'loanDate', '2025-03-30T01:30:00Z', 'renewalCount', 0, 'action', 'checkedout') FROM generate_series(1, %[1]d);
		ANALYZE`, rows))
	src, tables, dir, err := open(b, s, "bench", folio.Options{Tenant: "t1"})
	if err != nil {
		b.Fatal(err)
	}
	s.Compare(b, "bench", src.Design().Queries[source.Loans][0].SQL, tables[source.Loans].Parts[0], rows, dir)
}
