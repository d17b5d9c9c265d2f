package render

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

var sampleTime = time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)

// sampleReport is a made-up report on branches × months, with every kind of
// value, chart and shade in it.
func sampleReport(language Language, edition Edition, branches, months int) *Document {
	names := sampleBranches(branches)
	perMonth := sampleMonths(names, months)
	d := &Document{
		Title: "Nieuwe leden per vestiging", Subtitle: "Instroom, uitstroom en herkomst",
		Language: language, Edition: edition, Library: "Bibliotheek Voorbeeld", Period: "januari 2022 t/m december 2024",
		Source: "ledenbestand van 1 januari 2025, gemaakt met peil", ReferenceDate: time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC),
		Made: sampleTime, Files: []string{"new-members.xlsx"},
		KeyFigures: []KeyFigure{
			{Label: "Leden op 31 december 2024", Value: Int(28417), Kind: KindCount, Note: "vorig jaar 27.902", Definition: "Personen met een geldig lidmaatschap op de peildatum."},
			{Label: "Nieuwe leden in 2024", Value: Int(4211), Kind: KindCount, Note: "vorig jaar 3.980"},
			{Label: "Groei", Value: Float(0.01846), Kind: KindPercent, Decimals: 1, Note: "ten opzichte van 2023"},
			{Label: "Verhuisd tussen vestigingen", Value: NotAvailable(), Kind: KindCount, Note: "de bron heeft geen historie"},
		},
		Definitions: []Definition{
			{"Nieuw lid", "Een persoon die zich voor het eerst bij de bibliotheek inschrijft; wie terugkomt telt niet mee."},
			{"Uitgeschreven", "Het lidmaatschap is in de maand geëindigd en niet verlengd."},
		},
		Notes: []string{"Een persoon die bij twee vestigingen leent, telt bij beide mee; het totaal telt hem één keer."},
	}
	d.Sections = []Section{
		{ID: "balance", Title: "Stand en stroom", Intro: "Hoe het aantal leden per maand verandert: wie erbij komt en wie vertrekt.",
			Charts: []Chart{
				{ID: "flow", Title: "Instroom en uitstroom per maand", Kind: Lines, Table: "total", X: "month", Y: []string{"new", "returned", "lapsed"},
					Description: "In september komen er elk jaar de meeste nieuwe leden bij."},
				{ID: "stock", Title: "Leden aan het einde van de maand", Kind: Lines, Table: "total", X: "month", Y: []string{"end"},
					Description: "Het aantal leden stijgt langzaam."},
				{ID: "panels", Title: "Nieuwe leden per vestiging", Kind: SmallMultiples, Table: "branches", X: "month", Y: []string{"new"}, By: "branch",
					Description: "Elke vestiging in een eigen vak, van januari 2022 tot en met december 2024."},
			},
			Tables: []Table{sampleTotals(months), perMonth}},
		{ID: "who", Title: "Wie zijn de nieuwe leden",
			Charts: []Chart{
				{ID: "ages", Title: "Nieuwe leden naar leeftijd", Kind: Bars, Table: "age", X: "class", Y: []string{"previous", "current"},
					Description: "Bijna de helft van de nieuwe leden is jonger dan dertien."},
				{ID: "sexes", Title: "Nieuwe leden naar leeftijd en geslacht", Kind: StackedBars, Table: "age", X: "class", Y: []string{"women", "men", "other"}},
				{ID: "map", Title: "Aandeel leden per postcodegebied", Kind: TileMap, Table: "pc4", X: "pc4", Y: []string{"share"},
					Description: "Van elke honderd inwoners is dit deel lid."},
				{ID: "yearly", Title: "Nieuwe leden per jaar", Kind: Bars, Table: "years", X: "year", Y: []string{"new"}},
			},
			Tables: []Table{sampleAges(), samplePC4(), sampleYears()}},
	}
	return d
}

func sampleBranches(n int) []string {
	names := []string{"Forum", "Rokkeveen", "Oosterheem", "Bibliobus", "Servicepunt De Vuurtoren"}
	for i := len(names); i < n; i++ {
		names = append(names, fmt.Sprintf("Vestiging %03d", i+1))
	}
	return names[:n]
}

