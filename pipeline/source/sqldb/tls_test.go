package sqldb_test

import (
	"testing"

	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

func TestTLS(t *testing.T) {
	for system, asked := range map[sqldb.System]struct{ account, encrypted string }{
		sqldb.MariaDB:    {"CREATE DATABASE lib; GRANT SELECT ON lib.* TO 'peil'@'%' IDENTIFIED BY 'geheim' REQUIRE SSL", "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"},
		sqldb.PostgreSQL: {"CREATE ROLE peil LOGIN PASSWORD 'geheim'", "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()"},
	} {
		t.Run(string(system), func(t *testing.T) {
			t.Parallel()
			c := dbtest.NewCertificate(t)
			s := dbtest.Encrypted(t, system, c)
			s.Exec(t, "", asked.account)
			if system == sqldb.PostgreSQL {
				s.Exec(t, "", "CREATE DATABASE lib")
			}
			o := options(t, s)
			o.TLS = sqldb.TLS{Mode: "verify", CA: c.File}
			rows, err := open(t, o).Rows(t.Context(), asked.encrypted)
			if err != nil || len(rows) != 1 || rows[0][0] != "1" {
				t.Errorf("the connection is not encrypted: %q, %v", rows, err)
			}
			o.TLS.ServerName = "db.example.nl"
			_, err = sqldb.Open(t.Context(), o)
			wantError(t, err, "the server's certificate cannot be trusted", "source.connection.tls.ca")
			o.TLS = sqldb.TLS{Mode: "verify"}
			_, err = sqldb.Open(t.Context(), o)
			wantError(t, err, "the server's certificate cannot be trusted")
		})
	}
}
