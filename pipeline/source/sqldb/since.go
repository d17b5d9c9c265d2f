package sqldb

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Memory keeps what was read, so that the next reading fetches only what has changed
// since. Parts are named alike each time.
type Memory interface {
	// Known is how the rows of a part were known; nil where none are kept that can be used.
	Known(ctx context.Context, part string) (*Known, error)
	// Rows opens them.
	Rows(ctx context.Context, part string) (io.ReadCloser, error)
	// Keep takes the rows of a part for the next time.
	Keep(ctx context.Context, part string, as *Known) (Keeper, error)
}

// Keeper takes rows: all of them, once Commit has returned nil, or none.
type Keeper interface {
	io.Writer
	Commit() error
	Abort() error // does nothing after Commit
}

// Known is how rows can be told from others later.
type Known struct {
	Context string              `json:"context"` // of all the rows: query, small tables
	Groups  []map[string]string `json:"groups"`  // of each grouping, the digest of each group
}

// Fetched is how much of a part came from the server.
type Fetched struct {
	Table   string `json:"table"`
	Part    string `json:"part"`
	Rows    int64  `json:"rows"`
	Fetched int64  `json:"fetched"` // of them; the others are as they were
}

// Remember makes the source read only what has changed since what memory recalls, and keep
// what it reads. Queries without groups, such as those of the configuration, are read whole.
func (s *Source) Remember(m Memory) {
	for _, t := range s.tables {
		for i, p := range t.Parts {
			p := p.(*part)
			if len(p.Groups) == 0 {
				continue
			}
			n := &since{part: p, memory: m, name: t.Name + "-" + strconv.Itoa(i+1)}
			for i := range p.Groups {
				n.columns = append(n.columns, fmt.Sprintf("peil_%d", i+1))
			}
			n.columns = append(n.columns, p.columns...)
			n.query, n.order = p.SQL, ""
			if at := strings.LastIndex(n.query, "\nORDER BY "); at >= 0 {
				n.query, n.order = n.query[:at], n.query[at:]
			}
			n.query = strings.ReplaceAll(n.query, "-- since: ", "")
			p.since = n
		}
	}
}

// Fetched says what came from the server, of the parts that are remembered and have been
// read.
func (s *Source) Fetched() []Fetched {
	var all []Fetched
	for _, t := range s.tables {
		for _, p := range t.Parts {
			if n := p.(*part).since; n != nil && n.read {
				all = append(all, Fetched{Table: t.Name, Part: p.Name(), Rows: n.rows, Fetched: n.fetched})
			}
		}
	}
	return all
}

// since reads a part of which some rows are remembered.
type since struct {
	part         *part
	memory       Memory
	name         string
	columns      []string // the groups of a row, then what is read
	query, order string   // that yields them

	known   *Known            // as what the rows are kept
	changed []map[string]bool // groups of each grouping; nil where all is read

	read          bool
	rows, fetched int64
}

// most is the largest number of changed groups that the server is asked for by name.
const most = 20_000

// fill writes what the part's own query would yield. Rows that are remembered come first;
// rows of one group keep their order. A second time it writes the same, and keeps nothing.
func (n *since) fill(ctx context.Context, w io.Writer) error {
	if n.read {
		return n.write(ctx, w, io.Discard)
	}
	if err := n.compare(ctx); err != nil {
		return err
	}
	keep, err := n.memory.Keep(ctx, n.name, n.known)
	if err != nil {
		return err
	}
	defer keep.Abort()
	if err := n.write(ctx, w, keep); err != nil {
		return err
	}
	n.read = true
	return keep.Commit()
}

// write writes the rows, and to keep the groups of each as well.
func (n *since) write(ctx context.Context, w, keep io.Writer) error {
	n.rows, n.fetched = 0, 0
	rows, records := bufio.NewWriterSize(w, 256<<10), bufio.NewWriterSize(keep, 256<<10)
	pass := func(record, row []byte) error {
		n.rows++
		if _, err := records.Write(record); err != nil {
			return err
		}
		_, err := rows.Write(row)
		return err
	}
	for _, step := range []func() error{
		func() error { return n.recall(ctx, pass) }, func() error { return n.fetch(ctx, pass) }, rows.Flush, records.Flush,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// compare finds out what has changed.
func (n *since) compare(ctx context.Context) error {
	db, q := n.part.db, n.part.Query
	known := &Known{}
	var err error
	if known.Context, err = db.contextOf(ctx, q); err != nil {
		return err
	}
	known.Context += strings.Join(n.columns, " ")
	for _, g := range q.Groups {
		d, err := db.digests(ctx, q, g)
		if err != nil {
			return err
		}
		known.Groups = append(known.Groups, d)
	}
	n.known = known
	before, err := n.memory.Known(ctx, n.name)
	if err != nil || before == nil || before.Context != known.Context || len(before.Groups) != len(known.Groups) {
		return err
	}
	var changed []map[string]bool
	total := 0
	for i, d := range known.Groups {
		c := digests(d).changed(before.Groups[i])
		changed, total = append(changed, c), total+len(c)
	}
	if total <= most {
		n.changed = changed
	}
	return nil
}

// recall passes on the rows that have not changed.
func (n *since) recall(ctx context.Context, pass func(record, row []byte) error) error {
	if n.changed == nil {
		return nil
	}
	rows, err := n.memory.Rows(ctx, n.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	_, err = io.Copy(&recordWriter{each: func(record []byte) error {
		groups, row := cutFields(record, len(n.changed))
		for i, g := range groups {
			if n.changed[i][g] {
				return nil
			}
		}
		return pass(record, row)
	}}, rows)
	return err
}

// fetch passes on the rows that have, or all.
func (n *since) fetch(ctx context.Context, pass func(record, row []byte) error) error {
	query := n.query + n.order
	if n.changed != nil {
		var any []string
		for i, groups := range n.changed {
			if len(groups) > 0 {
				any = append(any, among("peil_"+strconv.Itoa(i+1), groups))
			}
		}
		if len(any) == 0 {
			return nil
		}
		query = "SELECT * FROM (" + n.query + "\n) q WHERE " + strings.Join(any, " OR ") + n.order
	}
	return n.part.stream(ctx, query, n.columns, &recordWriter{each: func(record []byte) error {
		n.fetched++
		_, row := cutFields(record, len(n.part.Groups))
		return pass(record, row)
	}})
}
