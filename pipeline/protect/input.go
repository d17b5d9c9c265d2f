package protect

import (
	"bufio"
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"

	"peil/pipeline/engine"
	"peil/pipeline/exit"
)

// givenFile is a file that somebody asks to protect. Only the columns that column was asked
// for are ever read.
type givenFile struct {
	path     string // absolute
	shown    string // as it was given
	parquet  bool
	comma    rune // of a CSV file
	headings []string
	named    []int // columns, in the order in which they were asked for
}

// openGiven reads the headings.
func openGiven(ctx context.Context, db *engine.DB, path, shown string) (*givenFile, error) {
	f := &givenFile{path: path, shown: shown}
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".parquet":
		f.parquet = true
		f.headings, err = parquetHeadings(ctx, db, path)
	case ".csv", ".tsv", ".txt":
		err = f.csvHeadings()
	default:
		return nil, exit.Usagef("%s: only files that end in .csv, .tsv, .txt or .parquet can be protected", shown)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	}
	for i, h := range f.headings {
		same := func(other string) bool { return strings.EqualFold(h, other) }
		if first := slices.IndexFunc(f.headings, same); first < i {
			return nil, fmt.Errorf("read %s: columns %d and %d have the same heading, capitals aside; rename one of them", shown, first+1, i+1)
		}
	}
	return f, nil
}

func parquetHeadings(ctx context.Context, db *engine.DB, path string) ([]string, error) {
	rows, err := db.Query(ctx, "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet("+engine.Literal(path)+"))")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var headings []string
	for rows.Next() {
		var h string
		if err := rows.Scan(&h); err != nil {
			return nil, err
		}
		headings = append(headings, h)
	}
	return headings, rows.Err()
}

// csvHeadings finds the separator, which is the one that stands most often in the first
// line, and reads the headings.
func (f *givenFile) csvHeadings() error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return err
	}
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, byteOrderMark), []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return errors.New("the first line is empty; it must hold the headings")
	case !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0:
		return errors.New("the file is not text in UTF-8; save it as CSV UTF-8")
	case bytes.IndexByte(line, '\r') >= 0:
		return errors.New("the lines end in a way that is no longer in use (CR alone); save it as CSV UTF-8")
	}
	f.comma = ','
	for _, c := range ";\t|" {
		if strings.Count(string(line), string(c)) > strings.Count(string(line), string(f.comma)) {
			f.comma = c
		}
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(head, byteOrderMark)))
	r.Comma = f.comma
	f.headings, err = r.Read()
	return err
}

var byteOrderMark = []byte("\xEF\xBB\xBF")

// column is the SQL name of a heading's column in relation.
func (f *givenFile) column(heading string) (string, error) {
	i := slices.Index(f.headings, heading)
	if i < 0 {
		return "", exit.Usagef("%s has no column %q; write the heading as it stands in the file, blanks and capitals included", f.shown, heading)
	}
	if f.parquet {
		return engine.Ident(heading), nil
	}
	if !slices.Contains(f.named, i) {
		f.named = append(f.named, i)
	}
	return fmt.Sprintf("c%d", i), nil
}

// load makes a table of the rows of the file, equal ones together. Columns are expressions
// over those that were asked for; in selected they go by their names, and row is the number
// of a row below the headings. A row that cannot be read as one is an error: a file is
// protected whole or not at all.
func (f *givenFile) load(ctx context.Context, db *engine.DB, table string, columns []string, selected string) error {
	relation := "read_parquet(" + engine.Literal(f.path) + ")"
	if !f.parquet {
		relation = "given"
		if err := f.loadCSV(ctx, db); err != nil {
			return fmt.Errorf("read %s: %w", f.shown, err)
		}
	}
	if err := db.Exec(ctx, "CREATE TABLE "+table+" AS SELECT "+selected+" FROM (SELECT "+strings.Join(columns, ", ")+", row_number() OVER () AS row FROM "+relation+") GROUP BY ALL"); err != nil {
		return fmt.Errorf("read %s: %w", f.shown, err)
	}
	if !f.parquet {
		if err := db.Exec(ctx, "DROP TABLE given"); err != nil {
			return fmt.Errorf("read %s: %w", f.shown, err)
		}
	}
	n, err := db.Count(ctx, "SELECT count(*) FROM "+table)
	if err == nil && n == 0 {
		err = fmt.Errorf("read %s: there are no rows below the headings", f.shown)
	}
	return err
}

// loadCSV reads the records by the rules of RFC 4180 into the table given. DuckDB's own
// reader has to be told how lines end and whether values hold line ends, and where that is
// wrong it reads less and says nothing.
func (f *givenFile) loadCSV(ctx context.Context, db *engine.DB) error {
	columns := make([]string, len(f.named))
	for i, c := range f.named {
		columns[i] = fmt.Sprintf("c%d VARCHAR", c)
	}
	if err := db.Exec(ctx, "CREATE TABLE given ("+strings.Join(columns, ", ")+")"); err != nil {
		return err
	}
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	buffered := bufio.NewReaderSize(in, 1<<20)
	if mark, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(mark, byteOrderMark) {
		buffered.Discard(len(byteOrderMark))
	}
	r := csv.NewReader(buffered)
	r.Comma, r.ReuseRecord = f.comma, true
	if _, err := r.Read(); err != nil {
		return err
	}
	return db.Raw(func(conn driver.Conn) error {
		a, err := duckdb.NewAppenderFromConn(conn, "", "given")
		if err != nil {
			return err
		}
		return errors.Join(f.records(ctx, r, a.AppendRow), a.Close())
	})
}

func (f *givenFile) records(ctx context.Context, r *csv.Reader, row func(...driver.Value) error) error {
	values := make([]driver.Value, len(f.named))
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		for i, c := range f.named {
			values[i] = nil
			if v := record[c]; v != "" {
				values[i] = v
			}
			if !utf8.ValidString(record[c]) {
				line, _ := r.FieldPos(c)
				return fmt.Errorf("line %d is not text in UTF-8; save the file as CSV UTF-8", line)
			}
		}
		if err := row(values...); err != nil {
			return err
		}
	}
}

// text is an expression for a column as text; what is not there is an empty text.
func text(column string) string { return "coalesce(CAST(" + column + " AS VARCHAR), '')" }
