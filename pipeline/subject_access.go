package pipeline

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/engine"
	"peil/pipeline/rights"
	"peil/pipeline/source"
)

// Access tells what Peil knows of one member and to whom it went. The source is read for it,
// as a run does; the ledger keeps that it was asked.
func Access(ctx context.Context, o SubjectOptions) (*rights.Access, error) {
	found, err := o.readSubject(ctx)
	if err != nil {
		return nil, err
	}
	language := o.Config.Library.Language
	a := &rights.Access{
		Library: o.Config.Library.Name, ISIL: o.Config.Library.ISIL, On: date(o.On),
		Records: found.records, Memberships: len(found.memberships), Loans: found.span, Order: found.columns,
		Kept: []rights.Kept{}, Disclosures: []rights.Disclosure{}, Retention: monthsIn(language, o.Config.Retention.Contact),
	}
	o.By, o.Basis = "-", "-" // whoever asks has a right to it
	_, err = atRegister(ctx, o, func(ctx context.Context, w *rightsDesk) error {
		if err := w.findInSets(ctx); err != nil {
			return err
		}
		member := w.members[0]
		a.Reference = w.register.Reference(member)
		for _, e := range w.given(member) {
			a.Disclosures = append(a.Disclosures, disclosure(e, language))
		}
		for _, e := range w.register.Of(member) {
			e.Subject, e.Key = "", ""
			a.Rights = append(a.Rights, e)
		}
		var err error
		if a.Untold, err = w.untold(ctx); err != nil {
			return err
		}
		if a.Kept, err = w.keptOf(ctx, found.pids, member); err != nil {
			return err
		}
		_, err = w.ledger.Append(ctx, delivery.Entry{Kind: delivery.Right, Run: w.run, What: "access", Register: w.register.Revision})
		return err
	})
	return a, err
}

// ExportSubject reads what a member may take along from the source.
func ExportSubject(ctx context.Context, o SubjectOptions) (*rights.Export, error) {
	found, err := o.readSubject(ctx)
	if err != nil {
		return nil, err
	}
	if len(found.records) == 0 {
		return nil, Usage("export: the source knows no member of this id")
	}
	o.By, o.Basis = "-", "-"
	_, err = atRegister(ctx, o, func(ctx context.Context, w *rightsDesk) error {
		_, err := w.ledger.Append(ctx, delivery.Entry{Kind: delivery.Right, Run: w.run, What: "export", Register: w.register.Revision})
		return err
	})
	return &rights.Export{
		Library: o.Config.Library.Name, ISIL: o.Config.Library.ISIL, On: date(o.On),
		Members: found.records, Memberships: found.memberships, Loans: found.loans,
	}, err
}

func monthsIn(language string, n config.Months) string {
	if language == "nl" {
		return fmt.Sprintf("%d maanden", int(n))
	}
	return fmt.Sprintf("%d months", int(n))
}

// purposes of what is sent, where the recipient's own is not configured.
var purposes = map[string]map[string]string{
	"cbs": {
		"nl": "landelijke statistiek over bibliotheekleden, en verrijking van onze ledengegevens met cijfers van het CBS (privacyverklaring § 7.1)",
		"en": "national statistics on library members, and enriching our member data with figures of CBS (privacy statement § 7.1)",
	},
}

func disclosure(e delivery.Entry, language string) rights.Disclosure {
	return rights.Disclosure{
		Recipient: e.Recipient.Name, On: e.At, Output: e.Output, Period: e.Period, What: e.What, Fields: e.Fields,
		Purpose: cmp.Or(e.Recipient.Purpose, purposes[e.Output][language], e.Reason), Basis: e.Recipient.Basis, Agreement: e.Recipient.Agreement,
		Replaces: strings.Contains(path.Base(e.Folder), "r") && path.Dir(path.Dir(e.Folder)) == "private/"+e.Output,
	}
}

// untold counts the deliveries about members whose member set has had its time.
func (w *rightsDesk) untold(ctx context.Context) (n int, err error) {
	for _, e := range w.entries {
		if e.Kind != delivery.Sending || len(e.Fields) == 0 {
			continue
		}
		for _, set := range e.Sets {
			switch _, err := w.store.Stat(ctx, set.Name); {
			case errors.Is(err, fs.ErrNotExist):
				n++
			case err != nil:
				return n, err
			}
		}
	}
	return n, nil
}

