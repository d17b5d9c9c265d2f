package newmembers

import (
	"cmp"
	"fmt"
	"slices"
)

// The captions say what there is to see in a chart, from the same figures that it draws.

// comparable are the months that hold everybody, or all where none does.
func (r *report) comparable() []int {
	var exact, all []int
	for m := range r.months {
		all = append(all, m)
		if !r.months[m].lower {
			exact = append(exact, m)
		}
	}
	if len(exact) == 0 {
		return all
	}
	return exact
}

// signed writes a change for a sentence: +1,2% or −1,2%.
func (r *report) signed(now, before int64) string {
	change := float64(now-before) / float64(before)
	if change < 0 {
		return "−" + r.percentage(-change)
	}
	return "+" + r.percentage(change)
}

func (r *report) membersCaption() string {
	months := r.comparable()
	from, until := months[0], months[len(months)-1]+1
	if !r.sound(window{from, until}) || until-from < 2 {
		return fmt.Sprintf(r.say("Eind %s zijn er %s leden.", "At the end of %s there are %s members."), r.monthName(r.months[len(r.months)-1].first), r.grouped(r.total(len(r.months)-1).end))
	}
	begin, end := r.total(from).begin, r.total(until-1).end
	if begin == 0 {
		return fmt.Sprintf(r.say("Eind %s zijn er %s leden.", "At the end of %s there are %s members."), r.monthName(r.months[until-1].first), r.grouped(end))
	}
	return fmt.Sprintf(r.say("Van %s leden begin %s naar %s eind %s: %s.", "From %s members at the begin of %s to %s at the end of %s: %s."),
		r.grouped(begin), r.monthName(r.months[from].first), r.grouped(end), r.monthName(r.months[until-1].first), r.signed(end, begin))
}

func (r *report) flowsCaption() string {
	months := r.comparable()
	byNew := func(a, b int) int { return cmp.Compare(r.total(a).new, r.total(b).new) }
	most, fewest := slices.MaxFunc(months, byNew), slices.MinFunc(months, byNew)
	if most == fewest {
		return fmt.Sprintf(r.say("In %s kwamen er %s nieuwe leden.", "In %s there were %s new members."), r.monthName(r.months[most].first), r.grouped(r.total(most).new))
	}
	caption := fmt.Sprintf(r.say("De meeste nieuwe leden kwamen in %s (%s), de minste in %s (%s).", "Most new members came in %s (%s), fewest in %s (%s)."),
		r.monthName(r.months[most].first), r.grouped(r.total(most).new), r.monthName(r.months[fewest].first), r.grouped(r.total(fewest).new))
	if len(months) < len(r.months) {
		caption += r.say(" Vergeleken zijn alleen de maanden waarvan iedereen bekend is.", " Only the months of which everybody is known are compared.")
	}
	return caption
}

func (r *report) yearsCaption() string {
	w, before := r.thisYear(), r.sameMonths()
	if !w.there() || !before.there() || r.lower(before.from, before.until) || r.lower(w.from, w.until) {
		return r.say("Eén lijn per jaar, van januari tot en met december.", "One line per year, from January to December.")
	}
	now, then := r.sum(-1, w.from, w.until).new, r.sum(-1, before.from, before.until).new
	if then == 0 {
		return r.say("Eén lijn per jaar, van januari tot en met december.", "One line per year, from January to December.")
	}
	return fmt.Sprintf(r.say("Dit jaar tot en met %s %s nieuwe leden, tegen %s in dezelfde maanden van vorig jaar: %s.", "This year until %s %s new members, against %s in the same months of last year: %s."),
		r.monthOfYear(r.months[w.until-1].first.Month()), r.grouped(now), r.grouped(then), r.signed(now, then))
}

func (r *report) branchesCaption() string {
	year := r.lastYear()
	most, best := 0, int64(-1)
	shrinking, known := 0, 0
	for b := range r.branches {
		s := r.sum(b, year.from, year.until)
		if s.new > best {
			most, best = b, s.new
		}
		if r.sound(year) && s.begin > 0 {
			known++
			if s.end < s.begin {
				shrinking++
			}
		}
	}
	caption := fmt.Sprintf(r.say("De meeste nieuwe leden in de laatste twaalf maanden had %s (%s).", "%s had most new members in the last twelve months (%s)."), r.branches[most].label, r.grouped(best))
	if known > 1 {
		caption += fmt.Sprintf(r.say(" Van %d vestigingen zijn er %d kleiner geworden.", " Of %d branches %d have become smaller."), known, shrinking)
	}
	return caption
}

