package area

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	wide = "\xef\xbb\xbf\"postcode\",\"leeftijd\",\"inwoners\",\"inwoners_man\",\"inwoners_vrouw\"\n" +
		"27,\"0-4\",999,500,499\n2711,\"5-9\",25,15,10\n2711,\"0-4\",20,10,10\n2711,\"10+\",100,45,55\n2712,0-4,0,0,0\n2712,5-9,0,0,0\n"
	long = "\"Bevolking; geslacht, leeftijd en viercijferige postcode\"\n\n" +
		"\"Geslacht\";\"Leeftijd\";\"Postcode\";\"Perioden\";\"Bevolking (aantal)\"\r\n" +
		"\"Totaal mannen en vrouwen\";\"0 tot 5 jaar\";\"2711\";\"2024\";\"20\"\r\n" +
		"\"Mannen\";\"0 tot 5 jaar\";\"2711\";\"2024\";\"10\"\r\n\"Vrouwen\";\"0 tot 5 jaar\";\"2711\";\"2024\";\"10\"\r\n" +
		"\"Mannen\";\"0 tot 5 jaar\";\"2711\";\"2023\";\"77\"\r\n\"Mannen\";\"0 tot 5 jaar\";\"2711\";\"2026\";\"78\"\r\n" +
		"\"Mannen\";\"5 tot 10 jaar\";\"2711\";\"2024\";\"15\"\r\n\"Vrouwen\";\"5 tot 10 jaar\";\"2711\";\"2024\";\"10\"\r\n" +
		"\"Mannen\";\"10 jaar of ouder\";\"2711\";\"2024\";\"45\"\r\n\"Vrouwen\";\"10 jaar of ouder\";\"2711\";\"2024\";\"55\"\r\n" +
		"\"Mannen\";\"Totaal\";\"2711\";\"2024\";\"999\"\r\n\"Mannen\";\"0 tot 5 jaar\";\"Nederland\";\"2024\";\"999999\"\r\n\"Bron: CBS\"\r\n"
	keyed = "ID;Geslacht;Leeftijd;Postcode;Perioden;Bevolking_1\n0;mannen;0 tot 5 jaar;PC2711  ;2024JJ00;10\n1;vrouwen;0 tot 5 jaar;PC2711  ;2024JJ00;.\n"
)

func TestPopulation(t *testing.T) {
	want := []Inhabitants{{20, 10, 10}, {25, 15, 10}, {100, 45, 55}}
	for name, c := range map[string]struct {
		text string
		on   time.Time
	}{"a column a sex": {wide, date("2024-01-01")}, "a row a sex": {long, time.Time{}}} {
		p, err := ReadPopulation(strings.NewReader(c.text), c.on, date("2025-06-01"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, p.In("2711")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]Ages{{0, 4}, {5, 9}, {10, oldest}}, p.Ages); diff != "" {
			t.Errorf("%s: ages (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]string{"2711"}, p.Areas()); diff != "" {
			t.Errorf("%s: areas (-want +got):\n%s", name, diff)
		}
		if !p.On.Equal(date("2024-01-01")) {
			t.Errorf("%s: it speaks of %s", name, p.On)
		}
	}
	p, err := ReadPopulation(strings.NewReader(keyed), time.Time{}, date("2025-06-01"))
	if err != nil || p.In("2711")[0] != (Inhabitants{10, 10, 0}) {
		t.Errorf("with keys: %v, %v", p, err)
	}
}

func TestPopulationThatCannotBeRead(t *testing.T) {
	head := "postcode,leeftijd,inwoners,inwoners_man,inwoners_vrouw\n"
	for _, c := range []struct{ text, want string }{
		{"", "no line has the headings"},
		{"a,b\n1,2\n", "export StatLine 83502NED"},
		{head + "2711,70100,1,1,0\n", `"70100" is no class of ages`},
		{head + "2711,zeven,1,1,0\n", `"zeven" is no class of ages`},
		{head + "2711,0-4,1,1,0\n2711,6-9,1,1,0\n", "overlap or leave a gap"},
		{head + "2711,0-9,1,1,0\n2711,5-14,1,1,0\n", "overlap or leave a gap"},
		{head + "2711,5-9,1,1,0\n", "begin at 5"},
		{head + "27,0-4,1,1,0\n", "no postcode area of four digits"},
	} {
		if _, err := ReadPopulation(strings.NewReader(c.text), date("2024-01-01"), date("2025-01-01")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.text, err, c.want)
		}
	}
	if _, err := ReadPopulation(strings.NewReader(wide), time.Time{}, date("2025-01-01")); err == nil || !strings.Contains(err.Error(), "on: YYYY-01-01") {
		t.Errorf("without a day: %v", err)
	}
	if _, err := ReadPopulation(strings.NewReader(long), time.Time{}, date("2020-01-01")); err == nil || !strings.Contains(err.Error(), "no year that began by 2020-01-01") {
		t.Errorf("too old a report: %v", err)
	}
}

