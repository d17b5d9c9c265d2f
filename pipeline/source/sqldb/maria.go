package sqldb

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"fmt"
	"io"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// maria is a session with MariaDB or MySQL. It uses the driver below database/sql:
// what that adds, a scan and a copy of each value, is most of the work.
type maria struct {
	conn driver.Conn
}

func connectMaria(ctx context.Context, o Options, password string, encryption *tls.Config) (session, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", o.address()
	if o.Socket != "" {
		c.Net = "unix"
	}
	c.DBName, c.User, c.Passwd = o.Database, o.User, password
	c.TLS = encryption
	c.Logger = &mysql.NopLogger{}
	// A server that is silent for longer than a statement may take is gone.
	c.ReadTimeout = o.StatementTimeout + time.Minute
	c.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return dialer(o).DialContext(ctx, network, addr)
	}
	if err := c.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.ConnectTimeout)
	defer cancel()
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	m := &maria{conn}
	if err := m.begin(ctx, o); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// begin prepares the session: zero dates can be read, TIMESTAMP columns are UTC, waiting
// for the vault does not end the connection.
func (m *maria) begin(ctx context.Context, o Options) error {
	statements := []string{
		"SET SESSION sql_mode = '', time_zone = '+00:00', net_write_timeout = 3600, wait_timeout = 28800",
		fmt.Sprintf("SET SESSION lock_wait_timeout = %d", int64(math.Ceil(o.lockTimeout().Seconds()))),
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
	}
	version, err := m.rows(ctx, "SELECT VERSION()")
	if err != nil {
		return err
	}
	limit := fmt.Sprintf("SET SESSION max_execution_time = %d", o.StatementTimeout.Milliseconds())
	if strings.Contains(version[0][0], "MariaDB") {
		limit = fmt.Sprintf("SET SESSION max_statement_time = %g", o.StatementTimeout.Seconds())
	}
	for _, s := range append([]string{limit}, statements...) {
		if _, err := m.conn.(driver.ExecerContext).ExecContext(ctx, s, nil); err != nil {
			return err
		}
	}
	return nil
}

func (m *maria) query(ctx context.Context, query string) (driver.Rows, error) {
	return m.conn.(driver.QueryerContext).QueryContext(ctx, query, nil)
}

func (m *maria) names(ctx context.Context, query string) ([]string, error) {
	rows, err := m.query(ctx, "SELECT * FROM ("+query+"\n) q LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns(), nil
}

func (m *maria) rows(ctx context.Context, query string) (all [][]string, err error) {
	rows, err := m.query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = string(mariaText(nil, v))
		}
		all = append(all, row)
	}
}

func (m *maria) stream(ctx context.Context, query string, columns []string, w io.Writer, row func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := m.query(ctx, query)
	if err != nil {
		return err
	}
	if err := copyRows(rows, columns, w, row); err != nil {
		// This ends the connection too: the rows that are left would otherwise be read
		// to their end.
		cancel()
		rows.Close()
		return err
	}
	return rows.Close()
}

// copyRows writes the columns of rows that are named.
func copyRows(rows driver.Rows, columns []string, w io.Writer, row func()) error {
	index := make([]int, len(columns))
	for i, c := range columns {
		for j, name := range rows.Columns() {
			if strings.EqualFold(c, name) {
				index[i] = j
			}
		}
	}
	values := make([]driver.Value, len(rows.Columns()))
	out := newCSVWriter(w)
	var scratch []byte
	for {
		if err := rows.Next(values); err == io.EOF {
			return out.flush()
		} else if err != nil {
			return err
		}
		for _, i := range index {
			if b, ok := values[i].([]byte); ok {
				out.value(b)
			} else {
				scratch = mariaText(scratch[:0], values[i])
				out.value(scratch)
			}
		}
		if err := out.endRow(); err != nil {
			return err
		}
		row()
	}
}

// mariaText appends a value as the server writes it. Dates arrive as bytes: nothing has
// looked at them.
func mariaText(b []byte, v driver.Value) []byte {
	switch v := v.(type) {
	case []byte:
		return append(b, v...)
	case string:
		return append(b, v...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case float32:
		return strconv.AppendFloat(b, float64(v), 'f', -1, 32)
	case float64:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return b
}

// attempt: a statement that fails leaves a transaction of MariaDB as it was.
func (m *maria) attempt(_ context.Context, f func() error) error { return f() }

func (m *maria) close() error { return m.conn.Close() }
