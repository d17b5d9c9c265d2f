package parse_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

// variants are made of every fuzz input, so that the cost of a query is shared. One more
// than 2,048 would make DuckDB begin a second vector and compile every regular expression
// anew; where nobody searches, fewer do.
func variants() int {
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		return 2048
	}
	return 128
}

// batch returns v and texts that differ from it by a few edits with pieces that
// matter to a parser. The same v gives the same batch.
func batch(v string, pieces []string) []string {
	v = strings.ToValidUTF8(v, "")
	if len(v) > 200 {
		v = strings.ToValidUTF8(v[:200], "")
	}
	var seed uint64 = 14695981039346656037
	for _, b := range []byte(v) {
		seed = (seed ^ uint64(b)) * 1099511628211
	}
	random := rand.New(rand.NewPCG(seed, 0))
	texts := []string{v}
	for len(texts) < variants() {
		text := []rune(v)
		for range 1 + random.IntN(4) {
			at := random.IntN(len(text) + 1)
			upTo := min(len(text), at+random.IntN(3))
			piece := pieces[random.IntN(len(pieces))]
			if random.IntN(6) == 0 {
				piece = ""
			}
			text = []rune(string(text[:at]) + piece + string(text[upTo:]))
		}
		texts = append(texts, string(text))
	}
	return texts
}

// against compares expressions over a batch of texts with a reference. A reference
// that returns nil has no opinion: then only the absence of an error is checked.
func against(f *testing.F, expressions, seeds, pieces []string, reference func(string) []string) {
	for _, s := range seeds {
		f.Add(s)
	}
	e := newEvaluator(f, open(f), expressions...)
	pieces = append(pieces, seeds...)
	f.Fuzz(func(t *testing.T, v string) {
		texts := batch(v, pieces)
		for i, got := range e.eval(t.Context(), t, texts) {
			want := reference(texts[i])
			for j := range want {
				if got[j] != want[j] {
					t.Errorf("%s of %q = %s, want %s", expressions[j], texts[i], got[j], want[j])
				}
			}
		}
	})
}

func FuzzDates(f *testing.F) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		f.Fatal(err)
	}
	seeds := []string{
		"2024-05-03", "2024/5/3", "03-05-2024", "3.5.2024", "20240503", "45415.5", "3 mei 2024", "12-mrt-2024 10:20", "2024-05-03 10:20:30",
		"2024-05-03T10:20:30.123456Z", "2024-05-03 23:30:00+02:00", "0000-00-00", "1900-01-01", "31-12-9999", "1995", "1995-06-00", "06-1995", "onbekend",
	}
	pieces := []string{"0", "1", "2", "3", "5", "9", "12", "19", "20", "1902", "2099", "-", "/", ".", ",", ":", " ", "T", "Z", "+", "z", "t", "\u00a0", "\x00", "okt", "É", "K"}
	against(f, []string{"parse_date(v)", "date_code(v)", "parse_birth_year(v)", "parse_time(v)"}, seeds, pieces, func(v string) []string {
		want := referenceDates(v, zone)
		// Zone data differ in what they say of the time before 1970.
		if want[3] == null && want[0] != null && strings.ContainsAny(v, "Zz+:") {
			return nil
		}
		return want
	})
}

func FuzzPostcodes(f *testing.F) {
	seeds := []string{"2711EC", "NL-2711 ec", "2711.E.C.", "2711", "2711SA", "B-9000", "48599", "SW1A 1AA", "K1A 0B1", "D02 AF30", "nvt"}
	pieces := []string{"0", "1", "9", "A", "S", "d", "NL", " ", "-", ".", "\u00a0", "\t", "\x00", "ſ", "É", ".0"}
	against(f, []string{"parse_postcode(v)", "postcode_code(v)", "parse_pc4(v)"}, seeds, pieces, referencePostcode)
}

func FuzzHouses(f *testing.F) {
	seeds := []string{"12", "48A", "44-bis", "19p-8", "12 a-bis", "3-0072", "12-14", "12 t/m 14", "12½", "5.0", "Plein 1940-1945 12", "1e Jan Steenstraat 5", "nr. 12", "12|A|bis", "t/o 12"}
	pieces := []string{"0", "1", "2", "8", "14", "A", "b", "hs", "-", "/", ".", " ", "(", "|", "\u00a0", "½", "é", "1945", "straat ", "1e ", "\x00"}
	against(f, []string{house}, seeds, pieces, func(v string) []string {
		if want := splitHouse(v); want != nil && !strings.Contains(v, "|") {
			return []string{houseText(want)}
		}
		return nil
	})
}

