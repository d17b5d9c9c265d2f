package parse_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata"
)

// The reference implementations are plain scanners, written from the definitions in
// doc.go and sharing nothing with the macros.

// reading is a text read as a date: the numbers as they stand, and whether they are a
// day and time that exist.
type reading struct {
	year, month, day int
	local            time.Time
	exists           bool
}

var months = map[string]int{
	"jan": 1, "januari": 1, "january": 1, "feb": 2, "februari": 2, "february": 2, "mrt": 3, "maart": 3, "mar": 3, "march": 3,
	"apr": 4, "april": 4, "mei": 5, "may": 5, "jun": 6, "juni": 6, "june": 6, "jul": 7, "juli": 7, "july": 7,
	"aug": 8, "augustus": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "okt": 10, "oktober": 10, "oct": 10, "october": 10,
	"nov": 11, "november": 11, "dec": 12, "december": 12,
}

// scanner eats a text from the left.
type scanner struct{ rest string }

func (s *scanner) run(in string) string {
	n := len(s.rest) - len(strings.TrimLeft(s.rest, in))
	got := s.rest[:n]
	s.rest = s.rest[n:]
	return got
}

func (s *scanner) one(of string) bool {
	if s.rest == "" || !strings.Contains(of, s.rest[:1]) {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

const digits = "0123456789"

func number(s string) int { n, _ := strconv.Atoi(s); return n }

// trimFloat drops the .0 that a spreadsheet puts behind a whole number.
func trimFloat(s string) string {
	if whole, zeros, ok := strings.Cut(s, "."); ok && zeros != "" && strings.Trim(zeros, "0") == "" {
		return whole
	}
	return s
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, digits) == "" }

// readDate reads a stripped text; ok is false if it has none of the known forms.
func readDate(text string, zone *time.Location) (r reading, ok bool) {
	if whole := trimFloat(text); allDigits(whole) {
		switch {
		case strings.Trim(whole, "0") == "" && len(whole) != 8:
			return reading{}, true
		case len(whole) == 4:
			return reading{year: number(whole)}, true
		}
	}
	if r, ok := readSerial(text); ok {
		return r, ok
	}
	s := &scanner{text}
	first := s.run(digits)
	switch {
	case len(first) == 8:
		if strings.HasPrefix(s.rest, ".0") {
			s.one(".")
			s.run("0")
		}
		r.year, r.month, r.day = number(first[:4]), number(first[4:6]), number(first[6:])
	case len(first) == 4 && s.one("-/."):
		second := s.run(digits)
		if len(second) < 1 || len(second) > 2 {
			return r, false
		}
		r.year, r.month = number(first), number(second)
		if s.rest == "" {
			return r, true
		}
		sep := s.one("-/.")
		third := s.run(digits)
		if !sep || len(third) < 1 || len(third) > 2 {
			return r, false
		}
		r.day = number(third)
	case len(first) == 1 || len(first) == 2:
		if r, ok, done := readDayFirst(s, number(first), zone); done {
			return r, ok
		}
		return readNamed(text, zone)
	default:
		return r, false
	}
	return finish(r, s, zone)
}

// readDayFirst reads what stands behind the day of 3-5-2024, or the month of 5-2024;
// done is false if a name may follow instead.
func readDayFirst(s *scanner, first int, zone *time.Location) (r reading, ok, done bool) {
	if !s.one("-/.") {
		return r, false, false
	}
	second := s.run(digits)
	if len(second) == 4 && s.rest == "" {
		return reading{year: number(second), month: first}, true, true
	}
	if len(second) < 1 || len(second) > 2 || !s.one("-/.") {
		return r, false, false
	}
	third := s.run(digits)
	if len(third) != 4 {
		return r, false, true
	}
	r, ok = finish(reading{year: number(third), month: number(second), day: first}, s, zone)
	return r, ok, true
}

func readNamed(text string, zone *time.Location) (r reading, ok bool) {
	s := &scanner{strings.ToUpper(strings.ToLower(text))}
	day := s.run(digits)
	s.run("-/. ")
	month := months[strings.ToLower(s.run("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
	s.run("-/. ")
	year := s.run(digits)
	if len(day) > 2 || month == 0 || len(year) != 4 {
		return r, false
	}
	return finish(reading{year: number(year), month: month, day: number(day)}, s, zone)
}

func readSerial(text string) (r reading, ok bool) {
	whole, fraction, _ := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	if len(whole) != 5 || !allDigits(whole) || (fraction != "" && !allDigits(fraction)) || len(fraction) > 15 ||
		number(whole) < 20000 || number(whole) > 60000 {
		return r, false
	}
	days, _ := strconv.ParseFloat(whole+"."+fraction+"0", 64)
	local := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(days*86400)) * time.Second)
	return reading{local.Year(), int(local.Month()), local.Day(), local, true}, true
}

// finish reads the time of day, if any, and the offset, if any.
func finish(r reading, s *scanner, zone *time.Location) (reading, bool) {
	var hour, minute, second, nanos int
	var offset *int
	if s.rest != "" {
		if spaces := s.run(" "); spaces == "" && !s.one("T") {
			return r, false
		}
		h := s.run(digits)
		colon := s.one(":")
		m := s.run(digits)
		if len(h) < 1 || len(h) > 2 || number(h) > 23 || !colon || len(m) != 2 {
			return r, false
		}
		hour, minute = number(h), number(m)
		if s.one(":") {
			sec := s.run(digits)
			if len(sec) != 2 {
				return r, false
			}
			second = number(sec)
			if s.one(".,") {
				f := s.run(digits)
				if len(f) < 1 || len(f) > 9 {
					return r, false
				}
				nanos = number((f + "00000000")[:9]) / 1000 * 1000
			}
		}
		var ok bool
		if offset, ok = readOffset(s); !ok {
			return r, false
		}
	}
	utc := time.Date(r.year, time.Month(r.month), r.day, hour, minute, second, nanos, time.UTC)
	r.exists = utc.Day() == r.day && int(utc.Month()) == r.month && minute < 60 && second < 60 && r.year > 0
	r.local = utc
	if offset != nil {
		r.local = utc.Add(-time.Duration(*offset) * time.Minute).In(zone)
	}
	return r, true
}

func readOffset(s *scanner) (minutes *int, ok bool) {
	if s.rest == "" {
		return nil, true
	}
	s.one(" ")
	if s.rest == "" {
		return nil, true // a space that nothing follows is not at the end of a stripped text
	}
	if s.rest == "Z" {
		return new(int), true
	}
	sign := 1
	if s.rest[0] == '-' {
		sign = -1
	}
	if !s.one("+-") {
		return nil, false
	}
	rest := s.rest
	if len(rest) == 5 && rest[2] == ':' {
		rest = rest[:2] + rest[3:]
	}
	if !allDigits(rest) || (len(rest) != 2 && len(rest) != 4) || number(rest[:2]) > 14 || (len(rest) == 4 && number(rest[2:]) > 59) {
		return nil, false
	}
	n := number(rest[:2]) * 60
	if len(rest) == 4 {
		n += number(rest[2:])
	}
	n *= sign
	return &n, true
}

// referenceDates gives parse_date, date_code, parse_birth_year and parse_time of v.
func referenceDates(v string, zone *time.Location) []string {
	text := strip(v)
	if nothing(text) {
		return []string{null, "empty", null, null}
	}
	r, ok := readDate(text, zone)
	y, at := r.year, null
	if r.exists {
		if l := r.local; l.Year() >= 1970 && l.Year() < 2100 && (l.Year() > 1970 || l.YearDay() > 1) {
			at = strings.TrimRight(strings.TrimRight(l.Format("2006-01-02 15:04:05.000000"), "0"), ".")
			if len(at) < 19 {
				at = l.Format("2006-01-02 15:04:05")
			}
		}
		if l := r.local; l.Year() >= 1902 && l.Year() < 2100 {
			return []string{l.Format("2006-01-02"), "ok", fmt.Sprint(l.Year()), at}
		}
	}
	known := y >= 1902 && y < 2100
	switch {
	case !ok:
		return []string{null, "invalid", null, null}
	case known && (r.month == 0 && r.day <= 31 || r.day == 0 && r.month <= 12):
		return []string{null, "year-only", fmt.Sprint(y), null}
	case !known && (r.month == 0 || r.day == 0 || r.month == 1 && r.day == 1 || r.month == 12 && (r.day == 30 || r.day == 31)):
		return []string{null, "placeholder", null, null}
	}
	return []string{null, "invalid", null, null}
}

// strip drops invisible characters from both ends.
func strip(v string) string { return strings.TrimFunc(v, invisible) }

func invisible(r rune) bool {
	switch {
	case r <= ' ', r >= 0x7f && r <= 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200f, r >= 0x2028 && r <= 0x202f,
		r >= 0x205f && r <= 0x206f, r == 0x3000, r == 0xfeff:
		return true
	}
	return false
}

// nothing says whether a stripped text stands for no value.
func nothing(text string) bool {
	switch strings.ToLower(text) {
	case "", "-", "--", ".", "?", "n.v.t.", "n.v.t", "nvt", "n/a", "#n/a", "null", "none", "nan", "nat", "geen", "onbekend", "unknown", `\n`:
		return true
	}
	return false
}
