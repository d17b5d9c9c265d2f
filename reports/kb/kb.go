// Package kb writes the weekly feeds to the KB data warehouse: groups of members and of
// loans, never a person, with a report on what risk is left.
//
// The KB takes members and transactions from every public library weekly; its own file
// layout is not public. kb-leden/1 and kb-uitleningen/1 are Peil's layouts, and not the
// recipient's. Both come as Parquet and as CSV in UTF-8 without byte order mark: a heading,
// commas, line feeds, rows in a fixed order. An empty field was generalised away, as
// niveau says; what the library itself does not know reads onbekend.
//
// # kb-leden/1
//
// A row is a group of persons who were members on the last day of the week, a Sunday, with
// their number. Every member is in one group at most, and every group holds at least k
// persons.
//
//	week               ISO week, 2024-W52
//	organisatie        ISIL of the organisation
//	vestiging          ISIL of the branch where they are registered, else the library's own code
//	leeftijdsklasse    completed years on the Sunday: 4-12, 65+
//	geslacht           man, vrouw, anders
//	pc4                first four digits of the postcode
//	abonnement         jeugd, volwassen, overig, and e-book for who borrows e-books; only where every
//	                   part of the group holds k
//	lidmaatschapsduur  completed years since the first registration: 0 jaar, 1 jaar, 2-4 jaar,
//	                   5-9 jaar, 10+ jaar; only where every part of the group holds k
//	personen           their number, in whole steps of the threshold from k upward
//	niveau             1 vestiging, leeftijdsklasse, geslacht, pc4
//	                   2 vestiging, leeftijdsklasse, geslacht
//	                   3 vestiging, leeftijdsklasse
//	                   4 leeftijdsklasse
//	                   5 the organisation
//
// A level holds who no finer level released, so the rows add up and none overlap. Members
// of an unknown branch stand at level 4 or 5. personen is rounded because the
// week before is known: from exact counts the difference would show one newcomer, or
// one birthday, with age class and postcode.
//
// # kb-uitleningen/1
//
// A row is a group of loans and other events with the number of persons behind them.
//
//	periode_soort      week or maand
//	periode            ISO week, 2024-W52, or month, 2024-12
//	organisatie        ISIL of the organisation
//	vestiging          ISIL of the branch where it happened, else the library's own code
//	eigenaar           the same of the branch that owns the item
//	leeftijdsklasse    of the borrowers, in completed years on the Sunday of the week
//	soort              uitlening, verlenging, inname, raadpleging, ibl-aangevraagd (from
//	                   another library), ibl-geleverd (to another library), reservering, onbekend
//	materiaal          boek, audiovisueel, bladmuziek, tijdschrift, game, overig
//	publiek            jeugd, volwassen, onbekend
//	genre              fictie, non-fictie, onbekend
//	schoolbibliotheek  ja, nee
//	titel              ISBN or EAN of 13 digits, or PPN
//	aantal             number of events, in whole steps of the threshold
//	personen           number of distinct persons, in whole steps of the threshold from k
//	                   upward; empty at level 5
//	niveau             1 week, vestiging, leeftijdsklasse, soort, materiaal, publiek, genre
//	                   2 week, vestiging, soort, materiaal, publiek, genre
//	                   3 week, soort, materiaal, publiek, genre
//	                   4 maand, soort, materiaal, publiek, genre: what no week released
//	                   5 maand, soort, materiaal: events without a known person
//
// A group of a level is divided by eigenaar, then schoolbibliotheek, then titel: a part of at
// least k persons gets a row of its own, if what is left is of at least k persons too, or of
// nobody. What is left stands in a row where the column is empty: so a rare title falls to
// its subject. A title whose number is none that the KB knows is never apart.
//
// Levels 4 and 5 are in the feed of the week in which a month ends; what the weeks before
// released is reckoned anew from the data of that day. An event is in one row
// at most. A person may stand in several rows. The rows of one branch and age class show at
// least l different things (material, audience, genre), and of everything at least l - 1 of
// its borrowers kept away; else they all rise a level. Borrowers who are institutions, or
// whom the library no longer knows, never count as persons. aantal and personen are rounded
// because a week can be made again: the difference would be what one person borrowed.
//
// # risk.json
//
// Exact totals without attributes, what of them the feeds hold, the residual that rounding
// and suppression make of the rest, and the risk that is left: see [Risk]. risk.html says
// the same in plain words.
package kb

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
	"peil/reports/render"
)

