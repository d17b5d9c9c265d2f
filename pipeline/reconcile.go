package pipeline

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/exit"
	"peil/pipeline/source"
	"peil/reports/cbs"
	"peil/reports/quality"
)

// acceptable are the checks that a person may accept, with a reason: they say that
// something is unusual, not that it is wrong or would disclose somebody. Those of the
// library itself, own.NAME, may be accepted too.
var acceptable = func() []string {
	names := []string{"snapshot.lag", "complete.branches", "loans.year"}
	for _, table := range source.TableNames {
		names = append(names, "rows."+table, "source.rows."+table)
	}
	for _, subject := range cbs.Compared {
		names = append(names, "reconcile."+subject, "source."+subject, "expected."+subject)
	}
	slices.Sort(names)
	return names
}()

func checkAccepted(names, own []string, reason string) error {
	all := append(slices.Clone(acceptable), own...)
	for _, name := range names {
		if !slices.Contains(all, name) {
			return exit.Usagef("--accept %s: that is no check that can be accepted: use one of %s", name, strings.Join(all, ", "))
		}
	}
	if len(names) > 0 && strings.TrimSpace(reason) == "" {
		return exit.Usagef("--accept needs --reason TEXT: it is kept in the manifest and the ledger")
	}
	return nil
}

// reconcile holds the delivery against the one before it, part by part.
func (r *run) reconcile(ctx context.Context) error {
	against, err := r.previous(ctx)
	if err != nil || against == nil {
		return err
	}
	before, err := cbs.ParseCounts(against.Facts[archive.FactCounts])
	if err != nil {
		return fmt.Errorf("reconcile with the delivery of %s: %w", against.Period, err)
	}
	r.cbs.against = against
	for _, found := range cbs.Reconcile(before, r.cbs.counts, r.c.Outputs.CBS.Tolerance) {
		against := [2]string{"de levering van " + against.Period, "the delivery of " + against.Period}
		r.addTo(r.plan.find("cbs"), reconciled("reconcile", found, against, r.c.Outputs.CBS.Tolerance, []string{"cbs"}))
	}
	return nil
}

// reconciled makes the check of one subject. Its text names the first parts that differ;
// against says in Dutch and English from what.
func reconciled(name string, found cbs.Reconciled, against [2]string, t config.Tolerance, withholds []string) quality.Check {
	share := t.Part
	if found.Subject == "persons" {
		share = t.Total
	}
	n := int64(len(found.Beyond))
	c := quality.Check{Name: name + "." + found.Subject, Result: quality.OK, Count: n, Of: found.Compared, Text: map[string]string{}}
	for i, text := range []string{"%d van %d cijfers wijken meer dan %s af van %s (%s).", "%d of %d figures differ by more than %s from %s (%s)."} {
		language := []string{"nl", "en"}[i]
		c.Text[language] = fmt.Sprintf(text, n, found.Compared, share, against[i], cbs.SubjectName(language, found.Subject)+examples(language, found.Beyond))
	}
	if n > 0 {
		c.Result, c.Withholds = quality.Failed, withholds
	}
	return c
}

func examples(language string, beyond []cbs.Difference) string {
	var b strings.Builder
	for i, d := range beyond {
		if i == 3 {
			b.WriteString(", ...")
			break
		}
		b.WriteString([]string{": ", ", ", ", "}[i])
		if name := cbs.PartName(language, d.Subject, d.Part, d.Label); name != "" {
			b.WriteString(name + " ")
		}
		fmt.Fprintf(&b, "%d → %d", d.Before, d.After)
	}
	return b.String()
}

// previous is the delivery to reconcile with: what a correction replaces, else the last
// one before it that was delivered, else the last that was made.
func (r *run) previous(ctx context.Context) (*archive.Manifest, error) {
	if r.cbs.place.replaced != nil {
		return r.cbs.place.replaced, nil
	}
	base := r.plan.find("cbs").folders[0]
	folders, manifests, err := archive.Publications(ctx, r.store, path.Dir(base))
	if err != nil {
		return nil, err
	}
	var last, delivered *archive.Manifest
	for i, m := range manifests { // in the order of their periods
		if m.Period >= path.Base(base) || m.Facts[archive.FactCounts] == nil {
			continue
		}
		if archive.Later(m, last) {
			last = m
		}
		if delivery.StateOf(r.cbs.place.entries, folders[i], "").Delivered() && archive.Later(m, delivered) {
			delivered = m
		}
	}
	if delivered != nil {
		return delivered, nil
	}
	return last, nil
}

// accept lets through the failed checks that the caller accepts.
func (r *run) accept() {
	for i := range r.findings.Checks {
		c := &r.findings.Checks[i]
		if c.Result == quality.Failed && slices.Contains(r.o.Accept, c.Name) {
			c.Result, c.Withholds, c.Accepted = quality.Warned, nil, r.o.Reason
			r.accepted = append(r.accepted, *c)
		}
	}
}
