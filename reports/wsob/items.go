package wsob

// spec says what an item is and what it is counted from: the codes of loans.sql, persons
// of members.sql, a sum of other items, or nothing that the data hold.
type spec struct {
	code  string
	name  string // as annex I has it, word for word; ours in Dutch too
	short string // for headings
	annex bool
	// definition says what is counted and how, in Dutch and in English.
	definition text
	persons    *persons
	sum        []string // codes
	absent     bool     // these data can never answer it
}

type persons struct{ item, group string }

var loanCodes = []string{"c1", "c2", "c3", "c4", "c5", "c6", "c7a", "c7b", "c7c", "c7d", "c7e", "c0a", "c0b", "c0c", "c0d"}

var (
	countedLoan = text{
		" Geteld zijn uitleningen in het kalenderjaar naar de dag van uitlening, zonder verlengingen; geanonimiseerde uitleningen en die aan instellingen tellen mee.",
		" Counted are loans in the calendar year by the day of the loan, without renewals; anonymised loans and those to institutions are included.",
	}
	youthAge = text{" Jeugd is tot en met 17 jaar op 31 december.", " Youth is up to and including 17 years on 31 December."}
	adultAge = text{" Volwassen is 18 jaar en ouder op 31 december.", " Adult is 18 years and older on 31 December."}
	noAge    = text{" Wie geen bekende geboortedatum heeft, staat apart.", " Those without a known date of birth stand apart."}
	member   = text{"Personen met een geldig lidmaatschap op 31 december, ieder één keer, bij de vestiging van inschrijving; instellingen tellen niet mee.",
		"Persons with a valid membership on 31 December, each once, at the branch of registration; institutions do not count."}
	newMember = text{"Personen van wie de allereerste inschrijving in het kalenderjaar valt; wie terugkomt is niet nieuw.",
		"Persons whose first-ever registration lies in the calendar year; those who come back are not new."}
	lapsed = text{"Lidmaatschappen die in het kalenderjaar zijn geëindigd en niet zijn verlengd, geboekt op de dag na de laatste geldige dag; wie in het jaar opzegt en terugkomt telt mee.",
		"Memberships that ended in the calendar year and were not renewed, booked on the day after the last valid day; those who left and came back within the year are included."}
	other = text{"Uitleningen van overige materialen, naar type: ", "Loans of other materials, by type: "}
	apart = text{"Geen onderdeel van bijlage I; apart vermeld zodat de delen optellen tot het totaal. Niet verdeeld of geraden.",
		"Not in annex I; stated apart so that the parts add up to the total. Neither divided nor guessed."}
)

