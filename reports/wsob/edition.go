package wsob

import (
	"fmt"
	"slices"

	"peil/reports/render"
)

// States of a return.
const (
	provisional = "provisional"
	revised     = "revised"
)

// Sources of the year before.
const (
	published = "published"
	counted   = "counted"
)

// setEdition says what the return is among those that were published, and takes the year before
// from what was.
func (r *Return) setEdition(e Edition) {
	r.State, r.Revision, r.PreviousSource, r.corrects = e.State, e.Revision, counted, e.Corrects
	// One under another layout counts otherwise; one under a lower threshold showed smaller counts.
	if last := e.LastYear; last != nil && last.Layout == r.Layout && last.Threshold >= r.Threshold {
		r.PreviousSource, r.PreviousIn, r.PreviousState = published, e.LastYearIn, last.State
		r.repeat(last)
	}
}

// conclude says what the return, which does not change any more, leaves out and corrects.
func (r *Return) conclude() {
	for i := range r.Items {
		r.Items[i].Warnings = append(r.Items[i].Warnings, writer{r}.protection(&r.Items[i])...)
	}
	if r.corrects != nil {
		r.compare(r.corrects)
	}
}

// total is the name of an item among the totals.
func (i *Item) total() string { return i.Code + " " + i.short }

// compare lists what differs from the totals of the edition that this one corrects.
func (r *Return) compare(before map[string]int64) {
	for i := range r.Items {
		item := &r.Items[i]
		c := Change{Code: item.Code, After: item.Value}
		if n, known := before[item.total()]; known {
			c.Before = &n
		}
		if !same(c.Before, c.After) {
			r.Changes = append(r.Changes, c)
		}
	}
}

