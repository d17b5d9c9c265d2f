// Package dbtest starts real database servers for tests: those of Debian's packages
// mariadb-server and postgresql, each with its data in a folder of its own, on a free
// port of this machine. A server that is not installed skips the test, except where CI
// is true: there it fails.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"peil/pipeline/source/sqldb"
)

// Server is a running server that ends with its test.
type Server struct {
	System sqldb.System
	Host   string
	Port   int
	cmd    *exec.Cmd
	ended  chan struct{}
}

// startTimeout is generous: machines that test are busy.
const startTimeout = 60 * time.Second

// need finds a program, or skips the test.
func need(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		if found, _ := filepath.Glob(name); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and CI tests against it", names[0])
	}
	t.Skipf("%s is not installed", names[0])
	return ""
}

// MariaDB starts a server whose administrator is root, without a password.
func MariaDB(t testing.TB) *Server { return startMaria(t, nil) }

// Postgres starts a server whose administrator is postgres, without a password; other
// users log in with theirs.
func Postgres(t testing.TB) *Server { return startPostgres(t, nil) }

// Encrypted is MariaDB or Postgres with TLS.
func Encrypted(t testing.TB, system sqldb.System, c *Certificate) *Server {
	if system == sqldb.PostgreSQL {
		return startPostgres(t, c)
	}
	return startMaria(t, c)
}

func startMaria(t testing.TB, c *Certificate) *Server {
	t.Helper()
	install, server := need(t, "mariadb-install-db"), need(t, "mariadbd", "/usr/sbin/mariadbd")
	dir := folder(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	out, err := exec.Command(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--user="+me.Username).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", install, err, out)
	}
	s := &Server{System: sqldb.MariaDB, Host: "127.0.0.1", Port: freePort(t)}
	cmd := exec.Command(server, "--no-defaults", "--datadir="+data, "--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"),
		"--port="+strconv.Itoa(s.Port), "--bind-address="+s.Host, "--user="+me.Username, "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4")
	if c != nil {
		cert, key := c.write(t, dir)
		cmd.Args = append(cmd.Args, "--ssl-cert="+cert, "--ssl-key="+key)
	}
	s.start(t, cmd)
	return s
}

func startPostgres(t testing.TB, c *Certificate) *Server {
	t.Helper()
	initdb, server := need(t, "initdb", "/usr/lib/postgresql/*/bin/initdb"), need(t, "postgres", "/usr/lib/postgresql/*/bin/postgres")
	dir := folder(t)
	as := servant(t, dir)
	data := filepath.Join(dir, "data")
	init := exec.Command(initdb, "-D", data, "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
	init.SysProcAttr, init.Dir = as, dir
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", initdb, err, out)
	}
	const access = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(access), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &Server{System: sqldb.PostgreSQL, Host: "127.0.0.1", Port: freePort(t)}
	cmd := exec.Command(server, "-D", data, "-k", dir, "-p", strconv.Itoa(s.Port), "-c", "listen_addresses="+s.Host, "-c", "fsync=off")
	if c != nil {
		cert, key := c.write(t, dir)
		if as.Credential != nil {
			if err := os.Chown(key, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Args = append(cmd.Args, "-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+key)
	}
	cmd.SysProcAttr, cmd.Dir = as, dir
	s.start(t, cmd)
	return s
}

// folder is short: a socket's path must be.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "peil-db-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// servant is how to run as somebody else than root, whom PostgreSQL refuses.
func servant(t testing.TB, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("root cannot run PostgreSQL, and there is no user for it: %v", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs the server until the test ends and waits until it answers.
func (s *Server) start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	go func() { cmd.Wait(); close(s.ended) }()
	t.Cleanup(s.Kill)
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		select {
		case <-s.ended:
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("%s ended:\n%s", cmd.Path, text)
		case <-time.After(50 * time.Millisecond):
		}
		if err = s.ping(t.Context()); err == nil {
			return
		}
	}
	t.Fatalf("%s does not answer: %v", cmd.Path, err)
}

func (s *Server) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if s.System == sqldb.PostgreSQL {
		conn, err := s.connectPostgres(ctx, "postgres")
		if err == nil {
			conn.Close(ctx)
		}
		return err
	}
	db, err := s.openMaria("")
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// Kill ends the server at once, as a crash would. It is safe to call twice.
func (s *Server) Kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// Pause stops the server without ending it: its connections stay and nothing answers.
// Resume undoes it.
func (s *Server) Pause()  { s.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *Server) Resume() { s.cmd.Process.Signal(syscall.SIGCONT) }

// Options are those of a user of the server.
func (s *Server) Options(database, user, password string) sqldb.Options {
	return sqldb.Options{
		System: s.System, Host: s.Host, Port: s.Port, Database: database, User: user,
		Password: func(context.Context) (string, error) { return password, nil },
	}
}

func (s *Server) openMaria(database string) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.DBName = "tcp", fmt.Sprintf("%s:%d", s.Host, s.Port), "root", database
	c.MultiStatements, c.Logger = true, &mysql.NopLogger{}
	c.Params = map[string]string{"sql_mode": "''"}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func (s *Server) connectPostgres(ctx context.Context, database string) (*pgconn.PgConn, error) {
	return pgconn.Connect(ctx, fmt.Sprintf("host=%s port=%d user=postgres dbname=%s sslmode=disable", s.Host, s.Port, database))
}

// Exec runs statements as administrator; an empty database is the server's own. MariaDB
// takes zero dates.
func (s *Server) Exec(t testing.TB, database, statements string) {
	t.Helper()
	if s.System == sqldb.PostgreSQL {
		conn := s.Postgres(t, database)
		defer conn.Close(context.Background())
		if _, err := conn.Exec(t.Context(), statements).ReadAll(); err != nil {
			t.Fatalf("%v", err)
		}
		return
	}
	db := s.Maria(t, database)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%v", err)
	}
}

// Maria is a connection of the administrator; the caller closes it.
func (s *Server) Maria(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := s.openMaria(database)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Postgres is a connection of the administrator; the caller closes it.
func (s *Server) Postgres(t testing.TB, database string) *pgconn.PgConn {
	t.Helper()
	if database == "" {
		database = "postgres"
	}
	conn, err := s.connectPostgres(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
