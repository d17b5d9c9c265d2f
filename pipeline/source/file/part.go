package file

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// dataFile is a file with a table in it.
type dataFile interface {
	name() string // as configured
	size() int64  // in bytes
	// unchanged fails if the file is no longer what it was when it was opened.
	unchanged() error
	headings() []string
	// use says which columns, by heading, will be read. It is called once, before read.
	use(needed []bool)
	// read runs a statement over a relation with the columns c0, c1, ..., one a
	// heading, as VARCHAR. replayable says that the relation may be scanned again,
	// also after read. The rejects are the rows that the relation leaves out.
	read(ctx context.Context, db *engine.DB, runDir string, statement func(relation string, replayable bool) string) ([]source.Reject, error)
	lines(ctx context.Context, positions []int64) ([]int64, error)
}

// stamp is what is known of a file without reading it.
type stamp struct {
	path, shown string // shown as configured
	info        fs.FileInfo
}

func (s stamp) name() string { return s.shown }
func (s stamp) size() int64  { return s.info.Size() }

func (s stamp) unchanged() error {
	now, err := os.Stat(s.path)
	if err != nil || now.Size() != s.info.Size() || !now.ModTime().Equal(s.info.ModTime()) {
		return &Error{Path: s.shown, Problem: "the file changed while it was being read", Remedy: "run again when the export has ended"}
	}
	return nil
}

// openFile finds out by its first bytes what a file is.
func openFile(ctx context.Context, path, shown string) (dataFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &Error{Path: shown, Problem: "the file cannot be reached: " + cause(err)}
	}
	s := stamp{path, shown, info}
	b, err := firstBytes(path, uncompressed, 8)
	if err != nil {
		return nil, &Error{Path: shown, Problem: "the file cannot be read: " + cause(err)}
	}
	if isParquet(b) {
		return openParquet(ctx, s)
	}
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		return nil, &Error{Path: shown, Problem: "this is not a Parquet file", Remedy: "export it again, or give it the name of what it is"}
	}
	return openCSV(s)
}

// filePart is a file as a part of a table.
type filePart struct {
	dataFile
	runDir string
	table  string
	index  map[string]int // column → heading, -1 where absent
}

// openPart opens a file as a part of a table, and says which headings are not read.
func openPart(ctx context.Context, o Options, named names, path string) (p *filePart, ignored []string, err error) {
	f, err := openFile(ctx, path, o.Rel(path))
	if err != nil {
		return nil, nil, err
	}
	index, ignored, err := named.match(f.name(), f.headings())
	if err != nil {
		return nil, nil, err
	}
	needed := make([]bool, len(f.headings()))
	for _, i := range index {
		if i >= 0 {
			needed[i] = true
		}
	}
	f.use(needed)
	return &filePart{f, o.RunDir, named.table, index}, ignored, nil
}

func (p *filePart) Name() string { return p.name() }
func (p *filePart) Size() int64  { return p.size() }

func (p *filePart) Read(ctx context.Context, db *engine.DB, statement func(relation string) string) ([]source.Reject, error) {
	rejects, err := p.read(ctx, db, p.runDir, func(relation string, _ bool) string {
		return statement(canonical(p.table, p.index, relation))
	})
	if err != nil {
		return nil, err
	}
	return rejects, p.unchanged()
}

func (p *filePart) Lines(ctx context.Context, positions []int64) ([]int64, error) {
	return p.lines(ctx, positions)
}

// canonical is the FROM item with every column of a table, in order, over a relation
// with the columns c0, c1, ....
func canonical(table string, index map[string]int, relation string) string {
	var columns []string
	for _, c := range source.Columns[table] {
		value := "NULL::VARCHAR"
		if i := index[c.Name]; i >= 0 {
			value = source.NotBlank(fmt.Sprintf("c%d", i))
		}
		columns = append(columns, value+" AS "+engine.Ident(c.Name))
	}
	return "(SELECT " + strings.Join(columns, ", ") + " FROM " + relation + ")"
}