// houseText writes number, letter, addition and code as DuckDB writes the struct.
func houseText(fields []string) string {
	return strings.ReplaceAll(fmt.Sprintf("{'number': %s, 'letter': %s, 'addition': %s, 'code': %s}", fields[0], fields[1], fields[2], fields[3]), null, "NULL")
}

var houseForm = regexp.MustCompile(`^\{'number': (?:NULL, 'letter': NULL, 'addition': NULL, 'code': (?:empty|no-number|ambiguous)` +
	`|([1-9][0-9]{0,4}), 'letter': (?:NULL|'?[A-Z]'?), 'addition': (?:NULL, 'code': (?:ok|ambiguous|addition-too-long)|'?[A-Z0-9]{1,4}'?, 'code': ok))\}$`)

// A house number that is found stands in the text, and every value has its form.
func FuzzHouseForms(f *testing.F) {
	f.Add("Plein 1940-1945 12 a-bis")
	f.Add("12|b|souterrain")
	e := newEvaluator(f, open(f), house)
	f.Fuzz(func(t *testing.T, v string) {
		texts := batch(v, []string{"0", "1", "14", "1945", "-", " ", "/", "a", "bis", "straat ", "|", "2e ", "\u00a0"})
		for i, got := range e.eval(t.Context(), t, texts) {
			if form := houseForm.FindStringSubmatch(got[0]); form == nil || !strings.Contains(texts[i], form[1]) {
				t.Errorf("%q became %s", texts[i], got[0])
			}
		}
	})
}

func FuzzCodes(f *testing.F) {
	seeds := []string{"M", "Vrouw", "non-binair", "Inst.", "onbekend", "ja", "1.0", "0", "00123", "123.0", "-5", "1,23E+12", "NULL", "NL-0823450000", "nl-0823451001", "n.v.t."}
	pieces := []string{"0", "1", "5", "a", "M", "v", ".", ",", "-", "E+", "e", " ", "\u00a0", "\x00", ".00", "NL-", "K", "İ"}
	against(f, []string{"parse_sex(v)", "sex_code(v)", "parse_bool(v)", "parse_id(v)", "member_ref(v)", "isil_code(v)", "isil_organisation(v)"},
		seeds, pieces, referenceCodes)
}

func FuzzText(f *testing.F) {
	seeds := []string{"Jeugd 0-17", "Café", "CafÃ©", "Ã\u00a0 la", "â€œGrootâ€\u009d", "ðŸ˜€", "SÃO", "łódź", "a\x00b", "\u202eabc", "a\u200db"}
	pieces := []string{"a", " ", "\t", "\u00a0", "\u0085", "\u0081", "Ã", "Â", "â", "ð", "€", "©", "\u00ad", "\u200b", "\u3000", "\x7f", "é", "í", "à", "\u00bf"}
	against(f, []string{"clean_text(v)", "text_code(v)"}, seeds, pieces, referenceText)
}

func FuzzCompletedYears(f *testing.F) {
	f.Add(uint16(20000), uint16(365))
	f.Add(uint16(36218), uint16(366)) // 29 February 2000
	e := newEvaluator(f, open(f), "completed_years(CAST(split_part(v, ' ', 1) AS DATE), CAST(split_part(v, ' ', 2) AS DATE))")
	f.Fuzz(func(t *testing.T, days, later uint16) {
		birth := time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days))
		var pairs, want []string
		for i := range variants() {
			on := birth.AddDate(0, 0, int(later)+i-variants()/2)
			pairs = append(pairs, birth.Format(time.DateOnly)+" "+on.Format(time.DateOnly))
			want = append(want, ages([3]int{birth.Year(), int(birth.Month()), birth.Day()}, [3]int{on.Year(), int(on.Month()), on.Day()}))
		}
		for i, got := range e.eval(t.Context(), t, pairs) {
			if got[0] != want[i] {
				t.Errorf("completed_years of %s = %s, want %s", pairs[i], got[0], want[i])
			}
		}
	})
}
