// Package newmembers makes the report that librarians open every month: how many members
// each branch won and lost, who the new members are and where they come from.
//
// There are two editions of it, built by the same code from two sets of figures: the
// internal one from the exact counts of the warehouse, the public one from counts that are
// rounded so that no count of persons from 1 to the threshold less one is left, every table
// stays additive and every balance closes. The public edition holds less: what cannot be
// rounded together with the rest is left out and named.
//
// Each table is in the workbook and on the page, and by itself as CSV and Parquet:
//
//	table                   a row is                          editions
//	totals                  month                             both
//	balance                 branch, month                     both
//	movements               pair of branches                  internal, where moves are known
//	year-on-year            month that has one a year before  both
//	branches                branch, the last twelve months    both
//	age-classes             age class                         both
//	new-by-age-total        month; a column an age class      both
//	new-by-age-branch       branch; a column an age class     both
//	new-by-age              branch, month; a column a class   internal
//	new-by-sex              branch, month; a column a sex     both
//	new-by-subscription     branch, month; a column a class   both
//	sexes                   sex                               both
//	subscriptions           the library's own subscription    internal
//	new-by-postcode         postcode area                     both
//	new-by-branch-postcode  branch, postcode area             internal
//	active-borrowers-total  month                             both, where there are loans
//	active-borrowers        branch, month                     internal, where there are loans
//	loans                   branch, month                     public, where there are loans
//	survival                month of registration             internal, where it can be known
//	reach                   postcode area                     internal
//	reach-age               age class of CBS                  internal, where population is given
//	reach-postcode-age-sex  postcode area, age class, sex     internal, where population is given
//	area-NAME               area of a table that is given     internal
//
// How many members live in an area stays internal. It is a stand and no sum of what is
// rounded: moves of members between areas are not known, so that no public count could be
// made to follow from another, as the stand of a branch does; and of two successive exact or
// independently rounded stands the difference is a few persons, whose age and sex the table
// tells. New members per area are public, for those are rounded with the rest.
package newmembers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
	"peil/reports/newmembers/area"
	"peil/reports/render"
)

// Options say what the report covers.
type Options struct {
	From, Until time.Time // months, half-open: the first day of each
	AgeClasses  []int     // first ages, ascending from 0
	// Earlier are the releases of all public editions that were made before and may hold
	// months of this one, in the order in which they came out.
	Earlier []Release

	Population *area.Population // nil: none is given
	// Serves are the postcode areas that the library serves; nil: those in which one
	// inhabitant in a hundred is a member.
	Serves map[string]bool
	Areas  []*area.Table // to be shown beside membership
}

// Result is what was written, for manifest and checks.
type Result struct {
	NewMembers int64 // in the period, exactly; a lower bound if LowerBound is not 0
	Members    int64 // at the end of the period, exactly
	Months     int
	LowerBound int // months that hold only those who stayed since
	Breaks     int // months at which a series begins anew

	Branches          int   // that had members or loans in the period
	GroupedBranches   int   // of these, not published by themselves
	PublicCells       int64 // counts of persons in the public edition's tables and key figures
	Deviation         int64 // largest difference between a public and a true count
	Unsafe            int64 // public counts of persons that are negative or from 1 to threshold − 1
	OrganisationAlone bool  // the public edition holds no branches: they are too small
	// Release is what the public edition told that none before had. It must be kept before
	// the edition is published.
	Release Release
	Tables  []RoundedTable // by name
}

// Write makes both editions from the warehouse's tables. A Result with Unsafe above 0 must
// not be published in the public edition; what it staged is then the caller's to drop.
func Write(ctx context.Context, warehouse *engine.DB, about reports.About, o Options, internal, public reports.Sink) (Result, error) {
	result, err := write(ctx, warehouse, about, o, internal, public)
	if err != nil {
		return result, fmt.Errorf("write new-members report: %w", err)
	}
	return result, nil
}

func write(ctx context.Context, warehouse *engine.DB, about reports.About, o Options, internal, public reports.Sink) (Result, error) {
	if len(o.AgeClasses) == 0 {
		return Result{}, errors.New("there are no age classes")
	}
	if about.Threshold < 2 {
		return Result{}, fmt.Errorf("a threshold of %d protects nothing", about.Threshold)
	}
	w := language(about.Language)
	exact, err := read(ctx, warehouse, o, w.say("Vestiging onbekend", "Branch unknown"))
	if err != nil {
		return Result{}, err
	}
	all := exact.sum(-1, 0, len(exact.months))
	r := Result{NewMembers: all.new, Members: all.end, Months: len(exact.months), Branches: len(exact.branches)}
	for _, m := range exact.months {
		if m.lower {
			r.LowerBound++
		}
		if m.breaks {
			r.Breaks++
		}
	}
	d, apart := newReport(exact, about, o, render.Internal).document()
	if err := writeFiles(ctx, d, apart, internal); err != nil {
		return r, err
	}
	before, err := newPast(o.Earlier, int64(about.Threshold), o.AgeClasses)
	if err != nil {
		return r, err
	}
	shown := protect(exact, before, w.say("Overige vestigingen", "Other branches"), w.say("Hele bibliotheek", "Whole library"))
	outside := newReport(shown.figures, about, o, render.Public)
	outside.protected = shown
	d, apart = outside.document()
	r.GroupedBranches, r.OrganisationAlone, r.Deviation = shown.grouped, shown.whole, shown.deviation
	r.PublicCells, r.Unsafe, r.Release = outside.counts, outside.unsafe, shown.release
	r.Tables = shown.tables
	return r, writeFiles(ctx, d, apart, public)
}

// writeFiles stages the tables, the workbook and the page.
func writeFiles(ctx context.Context, d *render.Document, apart []render.Table, sink reports.Sink) error {
	for _, s := range d.Sections {
		if err := writeTables(ctx, s.Tables, sink); err != nil {
			return err
		}
	}
	if err := writeTables(ctx, apart, sink); err != nil {
		return err
	}
	err := sink.File(ctx, workbookName, func(w io.Writer) (int64, error) { return 0, render.WriteXLSX(w, d) })
	if err != nil {
		return err
	}
	return sink.File(ctx, "index.html", func(w io.Writer) (int64, error) { return 0, render.WriteHTML(w, d) })
}

func writeTables(ctx context.Context, tables []render.Table, sink reports.Sink) error {
	for i := range tables {
		t := &tables[i]
		err := sink.File(ctx, t.ID+".csv", func(w io.Writer) (int64, error) { return int64(len(t.Rows)), render.WriteCSV(w, t) })
		if err != nil {
			return err
		}
		err = sink.File(ctx, t.ID+".parquet", func(w io.Writer) (int64, error) { return int64(len(t.Rows)), render.WriteParquet(w, t) })
		if err != nil {
			return err
		}
	}
	return nil
}

const workbookName = "new-members.xlsx"

// language is nl or en; anything else is Dutch.
type language string

func (l language) say(nl, en string) string {
	if l == "en" {
		return en
	}
	return nl
}
