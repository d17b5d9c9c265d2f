package newmembers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"peil/reports"
	"peil/reports/render"
)

// report builds the document of one edition from its figures.
type report struct {
	*figures
	language
	about     reports.About
	options   Options
	edition   render.Edition
	protected protected // of the public edition

	counts, unsafe int64 // counts of persons so far, and those that must not be published
}

func newReport(f *figures, about reports.About, o Options, edition render.Edition) *report {
	return &report{figures: f, language: language(about.Language), about: about, options: o, edition: edition}
}

func (r *report) public() bool { return r.edition == render.Public }

// persons is a number of persons. Every such number in a document is made here.
func (r *report) persons(n int64, lower bool) render.Value {
	r.counts++
	if r.public() && unsafeCount(n, int64(r.about.Threshold)) {
		r.unsafe++
	}
	if lower {
		return render.AtLeast(n)
	}
	return render.Int(n)
}

// moved is a number of persons who moved in a month.
func (r *report) moved(m int, n int64, lower bool) render.Value {
	if !r.months[m].moves {
		return render.NotAvailable()
	}
	return r.persons(n, lower)
}

// share is part/whole where that means something.
func share(part, whole int64, sound bool) render.Value {
	if !sound || whole == 0 {
		return render.NotAvailable()
	}
	return render.Float(float64(part) / float64(whole))
}

// change is how far now lies above before.
func change(now, before int64, sound bool) render.Value { return share(now-before, before, sound) }

// sound says that rates over a window are meaningful: it is there, exact, and unbroken.
func (r *report) sound(w window) bool {
	return w.there() && !r.lower(w.from, w.until) && !r.broken(w.from, w.until)
}

func (r *report) month(m int) render.Value {
	first := r.months[m].first
	return render.Month(first.Year(), first.Month())
}

func (r *report) basis(m int) render.Value {
	switch {
	case r.months[m].lower:
		return render.Text(r.say("ondergrens", "lower bound"))
	case r.months[m].frozen:
		return render.Text(r.say("bevroren", "frozen"))
	}
	return render.Text("exact")
}

// branch are the cells of the columns branch_name and branch.
func (r *report) branch(b int) []render.Value {
	return []render.Value{render.Text(r.branches[b].label), render.Text(r.branches[b].code)}
}

// totalRow begins the last row of a table with so many columns of text.
func (r *report) totalRow(texts int) []render.Value {
	row := []render.Value{render.Text(r.say("Totaal", "Total"))}
	for range texts - 1 {
		row = append(row, render.Text(""))
	}
	return row
}

// perBranch says whether the edition has branches to show.
func (r *report) perBranch() bool { return !r.protected.whole }

func (r *report) monthName(t time.Time) string {
	return r.monthOfYear(t.Month()) + " " + fmt.Sprint(t.Year())
}

func (r *report) monthOfYear(m time.Month) string {
	return r.say([...]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}[m-1], m.String())
}

// period names the months of a window.
func (r *report) period(w window) string {
	from, last := r.months[w.from].first, r.months[w.until-1].first
	if from.Equal(last) {
		return r.monthName(from)
	}
	return r.monthName(from) + r.say(" t/m ", " to ") + r.monthName(last)
}

// day names a day.
func (r *report) day(t time.Time) string {
	return fmt.Sprint(t.Day()) + " " + r.monthName(t)
}

// files are where a table stands by itself.
func files(id string) []string { return []string{id + ".csv", id + ".parquet"} }

// longTable is the number of rows beyond which a table stands in its files only: 36 months
// of more than 550 branches. A workbook of several such tables takes a gigabyte of memory.
const longTable = 20_000

// setApart takes the tables out of the document that are too long for a page or a
// workbook, unless a chart is drawn from them, and says so.
func (r *report) setApart(d *render.Document) []render.Table {
	var apart []render.Table
	for i := range d.Sections {
		s := &d.Sections[i]
		s.Tables = slices.DeleteFunc(s.Tables, func(t render.Table) bool {
			long := len(t.Rows) > longTable && !slices.ContainsFunc(s.Charts, func(c render.Chart) bool { return c.Table == t.ID })
			if long {
				apart = append(apart, t)
				d.Files = append(d.Files, t.Files...)
				d.Notes = append(d.Notes, r.say("Te lang voor pagina en werkmap, en daarom alleen als bestand: ", "Too long for page and workbook, and therefore a file only: ")+t.Title+".")
			}
			return long
		})
	}
	return apart
}

// document is the edition without its long tables, which are apart.
func (r *report) document() (d *render.Document, apart []render.Table) {
	last := r.months[len(r.months)-1].first
	d = &render.Document{
		Title:         r.say("Nieuwe leden per vestiging", "New members per branch"),
		Subtitle:      r.say("Wie erbij kwamen, wie vertrokken en wie er bleven", "Who came, who left and who stayed"),
		Language:      render.Language(r.say("nl", "en")),
		Edition:       r.edition,
		LowerBound:    r.lowerBound(),
		Library:       r.about.Library,
		Period:        r.period(window{0, len(r.months)}),
		Source:        r.about.Source,
		ReferenceDate: last.AddDate(0, 1, -1),
		Made:          r.about.AsOf,
		Files:         []string{workbookName},
	}
	d.Sections = append(d.Sections, r.balanceSection(), r.growthSection(), r.agesSection(), r.kindsSection(), r.originSection())
	if !r.public() {
		d.Sections = append(d.Sections, r.reachSection())
		if len(r.options.Areas) > 0 {
			d.Sections = append(d.Sections, r.areasSection())
		}
	}
	if r.loansAll != nil {
		d.Sections = append(d.Sections, r.loansSection())
	}
	if len(r.survival) > 0 {
		d.Sections = append(d.Sections, r.survivalSection())
	}
	d.KeyFigures = r.keyFigures()
	d.Definitions = r.definitions()
	d.Notes = r.notes()
	return d, r.setApart(d)
}