// catalogue is every item of categories c and d in the order of annex I, among them what
// is stated apart so that parts add up (codes with a zero).
var catalogue = []spec{
	{code: "c1", annex: true, short: "Jeugd fictie", name: "Uitleningen: boeken jeugd (fictie; exclusief verlenging)",
		definition: text{"Boeken voor de jeugd, fictie, buiten de Bibliotheek op school.", "Books for the young, fiction, outside school libraries."}.and(countedLoan)},
	{code: "c2", annex: true, short: "Jeugd non-fictie", name: "Uitleningen: boeken jeugd (non-fictie, inclusief naslag; exclusief verlenging)",
		definition: text{"Boeken voor de jeugd, non-fictie, buiten de Bibliotheek op school.", "Books for the young, non-fiction, outside school libraries."}.and(countedLoan)},
	{code: "c3", annex: true, short: "School fictie", name: "Uitleningen: boeken jeugd via Bibliotheek op school; (fictie; exclusief verlening)",
		definition: text{"Boeken voor de jeugd, fictie, via de Bibliotheek op school; niet nogmaals in c1.", "Books for the young, fiction, through school libraries; not again in c1."}.and(countedLoan)},
	{code: "c4", annex: true, short: "School non-fictie", name: "Uitleningen: boeken jeugd via Bibliotheek op school; (non-fictie; exclusief verlening)",
		definition: text{"Boeken voor de jeugd, non-fictie, via de Bibliotheek op school; niet nogmaals in c2.", "Books for the young, non-fiction, through school libraries; not again in c2."}.and(countedLoan)},
	{code: "c5", annex: true, short: "Volwassenen fictie", name: "Uitleningen: volwassenen (fictie; exclusief verlenging)",
		definition: text{"Boeken voor volwassenen, fictie.", "Books for adults, fiction."}.and(countedLoan)},
	{code: "c6", annex: true, short: "Volwassenen non-fictie", name: "Uitleningen: volwassenen (non-fictie, inclusief naslag; exclusief verlenging)",
		definition: text{"Boeken voor volwassenen, non-fictie.", "Books for adults, non-fiction."}.and(countedLoan)},
	{code: "c7a", annex: true, short: "Audiovisueel", name: "Uitleningen: overig, naar type (exclusief verlenging): audiovisueel",
		definition: other.and(text{"dvd, cd, luisterboek en ander beeld en geluid.", "DVD, CD, audio books and other audiovisual material."}).and(countedLoan)},
	{code: "c7b", annex: true, short: "Bladmuziek", name: "Uitleningen: overig, naar type (exclusief verlenging): bladmuziek",
		definition: other.and(text{"bladmuziek.", "sheet music."}).and(countedLoan)},
	{code: "c7c", annex: true, short: "Tijdschriften", name: "Uitleningen: overig, naar type (exclusief verlenging): tijdschriften",
		definition: other.and(text{"tijdschriften.", "magazines."}).and(countedLoan)},
	{code: "c7d", annex: true, short: "Games", name: "Uitleningen: overig, naar type (exclusief verlenging): games",
		definition: other.and(text{"games en spellen.", "games."}).and(countedLoan)},
	{code: "c7e", annex: true, short: "Andere materialen", name: "Uitleningen: overig, naar type (exclusief verlenging): andere materialen",
		definition: other.and(text{"alle andere materialen, ook die waarvan het type onbekend is.", "all other materials, also those of unknown type."}).and(countedLoan)},
	{code: "c0a", short: "Jeugd, genre onbekend", name: "Uitleningen: boeken jeugd, genre onbekend", definition: apart},
	{code: "c0b", short: "School, genre onbekend", name: "Uitleningen: boeken jeugd via Bibliotheek op school, genre onbekend", definition: apart},
	{code: "c0c", short: "Volwassenen, genre onbekend", name: "Uitleningen: boeken volwassenen, genre onbekend", definition: apart},
	{code: "c0d", short: "Publiek onbekend", name: "Uitleningen: boeken, publiek onbekend", definition: apart},
	{code: "c0", short: "Totaal uitleningen", name: "Uitleningen: totaal (exclusief verlenging)", sum: loanCodes,
		definition: text{"De som van c1 tot en met c7e en c0a tot en met c0d.", "The sum of c1 to c7e and c0a to c0d."}.and(countedLoan)},
	{code: "c8", annex: true, short: "Reserveringen", name: "Aantal reserveringen",
		definition: text{"Reserveringen die in het kalenderjaar zijn geplaatst.", "Reservations placed in the calendar year."}},
	{code: "c9", annex: true, short: "Aangevraagd bij andere", name: "Aangevraagde materialen bij andere organisaties",
		definition: text{"Materialen die in het kalenderjaar voor eigen leden van andere organisaties zijn geleend (IBL in).", "Materials borrowed from other organisations for our own members in the calendar year (interlibrary loans in)."}},
	{code: "c10", annex: true, short: "Aangevraagd door andere", name: "Aangevraagde materialen door andere organisaties",
		definition: text{"Materialen die in het kalenderjaar aan andere organisaties zijn uitgeleend (IBL uit).", "Materials lent to other organisations in the calendar year (interlibrary loans out)."}},

	{code: "d1", annex: true, short: "Jeugdleden", name: "Totaal aantal jeugdleden (leeftijd t/m 17 jaar)", persons: &persons{"members", "youth"}, definition: member.and(youthAge).and(noAge)},
	{code: "d2", annex: true, short: "Volwassen leden", name: "Totaal aantal volwassen leden (leeftijd 18 jaar en ouder)", persons: &persons{"members", "adult"}, definition: member.and(adultAge).and(noAge)},
	{code: "d0a", short: "Leden, leeftijd onbekend", name: "Aantal leden, leeftijd onbekend", persons: &persons{"members", "unknown"}, definition: apart},
	{code: "d0", short: "Totaal leden", name: "Totaal aantal leden", sum: []string{"d1", "d2", "d0a"},
		definition: text{"De som van d1, d2 en d0a. ", "The sum of d1, d2 and d0a. "}.and(member)},
	{code: "d3", annex: true, short: "Nieuwe jeugdleden", name: "Aantal nieuwe jeugdleden (leeftijd t/m 17 jaar)", persons: &persons{"new", "youth"}, definition: newMember.and(youthAge).and(noAge)},
	{code: "d4", annex: true, short: "Nieuwe volwassen leden", name: "Aantal nieuwe volwassen leden (leeftijd 18 jaar en ouder)", persons: &persons{"new", "adult"}, definition: newMember.and(adultAge).and(noAge)},
	{code: "d0b", short: "Nieuw, leeftijd onbekend", name: "Aantal nieuwe leden, leeftijd onbekend", persons: &persons{"new", "unknown"}, definition: apart},
	{code: "d5", annex: true, short: "Vervallen jeugdleden", name: "Aantal vervallen jeugdleden (leeftijd t/m 17 jaar)", persons: &persons{"lapsed", "youth"}, definition: lapsed.and(youthAge).and(noAge)},
	{code: "d6", annex: true, short: "Vervallen volwassen leden", name: "Aantal vervallen volwassen leden (leeftijd 18 jaar en ouder)", persons: &persons{"lapsed", "adult"}, definition: lapsed.and(adultAge).and(noAge)},
	{code: "d0c", short: "Vervallen, leeftijd onbekend", name: "Aantal vervallen leden, leeftijd onbekend", persons: &persons{"lapsed", "unknown"}, definition: apart},
	{code: "d7", annex: true, absent: true, short: "Drempeloverschrijdingen", name: "Aantal drempeloverschrijdingen",
		definition: text{"Staat niet in leden en uitleningen; een bezoekersteller telt dit.", "Not in members and loans; a visitor counter counts this."}},
	{code: "d8", annex: true, absent: true, short: "Websitebezoekers", name: "Aantal bezoekers op website",
		definition: text{"Staat niet in leden en uitleningen; de website meet dit.", "Not in members and loans; the website measures this."}},
	{code: "d9", annex: true, absent: true, short: "Gratis lenen tot", name: "Leeftijd tot waarop jeugdleden (t/m 17 jaar) gratis mogen lenen",
		definition: text{"Staat niet in leden en uitleningen; het staat in de tarieven van de bibliotheek.", "Not in members and loans; it stands in the library's rates."}},
}

