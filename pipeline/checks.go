package pipeline

import (
	"context"
	"fmt"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/reports/quality"
)

// checkVault asks what must be known before anything crosses.
func (r *run) checkVault(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.readEarlier, r.countPopulation, r.checkExpected} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	r.checkComplete()
	if r.plan.has("cbs") {
		if err := r.checkPopulation(ctx); err != nil {
			return err
		}
	}
	if err := r.checkContracts(ctx, r.vault, "vault"); err != nil {
		return err
	}
	if err := r.findPlaces(ctx); err != nil {
		return err
	}
	return r.unmapped(ctx, r.vault, []codeColumn{
		{"branch", "records", "unmapped_branch", "leden met een onbekende vestiging", "members of an unknown branch"},
		{"subscription_class", "records", "unmapped_subscription_class", "leden met een abonnement van onbekende soort", "members with a subscription of unknown class"},
		{"sex", "records", "unmapped_sex", "leden met een onbekende code voor geslacht", "members with an unknown code for sex"},
		{"member_kind", "records", "unmapped_kind", "leden van een onbekende soort, geteld als personen", "members of an unknown kind, counted as persons"},
	})
}

func (r *run) checkPopulation(ctx context.Context) error {
	p, delivery := r.plan.params, r.plan.find("cbs")
	n, err := r.vault.Count(ctx, "SELECT count(*) FROM population")
	if err != nil {
		return err
	}
	r.summary.Counted.Peildatum, r.summary.Counted.Population = p.Peildatum.Format(time.DateOnly), n
	if r.summary.Counted.Institutions, err = r.vault.Count(ctx, "SELECT count(*) FROM members WHERE kind = 'institution'"); err != nil {
		return err
	}
	empty := int64(0)
	if n == 0 {
		empty = 1
	}
	lag := int64(p.SnapshotOn.Sub(p.AsOf).Abs().Hours() / 24)
	late := max(lag-int64(r.c.Limits.SnapshotLag), 0)
	r.addTo(delivery,
		quality.Require("population.empty", empty, []string{"cbs"},
			"Peildatums waarop geen enkel lidmaatschap geldig is, zodat er niets te leveren valt: %d.", "Reference dates on which no membership is valid, so that there is nothing to deliver: %d."),
		quality.Require("snapshot.lag", late, []string{"cbs"},
			"Dagen tussen de gevraagde datum en de export boven limits.snapshot_lag: %d.", "Days between the day asked for and the export above limits.snapshot_lag: %d."),
	)
	for _, f := range []struct{ name, column, nl, en string }{
		{"birth_date", "birth_date", "geboortedatum", "birth date"}, {"sex", "sex", "geslacht", "sex"},
		{"last_registered_on", "last_on", "laatste inschrijfdatum", "last registration date"},
		{"postcode", "postcode", "postcode", "postcode"}, {"house_number", "house_number", "huisnummer", "house number"},
	} {
		missing, err := r.vault.Count(ctx, "SELECT count(*) - count("+f.column+") FROM population")
		if err != nil {
			return err
		}
		r.addTo(delivery, quality.Bounded("complete."+f.name, missing, n, config.Bounds{Warn: 100},
			"%d van %d leden op de peildatum zonder "+f.nl+".", "%d of %d members on the reference date without "+f.en+"."))
	}
	return r.checkDelivery(ctx)
}

func (r *run) add(checks ...quality.Check) { r.findings.Checks = append(r.findings.Checks, checks...) }

// addTo adds checks that are of one period alone.
func (r *run) addTo(p *planned, checks ...quality.Check) {
	for i := range checks {
		checks[i].Output, checks[i].Period = p.Output, p.Name
	}
	r.add(checks...)
}

// protects adds checks of what a period would tell of persons.
func (r *run) protects(p *planned, checks ...quality.Check) {
	for i := range checks {
		checks[i].Protects = true
	}
	r.addTo(p, checks...)
}

// codeColumn is a column that keeps the codes that no code list knows.
type codeColumn struct{ list, table, column, nl, en string }

