package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

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

// openParquetObject opens a Parquet file in a bucket. It is not read in order, as an object
// must be: a copy takes its place, in memory, since it is not protected there.
func openParquetObject(ctx context.Context, o Options, s stamp) (*parquetFile, error) {
	dir := o.RunDir
	if dir == "" { // nothing but the headings will be read
		var err error
		if dir, err = os.MkdirTemp(memoryRoot, "peil-"); err != nil {
			return nil, noRoom(s)
		}
		defer os.RemoveAll(dir)
	}
	if !inMemory(dir, s.bytes) {
		return nil, noRoom(s)
	}
	r, err := s.bucket.Open(ctx, s.object)
	if err != nil {
		return nil, &Error{Path: s.shown, Problem: "the object cannot be read: " + err.Error()}
	}
	defer r.Close()
	w, err := os.CreateTemp(dir, "object-*.parquet")
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", s.shown, err)
	}
	defer w.Close()
	if _, err := io.Copy(w, r); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &Error{Path: s.shown, Problem: "the object cannot be copied: " + cause(err)}
	}
	s.path = w.Name()
	return openParquet(ctx, s)
}

// memoryRoot is where Linux keeps files in memory.
const memoryRoot = "/dev/shm"

// tmpfs is the kind of a file system that is kept in memory.
const tmpfs = 0x01021994

// inMemory says whether a folder is kept in memory and has room for so many bytes.
func inMemory(dir string, bytes int64) bool {
	var s unix.Statfs_t
	err := unix.Statfs(dir, &s)
	return err == nil && int64(s.Type) == tmpfs && int64(s.Bavail)*int64(s.Bsize) > bytes
}

func noRoom(s stamp) error {
	return &Error{Path: s.shown, Problem: fmt.Sprintf("to read a Parquet file of a bucket takes %d MiB in "+memoryRoot+" or XDG_RUNTIME_DIR, and they have not that much", s.bytes>>20+1),
		Remedy: "make room there, or export it as CSV, which is read as it comes, compressed if you like"}
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