//go:embed *.sql
var files embed.FS

// Layouts are the versions of the two files.
var Layouts = []string{"kb-leden/1", "kb-uitleningen/1"}

// Week is the period of the feeds: a Monday, and the Monday after it.
type Week struct{ From, Until time.Time }

// String is the ISO week, such as 2024-W52.
func (w Week) String() string {
	year, week := w.From.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}

// Result is what the caller checks before it publishes.
type Result struct {
	Members    int64 // on the last day of the week
	Suppressed int64 // of them in no group
	// Smallest is the number of persons in the smallest group of either feed; 0
	// if there is no group.
	Smallest int64
	Exposed  int64 // counts that the attacker did not prove safe
	// Totals are the stated totals and what the feed holds, by figure and by place.
	Totals map[string]int64
}

// Write stages both feeds, each as CSV and as Parquet, and risk.json. The models must
// have run for the same week. dir is a folder of the warehouse's instance for
// pipes.
func Write(ctx context.Context, warehouse *engine.DB, dir string, about reports.About, week Week, out reports.Sink) (Result, error) {
	if err := install(ctx, warehouse, about, week); err != nil {
		return Result{}, fmt.Errorf("make feeds of %s: %w", week, err)
	}
	risk, suppressed, smallest, err := assess(ctx, warehouse, about, week)
	if err != nil {
		return Result{}, fmt.Errorf("assess feeds of %s: %w", week, err)
	}
	for _, file := range []struct {
		name, query, format string
		rows                int64
	}{
		{"kb-leden.csv", "leden.sql", "FORMAT csv, HEADER", risk.Members.Groups},
		{"kb-leden.parquet", "leden.sql", "FORMAT parquet, COMPRESSION zstd", risk.Members.Groups},
		{"kb-uitleningen.csv", "uitleningen.sql", "FORMAT csv, HEADER", risk.Loans.Groups},
		{"kb-uitleningen.parquet", "uitleningen.sql", "FORMAT parquet, COMPRESSION zstd", risk.Loans.Groups},
	} {
		err := out.File(ctx, file.name, func(w io.Writer) (int64, error) {
			return file.rows, warehouse.CopyTo(ctx, dir, statement(file.query), file.format, w)
		})
		if err != nil {
			return Result{}, fmt.Errorf("write %s: %w", file.name, err)
		}
	}
	err = out.File(ctx, "risk.json", func(w io.Writer) (int64, error) {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return 0, e.Encode(risk)
	})
	if err != nil {
		return Result{}, fmt.Errorf("write risk.json: %w", err)
	}
	err = out.File(ctx, "risk.html", func(w io.Writer) (int64, error) { return 0, render.WriteHTML(w, risk.document(about)) })
	if err != nil {
		return Result{}, fmt.Errorf("write risk.html: %w", err)
	}
	r := Result{Members: risk.Members.Total, Suppressed: suppressed, Smallest: smallest, Exposed: risk.Attack.Exposed}
	r.Totals, err = risk.totals(ctx, warehouse)
	return r, err
}

// install makes the tables feed_leden and feed_uitleningen, which hold the feeds.
func install(ctx context.Context, warehouse *engine.DB, about reports.About, week Week) error {
	if about.Threshold < 1 {
		return fmt.Errorf("count persons in steps of %d: the threshold must be at least 1", about.Threshold)
	}
	n, err := warehouse.Count(ctx, "SELECT count(*) FROM parameters WHERE kb_from = ?::DATE AND kb_until = ?::DATE",
		week.From.Format(time.DateOnly), week.Until.Format(time.DateOnly))
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("the models have run for another week")
	}
	err = warehouse.Exec(ctx, "CREATE OR REPLACE TEMP TABLE feed_about AS SELECT ?::VARCHAR AS organisation, ?::VARCHAR AS week, ?::BIGINT AS step",
		about.ISIL, week.String(), about.Threshold)
	if err != nil {
		return err
	}
	return warehouse.Exec(ctx, statement("feeds.sql"))
}

func statement(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(b)
}
