package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// parquetFile is one Parquet file.
type parquetFile struct {
	stamp
	columns []string
}

// isParquet looks at the first bytes of a file.
func isParquet(b []byte) bool { return bytes.HasPrefix(b, []byte("PAR1")) }

// openParquet reads the names of the columns.
func openParquet(ctx context.Context, s stamp) (*parquetFile, error) {
	f := &parquetFile{stamp: s}
	if strings.ContainsAny(f.path, globbing) {
		return nil, &Error{Path: f.shown, Problem: "the name or a folder above it holds one of " + globbing, Remedy: "rename it: DuckDB takes the path of a Parquet file for a pattern"}
	}
	db, err := engine.Open(ctx, engine.Options{ReadPaths: []string{f.path}, Threads: 1})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.Lock(ctx); err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet("+engine.Literal(f.path)+"))")
	if err != nil {
		return nil, f.unreadable(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		f.columns = append(f.columns, name)
	}
	return f, rows.Err()
}

func (f *parquetFile) headings() []string { return f.columns }
func (f *parquetFile) use([]bool)         {} // only what a statement names is read

// unreadable says which of DuckDB's errors mean that the file is to blame.
func (f *parquetFile) unreadable(err error) error {
	var e *engine.Error
	if errors.As(err, &e) && (e.Kind == "Invalid Input Error" || e.Kind == "IO Error") {
		return &Error{Path: f.shown, Problem: "the Parquet file is damaged or cut off", Remedy: "copy or export it again"}
	}
	return located(f.shown, err)
}

func (f *parquetFile) read(ctx context.Context, db *engine.DB, _ string, statement func(relation string, replayable bool) string) ([]source.Reject, error) {
	columns := make([]string, len(f.columns))
	for i, c := range f.columns {
		columns[i] = fmt.Sprintf("CAST(%s AS VARCHAR) AS c%d", engine.Ident(c), i)
	}
	relation := fmt.Sprintf("(SELECT %s FROM read_parquet(%s))", strings.Join(columns, ", "), engine.Literal(f.path))
	if err := db.Exec(ctx, statement(relation, true)); err != nil {
		return nil, f.unreadable(err)
	}
	return nil, nil
}

// lines of a Parquet file do not exist.
func (f *parquetFile) lines(_ context.Context, positions []int64) ([]int64, error) {
	return make([]int64, len(positions)), nil
}
