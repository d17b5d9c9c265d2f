// Package transforms holds what happens to the data between the source and the
// outputs: SQL models in ordered folders, the allow-list of what may cross from one to
// the other, and the runner.
//
//	vault/      rows of the source to typed, merged, dated members: identifying, in memory
//	crossing/   the only way out of the vault: keyed, generalised
//	warehouse/  what every figure is counted from, once a run
//	period/     counted figures of one period of one output; a folder an output
//
// A model is a .sql file; its heading says what a row is, its key and its privacy class.
// Models run in the order of their names. A model whose name ends in .read is one SELECT
// that reads a table of the source, a part at a time, into the table it is named by;
// {{relation}} stands for the part. What a model needs to know of the run stands in the one
// row of the table parameters, so that no value is ever spliced into SQL.
package transforms

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"peil/pipeline/engine"
	"peil/pipeline/source"
)

//go:embed vault/*.sql crossing/*.sql warehouse/*.sql period
var files embed.FS

// Model is one SQL file.
type Model struct {
	Name  string // such as "vault/35_persons"
	SQL   string
	Reads string // table of the source that it reads; empty for most
}

// Vault are the models that run in the vault, in order.
func Vault() []Model { return models("vault") }

// Warehouse are the models that run in the warehouse before any period is counted, in
// order.
func Warehouse() []Model { return models("warehouse") }

var reads = regexp.MustCompile(`(?m)^--.*\bReads: (\w+)\.`)

func models(folder string) []Model {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		panic(err) // the folder is part of the program
	}
	var ms []Model
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := files.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			panic(err)
		}
		m := Model{Name: path.Join(folder, strings.TrimSuffix(e.Name(), ".sql")), SQL: string(b)}
		if name, ok := strings.CutSuffix(m.Name, ".read"); ok {
			m.Name, m.Reads = name, reads.FindStringSubmatch(m.SQL)[1]
		}
		ms = append(ms, m)
	}
	return ms
}

