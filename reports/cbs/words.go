package cbs

import "strings"

// words are what the figures are called, by "subject" or "subject part".
var words = map[string]map[string]string{
	"nl": {
		"persons": "personen in de levering", "branch": "vestiging", "age": "leeftijd", "sex": "geslacht", "subscription": "abonnement",
		"filled": "veld gevuld", "sum": "controlesom", "match": "koppeling", "out": "buiten de levering", "source": "bron",
		"unknown": "onbekend", "rare": "(zeldzame of lange codes, niet getoond)",
		"sex M": "man", "sex F": "vrouw", "sex X": "anders",
		"filled birth_date": "geboortedatum", "filled sex": "geslacht", "filled last_registered_on": "laatste inschrijfdatum", "filled postcode": "postcode",
		"filled house_number": "huisnummer", "filled addition": "huisletter of toevoeging",
		"sum birth_date": "geboortedatums als getal JJJJMMDD", "sum last_registered_on": "laatste inschrijfdatums als getal JJJJMMDD",
		"sum postcode": "cijfers van de postcodes", "sum house_number": "huisnummers",
		"match known": "geboortedatum, postcode en huisnummer bekend", "match certain": "idem, en het huisnummer is niet twijfelachtig",
		"out institution": "instellingen", "out staff": "personeelspassen", "out test": "testaccounts", "out interlibrary": "interbibliothecair",
		"out online_only": "alleen online", "out trial": "proefabonnementen", "out not_valid": "lidmaatschap niet geldig op de peildatum",
		"out objection": "bezwaar gemaakt", "out away": "gewist of beperkt op verzoek van het lid",
		"out past":    "langer dan zes maanden geleden beëindigd (niet gelezen)",
		"source rows": "regels met leden", "source rejected": "afgekeurde regels", "source merged": "verdere records van dezelfde persoon",
	},
	"en": {
		"persons": "persons in the delivery", "branch": "branch", "age": "age", "sex": "sex", "subscription": "subscription",
		"filled": "field filled", "sum": "checksum", "match": "match", "out": "left out", "source": "source",
		"unknown": "unknown", "rare": "(rare or long codes, not shown)",
		"sex M": "male", "sex F": "female", "sex X": "other",
		"filled birth_date": "birth date", "filled sex": "sex", "filled last_registered_on": "last registration date", "filled postcode": "postcode",
		"filled house_number": "house number", "filled addition": "house letter or addition",
		"sum birth_date": "birth dates as numbers YYYYMMDD", "sum last_registered_on": "last registration dates as numbers YYYYMMDD",
		"sum postcode": "digits of the postcodes", "sum house_number": "house numbers",
		"match known": "birth date, postcode and house number known", "match certain": "the same, and the house number is not in doubt",
		"out institution": "institutions", "out staff": "staff passes", "out test": "test accounts", "out interlibrary": "interlibrary",
		"out online_only": "online only", "out trial": "trial subscriptions", "out not_valid": "membership not valid on the reference date",
		"out objection": "objected", "out away": "erased or restricted at the member's request",
		"out past":    "ended more than six months ago (not read)",
		"source rows": "rows of members", "source rejected": "rejected rows", "source merged": "further records of one person",
	},
}

// SubjectName is what a subject is called in a language, nl or en.
func SubjectName(language, subject string) string { return words[language][subject] }

// PartName is what a part of a subject is called: as the library named it, else in words,
// else as it is.
func PartName(language, subject, part, label string) string {
	if label != "" {
		return label
	}
	if w := words[language][subject+" "+part]; w != "" {
		return w
	}
	if w := words[language][part]; w != "" {
		return w
	}
	return strings.TrimPrefix(part, "code ")
}
