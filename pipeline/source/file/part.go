package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/store"
)

// dataFile is a file with a table in it.
type dataFile interface {
	name() string // as configured
	size() int64  // in bytes
	// local are the files that the reading instance itself may read.
	local() []string
	// unchanged fails if the file is no longer what it was when it was opened.
	unchanged(ctx context.Context) error
	headings() []string
	// use says which columns, by heading, will be read. It is called once, before read.
	use(needed []bool)
	// read runs a statement over a relation with the columns c0, c1, ..., one a
	// heading, as VARCHAR. replayable says that the relation may be scanned again,
	// also after read. The rejects are the rows that the relation leaves out.
	read(ctx context.Context, db *engine.DB, runDir string, statement func(relation string, replayable bool) string) ([]source.Reject, error)
	lines(ctx context.Context, positions []int64) ([]int64, error)
}

// stamp is what is known of a file, or an object in a bucket, without reading it.
type stamp struct {
	path, shown string // shown as configured
	bytes       int64
	modified    time.Time   // of a file
	bucket      store.Store // of an object; nil for a file
	object      string      // its name in the bucket
}

func (s stamp) name() string { return s.shown }
func (s stamp) size() int64  { return s.bytes }

func (s stamp) local() []string {
	if isObject(s.path) {
		return nil
	}
	return []string{s.path}
}

func (o Options) stamp(ctx context.Context, path string) (stamp, error) {
	if isObject(path) {
		return o.stampObject(ctx, path)
	}
	return stampFile(path, o.Rel(path))
}

func stampFile(path, shown string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, &Error{Path: shown, Problem: "the file cannot be reached: " + cause(err)}
	}
	return stamp{path: path, shown: shown, bytes: info.Size(), modified: info.ModTime()}, nil
}

func (s stamp) unchanged(ctx context.Context) error {
	now := stamp{modified: s.modified}
	var err error
	if s.bucket != nil {
		var info store.Info
		info, err = s.bucket.Stat(ctx, s.object)
		now.bytes = info.Size
	} else {
		now, err = stampFile(s.path, s.shown)
	}
	if err != nil || now.bytes != s.bytes || !now.modified.Equal(s.modified) {
		return &Error{Path: s.shown, Problem: "the file changed while it was being read", Remedy: "run again when the export has ended"}
	}
	return nil
}

// openFile finds out by its first bytes what a file is.
func openFile(ctx context.Context, o Options, path string) (dataFile, error) {
	shown := o.Rel(path)
	s, err := o.stamp(ctx, path)
	if err != nil {
		return nil, err
	}
	b, err := s.firstBytes(ctx, uncompressed, 8)
	if err != nil {
		return nil, &Error{Path: shown, Problem: "the file cannot be read: " + cause(err)}
	}
	if isParquet(b) && s.bucket != nil {
		return openParquetObject(ctx, o, s)
	}
	if isParquet(b) {
		return openParquet(ctx, s)
	}
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		return nil, &Error{Path: shown, Problem: "this is not a Parquet file", Remedy: "export it again, or give it the name of what it is"}
	}
	return openCSV(ctx, s)
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
	f, err := openFile(ctx, o, path)
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
	return rejects, p.unchanged(ctx)
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
