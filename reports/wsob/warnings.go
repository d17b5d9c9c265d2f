package wsob

import (
	"fmt"
	"slices"
	"time"

	"peil/reports"
)

// Limits of what is worth a warning.
const (
	migratedAtLeast = 50 // new members on one day, and
	migratedShare   = 10 // this percentage of all new members of the year
	presumedShare   = 5  // percentage of the lapsed or begun memberships
)

// warn attaches to each item what makes it doubtful. Counts of persons in a warning are
// those of the report; percentages are whole.
func (r *Return) warn(c *counts, about reports.About) {
	y := &c.years[0]
	w := writer{r}
	if end := time.Date(r.Year, 12, 31, 0, 0, 0, 0, time.UTC); about.SnapshotOn.Before(end) {
		w.mind(text{"De gegevens zijn gelezen op %s, voor het einde van het jaar.", "The data were read on %s, before the end of the year."},
			[]any{w.day(about.SnapshotOn)}, "c0", "c8", "c9", "c10", "d0", "d1", "d2", "d3", "d4", "d5", "d6")
	}
	w.warnLoans(c, y)
	w.warnMembers(y, int64(about.Threshold), about.Cutoff)
}

// mind gives the items of the codes a warning, unless they have no figure.
func (w writer) mind(warning text, args []any, codes ...string) {
	for i := range w.Items {
		if item := &w.Items[i]; slices.Contains(codes, item.Code) && item.Status != NotAvailable {
			item.Warnings = append(item.Warnings, fmt.Sprintf(warning.in(w.Language), args...))
		}
	}
}

// published is the value of an item; 0 where not available.
func (w writer) published(code string) int64 {
	if v := w.item(code).Value; v != nil {
		return *v
	}
	return 0
}

func (w writer) warnLoans(c *counts, y *yearly) {
	if y.months < 12 {
		w.mind(text{"In %d maanden van het jaar staat geen enkele uitlening: gesloten, of de bron gaat niet zo ver terug.",
			"In %d months of the year there is not a single loan: closed, or the source does not reach back that far."},
			[]any{12 - y.months}, slices.Concat(loanCodes, []string{"c0", "c8", "c9", "c10"})...)
	}
	if !c.school {
		w.mind(text{"De bron kent geen kenmerk voor uitleningen via de Bibliotheek op school; zij zitten in c1 en c2.",
			"The source does not mark loans through school libraries; they are in c1 and c2."}, nil, "c1", "c2")
	}
	if n := w.published("c0a") + w.published("c0b") + w.published("c0c") + w.published("c0d"); n > 0 {
		w.mind(text{"Van %s uitleningen van boeken is publiek of genre onbekend; zij staan apart in c0a tot en met c0d.",
			"Of %s loans of books audience or genre is unknown; they stand apart in c0a to c0d."}, []any{grouped(n, w.Language)}, "c1", "c2", "c3", "c4", "c5", "c6")
	}
	var unknown int64
	for _, n := range y.events["unknown"] {
		unknown += n
	}
	if unknown > 0 {
		w.mind(text{"Van %s gebeurtenissen is de soort onbekend; zij tellen nergens mee.", "Of %s events the kind is unknown; they are not counted."},
			[]any{grouped(unknown, w.Language)}, "c0")
	}
}

func (w writer) warnMembers(y *yearly, threshold int64, cutoff time.Time) {
	if !y.membersExact {
		w.mind(text{"Ondergrens: wie voor %s vertrok, staat niet meer in de bron.", "Lower bound: who left before %s is no longer in the source."},
			[]any{w.day(cutoff)}, "d0", "d1", "d2", "d0a")
	}
	if !y.changesExact {
		w.mind(text{"Ondergrens: wie in het jaar lid werd en voor %s weer vertrok, staat niet meer in de bron.",
			"Lower bound: who joined in the year and left before %s is no longer in the source."}, []any{w.day(cutoff)}, "d3", "d4", "d0b")
		w.mind(text{"Ondergrens: wie voor %s vertrok, staat niet meer in de bron.", "Lower bound: who left before %s is no longer in the source."},
			[]any{w.day(cutoff)}, "d5", "d6", "d0c")
	}
	for _, codes := range [][]string{{"d0a", "d1", "d2"}, {"d0b", "d3", "d4"}, {"d0c", "d5", "d6"}} {
		if n := w.published(codes[0]); n > 0 {
			w.mind(text{"Van %s personen is de leeftijd onbekend; zij staan apart in %s.", "Of %s persons the age is unknown; they stand apart in %s."},
				[]any{grouped(n, w.Language), codes[0]}, codes[1:]...)
		}
	}
	if y.oneDay >= migratedAtLeast && y.oneDay*100 >= y.new*migratedShare {
		w.mind(text{"Van de nieuwe leden heeft %d%% dezelfde inschrijfdatum, %s: mogelijk een conversie, waarbij de echte datum verloren ging.",
			"Of the new members %d%% share one date of registration, %s: possibly a migration, in which the real date was lost."},
			[]any{y.oneDay * 100 / y.new, w.day(y.day)}, "d3", "d4", "d0b")
	}
	if y.firstUnknown >= threshold && y.firstUnknown*100 >= (y.new+y.firstUnknown)*presumedShare {
		w.mind(text{"Van %d%% van de inschrijvingen in het jaar is onbekend of het de eerste was; zij tellen niet als nieuw.",
			"Of %d%% of the registrations in the year it is not known whether they were the first; they do not count as new."},
			[]any{y.firstUnknown * 100 / (y.new + y.firstUnknown)}, "d3", "d4", "d0b")
	}
	if y.presumed >= threshold && y.presumed*100 >= y.lapsed*presumedShare {
		w.mind(text{"Bij %d%% van de vervallen lidmaatschappen is het einde afgeleid uit een latere inschrijving: de bron kent het niet.",
			"Of %d%% of the lapsed memberships the end is inferred from a later registration: the source does not hold it."},
			[]any{y.presumed * 100 / max(1, y.lapsed)}, "d5", "d6", "d0c")
	}
}

// day is a date as the language writes it.
func (w writer) day(d time.Time) string {
	if w.Language == "en" {
		return d.Format("2 January 2006")
	}
	return d.Format("2-1-2006")
}

// grouped is a count with its thousands apart, as the language writes it.
func grouped(n int64, language string) string {
	separator := "."
	if language == "en" {
		separator = ","
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + separator + s[i:]
	}
	return s
}
