package cbs

import (
	"fmt"
	"io"
	"strings"

	"peil/pipeline/config"
	"peil/reports/quality"
)

// Acceptance is what a data officer signs before a delivery is made.
type Acceptance struct {
	Library       string           `json:"library"` // name
	ISIL          string           `json:"isil"`    // of the organisation
	AsOf          string           `json:"as_of"`
	Peildatum     string           `json:"peildatum"`       // that the population is true for
	AddressesAsOf string           `json:"addresses_as_of"` // day on which the source was read
	Layout        string           `json:"layout"`          // of the file, with its version
	LayoutSHA256  string           `json:"layout_sha256"`   // of the file that describes the layout
	Folder        string           `json:"folder"`          // in the store, where it would be published
	File          string           `json:"file"`            // the first, before encryption
	Replaces      *Replaced        `json:"replaces,omitempty"`
	Recipient     config.Recipient `json:"recipient"`
	Counts        Counts           `json:"counts"`
	ExpectedMatch float64          `json:"expected_match"`    // share of the persons, in percent, that CBS will probably find
	Against       string           `json:"against,omitempty"` // folder of the delivery that it is held against
	Differences   []Difference     `json:"differences"`       // from it, where it is compared
	Checks        []quality.Check  `json:"checks"`
	Withheld      []string         `json:"withheld,omitempty"` // checks that would hold the delivery back
}

var acceptances = map[string]map[string]string{
	"nl": {
		"title": "Acceptatierapport levering aan het CBS", "made": "Dit rapport maakt niets en verstuurt niets; uitleningen zijn er niet voor gelezen.",
		"library": "bibliotheek", "peildatum": "werkelijke peildatum", "asked": "gevraagd voor %s", "addresses": "adressen per", "layout": "indeling", "file": "bestand", "replaces": "vervangt",
		"recipient": "Ontvanger", "name": "naam", "basis": "grondslag", "agreement": "overeenkomst", "assessment": "effectbeoordeling", "keys": "sleutels", "none": "(ontbreekt)",
		"in": "Wie erin staat", "out": "Wie er niet in staat, en waarom", "complete": "Volledigheid", "match": "Verwachte koppeling: %s%% (landelijk bijna %d%%)",
		"reconciled": "Aansluiting op de vorige levering", "first": "Er is geen eerdere levering om mee te vergelijken.", "against": "vergeleken met %s", "of": "van",
		"checks": "Controles", "ok": "in orde", "warning": "waarschuwing", "failed": "fout", "withheld": "De levering zou worden tegengehouden door: %s", "ready": "Geen controle houdt de levering tegen.",
		"sign": "Akkoord\n\nnaam:          ______________________\nfunctie:       ______________________\ndatum:         ______________________\nhandtekening:  ______________________",
	},
	"en": {
		"title": "Acceptance report of the delivery to CBS", "made": "This report makes nothing and sends nothing; loans were not read for it.",
		"library": "library", "peildatum": "reference date", "asked": "asked for %s", "addresses": "addresses as of", "layout": "layout", "file": "file", "replaces": "replaces",
		"recipient": "Recipient", "name": "name", "basis": "legal basis", "agreement": "agreement", "assessment": "impact assessment", "keys": "keys", "none": "(missing)",
		"in": "Who is in", "out": "Who is not, and why", "complete": "Completeness", "match": "Expected match: %s%% (nationally almost %d%%)",
		"reconciled": "Reconciliation with the previous delivery", "first": "There is no earlier delivery to compare with.", "against": "compared with %s", "of": "of",
		"checks": "Checks", "ok": "in order", "warning": "warning", "failed": "failed", "withheld": "The delivery would be withheld by: %s", "ready": "No check withholds the delivery.",
		"sign": "Approved\n\nname:       ______________________\nfunction:   ______________________\ndate:       ______________________\nsignature:  ______________________",
	},
}

// Write writes the report as plain text, in nl or en.
func (a *Acceptance) Write(w io.Writer, language string) error {
	t := acceptances[language]
	b := &strings.Builder{}
	line := func(name, value string) {
		if value == "" {
			value = t["none"]
		}
		fmt.Fprintf(b, "  %-22s %s\n", name, value)
	}
	fmt.Fprintf(b, "%s\n%s\n\n", t["title"], t["made"])
	line(t["library"], a.Library+", "+a.ISIL)
	peildatum := a.Peildatum
	if a.AsOf != a.Peildatum {
		peildatum += " (" + fmt.Sprintf(t["asked"], a.AsOf) + ")"
	}
	line(t["peildatum"], peildatum)
	line(t["addresses"], a.AddressesAsOf)
	line(t["layout"], a.Layout)
	line(t["file"], a.File)
	if a.Replaces != nil {
		line(t["replaces"], a.Replaces.Folder)
	}
	fmt.Fprintf(b, "\n%s\n", t["recipient"])
	r := a.Recipient
	for _, p := range [][2]string{{"name", r.Name}, {"basis", r.Basis}, {"agreement", r.Agreement}, {"assessment", r.Assessment}, {"keys", strings.Join(r.Keys, ", ")}} {
		line(t[p[0]], p[1])
	}
	a.figures(b, language, t)
	fmt.Fprintf(b, "\n%s\n", t["checks"])
	for _, c := range a.Checks {
		fmt.Fprintf(b, "  %-12s %s: %s\n", t[c.Result], c.Name, c.Text[language])
	}
	verdict := t["ready"]
	if len(a.Withheld) > 0 {
		verdict = fmt.Sprintf(t["withheld"], strings.Join(a.Withheld, ", "))
	}
	fmt.Fprintf(b, "\n%s\n\n%s\n", verdict, t["sign"])
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *Acceptance) figures(b *strings.Builder, language string, t map[string]string) {
	persons := a.Counts.Persons()
	count := func(subjects ...string) {
		for _, s := range subjects {
			for _, c := range a.Counts {
				if c.Subject == s {
					fmt.Fprintf(b, "  %-18s %-56s %9d\n", SubjectName(language, s), PartName(language, s, c.Part, c.Label), c.N)
				}
			}
		}
	}
	fmt.Fprintf(b, "\n%s: %d\n", t["in"], persons)
	count("branch", "age", "sex", "subscription")
	fmt.Fprintf(b, "\n%s\n", t["out"])
	count("out", "source")
	fmt.Fprintf(b, "\n%s\n", t["complete"])
	count("filled", "match")
	percent := fmt.Sprintf("%.1f", a.ExpectedMatch)
	if language == "nl" {
		percent = decimalComma(a.ExpectedMatch)
	}
	fmt.Fprintf(b, "  "+t["match"]+"\n", percent, NationalMatch)
	fmt.Fprintf(b, "\n%s\n", t["reconciled"])
	if a.Against == "" {
		fmt.Fprintf(b, "  %s\n", t["first"])
		return
	}
	fmt.Fprintf(b, "  "+t["against"]+"\n", a.Against)
	for _, d := range a.Differences {
		fmt.Fprintf(b, "  %-18s %-56s %9d → %9d  %+d\n", SubjectName(language, d.Subject), PartName(language, d.Subject, d.Part, d.Label), d.Before, d.After, d.After-d.Before)
	}
}
