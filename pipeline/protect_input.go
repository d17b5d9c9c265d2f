package pipeline

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"peil/pipeline/engine"
)

// givenFile is a file that somebody asks to protect. Its headings are read here, by one
// rule; DuckDB is told what they are and guesses nothing.
type givenFile struct {
	path     string // absolute
	shown    string // as it was given
	parquet  bool
	comma    rune // of a CSV file
	headings []string
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
		f.comma, f.headings, err = csvHeadings(path)
	default:
		return nil, Usage("%s: only files that end in .csv, .tsv, .txt or .parquet can be protected", shown)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	}
	for i, h := range f.headings {
		if slices.Contains(f.headings[:i], h) {
			return nil, fmt.Errorf("read %s: heading %q stands there twice; rename one of the columns", shown, h)
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

// separators that a CSV file may have; among equals the first wins.
const separators = ",;\t|"

// csvHeadings reads the first record. The separator is the one that stands most often in
// the first line.
func csvHeadings(path string) (rune, []string, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if len(bytes.TrimSpace(line)) == 0 {
		return 0, nil, errors.New("the file is empty; its first line must hold the headings")
	}
	if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
		return 0, nil, errors.New("the file is not text in UTF-8; save it as CSV UTF-8")
	}
	comma := rune(separators[0])
	for _, c := range separators {
		if strings.Count(string(line), string(c)) > strings.Count(string(line), string(comma)) {
			comma = c
		}
	}
	r := csv.NewReader(bufio.NewReader(bytes.NewReader(head)))
	r.Comma = comma
	headings, err := r.Read()
	if err != nil {
		return 0, nil, fmt.Errorf("read headings: %w", err)
	}
	return comma, headings, nil
}

// column is the SQL name of a heading in relation.
func (f *givenFile) column(heading string) (string, error) {
	i := slices.Index(f.headings, heading)
	switch {
	case i < 0:
		return "", Usage("%s has no column %q; it has %s", f.shown, heading, strings.Join(f.headings, ", "))
	case f.parquet:
		return engine.Ident(heading), nil
	}
	return fmt.Sprintf("c%d", i), nil
}

// relation is an SQL FROM item with all columns of the file.
func (f *givenFile) relation() string {
	if f.parquet {
		return "read_parquet(" + engine.Literal(f.path) + ")"
	}
	columns := make([]string, len(f.headings))
	for i := range columns {
		columns[i] = fmt.Sprintf("'c%d': 'VARCHAR'", i)
	}
	return fmt.Sprintf(`read_csv(%s, auto_detect = false, header = true, delim = %s, quote = '"', escape = '"', columns = {%s}, store_rejects = true)`,
		engine.Literal(f.path), engine.Literal(string(f.comma)), strings.Join(columns, ", "))
}

// load makes a table of expressions over the file, rows in the order of the file. A row
// that cannot be read as one ends it: a file is protected whole or not at all.
func (f *givenFile) load(ctx context.Context, db *engine.DB, table string, expressions []string) (rows int64, err error) {
	if err := db.Exec(ctx, "CREATE TABLE "+table+" AS SELECT "+strings.Join(expressions, ", ")+" FROM "+f.relation()); err != nil {
		return 0, fmt.Errorf("read %s: %w", f.shown, err)
	}
	if !f.parquet {
		var line, rejected int64
		var why string
		err := db.Get(ctx, []any{&rejected, &line, &why},
			"SELECT count(*), coalesce(min(line), 0), coalesce(lower(replace(CAST(arg_min(error_type, line) AS VARCHAR), '_', ' ')), '') FROM reject_errors")
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", f.shown, err)
		}
		if rejected > 0 {
			return 0, fmt.Errorf("read %s, line %d: %s: the row does not fit the %d headings; mend it (%d such places in all)", f.shown, line, why, len(f.headings), rejected)
		}
	}
	if rows, err = db.Count(ctx, "SELECT count(*) FROM "+table); err == nil && rows == 0 {
		err = fmt.Errorf("read %s: there are no rows below the headings", f.shown)
	}
	return rows, err
}

// text is an expression for a column as text; what is not there is an empty text.
func text(column string) string { return "coalesce(CAST(" + column + " AS VARCHAR), '')" }
