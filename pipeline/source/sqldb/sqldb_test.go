package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// dialect is what the tests need to say differently to each system.
type dialect struct {
	prepare string // makes database lib, table places and the account peil
	sleep   string // condition that takes ten seconds
	lock    string // locks the table for as long as the connection lives
	release string
}

var dialects = map[sqldb.System]dialect{
	sqldb.MariaDB: {
		prepare: `CREATE DATABASE lib CHARACTER SET utf8mb4; USE lib;
			CREATE TABLE places (id int, branch longtext, name longblob, secret text); GRANT SELECT (id, branch, name) ON lib.places TO 'peil'@'%' IDENTIFIED BY 'geheim'`,
		sleep: "SLEEP(10) = 0",
		lock:  "LOCK TABLES places WRITE", release: "UNLOCK TABLES",
	},
	sqldb.PostgreSQL: {
		prepare: `CREATE TABLE places (id int, branch text, name text, secret text); CREATE ROLE peil LOGIN PASSWORD 'geheim'; GRANT SELECT (id, branch, name) ON places TO peil`,
		sleep:   "pg_sleep(10) IS NOT NULL",
		lock:    "BEGIN; LOCK TABLE places", release: "ROLLBACK",
	},
}

func TestServers(t *testing.T) {
	for _, system := range []struct {
		name  string
		start func(testing.TB) *dbtest.Server
	}{{"mariadb", dbtest.MariaDB}, {"postgresql", dbtest.Postgres}} {
		t.Run(system.name, func(t *testing.T) {
			t.Parallel()
			s := system.start(t)
			if s.System == sqldb.PostgreSQL {
				s.Exec(t, "", "CREATE DATABASE lib")
				s.Exec(t, "lib", dialects[s.System].prepare)
			} else {
				s.Exec(t, "", dialects[s.System].prepare)
			}
			t.Run("values", func(t *testing.T) { testValues(t, s) })
			t.Run("one moment", func(t *testing.T) { testMoment(t, s) })
			t.Run("queries", func(t *testing.T) { testQueries(t, s) })
			t.Run("hostile", func(t *testing.T) { testHostile(t, s) })
			t.Run("refused", func(t *testing.T) { testRefused(t, s) })
			t.Run("slow", func(t *testing.T) { testSlow(t, s) })
			t.Run("cancelled", func(t *testing.T) { testCancelled(t, s) })
			t.Run("silent", func(t *testing.T) { testSilent(t, s) })
			t.Run("killed", func(t *testing.T) { testKilled(t, s) }) // last: nothing answers after it
		})
	}
}

func open(t *testing.T, o sqldb.Options) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func options(t *testing.T, s *dbtest.Server) sqldb.Options {
	o := s.Options("lib", "peil", "geheim")
	o.RunDir = t.TempDir()
	return o
}