func sampleMonths(names []string, months int) Table {
	t := Table{ID: "branches", Title: "Stand en stroom per vestiging en maand", Short: "Vestigingen",
		Definition: "Eén rij per vestiging en maand; begin + nieuw + opnieuw + verhuisd in − uitgeschreven − verhuisd uit = eind.",
		Columns: []Column{
			{Key: "branch", Title: "Vestiging", Definition: "De vestiging waar het lid is ingeschreven."},
			{Key: "month", Title: "Maand", Kind: KindMonth},
			{Key: "begin", Title: "Begin", Kind: KindCount, Definition: "Leden op de eerste dag van de maand."},
			{Key: "new", Title: "Nieuw", Kind: KindCount, Definition: "Voor het eerst ingeschreven in de maand.", Shade: ShadeMagnitude},
			{Key: "returned", Title: "Opnieuw ingeschreven", Kind: KindCount, Definition: "Na een eerder lidmaatschap teruggekomen."},
			{Key: "moved_in", Title: "Verhuisd in", Kind: KindCount, Definition: "Van een andere vestiging."},
			{Key: "lapsed", Title: "Uitgeschreven", Kind: KindCount, Definition: "Geëindigd en niet verlengd."},
			{Key: "moved_out", Title: "Verhuisd uit", Kind: KindCount, Definition: "Naar een andere vestiging.", Hidden: true},
			{Key: "end", Title: "Eind", Kind: KindCount, Definition: "Leden op de laatste dag van de maand."},
			{Key: "growth", Title: "Groei", Kind: KindPercent, Decimals: 1, Definition: "Verandering in de maand als deel van het begin.", Shade: ShadeChange},
		}, Files: []string{"branches.csv", "branches.parquet"}}
	for b, name := range names {
		members := 200 + b*137%5000
		for m := range months {
			fresh := int(float64(members) / 60 * (1.2 + math.Sin(float64(m)/1.9+float64(b))))
			gone := fresh*7/10 + (b+m)%5
			n, share := Int(int64(fresh)), Float(float64(fresh-gone)/float64(members))
			if m < 3 {
				n, share = AtLeast(int64(fresh)), NotAvailable()
			}
			if b == 3 && m > 2 && m < 9 {
				n = Protected()
			}
			t.Rows = append(t.Rows, []Value{Text(name), Month(2022+m/12, time.Month(m%12+1)), Int(int64(members)), n,
				Int(int64(m % 4)), NotAvailable(), Int(int64(gone)), NotAvailable(), Int(int64(members + fresh - gone)), share})
			members += fresh - gone
		}
	}
	return t
}

func sampleTotals(months int) Table {
	t := Table{ID: "total", Title: "De hele bibliotheek per maand", Short: "Totaal per maand",
		Definition: "Eén rij per maand; ieder lid telt één keer.",
		Columns: []Column{
			{Key: "month", Title: "Maand", Kind: KindMonth},
			{Key: "begin", Title: "Begin", Kind: KindCount},
			{Key: "new", Title: "Nieuw", Kind: KindCount, Definition: "Voor het eerst ingeschreven in de maand."},
			{Key: "returned", Title: "Opnieuw ingeschreven", Kind: KindCount, Definition: "Na een eerder lidmaatschap teruggekomen."},
			{Key: "lapsed", Title: "Uitgeschreven", Kind: KindCount, Definition: "Geëindigd en niet verlengd."},
			{Key: "end", Title: "Eind", Kind: KindCount, Definition: "Leden op de laatste dag van de maand."},
		}}
	members := int64(26500)
	for m := range months {
		fresh := int64(340 + 130*math.Sin(float64(m%12)/12*6.28+3.4))
		back, gone := int64(40+m%7), int64(300+60*math.Cos(float64(m%12)))
		n := Int(fresh)
		if m < 6 {
			n = AtLeast(fresh)
		}
		t.Rows = append(t.Rows, []Value{Month(2022+m/12, time.Month(m%12+1)), Int(members), n, Int(back), Int(gone), Int(members + fresh + back - gone)})
		members += fresh + back - gone
	}
	return t
}

func sampleAges() Table {
	t := Table{ID: "age", Title: "Nieuwe leden naar leeftijd", Definition: "Leeftijd in hele jaren op de dag van inschrijving.",
		Columns: []Column{
			{Key: "class", Title: "Leeftijd"},
			{Key: "previous", Title: "2023", Kind: KindCount},
			{Key: "current", Title: "2024", Kind: KindCount},
			{Key: "change", Title: "Verandering", Kind: KindPercent, Decimals: 1, Shade: ShadeChange},
			{Key: "women", Title: "Vrouw", Kind: KindCount},
			{Key: "men", Title: "Man", Kind: KindCount},
			{Key: "other", Title: "Anders of onbekend", Kind: KindCount},
			{Key: "share", Title: "Aandeel inwoners dat lid is", Kind: KindPercent, Decimals: 1, Shade: ShadeMagnitude},
		}}
	for i, class := range []string{"0-3", "4-12", "13-17", "18-29", "30-49", "50-64", "65 en ouder"} {
		a, b := int64(300+i*57%400), int64(320+i*91%450)
		other := Int(int64(i * 7))
		if i == 0 {
			other = Protected()
		}
		t.Rows = append(t.Rows, []Value{Text(class), Int(a), Int(b), Float(float64(b-a) / float64(a)), Int(b / 2), Int(b / 3), other, Float(0.08 + float64(i%4)*0.09)})
	}
	t.Total = []Value{Text("Totaal"), Int(3980), Int(4211), Float(0.058), Int(2100), Int(1400), Protected(), Float(0.223)}
	return t
}

