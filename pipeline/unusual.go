package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"peil/pipeline/config"
	"peil/pipeline/intake"
	"peil/pipeline/source"
	"peil/reports/quality"
)

// parts are what is out of bounds in one check: the first few are named in its text.
type parts struct {
	n      int64
	failed bool
	nl, en string
}

func (p *parts) add(failed bool, nl, en string) {
	p.n++
	p.failed = p.failed || failed
	if p.n <= 3 {
		sep := []string{": ", ", ", ", "}[p.n-1]
		p.nl, p.en = p.nl+sep+nl, p.en+sep+en
	}
	if p.n == 4 {
		p.nl, p.en = p.nl+", ...", p.en+", ..."
	}
}

func (p *parts) check(name string, of int64, nl, en string) quality.Check {
	c := quality.Check{Name: name, Result: quality.OK, Count: p.n, Of: of, Text: map[string]string{
		"nl": fmt.Sprintf(nl, p.n, of) + p.nl + ".", "en": fmt.Sprintf(en, p.n, of) + p.en + ".",
	}}
	switch {
	case p.failed:
		c.Result, c.Withholds = quality.Failed, quality.Figures
	case p.n > 0:
		c.Result = quality.Warned
	}
	return c
}

// checkComplete asks of every branch whether the fields that CBS needs are known. A field
// that the source does not have at all is no branch's fault.
func (r *run) checkComplete() {
	var wrong parts
	var compared int64
	bounds, members := r.c.Reconcile.Incomplete, tableNamed(r.source.Tables(), source.Members)
	for _, c := range r.findings.Complete {
		if c.Persons < int64(r.c.Reconcile.Tolerance.From) {
			continue
		}
		for i, field := range quality.Fields {
			if !members.Has(field) {
				continue
			}
			compared++
			n := float64(c.Missing[i])
			if failed := bounds.Fail > 0 && n > bounds.Fail.Of(c.Persons); failed || n > bounds.Warn.Of(c.Persons) {
				text := fmt.Sprintf("%s %s %d/%d", c.Branch, field, c.Missing[i], c.Persons)
				wrong.add(failed, text, text)
			}
		}
	}
	r.add(wrong.check("complete.branches", compared, "%d van %d velden per vestiging zijn bij te veel leden onbekend", "%d of %d fields per branch are not known of too many members"))
}

func tableNamed(tables []source.Table, name string) source.Table {
	if i := slices.IndexFunc(tables, func(t source.Table) bool { return t.Name == name }); i >= 0 {
		return tables[i]
	}
	return source.Table{Name: name}
}

// checkLoans holds the loans of each branch in the last complete month against the same
// month of the year before, and asks whether the loans are of today.
func (r *run) checkLoans(ctx context.Context) (err error) {
	if len(tableNamed(r.source.Tables(), source.Loans).Parts) == 0 {
		return nil
	}
	if r.findings.Loans, err = quality.ReadYearsOfLoans(ctx, r.warehouse); err != nil {
		return err
	}
	var wrong parts
	var compared int64
	for _, y := range r.findings.Loans {
		if y.Before < int64(r.c.Reconcile.Loans.From) {
			continue
		}
		compared++
		if float64(max(y.After-y.Before, y.Before-y.After)) > r.c.Reconcile.Loans.Part.Of(y.Before) {
			text := fmt.Sprintf("%s %d → %d", y.Branch, y.Before, y.After)
			wrong.add(true, text, text)
		}
	}
	r.add(wrong.check("loans.year", compared, "%d van %d vestigingen met te veel verschil in uitleningen tussen de laatste hele maand en dezelfde maand een jaar eerder",
		"%d of %d branches whose loans of the last complete month differ too much from the same month a year before"))
	days, err := r.warehouse.Count(ctx, "SELECT max(p.snapshot_on) - max(l.loaned_on) FROM loans_read l CROSS JOIN parameters p WHERE l.loaned_on <= p.snapshot_on")
	if err != nil {
		return err
	}
	stale := quality.Check{Name: "fresh.loans", Result: quality.OK, Count: days, Text: map[string]string{
		"nl": fmt.Sprintf("Dagen tussen de laatste uitlening en de dag van de gegevens: %d.", days),
		"en": fmt.Sprintf("Days between the last loan and the day of the data: %d.", days),
	}}
	if days > int64(r.c.Reconcile.Stale) {
		stale.Result = quality.Warned
	}
	r.add(stale)
	return nil
}

// compareLoans says how the loans of the last whole year differ between two tables of the
// library system that should tell the same.
func (r *run) compareLoans(ctx context.Context) error {
	d, ok := r.source.(*intake.Database)
	if !ok {
		return nil
	}
	years, err := d.DB().Compare(ctx, d.Design())
	if err != nil {
		return err
	}
	for _, y := range years {
		if y.Year != strconv.Itoa(r.plan.params.AsOf.Year()-1) {
			continue
		}
		differ := y.Borrowers - y.OtherBorrowers
		r.add(quality.Bounded("source.loans", max(differ, -differ), y.Borrowers, config.Bounds{Warn: 100},
			fmt.Sprintf("%%d verschil op %%d leners van %s met de andere tabel van het systeem; uitleningen %d, daar %d.", y.Year, y.Loans, y.OtherLoans),
			fmt.Sprintf("%%d more or fewer of %%d borrowers of %s than by the other table of the system; loans %d, there %d.", y.Year, y.Loans, y.OtherLoans)))
	}
	return nil
}
