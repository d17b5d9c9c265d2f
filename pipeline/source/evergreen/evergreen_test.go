package evergreen_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/evergreen"
	"peil/pipeline/source/file"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
	"peil/transforms/parse"
)

// library makes an Evergreen database without rows, and gives the account peil the rights
// that the source says it needs, no more.
func library(t testing.TB, s *dbtest.Server, database string) {
	t.Helper()
	s.Exec(t, "", "CREATE DATABASE "+database)
	s.Exec(t, database, read(t, "schema.sql"))
	s.Exec(t, database, "GRANT SELECT ON actor.org_unit TO peil") // of no use without the schema
	db, err := sqldb.Open(t.Context(), s.Options(database, "peil", "geheim"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if have, err := db.Columns(t.Context()); err != nil || have.Has("actor.org_unit") {
		t.Errorf("an account that may not use the schema: %v, %v", have["actor.org_unit"], err)
	}
	d, err := evergreen.Describe(t.Context(), db, nil)
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

func open(t testing.TB, s *dbtest.Server, database string) (*sqldb.Source, map[string]source.Table, string) {
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
	d, err := evergreen.Describe(t.Context(), db, have)
	if err != nil {
		t.Fatal(err)
	}
	src, err := db.Source(t.Context(), have, d)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]source.Table{}
	for _, table := range src.Tables() {
		tables[table.Name] = table
	}
	return src, tables, o.RunDir
}

func TestEvergreen(t *testing.T) {
	s := dbtest.Postgres(t)
	s.Exec(t, "", "CREATE ROLE peil LOGIN PASSWORD 'geheim'")
	t.Run("traps", func(t *testing.T) { testTraps(t, s) })
	t.Run("concerto", func(t *testing.T) { testConcerto(t, s) })
}

func testTraps(t *testing.T, s *dbtest.Server) {
	library(t, s, "traps")
	s.Exec(t, "traps", read(t, "rows.sql"))
	src, tables, dir := open(t, s, "traps")
	for name, want := range map[string][]string{
		source.Branches: {`branch=BR1 name=Branch "1", north`, "branch=BKM name=Bookmobile type=bus", "branch=LOC name=Local history", "branch=DEPOT name=Depot type=other"},
		source.Members: {
			"member_id=10 branch=BR1 kind=Patrons birth_date=1980-02-29 postcode=2711 EC house_number=5 bis country=Nederland subscription=Patrons subscription_class=adult first_registered_on=2019-12-31 23:30:00+00 last_registered_on=2019-12-31 23:30:00+00 valid_until=2025-12-31 23:00:00+00 deleted=false",
			"member_id=11 branch=BR1 kind=Patrons birth_date=2015-06-01 postcode=30303 house_number=12 country=USA subscription=Patrons subscription_class=youth first_registered_on=2024-01-01 11:00:00+00 last_registered_on=2024-01-01 11:00:00+00 deleted=false",
			"member_id=12 kind=Patrons birth_date=1975 subscription=Patrons subscription_class=adult first_registered_on=2010-01-01 11:00:00+00 last_registered_on=2010-01-01 11:00:00+00 valid_until=2024-01-01 11:00:00+00 ended_on=2024-05-01 10:00:00+00 deleted=true",
			"member_id=13 branch=CONS kind=Catalogers subscription=Catalogers subscription_class=other first_registered_on=2010-01-01 11:00:00+00 last_registered_on=2010-01-01 11:00:00+00 valid_until=2030-01-01 11:00:00+00 deleted=false",
			"member_id=14 birth_date=1990-01-01 subscription=Patron subscription_class=adult deleted=false",
		},
		source.Loans: {
			"branch=BR1 material=book kind=loan loaned_at=2025-03-30 01:30:00+00 member_id=10 owner_branch=BR1 title_id=7 returned_at=2025-04-01 08:00:00+00",
			"branch=BR1 material=book kind=renewal loaned_at=2025-04-20 08:00:00+00 member_id=10 owner_branch=BR1 title_id=7",
			"material=other kind=loan loaned_at=2025-05-01 08:00:00+00 member_id=11",
			"branch=CONS material=other kind=loan loaned_at=2024-05-01 08:00:00+00 owner_branch=BR1 title_id=8 returned_at=2024-05-02 08:00:00+00",
		},
	} {
		got := dbtest.Rows(t, dir, tables[name])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(strings.Join(got, "\n"), "MARK") {
			t.Errorf("%s holds what must never be read", name)
		}
	}
	kinds := map[string]string{"Users": "person", "Patrons": "person", "Staff": "institution", "Catalogers": "institution", "Data Review": "institution"}
	if diff := cmp.Diff(kinds, src.Design().Codes["member_kind"]); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

// loaded are the columns of Concerto's CSV files that go into the tables.
var loaded = map[string]string{
	"permission.grp_tree": "id, name, parent", "actor.org_unit": "id, parent_ou, ou_type, shortname, name, email",
	"actor.usr_address":  "id, usr, street1, city, country, post_code",
	"actor.usr":          "id, profile, usrname, passwd, family_name, mailing_address, billing_address, home_ou, dob, deleted, juvenile, create_date, expire_date, last_update_time",
	"asset.copy":         "id, circ_lib, call_number, circ_modifier",
	"action.circulation": "id, usr, xact_start, target_copy, circ_lib, checkin_time, parent_circ",
}

// alike are the columns that the queries of testdata/concerto give too, in a form that
// does not depend on how times are written.
var alike = map[string]string{
	source.Branches: "branch, name, coalesce(type, '') = 'bus'",
	source.Members:  "member_id, parse_date(birth_date), postcode, country, house_number, branch, subscription, subscription_class, parse_time(first_registered_on), parse_time(valid_until), parse_bool(deleted)",
	source.Loans:    "member_id, branch, owner_branch, title_id, material, kind, parse_time(loaned_at), parse_time(returned_at)",
}

func testConcerto(t *testing.T, s *dbtest.Server) {
	data := os.Getenv("PEIL_SHARED_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	data, err := filepath.Abs(filepath.Join(data, "evergreen-concerto"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Skip("no evergreen-concerto: set PEIL_SHARED_DATA to the folder that holds it")
	}
	library(t, s, "concerto")
	for table, columns := range loaded {
		load(t, s, filepath.Join(data, table+".csv"), table, columns)
	}
	_, tables, dir := open(t, s, "concerto")
	db, err := engine.Open(t.Context(), engine.Options{Dirs: []string{dir, data}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := parse.Install(t.Context(), db, "America/New_York"); err != nil {
		t.Fatal(err)
	}
	for name, columns := range alike {
		fill(t, db, "from_database", columns, tables[name])
		fill(t, db, "from_files", columns, concertoFiles(t, data, dir)[name])
		n, err := db.Count(t.Context(), "SELECT count(*) FROM from_files")
		if err != nil || n == 0 {
			t.Fatalf("%s: %d rows, %v", name, n, err)
		}
		for _, diff := range [][2]string{{"from_files", "from_database"}, {"from_database", "from_files"}} {
			n, err := db.Count(t.Context(), fmt.Sprintf("SELECT count(*) FROM (FROM %s EXCEPT ALL FROM %s)", diff[0], diff[1]))
			if err != nil || n != 0 {
				t.Errorf("%s: %d rows are only %s (%v)", name, n, diff[0], err)
			}
		}
	}
}

// load copies columns of a CSV file into a table.
func load(t *testing.T, s *dbtest.Server, path, table, columns string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "\n")
	conn := s.Postgres(t, "concerto")
	defer conn.Close(context.Background())
	headings := strings.Split(strings.TrimSpace(head), ",")
	exec := func(query string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), query).ReadAll(); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	exec(`CREATE TEMP TABLE arriving ("` + strings.Join(headings, `" text, "`) + `" text)`)
	if _, err := conn.CopyFrom(t.Context(), f, "COPY arriving FROM STDIN (FORMAT csv, HEADER)"); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	// Through text, so that each value takes the type of its column.
	exec("INSERT INTO " + table + " (" + columns + ") SELECT (json_populate_record(NULL::" + table + ", to_json(a))).* FROM (SELECT " + columns + " FROM arriving) a")
}

func fill(t *testing.T, db *engine.DB, into, columns string, table source.Table) {
	t.Helper()
	for _, p := range table.Parts[:1] { // the second holds aged circulations, of which Concerto has none
		if _, err := p.Read(t.Context(), db, func(relation string) string {
			return "CREATE OR REPLACE TABLE " + into + " AS SELECT " + columns + " FROM " + relation
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// concertoFiles are the tables that the queries of testdata/concerto make of the files.
func concertoFiles(t *testing.T, data, runDir string) map[string]source.Table {
	t.Helper()
	queries, err := filepath.Abs(filepath.Join("..", "..", "..", "testdata", "concerto"))
	if err != nil {
		t.Fatal(err)
	}
	csv := func(name string) []string { return []string{filepath.Join(data, name+".csv")} }
	src, err := file.Open(t.Context(), file.Options{RunDir: runDir, Tables: map[string]file.Input{
		source.Members: {Query: filepath.Join(queries, "members.sql"), Files: map[string][]string{
			"usr": csv("actor.usr"), "address": csv("actor.usr_address"), "unit": csv("actor.org_unit"), "profile": csv("permission.grp_tree")}},
		source.Loans: {Query: filepath.Join(queries, "loans.sql"), Files: map[string][]string{
			"circulation": csv("action.circulation"), "copy": csv("asset.copy"), "unit": csv("actor.org_unit")}},
		source.Branches: {Query: filepath.Join(queries, "branches.sql"), Files: map[string][]string{"unit": csv("actor.org_unit")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	tables := map[string]source.Table{}
	for _, table := range src.Tables() {
		tables[table.Name] = table
	}
	return tables
}

// BenchmarkEvergreen reads many circulations with the query as it is.
func BenchmarkEvergreen(b *testing.B) {
	rows, s := dbtest.BenchRows(b), dbtest.Postgres(b)
	s.Exec(b, "", "CREATE ROLE peil LOGIN PASSWORD 'geheim'")
	library(b, s, "bench")
	s.Exec(b, "bench", fmt.Sprintf(`INSERT INTO actor.org_unit SELECT n, NULL, 3, 'BR' || n, 'Branch', NULL FROM generate_series(1, 40) n;
		INSERT INTO asset.copy SELECT n, n %% 40 + 1, n, 'book' FROM generate_series(1, 90000) n;
		INSERT INTO action.circulation SELECT n, n %% 20000, timestamptz '2024-01-01' + n * interval '1 minute', n %% 90000 + 1, n %% 40 + 1, NULL, NULL FROM generate_series(1, %[1]d) n;
		ANALYZE`, rows))
	src, tables, dir := open(b, s, "bench")
	s.Compare(b, "bench", src.Design().Queries[source.Loans][0].SQL, tables[source.Loans].Parts[0], rows, dir)
}