func (r *report) agesCaption() string {
	year := r.lastYear()
	counts := r.ages.sum(-1, year.from, year.until)
	known := counts[:len(counts)-1]
	var all int64
	for _, n := range counts {
		all += n
	}
	most := 0
	for c, n := range known {
		if n > known[most] {
			most = c
		}
	}
	if all == 0 {
		return r.say("De laatste twaalf maanden naast de twaalf ervoor.", "The last twelve months beside the twelve before.")
	}
	return fmt.Sprintf(r.say("De grootste groep is %s jaar: %s van de nieuwe leden van de laatste twaalf maanden.", "The largest group is aged %s: %s of the new members of the last twelve months."),
		r.ageLabels()[most], r.percentage(float64(known[most])/float64(all)))
}

// largestCaption says which of some origins has most new members of the last year.
func (r *report) largestCaption(origins []origin, nl, en string) string {
	sums, all := map[string]int64{}, int64(0)
	for _, o := range origins {
		n := sumOf(o.n, r.lastYear())
		all += n
		if o.name != unknown {
			sums[o.name] += n
		}
	}
	most := ""
	for name, n := range sums {
		if most == "" || n > sums[most] || n == sums[most] && name < most {
			most = name
		}
	}
	if all == 0 || most == "" {
		return r.say("Nieuwe leden in de laatste twaalf maanden.", "New members in the last twelve months.")
	}
	return fmt.Sprintf(r.say(nl, en), most, r.percentage(float64(sums[most])/float64(all)))
}

func (r *report) borrowersCaption() string {
	most, all, known := -1, int64(0), int64(0)
	year := r.lastYear()
	for m := year.from; m < year.until; m++ {
		c := r.loansAll[m]
		if !c.known || r.public() && c.borrowers < int64(r.about.Threshold) {
			continue
		}
		all, known = all+c.borrowers, known+1
		if most < 0 || c.borrowers > r.loansAll[most].borrowers {
			most = m
		}
	}
	if known < 2 {
		return r.say("Personen met ten minste één uitlening in de maand.", "Persons with at least one loan in the month.")
	}
	return fmt.Sprintf(r.say("Gemiddeld %s per maand in de laatste twaalf maanden; de meeste in %s (%s).", "On average %s a month in the last twelve months; most in %s (%s)."),
		r.grouped((all+known/2)/known), r.monthName(r.months[most].first), r.grouped(r.loansAll[most].borrowers))
}

func (r *report) perBorrowerCaption() string {
	year := r.lastYear()
	var loans, borrowers int64
	for m := year.from; m < year.until; m++ {
		if c := r.loansAll[m]; c.known && !(r.public() && c.borrowers < int64(r.about.Threshold)) {
			loans, borrowers = loans+c.borrowings, borrowers+c.borrowers
		}
	}
	if borrowers == 0 {
		return r.say("Gemiddeld in de maand; het aantal leners staat in de tabel.", "On average in the month; the number of borrowers stands in the table.")
	}
	return fmt.Sprintf(r.say("In de laatste twaalf maanden gemiddeld %s per lener en maand; het aantal leners staat in de tabel.", "In the last twelve months on average %s per borrower and month; the number of borrowers stands in the table."),
		r.oneDecimal(float64(loans)/float64(borrowers)))
}

func (r *report) survivalCaption() string {
	var parts []string
	for _, after := range survivalAfter {
		var new, still int64
		for _, c := range r.survival {
			if c.after == after {
				new, still = new+c.new, still+c.still
			}
		}
		if new > 0 {
			parts = append(parts, fmt.Sprintf(r.say("na %d maanden %s", "after %d months %s"), after, r.percentage(float64(still)/float64(new))))
		}
	}
	if len(parts) == 0 {
		return r.say("Naar maand van inschrijving.", "By month of registration.")
	}
	caption := r.say("Over alle bekende maanden samen was nog lid: ", "Over all known months together, still members: ")
	for i, p := range parts {
		if i > 0 {
			caption += ", "
		}
		caption += p
	}
	return caption + "."
}
