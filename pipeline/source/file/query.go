package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

// queryPart is a table that a query of the user makes out of files. It runs in an
// instance of its own that can read those files and nothing else; its rows reach the
// vault through a pipe.
type queryPart struct {
	o      Options
	table  string
	shown  string // path of the query as configured
	query  string
	views  []view
	index  map[string]int // canonical column → column of the result, -1 where absent
	result []string
}

// view is a name that a query may read: the rows of its files under one another, by heading.
type view struct {
	name  string
	files []dataFile
	paths []string
}

// openQuery reads the query, looks at the files that it may read, and binds the one
// to the headings of the others.
func openQuery(ctx context.Context, o Options, table string, input Input) (p *queryPart, ignored []string, err error) {
	if err := readable(input.Query, o.Rel); err != nil {
		return nil, nil, err
	}
	p = &queryPart{o: o, table: table, shown: o.Rel(input.Query)}
	var errs []error
	for _, name := range sortedKeys(input.Files) {
		v, err := openView(ctx, o, name, input.Files[name])
		errs = append(errs, err)
		p.views = append(p.views, v)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	if err := db.Lock(ctx); err != nil {
		return nil, nil, err
	}
	if p.query, err = ReadQuery(ctx, db, input.Query, p.shown); err != nil {
		return nil, nil, err
	}
	for _, v := range p.views {
		if err := db.Exec(ctx, v.empty()); err != nil {
			return nil, nil, v.unusable(err)
		}
	}
	if p.result, err = resultColumns(ctx, db, p.query, p.shown); err != nil {
		return nil, nil, err
	}
	if p.index, ignored, err = matchResult(table, p.shown, p.result); err != nil {
		return nil, nil, err
	}
	return p, ignored, nil
}

func openView(ctx context.Context, o Options, name string, patterns []string) (view, error) {
	v := view{name: name}
	var err error
	if v.paths, err = expand(ctx, o, patterns); err != nil {
		return v, err
	}
	if len(v.paths) == 0 {
		return v, &Error{Problem: fmt.Sprintf("no file is given for %q", name), Remedy: "name a file or a glob"}
	}
	var errs []error
	for _, path := range v.paths {
		f, err := openFile(ctx, o, path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all := make([]bool, len(f.headings()))
		for i, h := range f.headings() {
			all[i] = h != "" // a column without a name cannot be asked for
			if j := slices.IndexFunc(f.headings()[:i], func(other string) bool { return strings.EqualFold(h, other) }); all[i] && j >= 0 {
				errs = append(errs, &Error{Path: f.name(), Problem: fmt.Sprintf("the heading %q occurs twice", h), Remedy: "remove or rename one of the two columns in the export"})
			}
		}
		f.use(all)
		v.files = append(v.files, f)
	}
	return v, errors.Join(errs...)
}

// unusable says that the files of a view do not make a table.
func (v view) unusable(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Problem: fmt.Sprintf("%q cannot be made a table: %v", v.name, e), Remedy: "choose another name, or give files with headings"}
}

// empty is the SQL for a table with the columns of the view and no row.
func (v view) empty() string {
	var columns []string
	seen := map[string]bool{}
	for _, f := range v.files {
		for _, h := range f.headings() {
			if key := strings.ToLower(h); h != "" && !seen[key] {
				seen[key] = true
				columns = append(columns, engine.Ident(h)+" VARCHAR")
			}
		}
	}
	return "CREATE TABLE " + engine.Ident(v.name) + " (" + strings.Join(columns, ", ") + ")"
}

// create makes the view in db. A file that can be read again is read when the query
// asks for it; any other is loaded.
func (v view) create(ctx context.Context, db *engine.DB, dir string) ([]source.Reject, error) {
	var all []source.Reject
	var selects []string
	for i, f := range v.files {
		part := "files." + engine.Ident(fmt.Sprintf("%s %d", v.name, i))
		create := "CREATE TABLE " + part + " AS "
		rejects, err := f.read(ctx, db, dir, func(relation string, replayable bool) string {
			rows := selectHeadings(f.headings(), relation)
			if replayable {
				return "CREATE VIEW " + part + " AS " + rows
			}
			statement := create + rows
			create = "INSERT INTO " + part + " " // for the pieces that follow
			return statement
		})
		if err != nil {
			return nil, err
		}
		all = append(all, rejects...)
		selects = append(selects, "SELECT * FROM "+part)
	}
	return all, db.Exec(ctx, "CREATE VIEW "+engine.Ident(v.name)+" AS "+strings.Join(selects, " UNION ALL BY NAME "))
}

func selectHeadings(headings []string, relation string) string {
	var columns []string
	for i, h := range headings {
		if h != "" {
			columns = append(columns, source.NotBlank(fmt.Sprintf("c%d", i))+" AS "+engine.Ident(h))
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + relation
}

// matchResult finds the canonical columns in the result of a query.
func matchResult(table, shown string, result []string) (index map[string]int, ignored []string, err error) {
	var errs []error
	index = map[string]int{}
	for _, c := range source.Columns[table] {
		index[c.Name] = slices.IndexFunc(result, func(r string) bool { return strings.EqualFold(r, c.Name) })
		if c.Required && index[c.Name] < 0 {
			errs = append(errs, &Error{Path: shown, Column: c.Name,
				Problem: fmt.Sprintf("the query does not yield the required column %s of %s; it yields %s", c.Name, table, strings.Join(result, ", ")),
				Remedy:  "select something AS " + c.Name})
		}
	}
	for i, r := range result {
		first := slices.IndexFunc(result, func(other string) bool { return strings.EqualFold(r, other) })
		switch {
		case !isColumn(table, strings.ToLower(r)):
			ignored = append(ignored, r)
		case first != i:
			errs = append(errs, &Error{Path: shown, Column: r, Problem: fmt.Sprintf("the query yields the column %s twice", r), Remedy: "select it once"})
		}
	}
	return index, ignored, errors.Join(errs...)
}

func (p *queryPart) Name() string { return p.shown }

func (p *queryPart) Size() (bytes int64) {
	for _, v := range p.views {
		for _, f := range v.files {
			bytes += f.size()
		}
	}
	return bytes
}

// Unnumbered implements [source.Unnumbered].
func (p *queryPart) Unnumbered() {}

// Lines of a query's result do not exist.
func (p *queryPart) Lines(_ context.Context, positions []int64) ([]int64, error) {
	return make([]int64, len(positions)), nil
}

// Read runs the query. The rejects are those of the files that it may read, under
// their own names.
func (p *queryPart) Read(ctx context.Context, db *engine.DB, statement func(relation string) string) ([]source.Reject, error) {
	dir, err := os.MkdirTemp(p.o.RunDir, "query-")
	if err != nil {
		return nil, fmt.Errorf("make folder for query: %w", err)
	}
	defer os.RemoveAll(dir)
	sandbox, rejects, err := p.sandbox(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer sandbox.Close()
	relation, selected := p.canonical()
	fill := func(w io.Writer) error {
		err := sandbox.CopyTo(ctx, dir, selected, `FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR ''`, w)
		return p.failed(err)
	}
	err = db.FeedGroups(ctx, p.o.RunDir, fill, func(pipes string) string { return statement(relation(pipes)) })
	if err != nil {
		return nil, err
	}
	return rejects, p.unchanged(ctx)
}

func (p *queryPart) unchanged(ctx context.Context) error {
	var errs []error
	for _, v := range p.views {
		for _, f := range v.files {
			errs = append(errs, f.unchanged(ctx))
		}
	}
	return errors.Join(errs...)
}

// sandbox opens the instance that the query runs in, with its views.
func (p *queryPart) sandbox(ctx context.Context, dir string) (*engine.DB, []source.Reject, error) {
	var paths []string
	for _, v := range p.views {
		for _, f := range v.files {
			paths = append(paths, f.local()...)
		}
	}
	// Files have no statistics: joins run as the query writes them.
	db, err := engine.Open(ctx, engine.Options{Memory: p.o.Memory, Threads: p.o.Threads, ReadPaths: paths, Dirs: []string{dir}, KeepJoinOrder: true})
	if err != nil {
		return nil, nil, err
	}
	rejects, err := p.prepare(ctx, db, dir)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, rejects, nil
}

func (p *queryPart) prepare(ctx context.Context, db *engine.DB, dir string) ([]source.Reject, error) {
	if err := db.Lock(ctx); err != nil {
		return nil, err
	}
	if err := db.Exec(ctx, "CREATE SCHEMA files"); err != nil {
		return nil, err
	}
	var all []source.Reject
	for _, v := range p.views {
		rejects, err := v.create(ctx, db, dir)
		if err != nil {
			return nil, err
		}
		all = append(all, rejects...)
	}
	return all, p.failed(db.Exec(ctx, "CREATE VIEW files.result AS "+p.query))
}

// canonical returns the SELECT that the sandbox writes into the pipes, and the FROM
// item that reads it there.
func (p *queryPart) canonical() (relation func(pipes string) string, selected string) {
	var present, values []string
	for _, c := range source.Columns[p.table] {
		if i := p.index[c.Name]; i >= 0 {
			present = append(present, c.Name)
			values = append(values, fmt.Sprintf("CAST(%s AS VARCHAR)", engine.Ident(p.result[i])))
		}
	}
	return func(pipes string) string { return source.FromPipes(p.table, present, pipes) },
		"SELECT " + strings.Join(values, ", ") + " FROM files.result"
}

// failed tells an error of the query from others.
func (p *queryPart) failed(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.OutOfMemory {
		return &Error{Path: p.shown, Problem: "the query needs more memory than it has", Remedy: "raise limits.memory, or let each join have its smaller table on the right"}
	}
	return &Error{Path: p.shown, Problem: "the query failed: " + e.Error(), Remedy: "try it in the duckdb command over the same files; TRY_CAST passes over what cannot be converted"}
}