func branches(t *testing.T, db *sqldb.DB, query string) source.Table {
	t.Helper()
	table, err := db.Table(t.Context(), source.Branches, []sqldb.Query{{Name: "places", SQL: query}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// wantError fails unless err is an *sqldb.Error that says all this and not the password.
func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	var e *sqldb.Error
	if !errors.As(err, &e) {
		t.Errorf("got error %v, want an *sqldb.Error that says %q", err, says)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("got error %q, want it to say %q", err, s)
		}
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error holds the password: %q", err)
	}
}

func testValues(t *testing.T, s *dbtest.Server) {
	values := []string{
		"plain", `quo"te`, "com,ma", "new\nline", "carriage\rreturn", "both\r\nof them", `back\slash\N`, "tab\there", "'single'", `\.`, "NULL",
		"é Ã© م \u202Eolleh", "  in blanks  ", "=1+1", "-5", `"`, strings.Repeat("ë", 3000),
	}
	quote := strings.NewReplacer("'", "''", `\`, `\\`)
	if s.System == sqldb.PostgreSQL {
		quote = strings.NewReplacer("'", "''")
	}
	var rows, want []string
	for i, v := range values {
		rows = append(rows, fmt.Sprintf("(%d, '%s', 'x')", i, quote.Replace(v)))
		want = append(want, "branch="+v+" name=x")
	}
	// What holds nothing is NULL.
	rows = append(rows, fmt.Sprintf("(%d, '', ' ')", len(values)), fmt.Sprintf("(%d, NULL, NULL)", len(values)+1))
	want = append(want, "", "")
	if s.System == sqldb.MariaDB {
		// A column of bytes can hold what is no text.
		rows = append(rows, `(100, 'bytes', 0x61FF6200630A)`)
		want = append(want, "branch=bytes name=a\uFFFDbc\n")
	}
	s.Exec(t, "lib", "INSERT INTO places (id, branch, name) VALUES "+strings.Join(rows, ", "))
	o := options(t, s)
	db := open(t, o)
	table := branches(t, db, "SELECT branch, name, id AS no_column FROM places ORDER BY id")
	if diff := cmp.Diff([]string{"no_column"}, table.Ignored); diff != "" {
		t.Error(diff)
	}
	var last sqldb.Reading
	db.Watch(func(r sqldb.Reading) { last = r })
	for range 2 { // the same rows again
		if diff := cmp.Diff(want, dbtest.Rows(t, o.RunDir, table)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if last.Rows != int64(len(want)) || !last.Ended {
		t.Errorf("%d rows were read, and the progress says %+v", len(want), last)
	}
	numbers := branches(t, db, "SELECT 1.50 AS branch, 3000000000 AS name")
	if diff := cmp.Diff([]string{"branch=1.50 name=3000000000"}, dbtest.Rows(t, o.RunDir, numbers)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// What no column can hold is cut off, or refused where that would cost every other row.
	long, err := dbtest.TryRows(t.Context(), o.RunDir, branches(t, db, "SELECT repeat('x', 2000000) AS branch, 'y' AS name"))
	if s.System == sqldb.PostgreSQL {
		wantError(t, err, "a row is longer than 1048576 bytes")
	} else if err != nil || len(long) != 1 || len(long[0]) != len("branch= name=y")+(16<<10) {
		t.Errorf("a long value arrives as %d rows, %v", len(long), err)
	}
}

func testMoment(t *testing.T, s *dbtest.Server) {
	o := options(t, s)
	db := open(t, o)
	table := branches(t, db, "SELECT branch, name FROM places")
	before := len(dbtest.Rows(t, o.RunDir, table))
	s.Exec(t, "lib", "INSERT INTO places (id, branch, name) VALUES (1000, 'LATE', 'x')")
	defer s.Exec(t, "lib", "DELETE FROM places WHERE id = 1000")
	if after := len(dbtest.Rows(t, o.RunDir, table)); after != before {
		t.Errorf("a row that came later is seen: %d rows, then %d", before, after)
	}
	if lag := time.Since(db.At()).Abs(); lag > time.Minute {
		t.Errorf("the moment is %s away", lag)
	}
	if _, err := db.Rows(t.Context(), "UPDATE places SET branch = NULL"); err == nil {
		t.Error("the transaction can write")
	}
}

func testQueries(t *testing.T, s *dbtest.Server) {
	db := open(t, options(t, s))
	for _, tt := range []struct {
		query string
		says  []string
	}{
		{"SELECT name FROM places", []string{"places: the query does not yield the required column branch of branches; it yields name"}},
		{"SELECT branch, name, secret FROM places", []string{"may not read everything", "peil check --connect"}},
		{"SELECT branch, nome AS name FROM places", []string{"nome"}},
		{"SELEKT branch", []string{"does not fit the database"}},
		{"SELECT branch, name FROM nowhere", []string{""}},
	} {
		_, err := db.Table(t.Context(), source.Branches, []sqldb.Query{{Name: "places", SQL: tt.query}})
		wantError(t, err, tt.says...)
	}
	// One that failed does not spoil the transaction for the next.
	branches(t, db, "SELECT branch, name FROM places -- with a remark")
	branches(t, db, "SELECT branch, name FROM places; ")
}

func testRefused(t *testing.T, s *dbtest.Server) {
	unused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := unused.Addr().(*net.TCPAddr).Port
	unused.Close()
	for _, tt := range []struct {
		name   string
		change func(*sqldb.Options)
		says   []string
	}{
		{"password", func(o *sqldb.Options) {
			o.Password = func(context.Context) (string, error) { return "wrong", nil }
		}, []string{"user peil is refused", "source.connection.user"}},
		{"no password", func(o *sqldb.Options) { o.Password = nil }, []string{"user peil is refused"}},
		{"database", func(o *sqldb.Options) { o.Database = "elders" }, []string{"elders"}},
		{"TLS", func(o *sqldb.Options) { o.TLS.Mode = "verify" }, []string{"the server does not encrypt", "tls: {mode: off}"}},
		{"authority", func(o *sqldb.Options) { o.TLS = sqldb.TLS{Mode: "verify", CA: "nowhere.pem"} }, []string{"nowhere.pem", "no such file"}},
		{"port", func(o *sqldb.Options) { o.Port = closed; o.RetryFor = time.Second }, []string{fmt.Sprint(closed), "nothing answers there"}},
		{"name", func(o *sqldb.Options) { o.Host = "no.such.host.invalid"; o.TLS.Mode = "off" }, []string{"no.such.host.invalid"}},
		{"socket", func(o *sqldb.Options) { o.Socket = "/nowhere" }, []string{"/nowhere"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t, s)
			tt.change(&o)
			_, err := sqldb.Open(t.Context(), o)
			wantError(t, err, tt.says...)
		})
	}
}

func testSlow(t *testing.T, s *dbtest.Server) {
	d := dialects[s.System]
	o := options(t, s)
	o.StatementTimeout = time.Second
	db := open(t, o)
	slow := branches(t, db, "SELECT 'a' AS branch, 'b' AS name FROM places WHERE "+d.sleep)
	_, err := dbtest.TryRows(t.Context(), o.RunDir, slow)
	wantError(t, err, "places at", "reading took longer than 1s", "statement_timeout")

	release := lock(t, s, d)
	defer release()
	db = open(t, o)
	_, err = db.Table(t.Context(), source.Branches, []sqldb.Query{{Name: "places", SQL: "SELECT branch, name FROM places"}})
	wantError(t, err, "1s")
}

func lock(t *testing.T, s *dbtest.Server, d dialect) (release func()) {
	t.Helper()
	ctx := t.Context()
	if s.System == sqldb.PostgreSQL {
		conn := s.Postgres(t, "lib")
		if _, err := conn.Exec(ctx, d.lock).ReadAll(); err != nil {
			t.Fatal(err)
		}
		return func() { conn.Close(context.Background()) }
	}
	db := s.Maria(t, "lib")
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, d.lock); err != nil {
		t.Fatal(err)
	}
	return func() { db.Close() }
}

// endless begins to read some 18 to the 8th rows, calls then, and returns the
// error that reading ends with.
func endless(t *testing.T, s *dbtest.Server, then func(cancel context.CancelFunc)) error {
	t.Helper()
	o := options(t, s)
	db := open(t, o)
	table := branches(t, db, "SELECT a.id AS branch, b.id AS name FROM places a, places b, places c, places d, places e, places f, places g, places h")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := dbtest.TryRows(ctx, o.RunDir, table)
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Fatalf("reading ended by itself: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	then(cancel)
	select {
	case err := <-ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("reading does not end")
	}
	return nil
}

func testCancelled(t *testing.T, s *dbtest.Server) {
	err := endless(t, s, func(cancel context.CancelFunc) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that the context was cancelled", err)
	}
}

func testSilent(t *testing.T, s *dbtest.Server) {
	s.Pause()
	defer s.Resume()
	o := options(t, s)
	o.ConnectTimeout = time.Second
	_, err := sqldb.Open(t.Context(), o)
	wantError(t, err, "does not answer in time")
}

func testKilled(t *testing.T, s *dbtest.Server) {
	err := endless(t, s, func(context.CancelFunc) { s.Kill() })
	wantError(t, err, "places at", "run again")
}
