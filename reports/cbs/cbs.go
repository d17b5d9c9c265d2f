// Package cbs makes the yearly member file for CBS and the control file beside it. They
// are the only outputs made in the vault, where birth dates and addresses are.
//
// # Layout cbs-lgb/1
//
// The fields and their order are those that the library's privacy statement promises
// its members (§7.2). Everything else about the layout (names, separator, date format,
// codes, file name) is not published by CBS: it is Peil's documented default and has to
// be agreed with CBS before the first delivery.
//
// A text file in UTF-8 without a byte order mark; fields apart by a semicolon, lines by
// CR LF, a heading line; a field that holds a semicolon or quote is quoted. One line a
// person whose membership is valid on the peildatum, in order of all fields. A value that
// is not known is empty.
//
//	geboortedatum           YYYYMMDD
//	geslacht                1 man, 2 vrouw, - unknown or neither
//	laatste_inschrijfdatum  YYYYMMDD, the last registration on or before the peildatum
//	isil                    of the organisation, location part 0000
//	postcode                four digits and two letters, no blank; empty if foreign
//	huisnummer              digits
//	huisnummertoevoeging    house letter and addition, joined without a blank
//	werkelijke_peildatum    YYYYMMDD, the day the population is true for
package cbs

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
)

// Contract names the layout of the file.
const Contract = "cbs-lgb/1"

var (
	//go:embed persons.sql
	personsSQL string
	//go:embed control.sql
	controlSQL string
)

// FileName of a delivery, without the ending of an encrypted file.
func FileName(isil string, peildatum time.Time) string {
	return fmt.Sprintf("%s_%s_%s.csv", strings.ReplaceAll(Contract, "/", "-"), isil, peildatum.Format("20060102"))
}

// Write stages the member file and the control file. dir is the run's folder, for a pipe.
// It returns the number of persons in the file.
func Write(ctx context.Context, vault *engine.DB, dir string, about reports.About, peildatum time.Time, personal, control reports.Sink) (int64, error) {
	var persons int64
	err := personal.File(ctx, FileName(about.ISIL, peildatum), func(w io.Writer) (int64, error) {
		lines := &crlfWriter{w: w}
		query := strings.ReplaceAll(personsSQL, "{{isil}}", engine.Literal(about.ISIL))
		if err := vault.CopyTo(ctx, dir, query, "FORMAT csv, DELIMITER ';', HEADER", lines); err != nil {
			return 0, err
		}
		persons = max(lines.lines-1, 0)
		return persons, nil
	})
	if err != nil {
		return 0, err
	}
	return persons, control.File(ctx, "control.csv", func(w io.Writer) (int64, error) {
		return writeControl(ctx, vault, w, about, peildatum, persons)
	})
}

// writeControl writes what the recipient and the library can hold the file against: counts,
// completeness, who was left out. One line a count: onderwerp, onderdeel, aantal.
func writeControl(ctx context.Context, vault *engine.DB, w io.Writer, about reports.About, peildatum time.Time, persons int64) (int64, error) {
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	lines := [][]string{
		{"onderwerp", "onderdeel", "aantal"},
		{"levering", "indeling " + Contract + " (standaard van Peil, af te stemmen met CBS)", ""},
		{"levering", "organisatie " + about.ISIL, ""},
		{"levering", "werkelijke peildatum " + peildatum.Format("20060102"), ""},
		{"levering", "adressen per " + about.SnapshotOn.Format("20060102"), ""},
		{"levering", "personen", fmt.Sprint(persons)},
	}
	rows, err := vault.Query(ctx, controlSQL)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var subject, part string
		var n int64
		if err := rows.Scan(&subject, &part, &n); err != nil {
			return 0, err
		}
		lines = append(lines, []string{subject, part, fmt.Sprint(n)})
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if err := out.WriteAll(lines); err != nil {
		return 0, err
	}
	return int64(len(lines) - 1), nil
}

// crlfWriter ends lines in CR LF and counts them. No field of the file holds a line end.
type crlfWriter struct {
	w     io.Writer
	lines int64
}

func (c *crlfWriter) Write(p []byte) (int, error) {
	c.lines += int64(bytes.Count(p, []byte{'\n'}))
	if _, err := c.w.Write(bytes.ReplaceAll(p, []byte{'\n'}, []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}
