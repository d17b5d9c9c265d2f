package risk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"peil/reports/render"
)

// page makes a document in one language.
type page struct {
	*Report
	language render.Language
}

func (p *page) say(dutch, english string) string {
	if p.language == render.Dutch {
		return dutch
	}
	return english
}

func (p *page) sayf(dutch, english string, args ...any) string {
	return fmt.Sprintf(p.say(dutch, english), args...)
}

// Document is the page, in the given language.
func (r *Report) Document(language render.Language, made time.Time) *render.Document {
	p := &page{r, language}
	d := &render.Document{
		Title: p.say("Hoe herkenbaar is nog iemand?", "Can anybody still be recognised?"), Subtitle: p.Output, Language: language, Edition: render.Internal,
		Source: p.say("Gemaakt met Peil", "Made by Peil"), Made: made,
		Files: []string{"risk.json"},
	}
	if p.File != "" {
		d.Source = p.sayf("Gemaakt uit %s met peil protect", "Made from %s with peil protect", p.File)
	}
	switch {
	case p.Microdata != nil:
		p.rows(d)
	case p.Table != nil:
		p.counts(d)
	default:
		p.editions(d)
	}
	return d
}

func (p *page) key(dutch, english string, v render.Value, kind render.Kind, note string) render.KeyFigure {
	return render.KeyFigure{Label: p.say(dutch, english), Value: v, Kind: kind, Decimals: 1, Note: note}
}

func (p *page) column(key, dutch, english string, kind render.Kind) render.Column {
	return render.Column{Key: key, Title: p.say(dutch, english), Kind: kind, Decimals: 1}
}

func (p *page) yes(b bool) string {
	if b {
		return p.say("ja", "yes")
	}
	return p.say("nee", "no")
}

// point writes a decimal point as the language has it.
func (p *page) point(number string) string { return strings.Replace(number, ".", p.say(",", "."), 1) }

// decimal writes a number with one decimal.
func (p *page) decimal(f float64) string { return p.point(strconv.FormatFloat(f, 'f', 1, 64)) }

func (p *page) percent(f float64) string { return p.decimal(100*f) + "%" }

// count writes a whole number in groups of three digits.
func (p *page) count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + p.say(".", ",") + s[i:]
	}
	return s
}
