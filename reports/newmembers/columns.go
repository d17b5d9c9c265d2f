package newmembers

import (
	"peil/reports/render"
	"peil/transforms/contract"
)

// heading is a column in both languages; what it means stands in the contract.
type heading struct {
	kind   render.Kind
	nl, en string
}

// means is the definition of a column.
func (w language) means(key string) string {
	return contract.Means("new-members", key).In(string(w))
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
	"branch_name":   {text, "Vestiging", "Branch"},
	"branch":        {text, "Code", "Code"},
	"isil":          {text, "ISIL", "ISIL"},
	"month":         {monthly, "Maand", "Month"},
	"basis":         {text, "Telling", "Counted"},
	"begin_members": {count, "Begin", "Begin"},
	"new":           {count, "Nieuw", "New"},
	"re_registered": {count, "Opnieuw", "Re-registered"},
	"moved_in":      {count, "Verhuisd in", "Moved in"},
	"lapsed":        {count, "Vertrokken", "Lapsed"},
	"moved_out":     {count, "Verhuisd uit", "Moved out"},
	"end_members":   {count, "Eind", "End"},
	"growth":        {percent, "Groei", "Growth"},
	"lapse_rate":    {percent, "Verloop", "Lapse rate"},
	"gap_unknown":   {count, "Tussentijd onbekend", "Gap unknown"},
	"first_unknown": {count, "Eerste inschrijving onbekend", "First registration unknown"},

	"from_branch": {text, "Van", "From"},
	"to_branch":   {text, "Naar", "To"},
	"moved_12":    {count, "12 mnd", "12 months"},
	"moved":       {count, "Hele periode", "Whole period"},

	"calendar_month": {text, "Maand", "Month"},
	"year":           {text, "Jaar", "Year"},
	"new_before":     {count, "Jaar eerder", "Year before"},
	"new_change":     {percent, "Verschil nieuw", "Change in new"},
	"lapsed_before":  {count, "Vertrokken, jaar eerder", "Lapsed, year before"},
	"end_before":     {count, "Leden, jaar eerder", "Members, year before"},
	"end_change":     {percent, "Verschil leden", "Change in members"},

	"members":       {count, "Leden", "Members"},
	"new_12":        {count, "Nieuw 12 mnd", "New, 12 months"},
	"new_12_before": {count, "12 mnd ervoor", "12 months before"},
	"new_12_change": {percent, "Verschil", "Change"},
	"new_share":     {percent, "Aandeel", "Share"},
	"new_period":    {count, "Hele periode", "Whole period"},
	"lapsed_12":     {count, "Vertrokken 12 mnd", "Lapsed, 12 months"},
	"growth_12":     {percent, "Groei 12 mnd", "Growth, 12 months"},
	"lapse_rate_12": {percent, "Verloop 12 mnd", "Lapse rate, 12 months"},
	"loans_12":      {count, "Uitleningen 12 mnd", "Loans, 12 months"},

	"age_class":         {text, "Leeftijd", "Age"},
	"sex":               {text, "Geslacht", "Sex"},
	"subscription":      {text, "Abonnement", "Subscription"},
	"new_female":        {count, "Vrouw", "Female"},
	"new_male":          {count, "Man", "Male"},
	"new_x":             {count, "X", "X"},
	"new_sex_unknown":   {count, "Onbekend", "Unknown"},
	"new_youth":         {count, "Jeugd", "Youth"},
	"new_adult":         {count, "Volwassenen", "Adult"},
	"new_other":         {count, "Overig", "Other"},
	"new_class_unknown": {count, "Onbekend", "Unknown"},
	"pc4":               {text, "Postcode", "Postcode"},
	"catchment":         {text, "Meest bij", "Mostly at"},
	"inhabitants":       {count, "Inwoners", "Inhabitants"},
	"member_share":      {percent, "Deel dat lid is", "Share who are members"},
	"new_per_1000":      {decimal, "Nieuw per 1.000 inwoners", "New per 1,000 inhabitants"},

	"female_members":     {count, "Vrouwelijke leden", "Female members"},
	"female_inhabitants": {count, "Vrouwen", "Women"},
	"female_share":       {percent, "Deel van de vrouwen", "Share of women"},
	"male_members":       {count, "Mannelijke leden", "Male members"},
	"male_inhabitants":   {count, "Mannen", "Men"},
	"male_share":         {percent, "Deel van de mannen", "Share of men"},
	"area":               {text, "Gebied", "Area"},

	"lives_near": {text, "Woont bij", "Lives near"},
	"new_own":    {count, "Uit eigen gebied", "From its own area"},
	"new_near":   {count, "Uit gebied van andere vestigingen", "From other branches' areas"},
	"new_far":    {count, "Postcode onbekend", "Postcode unknown"},
	"own_share":  {percent, "Deel uit eigen gebied", "Share from its own area"},

	"new_year":        {count, "Nieuw dit jaar", "New this year"},
	"new_year_before": {count, "Zelfde maanden vorig jaar", "Same months last year"},
	"new_year_change": {percent, "Verschil dit jaar", "Change this year"},

	"loans_owned_12":      {count, "Uit eigen bezit 12 mnd", "Of its stock, 12 months"},
	"loans_per_member_12": {decimal, "Hier geleend per lid", "Made here per member"},
	"owned_per_member_12": {decimal, "Eigen bezit per lid", "Of its stock per member"},
	"owned_per_made":      {decimal, "Bezit per hier geleend", "Stock per loan here"},
	"active_members":      {count, "Leden die leenden", "Members who borrowed"},
	"active_share":        {percent, "Deel dat leende", "Share who borrowed"},
	"loans_of_members":    {count, "Hun uitleningen", "Their loans"},
	"loans_by_member":     {decimal, "Per lid", "Per member"},
	"loans_by_borrower":   {decimal, "Per lid dat leende", "Per member who borrowed"},

	"branch_share": {percent, "Aandeel", "Share"},

	"loans":              {count, "Uitleningen", "Loans"},
	"active_borrowers":   {count, "Actieve leners", "Active borrowers"},
	"loans_of_known":     {count, "Uitleningen van bekende leners", "Loans of known borrowers"},
	"loans_per_borrower": {decimal, "Per actieve lener", "Per active borrower"},
	"loans_per_member":   {decimal, "Per lid", "Per member"},
	"still_3":            {count, "Na 3 maanden", "After 3 months"},
	"still_6":            {count, "Na 6 maanden", "After 6 months"},
	"still_12":           {count, "Na 12 maanden", "After 12 months"},
	"still_24":           {count, "Na 24 maanden", "After 24 months"},
	"survival_3":         {percent, "Gebleven na 3", "Stayed 3"},
	"survival_6":         {percent, "Gebleven na 6", "Stayed 6"},
	"survival_12":        {percent, "Gebleven na 12", "Stayed 12"},
	"survival_24":        {percent, "Gebleven na 24", "Stayed 24"},
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
		cs[i] = render.Column{Key: key, Title: w.say(h.nl, h.en), Kind: h.kind, Definition: w.means(key), Hidden: hidden[key], Shade: shades[key]}
		if h.kind == percent || h.kind == decimal {
			cs[i].Decimals = 1
		}
	}
	return cs
}
