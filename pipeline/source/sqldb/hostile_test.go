package sqldb_test

import (
	"os"
	"strings"
	"testing"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// absurd are values of types that no library system has, as a query of theirs could yield.
var absurd = map[sqldb.System][]string{
	sqldb.MariaDB: {
		"ST_GeomFromText('POINT(1 1)')", "b'1111111111111111111111111111111111111111111111111111111111111111'", "CAST('838:59:59' AS TIME)", "1e308",
		"-9223372036854775808", "18446744073709551615", "CAST('0000-00-00' AS DATE)", "JSON_OBJECT('a', '\"')", "0x00FF00", "'a\\0b'", "CAST(REPEAT('9', 65) AS DECIMAL(65,0))", "NULL", "_latin1 0xE9FF",
	},
	sqldb.PostgreSQL: {
		"'infinity'::date", "'4713-01-01 BC'::date", "'NaN'::numeric", "'infinity'::float8", "1e300::numeric", `'\x00ff'::bytea`, "ARRAY[ARRAY['a','b'],ARRAY['c','\"']]", "'(1,2)'::point", "'1 year -3 days'::interval",
		"'{\"a\": \"\\\\u0001\"}'::jsonb", "'<a/>'::xml", "'1.2.3.4/8'::inet", "B'1010'", "ROW(1, 'x', NULL)", "NULL", "E'a\\u0001b'", "'[1,5)'::int4range", "'a b'::tsvector",
	},
}

// A database that yields what nobody expects ends in rows or in an error that says so: the
// run does not crash, and nothing comes to rest on the disk.
func testHostile(t *testing.T, s *dbtest.Server) {
	read := func(query string, memory string) (rows int64, err error) {
		o := options(t, s)
		db := open(t, o)
		table, err := db.Table(t.Context(), source.Branches, []sqldb.Query{{Name: "places", SQL: query}})
		if err != nil {
			return 0, err
		}
		vault, err := engine.Open(t.Context(), engine.Options{Dirs: []string{o.RunDir}, Memory: memory, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer vault.Close()
		if err := vault.Lock(t.Context()); err != nil {
			t.Fatal(err)
		}
		create := "CREATE TABLE t AS "
		_, err = table.Parts[0].Read(t.Context(), vault, func(relation string) string {
			statement := create + "SELECT * FROM " + relation
			create = "INSERT INTO t "
			return statement
		})
		if left, _ := os.ReadDir(o.RunDir); len(left) > 0 {
			t.Errorf("%.60s: left in the folder of the run: %v", query, left)
		}
		if err != nil {
			return 0, err
		}
		return vault.Count(t.Context(), "SELECT count(*) FROM t")
	}
	for _, value := range absurd[s.System] {
		if n, err := read("SELECT "+value+" AS branch, 'x' AS name", "1GB"); err == nil && n != 1 {
			t.Errorf("%s became %d rows", value, n)
		} else if err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	// one value larger than any record may be
	if n, err := read("SELECT REPEAT('x', 15000000) AS branch, 'x' AS name", "1GB"); err == nil && n > 1 {
		t.Errorf("a huge value became %d rows", n)
	} else {
		t.Logf("a huge value: %d rows, %v", n, err)
	}
	// rows without end: memory is bounded, and there is no disk to fill
	endless := "SELECT UUID() AS branch, CONCAT(MD5(RAND()), MD5(RAND()), MD5(RAND())) AS name FROM information_schema.COLLATIONS a, information_schema.COLLATIONS b, information_schema.COLLATIONS c"
	if s.System == sqldb.PostgreSQL {
		endless = "SELECT generate_series(1, 100000000) AS branch, md5(random()::text) || md5(random()::text) || md5(random()::text) AS name"
	}
	if n, err := read(endless, "20MB"); err == nil || !strings.Contains(strings.ToLower(err.Error()), "memory") {
		t.Errorf("rows without end: %d rows, %v", n, err)
	}
}