// subject is what the source holds of one member.
type subject struct {
	columns                     []string // of the records, in order
	records, memberships, loans []map[string]string
	span                        rights.Loans
	pids                        []string // under which the state knows the person
}

// readSubject reads the source as a run does, and takes one member out of it.
func (o SubjectOptions) readSubject(ctx context.Context) (found *subject, err error) {
	ids, err := readIDs(ctx, o.Config, o.Members)
	if err != nil {
		return nil, err
	}
	r := &run{c: o.Config, begun: o.Now(), o: Options{
		Config: o.Config, Outputs: o.Config.Outputs.Configured()[:1], AsOf: o.On, PlaintextOK: true,
		Version: o.Version, Env: o.Env, Now: o.Now, Random: o.Random, Events: func(Event) {},
	}}
	err = r.prepare(ctx)
	defer func() { err = errors.Join(err, r.close()) }()
	if err != nil {
		return nil, err
	}
	if err := r.readSource(ctx); err != nil {
		return nil, fault(err)
	}
	if err := r.ask(ctx, ids[0]); err != nil {
		return nil, err
	}
	found = &subject{}
	for _, q := range []struct {
		into  *[]map[string]string
		query string
	}{
		{&found.records, rights.RecordsSQL},
		{&found.memberships, "SELECT member_id, branch, subscription, valid_from::VARCHAR AS valid_from, valid_to::VARCHAR AS valid_to FROM membership_rows WHERE member_id IN (SELECT member_id FROM asked) ORDER BY ALL"},
		{&found.loans, "SELECT * FROM asked_loans"},
	} {
		columns, rows, err := textRows(ctx, r.vault, q.query)
		if err != nil {
			return nil, err
		}
		if *q.into = rows; q.into == &found.records {
			found.columns = columns
		}
	}
	if err := r.vault.Get(ctx, []any{&found.span.Events, &found.span.From, &found.span.Until},
		"SELECT count(*), coalesce(min(parse_time(loaned_at))::DATE::VARCHAR, ''), coalesce(max(parse_time(loaned_at))::DATE::VARCHAR, '') FROM asked_loans"); err != nil {
		return nil, err
	}
	_, pids, err := textRows(ctx, r.vault, "SELECT pid::VARCHAR AS pid FROM pids WHERE mk IN (SELECT mk FROM member_keys JOIN asked USING (member_id))")
	for _, row := range pids {
		found.pids = append(found.pids, row["pid"])
	}
	return found, err
}

// ask fills the tables asked, with the member ids of one person, and asked_loans, with the
// loans of that person as the source has them.
func (r *run) ask(ctx context.Context, member string) error {
	if err := r.vault.Exec(ctx, "CREATE TABLE asked (member_id VARCHAR); CREATE TABLE asked_loans AS SELECT * FROM "+source.Empty(source.Loans)); err != nil {
		return err
	}
	if err := r.vault.Exec(ctx, "INSERT INTO asked SELECT DISTINCT o.member_id FROM member_keys k JOIN member_keys o ON o.mk = k.mk WHERE k.member_id = ?", member); err != nil {
		return err
	}
	for _, t := range r.source.Tables() {
		if t.Name != source.Loans {
			continue
		}
		for _, part := range t.Parts {
			if _, err := part.Read(ctx, r.vault, func(relation string) string {
				return "INSERT INTO asked_loans SELECT * FROM " + relation + " WHERE member_ref(member_id) IN (SELECT member_id FROM asked)"
			}); err != nil {
				return fault(fmt.Errorf("read loans from %s: %w", part.Name(), err))
			}
		}
	}
	return nil
}

// textRows reads the rows of a query whose columns are all text; a value that is not known is
// left out.
func textRows(ctx context.Context, db *engine.DB, query string, args ...any) (columns []string, all []map[string]string, err error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	all = []map[string]string{}
	for rows.Next() {
		values, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, nil, err
		}
		row := map[string]string{}
		for i, v := range values {
			if v.Valid {
				row[columns[i]] = v.String
			}
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}
