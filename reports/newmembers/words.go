package newmembers

import (
	"fmt"
	"slices"
	"strings"

	"peil/reports/render"
)

// definitions are the terms of the report, in the wording of the counting rules.
func (r *report) definitions() []render.Definition {
	of := r.means
	d := []render.Definition{
		{Term: r.say("Lid", "Member"), Text: r.say("Een persoon met een geldig lidmaatschap op de peildatum. Instellingen tellen niet mee.", "A person with a valid membership on the reference date. Institutions do not count.")},
		{Term: r.say("Nieuw lid", "New member"), Text: of("new")},
		{Term: r.say("Opnieuw ingeschreven", "Re-registered"), Text: of("re_registered")},
		{Term: r.say("Vertrokken", "Lapsed"), Text: of("lapsed")},
		{Term: r.say("Verhuisd", "Moved"), Text: r.say("Van vestiging veranderd zonder dat het lidmaatschap eindigde. Alleen bekend uit een historie, een fusie van vestigingen, of twee opeenvolgende bestanden.",
			"Changed branch without the membership ending. Known only from a history, a merger of branches, or two successive files.")},
		{Term: r.say("Stand", "Stand"), Text: r.say("Begin + nieuw + opnieuw + verhuisd in − vertrokken − verhuisd uit = eind. Het begin van een maand is het einde van de maand ervoor.",
			"Begin + new + re-registered + moved in − lapsed − moved out = end. The begin of a month is the end of the month before.")},
		{Term: r.say("Leeftijd", "Age"), Text: of("age_class")},
	}
	if !r.public() {
		d = append(d, render.Definition{Term: r.say("Tussentijd onbekend", "Gap unknown"), Text: of("gap_unknown")},
			render.Definition{Term: r.say("Eerste inschrijving onbekend", "First registration unknown"), Text: of("first_unknown")})
	}
	if r.lower(0, len(r.months)) {
		d = append(d, render.Definition{Term: r.say("Ondergrens", "Lower bound"), Text: r.say(
			"Wie langer dan zes maanden geleden vertrok, wordt niet meer gelezen. Van die maanden zijn alleen degenen bekend die bleven: elk aantal is minstens zo groot. Het daalt van editie tot editie naarmate meer van hen vertrekken: wie sindsdien vertrok, wordt niet bewaard om hier te kunnen staan. Groei, verloop en vergelijkingen zijn dan niet beschikbaar.",
			"Who left more than six months ago is not read any more. Of those months only those who stayed are known: every count is at least as large. It falls from edition to edition as more of them leave: nobody who left since is kept to be counted here. Growth, lapse rates and comparisons are then not available.")})
	}
	if r.loansAll != nil {
		d = append(d, render.Definition{Term: r.say("Uitlening", "Loan"), Text: of("loans")},
			render.Definition{Term: r.say("Actieve lener", "Active borrower"), Text: of("active_borrowers")})
	}
	return d
}

