package rights

import "strings"

// vocabulary is how a letter calls what Peil has other names for.
type vocabulary struct {
	columns map[string]string            // of the source and of what is kept
	values  map[string]map[string]string // of a column; "" for any
	rights  map[Right]string
}

var words = map[string]vocabulary{
	"nl": {
		columns: map[string]string{
			"member_id": "lidnummer", "person_id": "persoonsnummer", "kind": "soort lid", "birth_date": "geboortedatum", "sex": "geslacht",
			"postcode": "postcode", "house_number": "huisnummer", "house_letter": "huisletter", "house_number_addition": "toevoeging",
			"branch": "vestiging", "subscription": "abonnement", "subscription_class": "soort abonnement",
			"first_registered_on": "eerste inschrijving", "last_registered_on": "laatste inschrijving", "valid_until": "geldig tot en met",
			"ebook": "lid van de online bibliotheek", "deleted": "verwijderd in het bibliotheeksysteem", "objection": "bezwaar aangetekend in het bibliotheeksysteem",
			"deleted_on": "voor het eerst als verwijderd gezien", "until": "lid tot en met", "moved_on": "van vestiging veranderd op", "from_branch": "vorige vestiging",
			"first_loan_in_quarter": "eerste uitlening van het jaar in kwartaal", "first_loan_in_month": "eerste uitlening van het jaar in maand",
		},
		values: map[string]map[string]string{
			"": {"true": "ja", "false": "nee"}, "kind": {"person": "persoon", "institution": "instelling"}, "sex": {"M": "man", "F": "vrouw", "X": "anders"},
			"subscription_class": {"youth": "jeugd", "adult": "volwassen", "other": "anders", "unknown": "onbekend"},
		},
		rights: map[Right]string{Objection: "bezwaar tegen levering aan anderen", Restriction: "beperking van het gebruik", Erasure: "wissen", Rectification: "verbetering"},
	},
	"en": {
		columns: map[string]string{
			"member_id": "member number", "person_id": "person number", "kind": "kind of member", "birth_date": "date of birth", "sex": "sex",
			"postcode": "postcode", "house_number": "house number", "house_letter": "house letter", "house_number_addition": "addition",
			"branch": "branch", "subscription": "subscription", "subscription_class": "class of subscription",
			"first_registered_on": "first registration", "last_registered_on": "last registration", "valid_until": "valid until",
			"ebook": "member of the online library", "deleted": "deleted in the library system", "objection": "objection noted in the library system",
			"deleted_on": "first seen as deleted", "until": "member until", "moved_on": "changed branch on", "from_branch": "branch before",
			"first_loan_in_quarter": "first loan of the year in quarter", "first_loan_in_month": "first loan of the year in month",
		},
		values: map[string]map[string]string{
			"": {"true": "yes", "false": "no"}, "sex": {"M": "male", "F": "female", "X": "neither"},
		},
		rights: map[Right]string{Objection: "objection to delivery to others", Restriction: "restriction of use", Erasure: "erasure", Rectification: "rectification"},
	},
}

func (v vocabulary) field(name, value string) (string, string) {
	for _, of := range []string{name, ""} {
		if word, known := v.values[of][value]; known {
			value = word
			break
		}
	}
	if word, known := v.columns[name]; known {
		name = word
	}
	return name, value
}

// lines are the filled fields of a record, in an order.
func (v vocabulary) lines(order []string, record map[string]string) []string {
	var lines []string
	for _, column := range order {
		if record[column] != "" {
			name, value := v.field(column, record[column])
			lines = append(lines, name+": "+value)
		}
	}
	return lines
}

// keptOrder is the order of what is kept.
var keptOrder = []string{"branch", "until", "deleted_on", "moved_on", "from_branch", "first_loan_in_quarter", "first_loan_in_month"}

func (v vocabulary) row(row map[string]string) string {
	return strings.Join(v.lines(keptOrder, row), ", ")
}

func (v vocabulary) right(r Right) string { return v.rights[r] }
