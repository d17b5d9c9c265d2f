package transforms

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"peil/pipeline/engine"
)

// Retention is how long after the end of a membership anything about the member is read,
// in months. The zero value is what the privacy statement promises: six months.
type Retention struct {
	Contact int // who the member is
	Loans   int // what the member borrowed
}

const promisedMonths = 6

// Parameters are what the models need to know of a run, and of the one period that is being
// counted. Days are dates at midnight UTC; periods are half-open.
type Parameters struct {
	AsOf         time.Time // the day the run speaks of
	Peildatum    time.Time // the day the CBS population is true for
	SnapshotOn   time.Time // the day the source was read or exported
	RenewalGrace int       // days
	Retention    Retention

	MonthsFrom, MonthsUntil time.Time // of the new-member report
	MovesFrom               time.Time // the first month in which moves are known; zero: none
	KBFrom, KBUntil         time.Time // the ISO week of the feeds
	TitlesFrom, TitlesUntil time.Time // days of which any feed needs the titles; zero: none
	WSOBYear                int
	ClosedFrom, ClosedUntil time.Time // months whose figures are frozen, or built into a year; zero: none

	AgeClasses []int // first ages, ascending from 0
	K, L       int   // persons in, and distinct values of, a released group

	LeaveOut []LeaveOut // of the CBS population, the first reason that fits counts
}

// LeaveOut are the library's own codes of subscriptions that are no membership for CBS.
// Codes are compared in upper case without outer blanks.
type LeaveOut struct {
	Why   string // such as staff
	Codes []string
}

// Cutoff is the first of the last days of membership that may still be read.
func (p Parameters) Cutoff() time.Time {
	return AddMonths(p.AsOf, -cmp.Or(p.Retention.Contact, promisedMonths))
}

// loansCutoff is the same for who borrowed.
func (p Parameters) loansCutoff() time.Time {
	return AddMonths(p.AsOf, -cmp.Or(p.Retention.Loans, promisedMonths))
}

// kbMonth is the month whose last day lies in the week of the feed; zero if none.
func (p Parameters) kbMonth() time.Time {
	last := p.KBUntil.AddDate(0, 0, -1)
	month := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC)
	if month.AddDate(0, 1, -1).Equal(last) {
		return month
	}
	if !month.After(p.KBFrom) { // the month began before the week and goes on after it
		return time.Time{}
	}
	return month.AddDate(0, -1, 0)
}

// NeedTitles widens the days of which titles are needed by those of another period: the
// weeks of its feed, and of the month that ends in it.
func (p *Parameters) NeedTitles(of Parameters) {
	if of.KBFrom.IsZero() {
		return
	}
	from := of.KBFrom
	if month := of.kbMonth(); !month.IsZero() {
		from = month.AddDate(0, 0, -(int(month.Weekday())+6)%7)
	}
	if p.TitlesFrom.IsZero() || from.Before(p.TitlesFrom) {
		p.TitlesFrom = from
	}
	if of.KBUntil.After(p.TitlesUntil) {
		p.TitlesUntil = of.KBUntil
	}
}

// ReferenceDates are the days on which the figures of the period need ages.
func (p Parameters) ReferenceDates() []time.Time {
	var days []time.Time
	seen := map[time.Time]bool{}
	add := func(d time.Time) {
		if !seen[d] {
			seen[d] = true
			days = append(days, d)
		}
	}
	if !p.MonthsUntil.IsZero() {
		add(p.MonthsUntil.AddDate(0, 0, -1))
	}
	if !p.ClosedFrom.IsZero() {
		for year := p.ClosedFrom.Year(); year <= p.ClosedUntil.AddDate(0, 0, -1).Year(); year++ {
			add(time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC))
		}
	}
	if !p.KBUntil.IsZero() {
		sunday := p.KBUntil.AddDate(0, 0, -1)
		add(sunday)
		for m := p.kbMonth(); !m.IsZero() && !sunday.Before(m); sunday = sunday.AddDate(0, 0, -7) {
			add(sunday)
		}
	}
	return days
}

// AddMonths moves a day by whole months; a day that the month lacks becomes its last.
func AddMonths(day time.Time, months int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}

