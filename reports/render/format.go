package render

import (
	"strconv"
	"strings"
	"time"
)

// formatter writes values as people of one language read them.
type formatter struct {
	*words
	group, point string
}

func newFormatter(l Language) formatter {
	if l == Dutch {
		return formatter{wordsOf[l], ".", ","}
	}
	return formatter{wordsOf[l], ",", "."}
}

// formatter writes the values of the document.
func (d *Document) formatter() formatter {
	f := newFormatter(d.Language)
	if d.LowerBound != "" {
		w := *f.words
		w.lowerBoundText = clean(d.LowerBound)
		f.words = &w
	}
	return f
}

// value is what a reader sees in a cell.
func (f formatter) value(v Value, kind Kind, decimals int) string {
	switch v.mark {
	case markNotAvailable:
		return f.notAvailable
	case markProtected:
		return f.protected
	case markLowerBound:
		return "≥ " + f.plain(v, kind, decimals)
	}
	return f.plain(v, kind, decimals)
}

func (f formatter) plain(v Value, kind Kind, decimals int) string {
	switch {
	case v.form == formText:
		return clean(v.text)
	case v.form == formMonth:
		t := v.time()
		return f.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
	case v.form == formDate:
		return f.day(v.time())
	case kind == KindYear:
		return strconv.FormatFloat(v.number, 'f', 0, 64)
	case kind == KindPercent:
		return f.number(v.number*100, decimals) + "%"
	case kind == KindDecimal:
		return f.number(v.number, decimals)
	}
	return f.number(v.number, 0)
}

// number groups by thousands. A number that rounds to zero has no sign.
func (f formatter) number(n float64, decimals int) string {
	s := strconv.FormatFloat(n, 'f', decimals, 64)
	sign := ""
	if s[0] == '-' {
		s = s[1:]
		if strings.Trim(s, "0.") != "" {
			sign = "−"
		}
	}
	whole, fraction, _ := strings.Cut(s, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.group)
		}
		b.WriteRune(r)
	}
	if fraction != "" {
		b.WriteString(f.point + fraction)
	}
	return b.String()
}

func (f formatter) day(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + f.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

func (f formatter) longDay(t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + f.longMonths[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// markText is what a marked cell means; empty for a plain one.
func (f formatter) markText(m mark) string {
	switch m {
	case markNotAvailable:
		return f.notAvailableText
	case markProtected:
		return f.protectedText
	case markLowerBound:
		return f.lowerBoundText
	}
	return ""
}

// fill replaces {name} by the value that follows it in pairs.
func fill(pattern string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(pattern)
}
