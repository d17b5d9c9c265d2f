package parse_test

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shape writes 9 for a digit and A for a letter of the alphabet.
func shape(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
			return 'A'
		}
		return r
	}, text)
}

func postcodeGap(r rune) bool { return invisible(r) || r == '.' || r == '-' }

// referencePostcode gives parse_postcode, postcode_code and parse_pc4 of v.
func referencePostcode(v string) []string {
	text := strip(v)
	if nothing(text) {
		return []string{null, "empty", null}
	}
	dutch := text
	if len(text) > 2 && strings.EqualFold(text[:2], "NL") {
		dutch = strings.TrimLeftFunc(text[2:], postcodeGap)
	}
	if len(dutch) >= 4 && shape(dutch[:4]) == "9999" && dutch[0] != '0' {
		pc4, rest := dutch[:4], dutch[4:]
		if rest == "" || trimFloat(dutch) == pc4 {
			return []string{null, "pc4-only", pc4}
		}
		rest = strings.TrimFunc(rest, postcodeGap)
		letters := strings.ToUpper(strings.Map(func(r rune) rune {
			if postcodeGap(r) {
				return -1
			}
			return r
		}, rest))
		switch {
		case shape(rest) == "" || len(letters) != 2 || shape(letters) != "AA" || strings.ContainsFunc(rest, func(r rune) bool { return r > unicode.MaxASCII && !invisible(r) }):
		case letters == "SA" || letters == "SD" || letters == "SS":
			return []string{null, "forbidden-letters", null}
		default:
			return []string{pc4 + letters, "ok", pc4}
		}
	}
	if foreign(strings.ToUpper(text)) {
		return []string{null, "foreign", null}
	}
	return []string{null, "invalid", null}
}

// foreign compares shapes: of the United Kingdom, Canada, Ireland, then of the countries
// that write digits only, with the letters of the country before them.
func foreign(text string) bool {
	if strings.HasPrefix(text, "NL") {
		return false
	}
	shapes := []string{
		"A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA", "A9A 9A9",
		"99999", "999999", "999 99", "99-999", "9999-999", "99999-9999",
	}
	got := shape(text)
	for _, s := range shapes {
		if got == s || strings.Contains(s, "A") && got == strings.ReplaceAll(s, " ", "") {
			return true
		}
	}
	for _, letters := range []string{"A", "AA", "AAA"} {
		if number, ok := strings.CutPrefix(got, letters); ok {
			if number != "" && strings.Contains("- ", number[:1]) {
				number = number[1:]
			}
			if len(number) >= 4 && len(number) <= 6 && strings.Trim(number, "9") == "" {
				return true
			}
		}
	}
	// Ireland: a routing key such as D02 or D6W, four letters or digits.
	if len(got) == 8 && got[3] == ' ' {
		got, text = got[:3]+got[4:], text[:3]+text[4:]
	}
	return len(got) == 7 && strings.Trim(got, "A9") == "" && got[:2] == "A9" && (got[2] == '9' || text[2] == 'W')
}

var sexes = map[string]string{
	"m": "M", "man": "M", "mannelijk": "M", "male": "M", "jongen": "M", "dhr": "M", "heer": "M", "1": "M",
	"v": "F", "vr": "F", "vrouw": "F", "vrouwelijk": "F", "f": "F", "female": "F", "w": "F", "woman": "F", "meisje": "F",
	"mevr": "F", "mevrouw": "F", "mw": "F", "2": "F",
	"x": "X", "anders": "X", "other": "X", "non-binair": "X", "nonbinair": "X", "non binair": "X", "non-binary": "X",
	"nonbinary": "X", "genderneutraal": "X", "divers": "X",
	"i": "institution", "inst": "institution", "instelling": "institution", "institution": "institution",
	"instituut": "institution", "organisatie": "institution", "bedrijf": "institution",
	"o": "unknown", "u": "unknown", "onb": "unknown", "onbekend": "unknown", "unknown": "unknown", "niet opgegeven": "unknown",
	"not specified": "unknown", "geen opgave": "unknown", "-": "unknown", "?": "unknown", "0": "unknown", "9": "unknown",
}

// referenceCodes gives parse_sex, sex_code, parse_bool, parse_id, member_ref, isil_code
// and isil_organisation of v.
func referenceCodes(v string) []string {
	text := strip(v)
	word := strings.ToLower(text)
	sex, sexCode := null, "invalid"
	switch s := sexes[strings.TrimRight(word, ".")]; {
	case len(s) == 1:
		sex, sexCode = s, "ok"
	case s != "":
		sexCode = s
	case nothing(strings.TrimRight(word, ".")):
		sexCode = "empty"
	}
	boolean := null
	switch word {
	case "true", "t", "yes", "y", "ja", "j", "waar", "1", "1.0":
		boolean = "true"
	case "false", "f", "no", "n", "nee", "neen", "onwaar", "0", "0.0":
		boolean = "false"
	}
	id, ref := referenceID(text)
	isil, organisation := "invalid", null
	upper := strings.ToUpper(text)
	if nothing(upper) {
		isil = "empty"
	} else if number, ok := strings.CutPrefix(upper, "NL-"); ok && len(number) == 10 && allDigits(number) {
		switch number[:2] {
		case "08", "07", "01":
			isil, organisation = "ok-location", upper[:9]+"0000"
			if organisation == upper {
				isil = "ok-organisation"
			}
		}
	}
	return []string{sex, sexCode, boolean, id, ref, isil, organisation}
}