func same(a, b *int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// repeat puts what was published of the year before in the place of what is counted of it
// now. Readers hold this return beside that one: two different figures of one year would need
// explaining, and would tell more together than either may alone. Where the count has changed
// since, the item says so.
func (r *Return) repeat(last *Return) {
	branches := r.placesWith(last)
	for i := range r.Items {
		item := &r.Items[i]
		was := Item{Figure: Figure{Status: NotAvailable}}
		if at := slices.IndexFunc(last.Items, func(l Item) bool { return l.Code == item.Code }); at >= 0 {
			was = last.Items[at]
		}
		r.noteRecount(item, was.Figure)
		item.Previous = was.Figure
		item.Branches = branches.parts(item.Branches, was.Branches, item.Figure, was.Figure)
	}
	for i := range r.StatLine {
		r.StatLine[i].Previous = Figure{Status: NotAvailable}
		for _, l := range last.StatLine { // perhaps in another language
			if l.Name == statLine[i].name.nl || l.Name == statLine[i].name.en {
				r.StatLine[i].Previous = l.Figure
			}
		}
	}
	ofLastYear := func(b Borrowers) bool { return b.Period[:4] == fmt.Sprint(r.Year-1) }
	r.Borrowers = slices.DeleteFunc(r.Borrowers, ofLastYear)
	for _, b := range last.Borrowers {
		if ofLastYear(b) {
			r.Borrowers = append(r.Borrowers, b)
		}
	}
}

// noteRecount warns where an item of the year before would be counted otherwise now. Of
// persons it does not say what the count is: nobody has attacked that figure.
func (r *Return) noteRecount(item *Item, was Figure) {
	now := item.Previous
	if now.Value == nil || was.Status == Protected || same(now.Value, was.Value) {
		return
	}
	if now.Status == LowerBound && (was.Value == nil || *now.Value < *was.Value) {
		return // the source has forgotten since
	}
	w := writer{r}
	var warning string
	switch {
	case item.Unit == "persons":
		warning = fmt.Sprintf(w.in("Over %d staat hier wat gepubliceerd is; nu geteld is het anders.", "Of %d this repeats what was published; counted now it differs."), r.Year-1)
	case was.Value == nil:
		warning = fmt.Sprintf(w.in("Over %d is dit gepubliceerd als niet beschikbaar; nu geteld zijn het er %s.", "Of %d this was published as not available; counted now it is %s."),
			r.Year-1, grouped(*now.Value, r.Language))
	default:
		warning = fmt.Sprintf(w.in("Over %d staat hier het gepubliceerde %s; nu geteld zijn het er %s.", "Of %d this repeats the published %s; counted now it is %s."),
			r.Year-1, w.atLeast(was), grouped(*now.Value, r.Language))
	}
	item.Warnings = append(item.Warnings, warning)
}

// atLeast is a known figure in words.
func (w writer) atLeast(f Figure) string {
	n := grouped(*f.Value, w.Language)
	if f.Status == LowerBound {
		return w.in("ten minste ", "at least ") + n
	}
	return n
}

// places are the branches that a return has parts for, the unknown one last.
type places []Part

// placesWith adds the branches that only the return of the year before has.
func (r *Return) placesWith(last *Return) places {
	var all places
	var unknown []Part
	for _, items := range [][]Item{r.Items, last.Items} {
		for _, item := range items {
			for _, p := range item.Branches {
				p = Part{Branch: p.Branch, Code: p.Code, ISIL: p.ISIL}
				switch {
				case p.Branch == "":
					unknown = []Part{p}
				case all.find(p) < 0:
					all = append(all, p)
				}
			}
		}
	}
	return append(all, unknown...)
}

// find is the place of a branch, by its ISIL or else its name; -1 if there is none.
func (all places) find(p Part) int {
	at := -1
	if p.ISIL != "" {
		at = slices.IndexFunc(all, func(o Part) bool { return o.ISIL == p.ISIL })
	}
	if at < 0 {
		at = slices.IndexFunc(all, func(o Part) bool { return o.Branch == p.Branch && (o.ISIL == "" || p.ISIL == "") })
	}
	return at
}

// parts are those of an item with a figure of both years; none where it has neither.
func (all places) parts(now, before []Part, figure, previous Figure) []Part {
	if figure.Value == nil && previous.Value == nil {
		return nil
	}
	parts := slices.Clone([]Part(all))
	for i := range parts {
		for back, y := range []struct {
			figure Figure
			from   []Part
		}{{figure, now}, {previous, before}} {
			to := parts[i].year(back)
			if y.figure.Status == Protected {
				*to.status = Protected
			}
			if y.figure.Value == nil {
				continue
			}
			var n int64
			for at := range y.from {
				// A return tells of its own year, also where it is repeated a year later.
				p := y.from[at].year(0)
				if all.find(y.from[at]) != i {
					continue
				}
				if *to.follows = *to.follows || *p.follows; *p.value != nil {
					n += **p.value
				}
				if *p.status == Protected {
					*to.status = Protected
				}
			}
			if *to.status != Protected {
				*to.value = &n
			}
		}
	}
	return parts
}

// state words what the return is.
func (w writer) state() string {
	switch w.State {
	case provisional:
		return w.in("voorlopig", "provisional")
	case revised:
		return fmt.Sprintf(w.in("herzien, editie %d", "revised, edition %d"), w.Revision)
	}
	return w.in("definitief", "final")
}

func star(state string) string {
	if state == provisional {
		return "*"
	}
	return ""
}

func (w writer) yearTitle() string     { return fmt.Sprint(w.Year) + star(w.State) }
func (w writer) lastYearTitle() string { return fmt.Sprint(w.Year-1) + star(w.PreviousState) }

// previousSource words where the figures of the year before come from.
func (w writer) previousSource() string {
	if w.PreviousSource == published {
		return fmt.Sprintf(w.in("%d is herhaald zoals gepubliceerd in %s; wie het nu opnieuw telt, kan anders uitkomen.", "%d repeats what was published in %s; counted anew now it may differ."), w.Year-1, w.PreviousIn)
	}
	return fmt.Sprintf(w.in("%d is nu opnieuw geteld: een gepubliceerde opgave van dat jaar is er niet.", "%d is counted anew: there is no published return of that year."), w.Year-1)
}

// changes has a row for each figure that a correction changes.
func (w writer) changes() render.Section {
	t := render.Table{ID: "corrected", Title: w.in("Herzien", "Revised"), Definition: w.in("Eén rij per onderdeel waarvan het totaal anders is dan in de editie hiervoor.", "One row an item of which the total differs from that in the edition before."),
		Columns: []render.Column{{Key: "code", Title: "Code"}, {Key: "item", Title: w.in("Onderdeel", "Item")},
			{Key: "before", Title: w.in("Was", "Before"), Kind: render.KindCount}, {Key: "after", Title: w.in("Is", "After"), Kind: render.KindCount}}}
	for _, c := range w.Changes {
		t.Rows = append(t.Rows, []render.Value{render.Text(c.Code), render.Text(w.item(c.Code).Name), value(Figure{Value: c.Before}), value(Figure{Value: c.After})})
	}
	intro := w.in("Deze editie vervangt een eerdere, die blijft staan.", "This edition replaces an earlier one, which stays where it is.")
	if len(t.Rows) == 0 {
		intro += w.in(" De totalen zijn gelijk; alleen delen per vestiging of het vorige jaar zijn anders.", " The totals are equal; only parts per branch or the year before differ.")
	}
	return render.Section{ID: "corrected-section", Title: w.in("Wat is herzien", "What is revised"), Intro: intro, Tables: []render.Table{t}}
}