// Install gives an instance the tables parameters, reference_dates, age_classes and
// left_out_codes. more are reference dates of other periods.
func (p Parameters) Install(ctx context.Context, db *engine.DB, more ...time.Time) error {
	const create = `CREATE TABLE parameters AS SELECT ?::DATE AS as_of, ?::DATE AS peildatum, ?::DATE AS snapshot_on, ?::DATE AS cutoff, ?::DATE AS loans_cutoff,
		?::INTEGER AS renewal_grace, ?::DATE AS months_from, ?::DATE AS months_until, ?::DATE AS moves_from, ?::DATE AS kb_from, ?::DATE AS kb_until, ?::DATE AS kb_month,
		?::DATE AS titles_from, ?::DATE AS titles_until,
		?::DATE AS closed_from, ?::DATE AS closed_until,
		?::INTEGER AS wsob_year, ?::INTEGER AS k, ?::INTEGER AS l`
	year := any(p.WSOBYear)
	if p.WSOBYear == 0 {
		year = nil
	}
	if err := db.Exec(ctx, create, day(p.AsOf), day(p.Peildatum), day(p.SnapshotOn), day(p.Cutoff()), day(p.loansCutoff()), p.RenewalGrace,
		day(p.MonthsFrom), day(p.MonthsUntil), day(p.MovesFrom), day(p.KBFrom), day(p.KBUntil), day(p.kbMonth()),
		day(p.TitlesFrom), day(p.TitlesUntil), day(p.ClosedFrom), day(p.ClosedUntil), year, p.K, p.L); err != nil {
		return fmt.Errorf("install parameters: %w", err)
	}
	if err := db.Exec(ctx, "CREATE TABLE reference_dates (on_date DATE); CREATE TABLE age_classes (from_age INTEGER)"); err != nil {
		return fmt.Errorf("install parameters: %w", err)
	}
	for _, d := range append(p.ReferenceDates(), more...) {
		if err := db.Exec(ctx, "INSERT INTO reference_dates SELECT ?::DATE WHERE NOT EXISTS (FROM reference_dates WHERE on_date = ?::DATE)", day(d), day(d)); err != nil {
			return fmt.Errorf("install parameters: %w", err)
		}
	}
	for _, a := range p.AgeClasses {
		if err := db.Exec(ctx, "INSERT INTO age_classes VALUES (?)", a); err != nil {
			return fmt.Errorf("install parameters: %w", err)
		}
	}
	if err := db.Exec(ctx, "CREATE TABLE left_out_codes (place INTEGER, why VARCHAR, code VARCHAR)"); err != nil {
		return fmt.Errorf("install parameters: %w", err)
	}
	for i, out := range p.LeaveOut {
		for _, code := range out.Codes {
			if err := db.Exec(ctx, "INSERT INTO left_out_codes VALUES (?, ?, upper(trim(?)))", i, out.Why, code); err != nil {
				return fmt.Errorf("install parameters: %w", err)
			}
		}
	}
	return nil
}

// day is the text of a date for a bound value; a zero time is NULL.
func day(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.DateOnly)
}

// CreatePrior gives the vault the empty tables of what earlier runs left behind: where each
// member was, when a deletion first showed, the moves seen so far, the first loans of the
// year, and the register of rights. Members are named by the keyed pseudonym of the purpose Register; in the register
// of rights by register_id(key_no, text), which is nothing until the register is loaded.
func CreatePrior(ctx context.Context, db *engine.DB) error {
	err := db.Exec(ctx, `CREATE TABLE prior_members (pid UUID, branch VARCHAR, deleted_on DATE, snapshot_on DATE);
		CREATE TABLE prior_moves (pid UUID, on_date DATE, from_branch VARCHAR);
		CREATE TABLE prior_firsts (pid UUID, quarter DATE, month DATE);
		CREATE TABLE prior_gone (quarter DATE, month DATE, first_in_year BOOLEAN, persons BIGINT);
		CREATE TABLE register (key_no INTEGER, id UUID, away BOOLEAN, objected BOOLEAN, erased BOOLEAN);
		CREATE MACRO register_id(key_no, text) AS NULL::UUID`)
	if err != nil {
		return fmt.Errorf("create tables of earlier snapshots: %w", err)
	}
	return nil
}

// WholeYear makes the parameters those of a yearly return: the year and the one before.
func (p Parameters) WholeYear(year int) Parameters {
	p.WSOBYear = year
	p.ClosedFrom = time.Date(year-1, 1, 1, 0, 0, 0, 0, time.UTC)
	p.ClosedUntil = time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	return p
}

// Closing makes the parameters those of the months to freeze: the complete ones of which
// whoever left is still in the source.
func (p Parameters) Closing() Parameters {
	first := p.Cutoff()
	if later := p.loansCutoff(); later.After(first) {
		first = later
	}
	p.ClosedFrom = time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	p.ClosedUntil = time.Date(p.AsOf.Year(), p.AsOf.Month(), 1, 0, 0, 0, 0, time.UTC)
	if !p.ClosedFrom.Before(p.ClosedUntil) {
		p.ClosedFrom, p.ClosedUntil = time.Time{}, time.Time{}
	}
	return p
}
