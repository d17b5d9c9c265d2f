package sqldb

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"peil/pipeline/engine"
)

// postgres is a session with PostgreSQL. COPY makes the server itself write CSV, which
// passes through here unread.
type postgres struct {
	conn *pgconn.PgConn
}

func connectPostgres(ctx context.Context, o Options, password string, encryption *tls.Config) (session, error) {
	host := o.Host
	if o.Socket != "" {
		host = o.Socket
	}
	// A configuration can only be made by parsing. What the environment says (PGHOST,
	// PGSSLMODE, ...) is replaced: the configuration file alone decides.
	c, err := pgconn.ParseConfig("host=localhost user=x dbname=x sslmode=disable")
	if err != nil {
		return nil, fmt.Errorf("the environment's settings for PostgreSQL (PG...) are wrong: %w", err)
	}
	c.Host, c.Port, c.Database, c.User, c.Password = host, uint16(o.Port), o.Database, o.User, password
	c.TLSConfig, c.Fallbacks = encryption, nil
	c.ValidateConnect, c.AfterConnect = nil, nil
	c.RuntimeParams = map[string]string{"application_name": "peil", "client_encoding": "UTF8"}
	c.ConnectTimeout = o.ConnectTimeout
	c.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return dialer(o).DialContext(ctx, network, addr)
	}
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		// The server is told to stop too: it would notice a lost reader only when it
		// has rows to send.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
	}
	ctx, cancel := context.WithTimeout(ctx, o.ConnectTimeout)
	defer cancel()
	conn, err := pgconn.ConnectConfig(ctx, c)
	if err != nil {
		var failed *pgconn.ConnectError
		if errors.As(err, &failed) && ctx.Err() != nil {
			return nil, context.DeadlineExceeded
		}
		return nil, err
	}
	p := &postgres{conn}
	// Settings of the transaction, not of the session: a pooler between may hand the
	// session on.
	for _, s := range []string{
		"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
		fmt.Sprintf("SET LOCAL statement_timeout = %d", o.StatementTimeout.Milliseconds()),
		fmt.Sprintf("SET LOCAL lock_timeout = %d", o.lockTimeout().Milliseconds()),
		"SET LOCAL idle_in_transaction_session_timeout = 0",
		"SET LOCAL TimeZone = 'UTC'",
		"SET LOCAL DateStyle = 'ISO, YMD'",
	} {
		if _, err := p.conn.Exec(ctx, s).ReadAll(); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

func (p *postgres) names(ctx context.Context, query string) ([]string, error) {
	results := p.conn.Exec(ctx, "SELECT * FROM ("+query+"\n) q LIMIT 0")
	var names []string
	for results.NextResult() {
		for _, f := range results.ResultReader().FieldDescriptions() {
			names = append(names, f.Name)
		}
	}
	return names, results.Close()
}

func (p *postgres) rows(ctx context.Context, query string) (all [][]string, err error) {
	results, err := p.conn.Exec(ctx, query).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, values := range results[0].Rows {
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = string(v)
		}
		all = append(all, row)
	}
	return all, nil
}

func (p *postgres) stream(ctx context.Context, query string, columns []string, w io.Writer, row func()) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = engine.Ident(c)
	}
	out := rowWriter{bufio.NewWriterSize(w, 256<<10), row}
	_, err := p.conn.CopyTo(ctx, out, "COPY (SELECT "+strings.Join(names, ", ")+" FROM ("+query+"\n) q) TO STDOUT (FORMAT csv)")
	if err != nil {
		return err
	}
	return out.w.Flush()
}

// rowWriter is given a row at a time, as the server sends them. It refuses a row that the
// vault would choke on: cutting values off at the server costs as much as reading them.
type rowWriter struct {
	w   *bufio.Writer
	row func()
}

func (r rowWriter) Write(row []byte) (int, error) {
	if len(row) > maxRow {
		return 0, &Error{Problem: fmt.Sprintf("a row is longer than %d bytes", maxRow), Remedy: "no column that is read can be that long: check the query"}
	}
	r.row()
	return r.w.Write(row)
}

func (p *postgres) attempt(ctx context.Context, f func() error) error {
	if _, err := p.conn.Exec(ctx, "SAVEPOINT attempt").ReadAll(); err != nil {
		return err
	}
	err := f()
	if _, backErr := p.conn.Exec(ctx, "ROLLBACK TO attempt").ReadAll(); err == nil {
		err = backErr
	}
	return err
}

// close does not wait for a server that does not answer.
func (p *postgres) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	p.conn.Close(ctx)
	return nil
}
