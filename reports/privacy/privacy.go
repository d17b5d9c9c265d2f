// Package privacy makes what the privacy officer of a library needs: a page of the ledger,
// and a draft of the register of processing activities.
package privacy

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/rights"
	"peil/reports/render"
)

// Ledger is what the page tells of.
type Ledger struct {
	Library  config.Library
	On       time.Time
	Entries  []delivery.Entry
	Head     string
	Faults   []string // of its verification
	Register *rights.Register
}

// WritePage writes the page, in the library's language.
func (l *Ledger) WritePage(w io.Writer) error { return render.WriteHTML(w, l.document()) }

func (l *Ledger) document() *render.Document {
	t := words[l.Library.Language]
	d := &render.Document{
		Title: t["title"], Language: render.Language(l.Library.Language), Edition: render.Internal, Library: l.Library.Name,
		Period: l.On.Format(time.DateOnly), Source: t["source"], ReferenceDate: l.On, Made: l.On,
		Sections: []render.Section{l.sendings(t), l.rights(t), l.decisions(t), l.all(t)},
	}
	if len(l.Entries) > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf(t["head"], len(l.Entries), l.Head))
	}
	for _, fault := range l.Faults {
		d.Notes = append(d.Notes, t["fault"]+" "+fault)
	}
	d.KeyFigures = []render.KeyFigure{
		{Label: t["deliveries.n"], Value: render.Int(l.count(delivery.Sent)), Kind: render.KindCount},
		{Label: t["by hand"], Value: render.Int(l.count(delivery.Disclosure)), Kind: render.KindCount},
		{Label: t["untold"], Value: render.Int(l.untold()), Kind: render.KindCount},
		{Label: t["faults"], Value: render.Int(int64(len(l.Faults))), Kind: render.KindCount},
	}
	return d
}

func (l *Ledger) count(kind string) (n int64) {
	for _, e := range l.Entries {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// untold counts the recipients who have not heard of a right yet.
func (l *Ledger) untold() (n int64) {
	for _, e := range l.Register.Entries {
		for _, told := range e.Told {
			if told.Corrected == "" && e.InForce() {
				n++
			}
		}
	}
	return n
}

// table begins a table whose columns are texts, but for those of figures.
func table(t map[string]string, id string, columns ...string) render.Table {
	made := render.Table{ID: id, Title: t[id], Definition: t[id+".def"]}
	for _, c := range columns {
		kind := render.KindText
		if c == "persons" || c == "n" || c == "lifted" || c == "untold" || c == "seq" {
			kind = render.KindCount
		}
		made.Columns = append(made.Columns, render.Column{Key: strings.ReplaceAll(c, " ", "_"), Title: t[c], Kind: kind})
	}
	return made
}

func texts(values ...string) []render.Value {
	row := make([]render.Value, len(values))
	for i, v := range values {
		row[i] = render.Text(v)
	}
	return row
}

// sendings lists what went to whom: by Peil, and by hand.
func (l *Ledger) sendings(t map[string]string) render.Section {
	s := table(t, "deliveries", "at", "recipient", "what", "persons", "basis", "agreement", "assessment", "approved", "result")
	results, approvals := map[int]string{}, map[string]string{}
	for _, e := range l.Entries {
		switch e.Kind {
		case delivery.Sent, delivery.Failed:
			results[e.Sending] = e.Kind
		case delivery.Approval:
			approvals[e.Manifest] = e.By
		}
	}
	for _, e := range l.Entries {
		if e.Recipient == nil {
			continue
		}
		what, by, result := strings.TrimSpace(e.Output+" "+e.Period), approvals[e.Manifest], cmp.Or(results[e.Seq], "unknown")
		if e.Kind == delivery.Disclosure {
			what, by, result = e.What, e.By, delivery.Sent
		}
		row := texts(e.At, e.Recipient.Name, what, "", e.Recipient.Basis, e.Recipient.Agreement, e.Recipient.Assessment, by, t["result."+result])
		row[3] = render.NotAvailable()
		if len(e.Sets) > 0 {
			row[3] = render.Int(e.Sets[0].Persons)
		}
		s.Rows = append(s.Rows, row)
	}
	return render.Section{ID: "to-whom", Title: t["deliveries"], Tables: []render.Table{s}}
}

// rights counts the register; it names nobody.
func (l *Ledger) rights(t map[string]string) render.Section {
	s := table(t, "rights", "right", "n", "lifted", "untold")
	for _, right := range []rights.Right{rights.Objection, rights.Restriction, rights.Erasure, rights.Rectification} {
		var n, lifted, untold int64
		for _, e := range l.Register.Entries {
			switch {
			case e.Right != right:
			case !e.InForce():
				lifted++
			default:
				n++
				for _, told := range e.Told {
					if told.Corrected == "" {
						untold++
					}
				}
			}
		}
		s.Rows = append(s.Rows, []render.Value{render.Text(t[string(right)]), render.Int(n), render.Int(lifted), render.Int(untold)})
	}
	return render.Section{ID: "the-rights", Title: t["rights"], Tables: []render.Table{s}}
}

// decisions lists what somebody decided against the rule, or that ended something.
func (l *Ledger) decisions(t map[string]string) render.Section {
	s := table(t, "decisions", "at", "kind", "what", "by", "reason")
	for _, e := range l.Entries {
		switch e.Kind {
		case delivery.Acceptance, delivery.Plaintext, delivery.Purge, delivery.KeyChange:
			s.Rows = append(s.Rows, texts(e.At, t[e.Kind], about(e), cmp.Or(e.By, whoOf(e)), e.Reason))
		}
	}
	return render.Section{ID: "what-was-decided", Title: t["decisions"], Tables: []render.Table{s}}
}

func (l *Ledger) all(t map[string]string) render.Section {
	s := table(t, "entries", "seq", "at", "kind", "what", "by", "who", "reason")
	for _, e := range l.Entries {
		row := texts("", e.At, cmp.Or(t[e.Kind], e.Kind), about(e), e.By, whoOf(e), cmp.Or(e.Reason, e.Error))
		row[0] = render.Int(int64(e.Seq))
		s.Rows = append(s.Rows, row)
	}
	return render.Section{ID: "all-entries", Title: t["entries"], Tables: []render.Table{s}}
}

// about says what an entry is about.
func about(e delivery.Entry) string {
	parts := []string{}
	for _, p := range []string{e.What, e.Output, e.Period, e.Check} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}

func whoOf(e delivery.Entry) string {
	if e.Who == nil {
		return ""
	}
	return e.Who.String()
}
