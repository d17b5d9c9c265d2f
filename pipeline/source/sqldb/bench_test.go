package sqldb_test

import (
	"fmt"
	"testing"

	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// benchTables hold as many events as there are asked for.
var benchTables = map[sqldb.System]string{
	sqldb.MariaDB: `CREATE TABLE events ENGINE=InnoDB AS SELECT seq AS member_id, CONCAT('BR', seq %% 40) AS branch,
		CONCAT('BR', seq %% 37) AS owner_branch, seq %% 90000 AS title_id, 'BK' AS material, 'JEUGD' AS audience, IF(seq %% 3, 'FICTIE', NULL) AS genre, 'issue' AS kind,
		TIMESTAMP('2024-01-01') + INTERVAL seq MINUTE AS loaned_at FROM seq_1_to_%[1]d; GRANT SELECT ON bench.* TO 'peil'@'%%' IDENTIFIED BY 'geheim'`,
	sqldb.PostgreSQL: `CREATE TABLE events AS SELECT n AS member_id, 'BR' || n %% 40 AS branch, 'BR' || n %% 37 AS owner_branch, n %% 90000 AS title_id,
		'BK' AS material, 'JEUGD' AS audience, CASE WHEN n %% 3 > 0 THEN 'FICTIE' END AS genre, 'issue' AS kind,
		timestamp '2024-01-01' + n * interval '1 minute' AS loaned_at FROM generate_series(1, %[1]d) s (n); CREATE ROLE peil LOGIN PASSWORD 'geheim'; GRANT SELECT ON events TO peil`,
}

func BenchmarkRead(b *testing.B) {
	for _, system := range []struct {
		name  string
		start func(testing.TB) *dbtest.Server
	}{{"mariadb", dbtest.MariaDB}, {"postgresql", dbtest.Postgres}} {
		b.Run(system.name, func(b *testing.B) {
			rows, s := dbtest.BenchRows(b), system.start(b)
			s.Exec(b, "", "CREATE DATABASE bench")
			s.Exec(b, "bench", fmt.Sprintf(benchTables[s.System], rows))
			o := s.Options("bench", "peil", "geheim")
			o.RunDir = b.TempDir()
			db, err := sqldb.Open(b.Context(), o)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			const query = "SELECT member_id, branch, owner_branch, title_id, material, audience, genre, kind, loaned_at FROM events"
			table, err := db.Table(b.Context(), source.Loans, []sqldb.Query{{Name: "events", SQL: query}})
			if err != nil {
				b.Fatal(err)
			}
			s.Compare(b, "bench", query, table.Parts[0], rows, o.RunDir)
		})
	}
}