func samplePC4() Table {
	t := Table{ID: "pc4", Title: "Leden en inwoners per postcodegebied", Short: "Postcodegebieden",
		Columns: []Column{
			{Key: "pc4", Title: "PC4"}, {Key: "place", Title: "Plaats"},
			{Key: "members", Title: "Leden", Kind: KindCount, Shade: ShadeMagnitude},
			{Key: "inhabitants", Title: "Inwoners", Kind: KindCount, Definition: "CBS, 1 januari 2021."},
			{Key: "share", Title: "Aandeel", Kind: KindPercent, Decimals: 1, Definition: "Leden gedeeld door inwoners."},
		}}
	for i := range 26 {
		pc := 2711 + i
		share := Float(0.05 + float64(i*37%23)/100)
		if i == 4 {
			share = Protected()
		}
		if i == 9 {
			share = NotAvailable()
		}
		t.Rows = append(t.Rows, []Value{Text(strconv.Itoa(pc)), Text("Zoetermeer"), Int(int64(300 + i*171%900)), Int(int64(4000 + i*311%3000)), share})
	}
	t.Rows = append(t.Rows, []Value{Text("Buiten Nederland"), Text(""), Int(12), NotAvailable(), NotAvailable()})
	t.Total = []Value{Text("Totaal"), Text(""), Int(17804), Int(125411), Float(0.142)}
	return t
}

func sampleYears() Table {
	t := Table{ID: "years", Title: "Nieuwe leden per jaar", Columns: []Column{{Key: "year", Title: "Jaar", Kind: KindYear}, {Key: "new", Title: "Nieuw", Kind: KindCount}, {Key: "per", Title: "Per 1.000 inwoners", Kind: KindDecimal, Decimals: 1}, {Key: "counted", Title: "Geteld op", Kind: KindDate}}}
	for y := range 7 {
		t.Rows = append(t.Rows, []Value{Int(int64(2018 + y)), Int(int64(3000 + y*y*31)), Float(24.5 + float64(y)/3), Date(time.Date(2019+y, 1, 2, 0, 0, 0, 0, time.UTC))})
	}
	return t
}

// sharedData is the folder of data sets beside the project, or a skip.
func sharedData(t testing.TB) string {
	dir := os.Getenv("PEIL_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the shared data folder is not here: set PEIL_SHARED_DATA")
	}
	return dir
}

// torontoReport draws the real registrations of 110 branches over eleven years.
func torontoReport(t testing.TB) *Document {
	dir := filepath.Join(sharedData(t), "toronto-branches")
	registrations := readCSV(t, filepath.Join(dir, "tpl-card-registrations-annual-by-branch-2012-2022.csv"))
	names := make(map[string]string)
	for _, r := range readCSV(t, filepath.Join(dir, "tpl-branch-general-information-2023.csv")) {
		names[r["BranchCode"]] = r["BranchName"]
	}
	table := Table{ID: "registrations", Title: "New registrations per branch and year", Short: "Registrations",
		Definition: "One row per branch and year, as published.",
		Columns: []Column{{Key: "branch", Title: "Branch"}, {Key: "year", Title: "Year", Kind: KindYear},
			{Key: "registrations", Title: "Registrations", Kind: KindCount, Definition: "New library cards in the year.", Shade: ShadeMagnitude}}}
	latest := Table{ID: "latest", Title: "New registrations in 2022", Definition: "One row per branch.",
		Columns: []Column{{Key: "branch", Title: "Branch"}, {Key: "registrations", Title: "Registrations", Kind: KindCount}}}
	for _, r := range registrations {
		name := names[r["BranchCode"]]
		if name == "" {
			name = r["BranchCode"]
		}
		year, count := number(t, r["Year"]), number(t, r["Registrations"])
		table.Rows = append(table.Rows, []Value{Text(name), Int(year), Int(count)})
		if year == 2022 {
			latest.Rows = append(latest.Rows, []Value{Text(name), Int(count)})
		}
	}
	return &Document{Title: "New registrations, Toronto Public Library", Language: English, Edition: Public,
		Library: "Toronto Public Library", Period: "2012 – 2022", Source: "Open Government Licence – Toronto", Made: sampleTime,
		Sections: []Section{{ID: "registrations-section", Title: "Registrations", Charts: []Chart{
			{ID: "panels", Title: "New registrations per branch", Kind: SmallMultiples, Table: "registrations", X: "year", Y: []string{"registrations"}, By: "branch", Description: "Every branch, 2012 to 2022."},
			{ID: "bars", Title: "New registrations in 2022", Kind: Bars, Table: "latest", X: "branch", Y: []string{"registrations"}},
		}, Tables: []Table{table, latest}}}}
}

func readCSV(t testing.TB, path string) []map[string]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range records[1:] {
		row := make(map[string]string)
		for i, k := range records[0] {
			row[k] = r[i]
		}
		out = append(out, row)
	}
	return out
}

func number(t testing.TB, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
