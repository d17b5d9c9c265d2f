package file

import "peil/pipeline/source"

// synonyms are the headings under which a column is also known, written as
// [normal] leaves them. The canonical names themselves are always understood.
//
// The English ones are mostly those of Koha (patron import, tables branches and
// statistics), the Dutch ones those of OCLC Wise and of everyday exports. Nothing
// stands here that might as well mean something else: a heading that is not
// understood is reported, one that is misunderstood is not.
var synonyms = map[string]map[string][]string{
	source.Members: {
		"member_id":             {"borrowernumber", "cardnumber", "patronid", "lenernummer", "lenernr", "lidnummer", "lidnr", "klantnummer", "klantnr", "pasnummer", "pasnr"},
		"person_id":             {"persoonid", "persoonsnummer", "persoonnummer"},
		"kind":                  {"soort", "soortlid", "soortklant", "klantsoort"},
		"birth_date":            {"dateofbirth", "dob", "geboortedatum", "gebdatum", "gebdat"},
		"sex":                   {"gender", "geslacht"},
		"postcode":              {"zipcode", "zip", "postalcode", "postcd"},
		"house_number":          {"streetnumber", "huisnummer", "huisnr"},
		"house_letter":          {"huisletter"},
		"house_number_addition": {"huisnummertoevoeging", "huisnummertoe", "huisnrtoevoeging", "huisnrtoe", "toevoeging"},
		"country":               {"countrycode", "land", "landcode"},
		"branch":                {"branchcode", "homebranch", "homelibrary", "vestiging", "vestigingscode", "vestigingcode", "vestigingnr", "vestigingsnummer", "filiaal"},
		"subscription":          {"categorycode", "patroncategory", "abonnement", "abonnementscode", "abonnementcode", "abonnementsoort", "lenerscategorie", "klantcategorie"},
		"subscription_class":    {"categorytype", "abonnementsklasse", "abonnementklasse"},
		"first_registered_on":   {"dateenrolled", "enrollmentdate", "inschrijfdatum", "datuminschrijving", "inschrijvingsdatum", "eersteinschrijfdatum", "eersteinschrijving", "datumeersteinschrijving"},
		"last_registered_on":    {"daterenewed", "laatsteinschrijfdatum", "laatsteinschrijving", "datumlaatsteinschrijving"},
		"valid_until":           {"dateexpiry", "expirydate", "expirationdate", "geldigtot", "geldigtm", "geldigtotenmet", "vervaldatum", "einddatum"},
		"ended_on":              {"uitschrijfdatum", "datumuitschrijving", "uitgeschrevenop", "opzegdatum"},
		"ebook":                 {"ebooks", "ebooklid", "onlinebibliotheek"},
		"deleted":               {"verwijderd"},
		"objection":             {"bezwaar", "objects"},
	},
	source.Loans: {
		"member_id":    {"borrowernumber", "cardnumber", "patronid", "lenernummer", "lenernr", "lidnummer", "lidnr", "klantnummer", "klantnr", "pasnummer", "pasnr"},
		"branch":       {"branchcode", "vestiging", "vestigingscode", "vestigingcode", "vestigingnr", "vestigingsnummer", "filiaal"},
		"owner_branch": {"homebranch", "eigenaar", "eigenaarvestiging", "eigenvestiging"},
		"title_id":     {"biblionumber", "titelid", "titelnummer", "titelnr", "ppn"},
		"material":     {"itemtype", "itype", "materiaal", "materiaalsoort", "materiaaltype"},
		"audience":     {"doelgroep", "leeftijdscategorie"},
		"genre":        {"fictienonfictie"},
		"kind":         {"type", "transactie", "transactiesoort", "transactietype", "soort"},
		"loaned_at":    {"issuedate", "datetime", "checkoutdate", "uitleendatum", "leendatum", "datumuitlening", "transactiedatum"},
		"returned_at":  {"returndate", "checkindate", "inleverdatum", "innamedatum", "retourdatum", "datuminname"},
		"school":       {"schooluitlening", "biebopschool", "bibliotheekopschool", "dbos"},
	},
	source.Branches: {
		"branch":      {"branchcode", "vestiging", "vestigingscode", "vestigingcode", "vestigingnr", "vestigingsnummer", "filiaal", "code"},
		"name":        {"branchname", "naam", "vestigingsnaam", "vestigingnaam"},
		"isil":        {"isilcode", "marcorgcode"},
		"admin_isil":  {"administratieveisil", "administratieveisilcode", "adminisilcode"},
		"type":        {"soort", "vestigingstype", "vestigingtype", "locatietype"},
		"opened_on":   {"openingsdatum", "geopendop", "open", "openvanaf"},
		"closed_on":   {"sluitingsdatum", "geslotenop"},
		"merged_into": {"samengevoegdmet", "opgegaanin", "fusiemet"},
	},
	source.Memberships: {
		"member_id":    {"borrowernumber", "cardnumber", "patronid", "lenernummer", "lenernr", "lidnummer", "lidnr", "klantnummer", "klantnr", "pasnummer", "pasnr"},
		"branch":       {"branchcode", "vestiging", "vestigingscode", "vestigingcode", "vestigingnr", "vestigingsnummer", "filiaal"},
		"subscription": {"categorycode", "abonnement", "abonnementscode", "abonnementcode", "abonnementsoort"},
		"valid_from":   {"startdate", "begindatum", "startdatum", "ingangsdatum", "geldigvanaf", "inschrijfdatum"},
		"valid_to":     {"enddate", "dateexpiry", "einddatum", "geldigtot", "geldigtm", "geldigtotenmet", "uitschrijfdatum"},
	},
}