// statLine are the items as StatLine table 70763ned divides them, where loans through
// schools are not apart: name and codes to add.
var statLine = []struct {
	name  text
	codes []string
}{
	{text{"Uitleningen boeken, jeugd, fictie", "Loans of books, youth, fiction"}, []string{"c1", "c3"}},
	{text{"Uitleningen boeken, jeugd, non-fictie", "Loans of books, youth, non-fiction"}, []string{"c2", "c4"}},
	{text{"Uitleningen boeken, volwassenen, fictie", "Loans of books, adults, fiction"}, []string{"c5"}},
	{text{"Uitleningen boeken, volwassenen, non-fictie", "Loans of books, adults, non-fiction"}, []string{"c6"}},
	{text{"Uitleningen boeken, publiek of genre onbekend", "Loans of books, audience or genre unknown"}, []string{"c0a", "c0b", "c0c", "c0d"}},
	{text{"Uitleningen audiovisuele materialen", "Loans of audiovisual materials"}, []string{"c7a"}},
	{text{"Uitleningen bladmuziek", "Loans of sheet music"}, []string{"c7b"}},
	{text{"Uitleningen tijdschriften", "Loans of magazines"}, []string{"c7c"}},
	{text{"Uitleningen games en andere materialen", "Loans of games and other materials"}, []string{"c7d", "c7e"}},
	{text{"Leden, jeugd tot 18 jaar", "Members, youth under 18"}, []string{"d1"}},
	{text{"Leden, volwassenen vanaf 18 jaar", "Members, adults from 18"}, []string{"d2"}},
}

// text is one text in Dutch and in English.
type text struct{ nl, en string }

func (t text) and(more text) text { return text{t.nl + more.nl, t.en + more.en} }

// in gives the text in a language; Dutch unless it is en.
func (t text) in(language string) string {
	if language == "en" {
		return t.en
	}
	return t.nl
}