// A code that occurs less often than this, or is longer, may be something else than a code:
// it is counted, not shown.
const (
	codeOften = 5
	codeLong  = 20
)

// unmapped counts the codes that no list knows, and keeps them for the quality report.
func (r *run) unmapped(ctx context.Context, db *engine.DB, columns []codeColumn) error {
	for _, c := range columns {
		column := engine.Ident(c.column)
		total, err := db.Count(ctx, "SELECT count(*) FROM "+c.table)
		if err != nil {
			return err
		}
		n, err := db.Count(ctx, "SELECT count("+column+") FROM "+c.table)
		if err != nil {
			return err
		}
		r.add(quality.Bounded("unmapped."+c.list, n, total, config.Bounds{Warn: r.c.Limits.Unmapped.Warn, Fail: r.c.Limits.Unmapped.Fail},
			"%d van %d regels: "+c.nl+".", "%d of %d rows: "+c.en+"."))
		if n == 0 {
			continue
		}
		if err := r.keepUnmapped(ctx, db, c, column); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) keepUnmapped(ctx context.Context, db *engine.DB, c codeColumn, column string) error {
	rows, err := db.Query(ctx, fmt.Sprintf(`SELECT code, sum(n)::BIGINT FROM (
			SELECT CASE WHEN count(*) >= %d AND length(%[2]s) <= %[3]d THEN %[2]s ELSE '' END AS code, count(*) AS n FROM %[4]s WHERE %[2]s IS NOT NULL GROUP BY %[2]s)
		GROUP BY code ORDER BY code = '', 2 DESC, code`, codeOften, column, codeLong, c.table))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		u := quality.Unmapped{List: c.list}
		if err := rows.Scan(&u.Code, &u.Rows); err != nil {
			return err
		}
		r.findings.Unmapped = append(r.findings.Unmapped, u)
	}
	return rows.Err()
}

// checkWarehouse asks what can be asked only when everything has been read and counted.
func (r *run) checkWarehouse(ctx context.Context) error {
	if err := r.accountLoans(ctx); err != nil {
		return err
	}
	r.checkAccounts()
	if err := r.checkContracts(ctx, r.warehouse, "warehouse"); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.checkLoans, r.checkOwn} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	r.concludeContracts(r.plan.find("cbs"))
	return r.unmapped(ctx, r.warehouse, []codeColumn{
		{"loan_branch", "loans_read", "unmapped_branch", "uitleningen van een onbekende vestiging", "loans of an unknown branch"},
		{"material", "loans_read", "unmapped_material", "uitleningen van onbekend materiaal", "loans of unknown material"},
		{"audience", "loans_read", "unmapped_audience", "uitleningen voor een onbekende doelgroep", "loans for an unknown audience"},
		{"genre", "loans_read", "unmapped_genre", "uitleningen van een onbekend genre", "loans of unknown genre"},
		{"loan_kind", "loans_read", "unmapped_kind", "handelingen van een onbekende soort", "events of unknown kind"},
	})
}

// checkAccounts asks of every table that was read whether its rows are accounted for.
func (r *run) checkAccounts() {
	for _, a := range r.findings.Accounts {
		open := int64(0)
		if !a.Closes() {
			open = 1
		}
		name := map[string][2]string{
			source.Members: {"leden", "members"}, source.Loans: {"uitleningen", "loans"},
			source.Branches: {"vestigingen", "branches"}, source.Memberships: {"lidmaatschappen", "memberships"},
		}[a.Table]
		r.add(
			quality.Bounded("rejected."+a.Table, a.Rejected, a.Rows, r.c.Limits.Rejected, "%d van %d regels van "+name[0]+" afgekeurd.", "%d of %d rows of "+name[1]+" rejected."),
			quality.Require("accounted."+a.Table, open, quality.Figures, "Tabellen ("+name[0]+") waarin niet elke regel verantwoord is: %d.", "Tables ("+name[1]+") in which not every row is accounted for: %d."),
		)
		r.checkRows(a)
		if a.Table == source.Loans {
			r.summary.Counted.Loans = a.Accepted
		}
	}
}
