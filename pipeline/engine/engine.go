// Package engine opens embedded DuckDB instances and moves results out of them.
//
// A [DB] is one DuckDB instance with one connection: what one DB holds, no other
// DB can see, unless a file is attached to both in turn. Extensions are never
// installed or loaded at run time. [DB.Lock] ends a configuration: after it the
// instance reads and writes nothing but the paths it was opened with.
package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Options say what an instance may use.
type Options struct {
	// Path of the database file; empty for one in memory.
	Path string
	// Memory is DuckDB's memory_limit, such as "1GB"; empty for DuckDB's default.
	Memory string
	// Threads is the number of worker threads; 0 for one a core.
	Threads int
	// TempDir is where DuckDB may spill; empty forbids spilling: a query that
	// needs more memory than Memory then fails. What is spilled is plain text.
	TempDir string
	// ReadPaths are the single files, and Dirs the folders, that stay reachable
	// after Lock. A folder in Dirs may also be written to.
	ReadPaths, Dirs []string
	// TimeZone for timestamps with an offset; empty for UTC.
	TimeZone string
	// KeepJoinOrder makes joins run as they are written: the right side is built
	// into the hash table. A streamed file has no statistics, and an optimiser
	// that guesses builds the table on the large side.
	KeepJoinOrder bool
}

// DB is one DuckDB instance with one connection. Its methods may be called from
// several goroutines; they run one after the other.
type DB struct {
	connector *duckdb.Connector
	pool      *sql.DB
	conn      *sql.Conn
	opts      Options
}

// Open starts an instance.
func Open(ctx context.Context, o Options) (*DB, error) {
	connector, err := duckdb.NewConnector(o.Path, nil)
	if err != nil {
		return nil, fmt.Errorf("open database engine: %w", redact(err))
	}
	db := &DB{connector: connector, pool: sql.OpenDB(connector), opts: o}
	if db.conn, err = db.pool.Conn(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open database engine: %w", redact(err))
	}
	if err := db.configure(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open database engine: %w", err)
	}
	return db, nil
}

func (db *DB) configure(ctx context.Context) error {
	o := db.opts
	zone := o.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	set := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET enable_progress_bar = false",
		"SET errors_as_json = false",
		"SET TimeZone = " + Literal(zone),
		"SET temp_directory = " + Literal(o.TempDir),
	}
	if o.Memory != "" {
		set = append(set, "SET memory_limit = "+Literal(o.Memory))
	}
	if o.Threads > 0 {
		set = append(set, setThreads(o.Threads))
	}
	if o.Path == "" {
		// the database that is there from the start cannot be compressed
		set = append(set, "ATTACH ':memory:' AS tables (COMPRESS true)", "USE tables")
	}
	if o.KeepJoinOrder {
		set = append(set, "SET disabled_optimizers = 'join_order,build_side_probe_side'")
	}
	for _, s := range set {
		if err := db.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func setThreads(n int) string {
	if n == 0 {
		return "RESET threads"
	}
	return fmt.Sprintf("SET threads = %d", n)
}

// Lock confines the instance to the paths of its options, for good.
func (db *DB) Lock(ctx context.Context) error {
	for _, s := range []string{
		"SET allowed_directories = " + list(db.opts.Dirs),
		"SET allowed_paths = " + list(db.opts.ReadPaths),
		"SET allowed_configs = ['threads']", // FeedFrom changes it
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := db.Exec(ctx, s); err != nil {
			return fmt.Errorf("lock database engine: %w", err)
		}
	}
	return nil
}

// Exec runs one or more statements and drops their results.
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	_, err := db.conn.ExecContext(ctx, query, args...)
	return redact(err)
}

// Query runs a statement for its rows; the caller closes them.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := db.conn.QueryContext(ctx, query, args...)
	return rows, redact(err)
}

// Get runs a statement that returns one row and scans it into dest. Without a row
// the error is [sql.ErrNoRows].
func (db *DB) Get(ctx context.Context, dest []any, query string, args ...any) error {
	return redact(db.conn.QueryRowContext(ctx, query, args...).Scan(dest...))
}

// Count runs a statement whose only result is one integer.
func (db *DB) Count(ctx context.Context, query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := db.Get(ctx, []any{&n}, query, args...)
	return n.Int64, err
}

// Raw gives f the driver's own connection, for what only it can do.
func (db *DB) Raw(f func(conn driver.Conn) error) error {
	return db.conn.Raw(func(c any) error { return f(c.(driver.Conn)) })
}

// Compact compresses what the tables of an instance in memory hold: DuckDB stores them as
// they come, some ten times larger, until it is told to.
func (db *DB) Compact(ctx context.Context) error {
	if db.opts.Path != "" {
		return nil
	}
	if err := db.Exec(ctx, "FORCE CHECKPOINT tables"); err != nil {
		return fmt.Errorf("compact tables: %w", err)
	}
	return nil
}

// Conn is the underlying connection, for the driver's registration calls.
func (db *DB) Conn() *sql.Conn { return db.conn }

// Close ends the instance. The order matters: DuckDB hangs when a file is opened
// anew while a connection to it is left open.
func (db *DB) Close() error {
	var errs []error
	if db.conn != nil {
		errs = append(errs, db.conn.Close())
	}
	errs = append(errs, db.pool.Close(), db.connector.Close())
	return errors.Join(errs...)
}

// Ident quotes a name for use as an SQL identifier.
func Ident(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, "\x00", ""), `"`, `""`) + `"`
}

// Literal quotes a text for use as an SQL string literal, where a value cannot
// be bound (SET, COPY, table functions).
func Literal(s string) string {
	return `'` + strings.ReplaceAll(strings.ReplaceAll(s, "\x00", ""), `'`, `''`) + `'`
}

func list(paths []string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = Literal(p)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
