package sqldb

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// Error is something about the database that its owner can mend. It holds names of
// servers, tables and columns, never a value of the data, and no password.
type Error struct {
	Place   string // server, or table
	Problem string // a clause, lower case, without a full stop
	Remedy  string // a sentence in the imperative, without a full stop; may be empty

	passing bool // waiting may help
	denied  bool // the account lacks a right
}

// Error joins the parts: where, what, what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Place != "" {
		b.WriteString(e.Place + ": ")
	}
	b.WriteString(e.Problem)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// explain turns what a driver says into an [*Error]. part names what was being read.
func (o Options) explain(ctx context.Context, part string, err error) error {
	var known *Error
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, &known) {
		return err
	}
	e := &Error{Place: o.address()}
	if part != "" {
		e.Place = part + " at " + o.address()
	}
	var my *mysql.MySQLError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &my):
		o.explainMaria(my, e)
	case errors.As(err, &pg):
		o.explainPostgres(pg, e)
	default:
		o.explainNetwork(err, e)
	}
	return e
}

const unreadable = "the account may not read everything that is needed: "

// explainMaria knows the numbers that both MariaDB and MySQL give. The messages of
// others may quote a value, and are left out.
func (o Options) explainMaria(my *mysql.MySQLError, e *Error) {
	switch my.Number {
	case 1045, 1698:
		e.Problem, e.Remedy = "user "+o.User+" is refused", "check source.connection.user and its password, and from which machines the account may connect"
	case 1044:
		e.Problem, e.Remedy = "user "+o.User+" has no right in database "+o.Database, "give it one, of any table; peil check --connect then prints all that it needs"
	case 1142, 1143, 1227:
		e.denied = true
		e.Problem, e.Remedy = unreadable+my.Message, "peil check --connect prints the GRANT statements"
	case 1049:
		e.Problem, e.Remedy = "there is no database "+o.Database, "check source.connection.database"
	case 1054, 1060, 1064, 1146:
		e.Problem, e.Remedy = "the query does not fit the database: "+my.Message, "mend the query"
	case 1205:
		e.Problem, e.Remedy = fmt.Sprintf("a table was locked for %s", o.lockTimeout()), "run when no upgrade or backup locks the tables"
	case 1969, 3024, 1317, 1028:
		e.Problem, e.Remedy = o.tooSlow()
	case 1412:
		e.Problem, e.Remedy = "a table was altered while it was being read", "run again when the upgrade has ended"
	case 1040, 1203, 1226:
		e.Problem, e.Remedy, e.passing = "the server has no connection to spare", "run again later", true
	case 1053, 1077, 1079, 1080, 1927:
		e.Problem, e.Remedy, e.passing = "the server is going down, or ended the connection", "run again when it is up", true
	default:
		e.Problem = fmt.Sprintf("the server reports error %d (its text may hold values and is left out)", my.Number)
	}
}

func (o Options) explainPostgres(pg *pgconn.PgError, e *Error) {
	switch code := pg.Code; {
	case code == "28P01", code == "28000":
		e.Problem, e.Remedy = "user "+o.User+" is refused", "check source.connection.user and its password, and the server's pg_hba.conf"
	case code == "42501":
		e.denied = true
		e.Problem, e.Remedy = unreadable+pg.Message, "peil check --connect prints the GRANT statements"
	case code == "3D000":
		e.Problem, e.Remedy = "there is no database "+o.Database, "check source.connection.database"
	case code == "55P03":
		e.Problem, e.Remedy = fmt.Sprintf("a table was locked for %s", o.lockTimeout()), "run when no upgrade or backup locks the tables"
	case code == "57014":
		e.Problem, e.Remedy = o.tooSlow()
	case code == "53300", code == "57P03":
		e.Problem, e.Remedy, e.passing = "the server takes no connection now", "run again later", true
	case strings.HasPrefix(code, "57P"):
		e.Problem, e.Remedy, e.passing = "the server is going down, or ended the connection", "run again when it is up", true
	case strings.HasPrefix(code, "42"), code == "25006":
		e.Problem, e.Remedy = "the query does not fit the database: "+pg.Message, "mend the query"
	default:
		e.Problem = fmt.Sprintf("the server reports error %s (its text may hold values and is left out)", code)
	}
}

func (o Options) tooSlow() (problem, remedy string) {
	return fmt.Sprintf("reading took longer than %s, or was stopped at the server", o.StatementTimeout), "raise source.connection.statement_timeout, or see what holds the server up"
}

func (o Options) explainNetwork(err error, e *Error) {
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	var network net.Error
	const check = "check source.connection and whether the server can be reached from here"
	switch {
	case errors.As(err, &certificate):
		e.Problem, e.Remedy = "the server's certificate cannot be trusted: "+certificate.Err.Error(), "give the authority that signed it as source.connection.tls.ca"
	case errors.Is(err, mysql.ErrNoTLS), strings.Contains(err.Error(), "server refused TLS"):
		e.Problem, e.Remedy = "the server does not encrypt", "switch TLS on at the server, or write tls: {mode: off} if the way there is protected otherwise"
	case errors.As(err, &dns):
		e.Problem, e.Remedy, e.passing = "the name "+dns.Name+" is not known", check, dns.IsTemporary || dns.IsTimeout
	case errors.Is(err, os.ErrNotExist):
		e.Problem, e.Remedy, e.passing = "there is no such socket", check, true
	case errors.Is(err, os.ErrPermission):
		e.Problem, e.Remedy = "this user may not connect to the socket", check
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Problem, e.Remedy, e.passing = "nothing answers there", check, true
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		e.Problem, e.Remedy, e.passing = "the server does not answer in time", check, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, driver.ErrBadConn), errors.Is(err, net.ErrClosed):
		e.Problem, e.Remedy, e.passing = "the connection was lost", "run again when the server is up", true
	default:
		e.Problem, e.Remedy = "the database cannot be used: "+err.Error(), check
	}
}
