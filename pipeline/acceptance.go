package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/exit"
	"peil/reports/cbs"
	"peil/reports/quality"
)

// Accept makes the report that a data officer signs before a delivery to CBS is made: it
// reads the members and counts, and writes nothing into the store. status is that of the
// run that would follow, as far as members alone can tell.
func Accept(ctx context.Context, o Options) (a *cbs.Acceptance, status int, err error) {
	r := &run{o: o, c: o.Config, begun: o.Now()}
	err = r.prepare(ctx)
	defer func() { err = errors.Join(err, r.close()) }()
	if err != nil {
		return nil, exit.Failed, err
	}
	if !r.plan.has("cbs") || len(r.plan.periods) > 1 {
		return nil, exit.Usage, exit.Usagef("the acceptance report is that of the delivery to CBS alone")
	}
	if err := r.readSource(ctx); err != nil {
		return nil, exit.Failed, exit.Explain(err)
	}
	r.checkAccounts()
	r.concludeContracts(r.plan.find("cbs"))
	r.accept()
	a = r.acceptance()
	return a, acceptanceStatus(a), nil
}

func acceptanceStatus(a *cbs.Acceptance) int {
	switch {
	case len(a.Withheld) > 0:
		return exit.Withheld
	case slices.ContainsFunc(a.Checks, func(c quality.Check) bool { return c.Result == quality.Warned }):
		return exit.Warned
	}
	return exit.Done
}

func (r *run) acceptance() *cbs.Acceptance {
	p, d := r.plan.params, r.cbs.delivery
	a := &cbs.Acceptance{
		Library: r.c.Library.Name, ISIL: r.c.Library.ISIL, AsOf: p.AsOf.Format(time.DateOnly), Peildatum: p.Peildatum.Format(time.DateOnly), AddressesAsOf: p.SnapshotOn.Format(time.DateOnly),
		Layout: d.Layout.Name, LayoutSHA256: d.Layout.SHA256, Folder: r.cbs.place.folder, File: d.FileName(1), Replaces: r.cbs.place.replaces,
		Recipient: r.c.Recipients["cbs"], Counts: r.cbs.counts, ExpectedMatch: r.cbs.counts.ExpectedMatch(),
		Checks: r.findings.Checks, Withheld: quality.Withholding(r.findings.Checks, "cbs", p.Peildatum.Format(time.DateOnly)),
	}
	if r.cbs.against != nil {
		a.Against = archive.RevisionFolder(r.cbs.against.Period, r.cbs.against.Revision)
		before, err := cbs.ParseCounts(r.cbs.against.Facts[archive.FactCounts])
		if err != nil {
			panic(err) // they were read when the delivery was reconciled
		}
		for _, difference := range cbs.Compare(before, r.cbs.counts) {
			if slices.Contains(cbs.Compared, difference.Subject) {
				a.Differences = append(a.Differences, difference)
			}
		}
	}
	return a
}