func (r *report) keyFigures() []render.KeyFigure {
	n := len(r.months)
	year, before := r.lastYear(), r.yearBefore()
	figures := []render.KeyFigure{
		r.newIn(r.say("Nieuwe leden in ", "New members in ")+r.monthName(r.months[n-1].first), window{n - 1, n}, window{n - 13, n - 12}),
		r.newIn(r.say("Nieuwe leden, laatste 12 maanden", "New members, last 12 months"), year, before),
	}
	if w := r.thisYear(); w.there() && w != year && w.until-w.from > 1 {
		figures = append(figures, r.newIn(r.say("Nieuwe leden dit jaar t/m ", "New members this year to ")+r.monthOfYear(r.months[n-1].first.Month()), w, r.sameMonths()))
	}
	figures[0].Definition = r.means("new")
	s, last := r.sum(-1, year.from, year.until), r.total(n-1)
	gain := render.KeyFigure{Label: r.say("Erbij in ", "Net gain in ") + r.monthName(r.months[n-1].first), Value: render.NotAvailable(), Kind: count,
		Definition: r.say("Leden aan het einde van de maand min leden aan het begin.", "Members at the end of the month less members at its begin.")}
	if !r.months[n-1].lower {
		gain.Value = render.Int(last.end - last.begin)
	}
	if r.sound(year) {
		gain.Note = fmt.Sprintf(r.say("in de laatste 12 maanden %s", "in the last 12 months %s"), r.grouped(s.end-s.begin))
	}
	figures = append(figures,
		render.KeyFigure{Label: r.say("Leden nu", "Members now"), Value: r.persons(s.end, r.months[n-1].lower), Kind: count,
			Definition: r.say("Personen met een geldig lidmaatschap op de laatste dag van de periode.", "Persons with a valid membership on the last day of the period.")},
		gain,
		render.KeyFigure{Label: r.say("Groei in 12 maanden", "Growth in 12 months"), Value: change(s.end, s.begin, r.sound(year)), Kind: percent, Decimals: 1,
			Definition: r.means("growth_12")})
	return append(figures, r.reachFigures()...)
}

// reachFigures are how many of the inhabitants are members and how many of the members borrow;
// none where that is not known.
func (r *report) reachFigures() []render.KeyFigure {
	var figures []render.KeyFigure
	if r.options.Population != nil && !r.public() {
		areas := r.servedAreas()
		var members, people int64
		for _, pc4 := range areas {
			members, people = members+r.residents.in(pc4).all(), people+r.inhabitants(pc4).All
		}
		figures = append(figures, render.KeyFigure{Label: r.say("Inwoners die lid zijn", "Inhabitants who are members"), Value: share(members, people, !r.partial()), Kind: percent, Decimals: 1,
			Note: fmt.Sprintf(r.say("%s leden, %s inwoners", "%s members, %s inhabitants"), r.grouped(members), r.grouped(people)), Definition: r.say("In de postcodegebieden die de bibliotheek bedient.", "In the postcode areas that the library serves.")})
	}
	if r.active != nil && !r.public() {
		var all activity
		for _, a := range r.active {
			all = all.plus(a)
		}
		figures = append(figures, render.KeyFigure{Label: r.say("Leden die leenden, 12 maanden", "Members who borrowed, 12 months"), Value: share(all.borrowers, all.members, !r.partial()), Kind: percent, Decimals: 1,
			Note: fmt.Sprintf(r.say("%s van %s leden", "%s of %s members"), r.grouped(all.borrowers), r.grouped(all.members)), Definition: r.say("Leden van nu met ten minste één uitlening, bij welke vestiging ook.", "Present members with at least one loan, at any branch.")})
	}
	return figures
}

// newIn is the number of new members in a window, held against an earlier one.
func (r *report) newIn(label string, now, before window) render.KeyFigure {
	k := render.KeyFigure{Label: label, Value: r.persons(r.sum(-1, now.from, now.until).new, r.lower(now.from, now.until)), Kind: count}
	switch {
	case !before.there():
	case r.lower(now.from, now.until) || r.lower(before.from, before.until):
		k.Note = r.say("een jaar eerder niet te vergelijken: ondergrens", "not comparable with a year before: lower bound")
	default:
		n := r.sum(-1, before.from, before.until).new
		r.persons(n, false)
		k.Note = fmt.Sprintf(r.say("een jaar eerder %s", "a year before %s"), r.grouped(n))
	}
	return k
}

// percentage writes a share for a sentence.
func (l language) percentage(share float64) string { return l.oneDecimal(100*share) + "%" }

func (l language) oneDecimal(n float64) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', 1, 64), ".", l.say(",", "."), 1)
}

// grouped writes a whole number for a sentence.
func (l language) grouped(n int64) string {
	s, sign := fmt.Sprint(max(n, -n)), ""
	if n < 0 {
		sign = "−"
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + l.say(".", ",") + s[i:]
	}
	return sign + s
}
