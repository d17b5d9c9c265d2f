package pipeline

import (
	"context"
	"errors"
	"fmt"

	"peil/pipeline/engine"
	"peil/pipeline/exit"
	"peil/pipeline/rights"
	"peil/pipeline/source"
)

// Person is what the source holds of one person.
type Person struct {
	Columns                     []string // of the records, in order
	Records, Memberships, Loans []map[string]string
	Span                        rights.Loans
	PIDs                        []string // under which the state knows the person
}

// ReadPerson reads the source as a run does, and takes one person out of it, by the id of any
// of the person's records. Outputs, periods and events of the options are not looked at.
func ReadPerson(ctx context.Context, o Options, member string) (found *Person, err error) {
	o.Outputs, o.PlaintextOK, o.Events = o.Config.Outputs.Configured()[:1], true, func(Event) {}
	r := &run{c: o.Config, begun: o.Now(), o: o}
	err = r.prepare(ctx)
	defer func() { err = errors.Join(err, r.close()) }()
	if err != nil {
		return nil, err
	}
	if err := r.readSource(ctx); err != nil {
		return nil, exit.Explain(err)
	}
	if err := r.ask(ctx, member); err != nil {
		return nil, err
	}
	found = &Person{}
	for _, q := range []struct {
		into  *[]map[string]string
		query string
	}{
		{&found.Records, rights.RecordsSQL},
		{&found.Memberships, "SELECT member_id, branch, subscription, valid_from::VARCHAR AS valid_from, valid_to::VARCHAR AS valid_to FROM membership_rows WHERE member_id IN (SELECT member_id FROM asked) ORDER BY ALL"},
		{&found.Loans, "SELECT * FROM asked_loans"},
	} {
		columns, rows, err := engine.TextRows(ctx, r.vault, q.query)
		if err != nil {
			return nil, err
		}
		if *q.into = rows; q.into == &found.Records {
			found.Columns = columns
		}
	}
	if err := r.vault.Get(ctx, []any{&found.Span.Events, &found.Span.From, &found.Span.Until},
		"SELECT count(*), coalesce(min(parse_time(loaned_at))::DATE::VARCHAR, ''), coalesce(max(parse_time(loaned_at))::DATE::VARCHAR, '') FROM asked_loans"); err != nil {
		return nil, err
	}
	_, pids, err := engine.TextRows(ctx, r.vault, "SELECT pid::VARCHAR AS pid FROM pids WHERE mk IN (SELECT mk FROM member_keys JOIN asked USING (member_id))")
	for _, row := range pids {
		found.PIDs = append(found.PIDs, row["pid"])
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
				return exit.Explain(fmt.Errorf("read loans from %s: %w", part.Name(), err))
			}
		}
	}
	return nil
}