// Hash identifies the models: it changes when a figure may be counted otherwise.
func Hash() string {
	sum := sha256.New()
	for _, folder := range []string{"vault", "crossing", "warehouse", "period", "period/months", "period/new-members", "period/kb", "period/wsob"} {
		for _, m := range models(folder) {
			fmt.Fprintf(sum, "%s\x00%s\x00", m.Name, m.SQL)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Table is the table that a reading model fills: its name without folder and number.
func (m Model) Table() string {
	_, table, _ := strings.Cut(path.Base(m.Name), "_")
	return table
}

// Step says what is being done, for progress: a model, and the part that it reads.
type Step struct {
	Model string
	Part  string // empty for a model that reads no part
	Size  int64  // of the part in bytes, 0 where unknown
	Ended bool   // the part has been read
	Rows  int64  // that arrived from it; known when it has ended
}

// Read is what became of one part of a table of the source.
type Read struct {
	Table   string // of the source
	Part    source.Part
	Rows    int64           // rows that arrived, in order, from Offset on
	Offset  int64           // rowid of the first of them in the table that they arrived in
	Rejects []source.Reject // rows that did not arrive, and those that cannot be counted
	// Uncounted is how many of the rejects are rows that arrived.
	Uncounted int64
}

// Run runs models in order, reading the source's tables on the way. before is called
// with each step, and with that of a part again when it has ended.
func Run(ctx context.Context, db *engine.DB, ms []Model, tables []source.Table, before func(Step)) ([]Read, error) {
	var done []Read
	for _, m := range ms {
		if m.Reads == "" {
			before(Step{Model: m.Name})
			if err := db.Exec(ctx, m.SQL); err != nil {
				return done, fmt.Errorf("run %s: %w", m.Name, err)
			}
		} else {
			parts, err := m.read(ctx, db, "", tableOf(tables, m.Reads), before)
			done = append(done, parts...)
			if err != nil {
				return done, err
			}
		}
		if err := db.Compact(ctx); err != nil {
			return done, fmt.Errorf("run %s: %w", m.Name, err)
		}
	}
	return done, nil
}

func tableOf(tables []source.Table, name string) source.Table {
	for _, t := range tables {
		if t.Name == name {
			return t
		}
	}
	return source.Table{Name: name}
}

// read fills the model's table, in the schema or attached database of prefix, from each
// part in turn. Without parts the table is there and empty.
func (m Model) read(ctx context.Context, db *engine.DB, prefix string, t source.Table, before func(Step)) ([]Read, error) {
	into := prefix + m.Table()
	selectFrom := func(relation string) string { return strings.ReplaceAll(m.SQL, "{{relation}}", relation) }
	if err := db.Exec(ctx, "CREATE TABLE "+into+" AS "+selectFrom(source.Empty(t.Name))); err != nil {
		return nil, fmt.Errorf("run %s: %w", m.Name, err)
	}
	var done []Read
	var offset int64
	for _, p := range t.Parts {
		before(Step{Model: m.Name, Part: p.Name(), Size: p.Size()})
		rejects, err := p.Read(ctx, db, func(relation string) string { return "INSERT INTO " + into + " " + selectFrom(relation) })
		if err != nil {
			return done, fmt.Errorf("read %s from %s: %w", t.Name, p.Name(), err)
		}
		rows, err := db.Count(ctx, "SELECT count(*) FROM "+into)
		if err != nil {
			return done, err
		}
		done = append(done, Read{Table: t.Name, Part: p, Rows: rows - offset, Offset: offset, Rejects: rejects})
		before(Step{Model: m.Name, Part: p.Name(), Size: p.Size(), Ended: true, Rows: rows - offset})
		offset = rows
	}
	return done, nil
}

// Uncounted says which rows of a table arrive and yet cannot be counted.
type Uncounted struct {
	Into     string // table that they arrived in
	Where    string // SQL condition over that table
	InSource string // the same condition over the source's own columns
	Column   string // to name in the reject
	Code     string
}

// Reject adds the rows of the part that cannot be counted to its rejects. Only if there are
// any the part is read again, to find their places.
func (r *Read) Reject(ctx context.Context, db *engine.DB, u Uncounted) error {
	n, err := db.Count(ctx, "SELECT count(*) FROM "+u.Into+" WHERE ("+u.Where+") AND rowid >= ? AND rowid < ?", r.Offset, r.Offset+r.Rows)
	if err != nil || n == 0 {
		return err
	}
	lines := make([]int64, n)
	if _, ok := r.Part.(source.Unnumbered); !ok {
		positions, err := r.positions(ctx, db, u.InSource)
		if err != nil {
			return fmt.Errorf("find the rejected rows in %s: %w", r.Part.Name(), err)
		}
		if lines, err = r.Part.Lines(ctx, positions); err != nil {
			return fmt.Errorf("find the lines of rejected rows in %s: %w", r.Part.Name(), err)
		}
	}
	for _, line := range lines {
		r.Rejects = append(r.Rejects, source.Reject{Part: r.Part.Name(), Line: line, Column: u.Column, Code: u.Code})
	}
	r.Uncounted += int64(len(lines))
	return nil
}

// positions reads the part again, without any join, which would lose the order of the rows.
func (r *Read) positions(ctx context.Context, db *engine.DB, condition string) ([]int64, error) {
	defer db.Exec(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS temp.rejected")
	if err := db.Exec(ctx, "CREATE TEMP TABLE rejected (found BOOLEAN)"); err != nil {
		return nil, err
	}
	if _, err := r.Part.Read(ctx, db, func(relation string) string {
		return "INSERT INTO temp.rejected SELECT " + condition + " FROM " + relation
	}); err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, "SELECT rowid FROM temp.rejected WHERE found ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var positions []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		positions = append(positions, n)
	}
	return positions, rows.Err()
}
