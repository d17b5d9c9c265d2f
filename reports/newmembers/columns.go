package newmembers

import "peil/reports/render"

// heading is a column in both languages, with its definition: the report's data
// dictionary.
type heading struct {
	kind             render.Kind
	nl, en           string
	nlMeans, enMeans string
}

const (
	text    = render.KindText
	count   = render.KindCount
	percent = render.KindPercent
	decimal = render.KindDecimal
	monthly = render.KindMonth
)

// headings are the columns that mean the same wherever they stand, by their name in CSV.
var headings = map[string]heading{
	"branch_name": {text, "Vestiging", "Branch", "De vestiging waar het lid is ingeschreven.", "The branch at which the member is registered."},
	"branch":      {text, "Code", "Code", "Code van de vestiging in het bibliotheeksysteem.", "The branch's code in the library system."},
	"isil":        {text, "ISIL", "ISIL", "ISIL-code van de vestiging.", "ISIL code of the branch."},
	"month":       {monthly, "Maand", "Month", "Kalendermaand.", "Calendar month."},
	"basis": {text, "Telling", "Counted", "exact: wie in de maand vertrok, staat nog in de bron. Bevroren: geteld toen de maand exact was. Ondergrens: de bron bevat alleen wie sindsdien is gebleven.",
		"exact: whoever left in the month is still in the source. Frozen: counted when the month was exact. Lower bound: the source holds only those who stayed since."},
	"begin_members": {count, "Begin", "Begin", "Leden bij het begin van de maand.", "Members at the begin of the month."},
	"new": {count, "Nieuw", "New", "Personen die zich voor het eerst bij de bibliotheek inschreven. Wie terugkomt is niet nieuw, hoe lang geleden ook.",
		"Persons who registered at the library for the first time ever. Someone who returns is not new, whatever the gap."},
	"re_registered": {count, "Opnieuw", "Re-registered", "Personen die na een eerder lidmaatschap opnieuw lid werden.", "Persons who became members again after an earlier membership."},
	"moved_in":      {count, "Verhuisd in", "Moved in", "Leden die van een andere vestiging kwamen. Samen gelijk aan verhuisd uit.", "Members who came from another branch. In total equal to moved out."},
	"lapsed": {count, "Vertrokken", "Lapsed", "Personen van wie het lidmaatschap eindigde en niet werd verlengd; geteld op de dag na de laatste geldige dag.",
		"Persons whose membership ended and was not renewed; counted on the day after the last valid day."},
	"moved_out":   {count, "Verhuisd uit", "Moved out", "Leden die naar een andere vestiging gingen.", "Members who went to another branch."},
	"end_members": {count, "Eind", "End", "Leden aan het einde van de maand: begin + nieuw + opnieuw + verhuisd in − vertrokken − verhuisd uit.", "Members at the end of the month: begin + new + re-registered + moved in − lapsed − moved out."},
	"growth":      {percent, "Groei", "Growth", "Eind min begin, als deel van begin. Niet voor ondergrenzen.", "End less begin, as a share of begin. Not for lower bounds."},
	"lapse_rate":  {percent, "Verloop", "Lapse rate", "Vertrokken, als deel van begin. Niet voor ondergrenzen.", "Lapsed, as a share of begin. Not for lower bounds."},
	"gap_unknown": {count, "Tussentijd onbekend", "Gap unknown", "Van de opnieuw ingeschrevenen: van wie alleen de eerste en de laatste inschrijfdatum bekend zijn. Verondersteld is dat zij tot de dag vóór de laatste lid waren; zij tellen in dezelfde maand als vertrokken en als opnieuw.",
		"Of the re-registered: those of whom only the first and the last registration date are known. They are presumed to have been members until the day before the last; they count as lapsed and as re-registered in the same month."},
	"first_unknown": {count, "Eerste inschrijving onbekend", "First registration unknown", "Van de opnieuw ingeschrevenen: van wie de eerste inschrijfdatum onbekend is. Zij tellen nooit als nieuw.",
		"Of the re-registered: those whose first registration date is unknown. They never count as new."},

	"from_branch": {text, "Van", "From", "De vestiging waar het lid vandaan kwam.", "The branch that the member came from."},
	"to_branch":   {text, "Naar", "To", "De vestiging waar het lid naartoe ging.", "The branch that the member went to."},
	"moved_12":    {count, "12 mnd", "12 months", "Verhuisde leden in de laatste twaalf maanden.", "Members who moved in the last twelve months."},
	"moved":       {count, "Hele periode", "Whole period", "Verhuisde leden in alle maanden van het rapport.", "Members who moved in all months of the report."},

	"calendar_month": {text, "Maand", "Month", "Maand van het jaar.", "Month of the year."},
	"year":           {text, "Jaar", "Year", "Kalenderjaar.", "Calendar year."},
	"new_before":     {count, "Jaar eerder", "Year before", "Nieuwe leden in dezelfde maand van het jaar ervoor.", "New members in the same month of the year before."},
	"new_change":     {percent, "Verschil nieuw", "Change in new", "Nieuw min jaar eerder, als deel van jaar eerder. Niet waar een van beide een ondergrens is.", "New less the year before, as a share of the year before. Not where either is a lower bound."},
	"lapsed_before":  {count, "Vertrokken, jaar eerder", "Lapsed, year before", "Vertrokken leden in dezelfde maand van het jaar ervoor.", "Lapsed members in the same month of the year before."},
	"end_before":     {count, "Leden, jaar eerder", "Members, year before", "Leden aan het einde van dezelfde maand van het jaar ervoor.", "Members at the end of the same month of the year before."},
	"end_change":     {percent, "Verschil leden", "Change in members", "Leden min jaar eerder, als deel van jaar eerder. Niet waar een van beide een ondergrens is.", "Members less the year before, as a share of the year before. Not where either is a lower bound."},

	"members":       {count, "Leden", "Members", "Leden aan het einde van de periode.", "Members at the end of the period."},
	"new_12":        {count, "Nieuw 12 mnd", "New, 12 months", "Nieuwe leden in de laatste twaalf maanden.", "New members in the last twelve months."},
	"new_12_before": {count, "12 mnd ervoor", "12 months before", "Nieuwe leden in de twaalf maanden daarvoor.", "New members in the twelve months before."},
	"new_12_change": {percent, "Verschil", "Change", "Laatste twaalf maanden min de twaalf ervoor, als deel van die ervoor. Niet waar een van beide een ondergrens is.", "Last twelve months less the twelve before, as a share of those before. Not where either is a lower bound."},
	"new_share":     {percent, "Aandeel", "Share", "Deel van alle nieuwe leden in de laatste twaalf maanden.", "Share of all new members in the last twelve months."},
	"new_period":    {count, "Hele periode", "Whole period", "Nieuwe leden in alle maanden van het rapport.", "New members in all months of the report."},
	"lapsed_12":     {count, "Vertrokken 12 mnd", "Lapsed, 12 months", "Vertrokken leden in de laatste twaalf maanden.", "Lapsed members in the last twelve months."},
	"growth_12":     {percent, "Groei 12 mnd", "Growth, 12 months", "Leden nu min leden twaalf maanden eerder, als deel van toen. Niet over ondergrenzen of een breuk in de reeks heen.", "Members now less members twelve months before, as a share of then. Not across lower bounds or a break of series."},
	"lapse_rate_12": {percent, "Verloop 12 mnd", "Lapse rate, 12 months", "Vertrokken in twaalf maanden, als deel van de leden aan het begin daarvan. Niet over ondergrenzen of een breuk in de reeks heen.", "Lapsed in twelve months, as a share of the members at their begin. Not across lower bounds or a break of series."},
	"loans_12":      {count, "Uitleningen 12 mnd", "Loans, 12 months", "Uitleningen zonder verlengingen, aan deze vestiging gedaan.", "Loans without renewals, made at this branch."},

	"age_class":         {text, "Leeftijd", "Age", "Voltooide jaren op de laatste dag van de maand van inschrijving.", "Completed years on the last day of the month of registration."},
	"sex":               {text, "Geslacht", "Sex", "Geslacht zoals de bron het vermeldt.", "Sex as the source has it."},
	"subscription":      {text, "Abonnement", "Subscription", "Abonnement bij inschrijving, in de benaming van de bibliotheek.", "Subscription at registration, as the library calls it."},
	"new_female":        {count, "Vrouw", "Female", "Nieuwe leden, vrouw.", "New members, female."},
	"new_male":          {count, "Man", "Male", "Nieuwe leden, man.", "New members, male."},
	"new_x":             {count, "X", "X", "Nieuwe leden die als geslacht X hebben.", "New members whose sex is X."},
	"new_sex_unknown":   {count, "Onbekend", "Unknown", "Nieuwe leden van wie het geslacht onbekend is.", "New members whose sex is unknown."},
	"new_youth":         {count, "Jeugd", "Youth", "Nieuwe leden met een jeugdabonnement.", "New members with a youth subscription."},
	"new_adult":         {count, "Volwassenen", "Adult", "Nieuwe leden met een abonnement voor volwassenen.", "New members with an adult subscription."},
	"new_other":         {count, "Overig", "Other", "Nieuwe leden met een ander abonnement.", "New members with another subscription."},
	"new_class_unknown": {count, "Onbekend", "Unknown", "Nieuwe leden van wie de soort abonnement onbekend is.", "New members whose class of subscription is unknown."},
	"pc4":               {text, "Postcode", "Postcode", "De vier cijfers van de postcode van het lid nu; \"?\" is onbekend of buitenlands.", "The four digits of the member's present postcode; \"?\" is unknown or foreign."},
	"catchment":         {text, "Meest bij", "Mostly at", "De vestiging waar de meeste leden uit dit gebied zijn ingeschreven.", "The branch at which most members from this area are registered."},
	"inhabitants":       {count, "Inwoners", "Inhabitants", "Inwoners volgens het CBS, op de dag die erboven staat.", "Inhabitants according to CBS, on the day that stands above."},
	"member_share":      {percent, "Deel dat lid is", "Share who are members", "Leden gedeeld door inwoners. Leden en inwoners zijn van verschillende dagen en het CBS rondt af, zodat een klein gebied boven 100% kan uitkomen.", "Members divided by inhabitants. Members and inhabitants are of different days and CBS rounds, so that a small area may exceed 100%."},
	"new_per_1000":      {decimal, "Nieuw per 1.000 inwoners", "New per 1,000 inhabitants", "Nieuwe leden in de laatste twaalf maanden per duizend inwoners.", "New members in the last twelve months per thousand inhabitants."},

	"female_members":     {count, "Vrouwelijke leden", "Female members", "Leden die als vrouw geregistreerd zijn.", "Members registered as female."},
	"female_inhabitants": {count, "Vrouwen", "Women", "Vrouwelijke inwoners.", "Female inhabitants."},
	"female_share":       {percent, "Deel van de vrouwen", "Share of women", "Vrouwelijke leden gedeeld door vrouwelijke inwoners.", "Female members divided by female inhabitants."},
	"male_members":       {count, "Mannelijke leden", "Male members", "Leden die als man geregistreerd zijn.", "Members registered as male."},
	"male_inhabitants":   {count, "Mannen", "Men", "Mannelijke inwoners.", "Male inhabitants."},
	"male_share":         {percent, "Deel van de mannen", "Share of men", "Mannelijke leden gedeeld door mannelijke inwoners.", "Male members divided by male inhabitants."},
	"area":               {text, "Gebied", "Area", "Het gebied, zoals de tabel het noemt.", "The area, as the table names it."},

	"lives_near": {text, "Woont bij", "Lives near", "De vestiging waar de meeste leden uit de postcode van het nieuwe lid zijn ingeschreven: de eigen vestiging of een andere.", "The branch at which most members from the new member's postcode are registered: the branch itself or another."},
	"new_own":    {count, "Uit eigen gebied", "From its own area", "Nieuwe leden uit postcodes waarvan de meeste leden bij deze vestiging zijn ingeschreven.", "New members from postcodes most of whose members are registered at this branch."},
	"new_near":   {count, "Uit gebied van andere vestigingen", "From other branches' areas", "Nieuwe leden uit postcodes waarvan de meeste leden bij een andere vestiging zijn ingeschreven.", "New members from postcodes most of whose members are registered at another branch."},
	"new_far":    {count, "Postcode onbekend", "Postcode unknown", "Nieuwe leden van wie de postcode onbekend of buitenlands is, of uit wier postcode nu niemand lid is.", "New members whose postcode is unknown or foreign, or from whose postcode nobody is a member now."},
	"own_share":  {percent, "Deel uit eigen gebied", "Share from its own area", "Uit eigen gebied, als deel van wie een bekende postcode heeft.", "From its own area, as a share of those with a known postcode."},

	"new_year":        {count, "Nieuw dit jaar", "New this year", "Nieuwe leden van januari tot en met de laatste maand van de periode.", "New members from January to the last month of the period."},
	"new_year_before": {count, "Zelfde maanden vorig jaar", "Same months last year", "Nieuwe leden in dezelfde maanden van het jaar ervoor.", "New members in the same months of the year before."},
	"new_year_change": {percent, "Verschil dit jaar", "Change this year", "Dit jaar min dezelfde maanden vorig jaar, als deel van die van vorig jaar. Niet waar een van beide een ondergrens is.", "This year less the same months last year, as a share of those last year. Not where either is a lower bound."},

	"loans_owned_12":      {count, "Uit eigen bezit 12 mnd", "Of its stock, 12 months", "Uitleningen zonder verlengingen van materiaal van deze vestiging, waar dan ook uitgeleend.", "Loans without renewals of this branch's materials, wherever they were lent."},
	"loans_per_member_12": {decimal, "Hier geleend per lid", "Made here per member", "Uitleningen aan deze vestiging in twaalf maanden, gedeeld door haar leden aan het einde. Ook leden van andere vestigingen lenen hier.", "Loans made at this branch in twelve months, divided by its members at the end. Members of other branches borrow here too."},
	"owned_per_member_12": {decimal, "Eigen bezit per lid", "Of its stock per member", "Uitleningen van materiaal van deze vestiging in twaalf maanden, gedeeld door haar leden aan het einde.", "Loans of this branch's materials in twelve months, divided by its members at the end."},
	"owned_per_made":      {decimal, "Bezit per hier geleend", "Stock per loan here", "Uitleningen van eigen materiaal, gedeeld door uitleningen aan deze vestiging: boven 1 leent de vestiging aan andere, onder 1 leent zij van andere.", "Loans of its own materials divided by loans made here: above 1 the branch lends to others, below 1 it borrows from them."},
	"active_members":      {count, "Leden die leenden", "Members who borrowed", "Leden van nu die in de laatste twaalf maanden ten minste één keer leenden, bij welke vestiging ook. Een ondergrens waar leners hun uitleningen laten anonimiseren.", "Present members who borrowed at least once in the last twelve months, at any branch. A lower bound where borrowers have their loans anonymised."},
	"active_share":        {percent, "Deel dat leende", "Share who borrowed", "Leden die leenden, als deel van de leden.", "Members who borrowed, as a share of the members."},
	"loans_of_members":    {count, "Hun uitleningen", "Their loans", "Uitleningen in de laatste twaalf maanden aan de leden van nu, bij welke vestiging ook.", "Loans in the last twelve months to present members, at any branch."},
	"loans_by_member":     {decimal, "Per lid", "Per member", "Hun uitleningen, gemiddeld per lid van de vestiging.", "Their loans, on average per member of the branch."},
	"loans_by_borrower":   {decimal, "Per lid dat leende", "Per member who borrowed", "Hun uitleningen, gemiddeld per lid dat leende.", "Their loans, on average per member who borrowed."},

	"branch_share": {percent, "Aandeel", "Share", "Deel van de nieuwe leden van de vestiging in de laatste twaalf maanden.", "Share of the branch's new members in the last twelve months."},

	"loans":              {count, "Uitleningen", "Loans", "Uitleningen van fysieke materialen in de maand, zonder verlengingen, aan de vestiging waar ze zijn gedaan.", "Loans of physical materials in the month, without renewals, at the branch where they were made."},
	"active_borrowers":   {count, "Actieve leners", "Active borrowers", "Personen met ten minste één uitlening in de maand. Wie bij meer vestigingen leent, telt bij elk; in het totaal van de bibliotheek één keer. Geanonimiseerde uitleningen hebben geen persoon.", "Persons with at least one loan in the month. Who borrows at several branches counts at each; in the library's total once. Anonymised loans have no person."},
	"loans_of_known":     {count, "Uitleningen van bekende leners", "Loans of known borrowers", "De uitleningen waarvan de lener bekend is.", "The loans whose borrower is known."},
	"loans_per_borrower": {decimal, "Per actieve lener", "Per active borrower", "Uitleningen van bekende leners, gemiddeld per actieve lener. Het aantal staat ernaast.", "Loans of known borrowers, on average per active borrower. Their number stands beside it."},
	"loans_per_member":   {decimal, "Per lid", "Per member", "Alle uitleningen in de maand, gemiddeld per lid aan het einde ervan. Niet voor ondergrenzen.", "All loans of the month, on average per member at its end. Not for lower bounds."},
	"still_3":            {count, "Na 3 maanden", "After 3 months", "Van deze nieuwe leden: wie drie maanden na inschrijving lid was, bij welke vestiging ook.", "Of these new members: who was a member three months after registering, at any branch."},
	"still_6":            {count, "Na 6 maanden", "After 6 months", "Idem na zes maanden.", "The same after six months."},
	"still_12":           {count, "Na 12 maanden", "After 12 months", "Idem na twaalf maanden.", "The same after twelve months."},
	"still_24":           {count, "Na 24 maanden", "After 24 months", "Idem na vierentwintig maanden.", "The same after twenty-four months."},
	"survival_3":         {percent, "Gebleven na 3", "Stayed 3", "Deel van de nieuwe leden van de maand dat na drie maanden nog lid was.", "Share of the month's new members who were still members after three months."},
	"survival_6":         {percent, "Gebleven na 6", "Stayed 6", "Idem na zes maanden.", "The same after six months."},
	"survival_12":        {percent, "Gebleven na 12", "Stayed 12", "Idem na twaalf maanden.", "The same after twelve months."},
	"survival_24":        {percent, "Gebleven na 24", "Stayed 24", "Idem na vierentwintig maanden.", "The same after twenty-four months."},
}

// hidden columns are there for those who look for them.
var hidden = map[string]bool{"branch": true, "isil": true, "gap_unknown": true, "first_unknown": true, "loans_of_known": true,
	"new_year": true, "new_year_before": true, "new_year_change": true}

var shades = map[string]render.Shade{
	"new": render.ShadeMagnitude, "new_12": render.ShadeMagnitude,
	"growth": render.ShadeChange, "new_change": render.ShadeChange, "end_change": render.ShadeChange,
	"new_12_change": render.ShadeChange, "growth_12": render.ShadeChange, "new_year_change": render.ShadeChange,
	"member_share": render.ShadeMagnitude, "own_share": render.ShadeMagnitude, "active_share": render.ShadeMagnitude,
}

// columns looks headings up by name.
func (w language) columns(keys ...string) []render.Column {
	cs := make([]render.Column, len(keys))
	for i, key := range keys {
		h := headings[key]
		cs[i] = render.Column{Key: key, Title: w.say(h.nl, h.en), Kind: h.kind, Definition: w.say(h.nlMeans, h.enMeans), Hidden: hidden[key], Shade: shades[key]}
		if h.kind == percent || h.kind == decimal {
			cs[i].Decimals = 1
		}
	}
	return cs
}
