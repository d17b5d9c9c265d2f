package subject

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/intake"
	"peil/pipeline/rights"
)

// Access tells what Peil knows of one member and to whom it went. The source is read for it,
// as a run does; the ledger keeps that it was asked.
func Access(ctx context.Context, o Options) (*rights.Access, error) {
	found, err := o.readPerson(ctx)
	if err != nil {
		return nil, err
	}
	language := o.Config.Library.Language
	a := &rights.Access{
		Library: o.Config.Library.Name, ISIL: o.Config.Library.ISIL, On: o.On.Format(time.DateOnly),
		Records: found.Records, Memberships: len(found.Memberships), Loans: found.Span, Order: found.Columns,
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
		if a.Kept, err = w.keptOf(ctx, found.PIDs, member); err != nil {
			return err
		}
		_, err = w.Ledger.Append(ctx, delivery.Entry{Kind: delivery.Right, Run: w.Run, What: "access", Register: w.register.Revision})
		return err
	})
	return a, err
}

// Export reads what a member may take along from the source.
func Export(ctx context.Context, o Options) (*rights.Export, error) {
	found, err := o.readPerson(ctx)
	if err != nil {
		return nil, err
	}
	if len(found.Records) == 0 {
		return nil, exit.Usagef("export: the source knows no member of this id")
	}
	o.By, o.Basis = "-", "-"
	_, err = atRegister(ctx, o, func(ctx context.Context, w *rightsDesk) error {
		_, err := w.Ledger.Append(ctx, delivery.Entry{Kind: delivery.Right, Run: w.Run, What: "export", Register: w.register.Revision})
		return err
	})
	return &rights.Export{
		Library: o.Config.Library.Name, ISIL: o.Config.Library.ISIL, On: o.On.Format(time.DateOnly),
		Members: found.Records, Memberships: found.Memberships, Loans: found.Loans,
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
			switch _, err := w.Store.Stat(ctx, set.Name); {
			case errors.Is(err, fs.ErrNotExist):
				n++
			case err != nil:
				return n, err
			}
		}
	}
	return n, nil
}

// readPerson reads what the source holds of the member.
func (o Options) readPerson(ctx context.Context) (*pipeline.Person, error) {
	ids, err := intake.ReadIDs(ctx, o.Config, o.Members)
	if err != nil {
		return nil, err
	}
	return pipeline.ReadPerson(ctx, pipeline.Options{Config: o.Config, AsOf: o.On, Version: o.Version, Env: o.Env, Now: o.Now, Random: o.Random}, ids[0])
}