func TestTable(t *testing.T) {
	table := Table{Columns: []Column{{Heading: "Aantal huishoudens"}, {Heading: "gem_woz"}, {Heading: "naam"}}}
	text := "PC4;aantal_huishoudens;Gem. WOZ;Naam\nPC2711;1200;310,5;Caf\xe9buurt\n2712;-99997;.;2712\n"
	if err := table.Read(strings.NewReader(text), "pc4"); err != nil {
		t.Fatal(err)
	}
	want := map[string][]Value{
		"2711": {{Number: 1200, Known: true}, {Number: 310.5, Known: true}, {Text: "Cafébuurt", Known: true}},
		"2712": {{}, {}, {Text: "2712", Known: true}},
	}
	for name, row := range want {
		if diff := cmp.Diff(row, table.Row(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if c := table.Columns; !c[0].Number || c[0].Decimals != 0 || c[1].Decimals != 1 || c[2].Number {
		t.Errorf("columns: %+v", c)
	}
	if table.Area("2711") != "2711" || table.Area("2713") != "" {
		t.Error("postcode areas are not themselves")
	}
}

func TestTableOfOtherAreas(t *testing.T) {
	table := Table{Columns: []Column{{Heading: "inkomen"}}}
	if err := table.Read(strings.NewReader("wijk,inkomen\nWK01,20\nWK02,30\nWK03,40\n"), "wijk"); err != nil {
		t.Fatal(err)
	}
	if err := table.Place(strings.NewReader("postcode,wijk\n2711,WK01\n2712,WK01\n2713,WK02\n9999,WK99\n"), "postcode", "wijk"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"WK01", "WK02"}, table.Areas()); diff != "" {
		t.Errorf("areas (-want +got):\n%s", diff)
	}
	if table.Area("2712") != "WK01" || table.Area("9999") != "" {
		t.Error("postcode areas lie elsewhere")
	}
	for text, want := range map[string]string{
		"postcode,wijk\n2711,WK01\n2711,WK02\n": "choose one",
		"postcode,wijk\n2711,WK09\n":            "names no area of the table",
		"a,b\n":                                 "no line has the headings",
	} {
		if err := table.Place(strings.NewReader(text), "postcode", "wijk"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestTableThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"pc4,x\n2711,1\n":               `no column "inkomen"; there are: pc4, x`,
		"pc4,inkomen\n2711,1\n2711,2\n": "two rows are about area",
		"pc4,inkomen\n":                 "holds no area",
		"code,inkomen\n2711,1\n":        `"pc4"`,
	} {
		table := Table{Columns: []Column{{Heading: "inkomen"}}}
		if err := table.Read(strings.NewReader(text), "pc4"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestRealPopulation reads the population of the Netherlands, where it is.
func TestRealPopulation(t *testing.T) {
	dir := os.Getenv("PEIL_SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(dir, "cbs-population", "inwoners_per_postcode_leeftijd.csv"))
	if err != nil {
		t.Skip("the shared data folder is not here: set PEIL_SHARED_DATA")
	}
	defer f.Close()
	p, err := ReadPopulation(f, date("2021-01-01"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var all int64
	for _, a := range p.Areas() {
		for _, n := range p.In(a) {
			all += n.All
		}
	}
	if len(p.Ages) != 20 || all < 17_000_000 || all > 17_700_000 {
		t.Errorf("%d ages, %d inhabitants", len(p.Ages), all)
	}
}

func FuzzPopulation(f *testing.F) {
	f.Add([]byte(wide))
	f.Add([]byte(long))
	f.Add([]byte(keyed))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ReadPopulation(strings.NewReader(string(b)), time.Time{}, date("2025-01-01"))
		if err != nil {
			return
		}
		for _, a := range p.Areas() {
			for _, n := range p.In(a) {
				if n.All < n.Men+n.Women || n.Men < 0 || n.Women < 0 {
					t.Errorf("%s: %+v", a, n)
				}
			}
		}
	})
}
