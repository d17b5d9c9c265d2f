// Package sqldb reads canonical tables from the database of a library system, MariaDB
// or MySQL, or PostgreSQL.
//
// Everything is read in one transaction, read only, that sees one moment: a member who
// registers while the loans are read is in neither. A read-only account suffices. Rows
// stream from the server as CSV through pipes into the vault, so that Go never holds
// more than some groups of rows and a slow vault slows the server down. Failing to connect is
// retried where waiting helps; once rows have flowed nothing is, since another
// transaction would see another moment.
//
// Everything that is wrong with the database, or on the way to it, is an [*Error].
package sqldb

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"time"
)

// System is a kind of database server.
type System string

// The systems: MySQL counts as MariaDB.
const (
	MariaDB    System = "mariadb"
	PostgreSQL System = "postgresql"
)

// Options say where the database is and how to reach it.
type Options struct {
	System System
	Host   string // name or address; empty for this machine
	Port   int    // 0 for the system's own
	Socket string // path of a Unix socket, instead of Host; of PostgreSQL its folder
	// Database that is read; of MariaDB the one in which names are looked up.
	Database string
	User     string
	// Password is asked for once; nil for none.
	Password func(context.Context) (string, error)
	TLS      TLS

	ConnectTimeout   time.Duration // for one attempt; 0 for 10 s
	StatementTimeout time.Duration // for reading one table; 0 for an hour
	// RetryFor is how long failures to connect that may pass are retried.
	RetryFor time.Duration

	// RunDir is a folder for pipes that only the owner can read; one of the vault's Dirs.
	RunDir string
}

const (
	defaultConnectTimeout   = 10 * time.Second
	defaultStatementTimeout = time.Hour
	// lockTimeout is how long a table may be locked by somebody else. Reading locks
	// nothing, and only a change of the schema locks out reading.
	lockTimeout = 30 * time.Second
	// keepAlive notices within a minute and a half that the server is gone without a word.
	keepAlive = 15 * time.Second
)

func (o Options) withDefaults() Options {
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = defaultConnectTimeout
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = defaultStatementTimeout
	}
	if o.Host == "" {
		o.Host = "localhost"
	}
	if o.Port == 0 {
		o.Port = map[System]int{MariaDB: 3306, PostgreSQL: 5432}[o.System]
	}
	return o
}

// address names the server in messages.
func (o Options) address() string {
	if o.Socket != "" {
		return o.Socket
	}
	return net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
}

// lockTimeout is no longer than a statement may take.
func (o Options) lockTimeout() time.Duration { return min(lockTimeout, o.StatementTimeout) }

func dialer(o Options) *net.Dialer {
	return &net.Dialer{
		Timeout:         o.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAlive, Count: 5},
	}
}

// session is one connection with an open transaction.
type session interface {
	// names gives the columns of a query, of which it reads no row.
	names(ctx context.Context, query string) ([]string, error)
	// rows reads a small result whole; NULL is empty.
	rows(ctx context.Context, query string) ([][]string, error)
	// stream writes the columns of a query that are named as CSV without headings, and calls
	// row for each.
	stream(ctx context.Context, query string, columns []string, w io.Writer, row func()) error
	// attempt runs f so that a failure in it leaves the transaction usable.
	attempt(ctx context.Context, f func() error) error
	close() error
}

// DB is a database at one moment. It is for one goroutine.
type DB struct {
	o       Options
	session session
	at      time.Time
	version string
	watch   func(Reading) // nil where nobody does
}

// Open connects, and begins the transaction in which everything is read.
func Open(ctx context.Context, o Options) (*DB, error) {
	o = o.withDefaults()
	db := &DB{o: o}
	password := ""
	if o.Password != nil {
		var err error
		if password, err = o.Password(ctx); err != nil {
			return nil, err
		}
	}
	encryption, err := o.tls()
	if err != nil {
		return nil, err
	}
	connect := map[System]func() (session, error){
		MariaDB:    func() (session, error) { return connectMaria(ctx, o, password, encryption) },
		PostgreSQL: func() (session, error) { return connectPostgres(ctx, o, password, encryption) },
	}[o.System]
	if connect == nil {
		return nil, &Error{Problem: "there is no database system " + strconv.Quote(string(o.System)), Remedy: "use mariadb or postgresql"}
	}
	if db.session, err = retry(ctx, o, connect); err != nil {
		return nil, err
	}
	if err := db.begun(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// retry connects until it works, fails for good, or has taken RetryFor.
func retry(ctx context.Context, o Options, connect func() (session, error)) (session, error) {
	deadline := time.Now().Add(o.RetryFor)
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		s, err := connect()
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err = o.explain(ctx, "", err)
		var e *Error
		if !errors.As(err, &e) || !e.passing || time.Now().Add(wait).After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// begun asks the server for its clock and version; in PostgreSQL this first statement
// is what fixes the moment.
func (db *DB) begun(ctx context.Context) error {
	query := map[System]string{
		MariaDB:    "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ'), VERSION()",
		PostgreSQL: `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), current_setting('server_version')`,
	}[db.o.System]
	rows, err := db.Rows(ctx, query)
	if err != nil {
		return err
	}
	if db.at, err = time.Parse(time.RFC3339, rows[0][0]); err != nil {
		return &Error{Place: db.o.address(), Problem: "the server does not tell the time"}
	}
	db.version = rows[0][1]
	return nil
}

// At is the moment that everything is read as of, by the server's clock.
func (db *DB) At() time.Time { return db.at }

// Version is the server's own.
func (db *DB) Version() string { return db.version }

// Rows reads a small result whole, every value as text and NULL as empty.
func (db *DB) Rows(ctx context.Context, query string) ([][]string, error) {
	rows, err := db.session.rows(ctx, query)
	if err != nil {
		return nil, db.o.explain(ctx, "", err)
	}
	return rows, nil
}

// Close ends the transaction and the connection. It is safe to call twice.
func (db *DB) Close() error {
	if db.session == nil {
		return nil
	}
	err := db.session.close()
	db.session = nil
	return err
}

// Columns are the columns of each table that this account may read: schema.table, of
// MariaDB table alone in the database that is read, to its columns in lower case.
func (db *DB) Columns(ctx context.Context) (Columns, error) {
	query := map[System]string{
		MariaDB:    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND privileges LIKE '%select%'",
		PostgreSQL: "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns WHERE CASE WHEN has_schema_privilege(table_schema, 'USAGE') THEN has_column_privilege(quote_ident(table_schema) || '.' || quote_ident(table_name), column_name, 'SELECT') END",
	}[db.o.System]
	rows, err := db.Rows(ctx, query)
	if err != nil {
		return nil, err
	}
	c := Columns{}
	for _, r := range rows {
		c.add(r[0], r[1])
	}
	return c, nil
}