// notes say what a reader must know of these figures.
func (r *report) notes() []string {
	var notes []string
	if r.public() {
		notes = append(notes, r.protection()...)
	}
	var low, breaks []string
	for _, m := range r.months {
		if m.lower {
			low = append(low, r.monthName(m.first))
		}
		if m.breaks {
			breaks = append(breaks, r.monthName(m.first))
		}
	}
	if n := len(low); n > 0 {
		notes = append(notes, fmt.Sprintf(r.say("Ondergrens: %d van de %d maanden, de laatste is %s. Van wie toen vertrok weet de bron niets meer.",
			"Lower bound: %d of %d months, the last is %s. Of who left then the source knows nothing any more."), n, len(r.months), low[n-1]))
	}
	if len(breaks) > 0 {
		notes = append(notes, r.say("Breuk in de reeks bij ", "Break of series at ")+strings.Join(breaks, ", ")+r.say(
			": de stand aan het begin is niet die aan het einde van de maand ervoor, omdat die maanden anders zijn geteld. Binnen elke maand sluit de balans.",
			": the stand at the begin is not that at the end of the month before, because those months were counted in another way. Within every month the balance closes."))
	}
	switch known := slices.IndexFunc(r.months, func(m month) bool { return m.moves }); {
	case known < 0:
		notes = append(notes, r.say("Verhuizingen tussen vestigingen zijn niet beschikbaar: de bron heeft geen historie en er is geen eerder bestand om mee te vergelijken.",
			"Moves between branches are not available: the source has no history and there is no earlier file to compare with."))
	case slices.ContainsFunc(r.months[known:], func(m month) bool { return !m.moves }) || known > 0:
		notes = append(notes, r.say("Verhuizingen tussen vestigingen zijn niet voor elke maand beschikbaar: voor het eerste bestand waarmee te vergelijken is, zijn zij niet te zien.",
			"Moves between branches are not available for every month: before the first file to compare with they cannot be seen."))
	}
	if r.loansAll == nil {
		notes = append(notes, r.say("Er zijn geen uitleningen aangeleverd: lenen ontbreekt.", "No loans were delivered: borrowing is left out."))
	}
	if len(r.survival) == 0 && !r.public() {
		notes = append(notes, r.say("Hoeveel nieuwe leden blijven is nog niet te zeggen: daarvoor moet een maand compleet zijn geteld en drie maanden voorbij zijn.",
			"How many new members stay cannot be told yet: for that a month must have been counted complete and three months must have passed."))
	}
	return notes
}

// lowerBound is what ≥ means: in the public edition a lower bound is rounded too.
func (r *report) lowerBound() string {
	if !r.public() {
		return ""
	}
	return fmt.Sprintf(r.say("ondergrens, afgerond: het werkelijke aantal is hoogstens %d kleiner, en kan groter zijn", "lower bound, rounded: the true count is %d smaller at most, and may be larger"), r.protected.deviation)
}

// protection explains what was done to the public edition.
func (r *report) protection() []string {
	t := r.about.Threshold
	notes := []string{fmt.Sprintf(r.say(
		"Aantallen van 1 tot en met %d personen komen hier niet voor. Elk klein aantal waaruit de tabellen zijn opgebouwd is afgerond op 0 of %d, zo dat de sommen dicht bij de werkelijkheid blijven. Alle tabellen zijn sommen van dezelfde afgeronde aantallen: ze tellen op en elke balans sluit. De grootste afwijking is %d.",
		"No count of 1 to %d persons occurs here. Every small count that the tables are built from is rounded to 0 or %d, so that the sums stay close to the truth. All tables are sums of the same rounded counts: they add up and every balance closes. The largest deviation is %d."),
		t-1, t, r.protected.deviation)}
	switch {
	case r.protected.whole:
		notes = append(notes, r.say("De vestigingen zijn te klein om te tonen: deze editie bevat alleen de hele bibliotheek.", "The branches are too small to show: this edition holds the whole library only."))
	case r.protected.grouped > 0:
		notes = append(notes, fmt.Sprintf(r.say("Overige vestigingen: %d vestigingen die daarvoor te klein zijn, samen met de kleinste andere waar dat nodig was om hen te beschermen.",
			"Other branches: %d branches that are too small for a row of their own, with the smallest others where protecting them took that."), r.protected.grouped))
	}
	return append(notes, r.say(
		"Wat een eerdere editie over een maand zei, blijft staan; wie zich later meldt of wordt gecorrigeerd, verandert het alleen in hele stappen. Waar nieuwe leden anders zijn verdeeld dan naar leeftijd, sluit het grootste deel aan op het totaal. De eigen namen van abonnementen, postcodes per vestiging, wie bleven en actieve leners per vestiging ontbreken: bijna alle aantallen zouden klein zijn. De interne editie heeft ze.",
		"What an earlier edition said of a month stays; who reports late or is corrected changes it by whole steps only. Where new members are divided in another way than by age, the largest part makes up the total. The library's own subscriptions, postcodes per branch, who stayed and active borrowers per branch are left out: nearly all counts would be small. The internal edition has them."))
}
