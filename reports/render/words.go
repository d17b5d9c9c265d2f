package render

// words are the renderer's own, in one language.
type words struct {
	contents, overview, cover, definitions, notes, legend, keyFigures string
	period, source, library, referenceDate, edition                   string
	meaning, table, column, key, row, rows, chart                     string
	internal, public, reference                                       string
	internalShort, publicShort, referenceShort                        string
	notAvailable, notAvailableText                                    string
	protected, protectedText                                          string
	lowerBoundText                                                    string
	filter, filterHint, all, columns, reset, previous, next, shown    string
	dataAndDefinition, columnDefinitions, wholeTable                  string
	files, skip, toTable, toContents                                  string
	cutAxis, ownScale, sameScale, findPanel, more, tooMany, noScript  string
	tileHint, series, chartData, chartDataHint, boundHint, gapHint    string
	nativeHint, noFigures, totalHint                                  string
	page, of                                                          string
	months                                                            [12]string
	longMonths                                                        [12]string
}

var wordsOf = map[Language]*words{
	Dutch: {
		contents: "Inhoud", overview: "Overzicht", cover: "Voorblad", definitions: "Definities",
		notes: "Toelichting", legend: "Legenda", keyFigures: "Kerncijfers",
		period: "Periode", source: "Bron", library: "Bibliotheek", referenceDate: "Peildatum",
		edition: "Editie",
		meaning: "Betekenis", table: "Tabel", column: "Kolom", key: "Naam in CSV",
		row: "rij", rows: "rijen", chart: "Grafiek",
		internal:      "Interne editie: bevat exacte aantallen, niet verspreiden",
		public:        "Publieke editie: kleine aantallen zijn beschermd",
		reference:     "Beschrijving: bevat geen cijfers en niets over personen",
		internalShort: "Intern", publicShort: "Publiek", referenceShort: "Beschrijving",
		notAvailable: "n.b.", notAvailableText: "niet beschikbaar: de bron bevat dit gegeven niet",
		protected: "x", protectedText: "afgeschermd om personen te beschermen; geen nul",
		lowerBoundText: "ondergrens: het werkelijke aantal is even groot of groter",
		filter:         "Filter", filterHint: "Zoek in deze tabel", all: "alle", columns: "Kolommen", reset: "Wis filters",
		previous: "Vorige", next: "Volgende", shown: "{from}–{to} van {n} rijen",
		dataAndDefinition: "Gegevens en definitie", columnDefinitions: "Definities van de kolommen",
		wholeTable: "Alle rijen staan in", files: "Bestanden", skip: "Naar de inhoud",
		toTable: "Naar de tabel", toContents: "Terug naar de inhoud",
		cutAxis:   "De verticale as begint niet bij nul.",
		ownScale:  "Elk vak heeft een eigen schaal; het getal linksboven is de bovenrand.",
		sameScale: "Zelfde schaal voor alle vakken", findPanel: "Zoek een vak",
		more: "Nog {n} tonen", tooMany: "De eerste {n} van {all} staan in de grafiek; de tabel bevat ze alle.",
		noScript:   "Hier staan de eerste {n} van {all} rijen.",
		tileHint:   "Elke tegel is een postcodegebied van vier cijfers; rij en kolom volgen uit de cijfers, niet uit de ligging.",
		totalHint:  "het totaal telt alle rijen",
		noFigures:  "Er zijn geen getallen om te tekenen.",
		nativeHint: "Sommige punten in de grafieken zijn ondergrenzen; de tabellen geven die met ≥ aan.",
		boundHint:  "Open punten, stippellijnen en lichte balken zijn ondergrenzen: het werkelijke aantal is even groot of groter.",
		gapHint:    "Waar een lijn onderbroken is, is het getal niet beschikbaar of afgeschermd.",
		series:     "Reeks", chartData: "Grafiekdata",
		chartDataHint: "De getallen achter de grafieken van het overzicht; leeg is onbekend of afgeschermd, zie de tabellen.",
		page:          "Pagina", of: "van",
		months: [12]string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
		longMonths: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
			"september", "oktober", "november", "december"},
	},
	English: {
		contents: "Contents", overview: "Overview", cover: "Cover", definitions: "Definitions",
		notes: "Notes", legend: "Legend", keyFigures: "Key figures",
		period: "Period", source: "Source", library: "Library", referenceDate: "Reference date",
		edition: "Edition",
		meaning: "Meaning", table: "Table", column: "Column", key: "Name in CSV",
		row: "row", rows: "rows", chart: "Chart",
		internal:      "Internal edition: contains exact figures, do not distribute",
		public:        "Public edition: small counts are protected",
		reference:     "Description: holds no figures and nothing about persons",
		internalShort: "Internal", publicShort: "Public", referenceShort: "Description",
		notAvailable: "n/a", notAvailableText: "not available: the source does not hold this",
		protected: "x", protectedText: "withheld to protect persons; not a zero",
		lowerBoundText: "lower bound: the true count is the same or larger",
		filter:         "Filter", filterHint: "Search this table", all: "all", columns: "Columns", reset: "Clear filters",
		previous: "Previous", next: "Next", shown: "{from}–{to} of {n} rows",
		dataAndDefinition: "Data and definition", columnDefinitions: "Definitions of the columns",
		wholeTable: "All rows are in", files: "Files", skip: "Skip to contents",
		toTable: "To the table", toContents: "Back to contents",
		cutAxis:   "The vertical axis does not start at zero.",
		ownScale:  "Each panel has its own scale; the number at the top left is its upper edge.",
		sameScale: "Same scale for all panels", findPanel: "Find a panel",
		more: "Show {n} more", tooMany: "The chart shows the first {n} of {all}; the table holds them all.",
		noScript:   "These are the first {n} of {all} rows.",
		tileHint:   "Each tile is a four-digit postcode area, placed by its digits and not by where it lies.",
		totalHint:  "the total counts all rows",
		noFigures:  "There are no figures to draw.",
		nativeHint: "Some points in the charts are lower bounds; the tables mark them with ≥.",
		boundHint:  "Open points, dotted lines and pale bars are lower bounds: the true count is the same or larger.",
		gapHint:    "Where a line is broken, the figure is not available or withheld.",
		series:     "Series", chartData: "Chart data",
		chartDataHint: "The figures behind the charts of the overview; empty is unknown or withheld, see the tables.",
		page:          "Page", of: "of",
		months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		longMonths: [12]string{"January", "February", "March", "April", "May", "June", "July", "August",
			"September", "October", "November", "December"},
	},
}

// banner is the edition's mark, in full.
func (w *words) banner(e Edition) string {
	switch e {
	case Internal:
		return w.internal
	case Reference:
		return w.reference
	}
	return w.public
}

// editionShort is the same in a word.
func (w *words) editionShort(e Edition) string {
	switch e {
	case Internal:
		return w.internalShort
	case Reference:
		return w.referenceShort
	}
	return w.publicShort
}