func referenceID(text string) (id, ref string) {
	switch strings.ToLower(text) {
	case "", "-", "null", `\n`, "#n/a", "n/a":
		return null, null
	}
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E+")
	if found && allDigits(exponent) && strings.Count(text, "ſ") == 0 {
		whole, fraction, has := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
		if len(whole) == 1 && allDigits(whole) && (!has || allDigits(fraction)) {
			return null, null
		}
	}
	sign, number := "", text
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, number = "-", rest
	}
	if whole := trimFloat(strings.Replace(number, ",", ".", 1)); allDigits(whole) {
		text = sign + whole
		if sign == "-" || strings.Trim(whole, "0") == "" {
			return text, null
		}
	}
	return text, text
}

const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// referenceText gives clean_text and text_code of v.
func referenceText(v string) []string {
	fixed := v
	var bytes []byte
	for _, r := range v {
		i := strings.IndexRune(windows1252, r)
		switch {
		case r <= 0xff:
			bytes = append(bytes, byte(r))
		case i >= 0:
			bytes = append(bytes, byte(0x80+utf8.RuneCountInString(windows1252[:i])))
		default:
			bytes = append(bytes, 0xff) // in no UTF-8
		}
	}
	if utf8.Valid(bytes) {
		fixed = string(bytes)
	}
	damaged := func(r rune) bool {
		return r < 0x09 || r > 0x0d && r < 0x20 || r >= 0x7f && r < 0xa0 && r != 0x85 || r == 0x200b || r == 0x200e || r == 0x200f ||
			r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff
	}
	clean := strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if damaged(r) {
			return -1
		}
		return r
	}, fixed), unicode.IsSpace), " ")
	switch {
	case clean == "":
		return []string{null, "empty"}
	case fixed != v:
		return []string{clean, "double-encoded"}
	case strings.ContainsFunc(v, damaged):
		return []string{clean, "control-characters"}
	}
	return []string{clean, "ok"}
}

// splitHouse is an opinion on house numbers that begin with their digits, have no word
// of four letters, and are no ordinal with words behind it (1e Weg 5); nil for others.
func splitHouse(v string) []string {
	text := strings.ToUpper(strip(v))
	gap := func(r rune) bool { return invisible(r) || strings.ContainsRune(`-/.,_():;'"`, r) }
	s := &scanner{strings.TrimLeft(text, "0")}
	digits := s.run(digits)
	tail := s.rest
	longest, run := 0, 0
	for _, r := range tail {
		if unicode.IsLetter(r) || r > unicode.MaxASCII && !invisible(r) {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	for _, ordinal := range []string{"E ", "DE ", "STE "} {
		if strings.HasPrefix(tail, ordinal) && longest > 1 {
			return nil
		}
	}
	if text == "" || !allDigits(text[:1]) || longest > 3 || nothing(text) {
		return nil
	}
	if _, zeros, ok := strings.Cut(text, "."); ok && zeros != "" && strings.Trim(zeros, "0") == "" && strings.HasPrefix(tail, ".") {
		tail = ""
	}
	if digits == "" || len(digits) > 5 {
		return []string{null, null, null, "no-number"}
	}
	result := func(letter, addition, code string) []string {
		if letter == "" {
			letter = null
		}
		if addition == "" || code != "ok" {
			addition = null
		}
		return []string{digits, letter, addition, code}
	}
	for _, to := range []string{"-", "/", "+", "&", "T/M", "TM", "EN"} {
		if second, ok := strings.CutPrefix(strings.TrimLeft(tail, " "), to); ok {
			second = strings.TrimLeft(second, " ")
			if len(second) <= 5 && allDigits(second) && second[0] != '0' {
				if d := number(second) - number(digits); d > 0 && d <= 10 && d%2 == 0 {
					return result("", "", "ambiguous")
				}
			}
		}
	}
	parts := strings.FieldsFunc(tail, gap)
	letter := ""
	if len(parts) > 0 && parts[0][0] >= 'A' && parts[0][0] <= 'Z' && (len(parts[0]) == 1 || parts[0][1] < 'A' || parts[0][1] > 'Z') {
		letter = parts[0][:1]
		if parts[0] = parts[0][1:]; parts[0] == "" {
			parts = parts[1:]
		}
	}
	for i := 1; i < len(parts); i++ {
		before, after := parts[i-1], parts[i]
		if allDigits(before[len(before)-1:]) && allDigits(after[:1]) {
			return result(letter, "", "ambiguous")
		}
	}
	addition := strings.Join(parts, "")
	if strings.Trim(shape(addition), "A9") != "" {
		return result(letter, "", "ambiguous")
	}
	if len(addition) > 4 {
		return result(letter, "", "addition-too-long")
	}
	return result(letter, addition, "ok")
}

// ages gives completed_years of the two days, counted birthday by birthday.
func ages(birth, on [3]int) string {
	after := func(a, b [3]int) bool {
		return a[0] > b[0] || a[0] == b[0] && (a[1] > b[1] || a[1] == b[1] && a[2] > b[2])
	}
	if after(birth, on) {
		return null
	}
	n := 0
	for next := birth; ; n++ {
		if next[0]++; after(next, on) {
			return strconv.Itoa(n)
		}
	}
}
