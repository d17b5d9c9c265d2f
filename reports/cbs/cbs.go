// Package cbs makes the yearly member file for CBS and what stands beside it: the control
// file, the record description, the report that a data officer signs. The member file and
// its counts are made in the vault, where birth dates and addresses are.
//
// How the file is written is a [Layout], which is data: layouts/cbs-lgb-1.yaml is the
// default. Who is in it is the vault's table population: one row a person whose membership
// is valid on the peildatum.
package cbs

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
)

//go:embed persons.sql
var personsSQL string

// Delivery is one member file: the first for its peildatum, or a correction of it.
type Delivery struct {
	Layout    *Layout
	About     reports.About
	Peildatum time.Time
	Revision  int // 1 for the first, 2 for the first correction
}

// FileName of one part, counted from 1, without the ending of an encrypted file.
func (d Delivery) FileName(part int) string {
	return d.Layout.fileName(d.About.ISIL, d.Peildatum, d.Revision, part)
}

// WriteMembers stages the member file, in as many parts as the layout asks for, and
// returns the number of persons in it. dir is the run's folder, for a pipe. What is
// written streams from the vault to the sink: it never rests on a disk.
func (d Delivery) WriteMembers(ctx context.Context, vault *engine.DB, dir string, out reports.Sink) (int64, error) {
	persons, err := vault.Count(ctx, "SELECT count(*) FROM population")
	if err != nil {
		return 0, err
	}
	var written int64
	for part := 1; part == 1 || written < persons; part++ {
		n, err := d.writePart(ctx, vault, dir, out, part, written)
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// Query is the SELECT, over the vault's population, of every line of the member file, in
// any order.
func (d Delivery) Query() string { return query(d.columnsSQL(), "") }

func query(columns, order string) string {
	return strings.NewReplacer("{{columns}}", columns, "{{order}}", order).Replace(personsSQL)
}

// writePart writes one file, from a row on, counted from 0.
func (d Delivery) writePart(ctx context.Context, vault *engine.DB, dir string, out reports.Sink, part int, from int64) (rows int64, err error) {
	limit := ""
	if d.Layout.RowsPerFile > 0 {
		limit = fmt.Sprintf("LIMIT %d OFFSET %d", d.Layout.RowsPerFile, from)
	}
	lines := query(d.lineSQL(), "ORDER BY ALL "+limit)
	err = out.File(ctx, d.FileName(part), func(w io.Writer) (int64, error) {
		to := &lineWriter{w: w, layout: d.Layout}
		if err := to.begin(); err != nil {
			return 0, err
		}
		if err := vault.CopyTo(ctx, dir, lines, d.Layout.copyFormat(), to); err != nil {
			return 0, err
		}
		rows = to.lines
		if d.Layout.Heading {
			rows = max(rows-1, 0)
		}
		return rows, nil
	})
	return rows, err
}
