package area

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Population is how many people live in each postcode area, by age and sex.
type Population struct {
	On    time.Time // the day it speaks of
	Ages  []Ages    // ascending, without gaps or overlaps
	areas map[string][]Inhabitants
}

// Ages is a class of ages in completed years, both ends included.
type Ages struct{ From, To int }

// oldest is the end of a class without one.
const oldest = 200

// Open says that the class has no upper end.
func (a Ages) Open() bool { return a.To == oldest }

// Inhabitants of one age class.
type Inhabitants struct{ All, Men, Women int64 }

// In are the inhabitants of a postcode area by age class; nil where the file has none.
func (p *Population) In(pc4 string) []Inhabitants { return p.areas[pc4] }

// Areas are the postcode areas in which people live, in order.
func (p *Population) Areas() []string {
	var areas []string
	for a, ages := range p.areas {
		if slices.ContainsFunc(ages, func(n Inhabitants) bool { return n.All > 0 }) {
			areas = append(areas, a)
		}
	}
	slices.Sort(areas)
	return areas
}

// populationColumns are the places of what a population file tells; -1 where it does not.
type populationColumns struct{ area, age, sex, period, all, men, women int }

func populationHeadings(head []string) (c populationColumns, ok bool) {
	c = populationColumns{-1, -1, -1, -1, -1, -1, -1}
	for i, h := range head {
		switch p := plain(h); {
		case p == "pc4" || strings.Contains(p, "postcode"):
			c.area = i
		case strings.HasPrefix(p, "leeftijd"):
			c.age = i
		case strings.HasPrefix(p, "geslacht"):
			c.sex = i
		case strings.HasPrefix(p, "periode"):
			c.period = i
		case strings.HasSuffix(p, "vrouw") || strings.HasSuffix(p, "vrouwen"):
			c.women = i
		case strings.HasSuffix(p, "man") || strings.HasSuffix(p, "mannen"):
			c.men = i
		case strings.HasPrefix(p, "bevolking") || strings.HasPrefix(p, "inwoners") || p == "aantal":
			c.all = i
		}
	}
	wide := c.men >= 0 && c.women >= 0
	return c, c.area >= 0 && c.age >= 0 && (wide || c.sex >= 0 && c.all >= 0)
}

// ReadPopulation reads an export of StatLine 83502NED, with the labels of sex and age (a row
// a postcode, age class and sex), or the same with a column a sex. on is the day that it
// speaks of; zero where the file has a period, of which the latest until the day is taken.
func ReadPopulation(r io.Reader, on, until time.Time) (*Population, error) {
	var c populationColumns
	s, err := readSheet(r, func(row []string) (ok bool) { c, ok = populationHeadings(row); return ok })
	if err != nil {
		return nil, fmt.Errorf("%w: a postcode, an age (leeftijd), a sex (geslacht) and a number (bevolking, inwoners); export StatLine 83502NED as CSV with labels", err)
	}
	p := &Population{On: on, areas: map[string][]Inhabitants{}}
	period := ""
	if on.IsZero() {
		if period, p.On, err = c.latest(s, until); err != nil {
			return nil, err
		}
	}
	known := map[string]map[Ages]Inhabitants{}
	for i, row := range s.rows {
		if len(row) != len(s.head) || period != "" && row[c.period] != period {
			continue // a line of source, or of another year
		}
		area := postcode(row[c.area])
		ages, total, err := parseAges(row[c.age])
		if err != nil && area != "" {
			return nil, fmt.Errorf("row %d below the headings: %w", i+1, err)
		}
		if area == "" || total {
			continue
		}
		if known[area] == nil {
			known[area] = map[Ages]Inhabitants{}
		}
		n := known[area][ages]
		c.add(&n, row)
		known[area][ages] = n
	}
	return p, p.arrange(known)
}

// latest is the last period that has begun by the day, as it stands in the file.
func (c populationColumns) latest(s *sheet, until time.Time) (string, time.Time, error) {
	if c.period < 0 {
		return "", time.Time{}, errors.New("the file does not say of which year it is: write on: YYYY-01-01 beside it")
	}
	var best string
	var on time.Time
	for _, row := range s.rows {
		if len(row) != len(s.head) {
			continue
		}
		year, err := strconv.Atoi(row[c.period][:min(4, len(row[c.period]))])
		if day := january(year); err == nil && !day.After(until) && day.After(on) {
			best, on = row[c.period], day
		}
	}
	if best == "" {
		return "", on, fmt.Errorf("it holds no year that began by %s", until.Format(time.DateOnly))
	}
	return best, on, nil
}

// add reads the numbers of a row. What CBS withholds counts as nobody.
func (c populationColumns) add(n *Inhabitants, row []string) {
	number := func(column int) int64 {
		if column < 0 {
			return 0
		}
		v, err := strconv.ParseInt(strings.TrimSpace(row[column]), 10, 64)
		if err != nil || v < 0 {
			return 0
		}
		return v
	}
	if c.sex < 0 {
		n.Men, n.Women = number(c.men), number(c.women)
		n.All = max(number(c.all), n.Men+n.Women)
		return
	}
	switch sex := strings.ToLower(strings.TrimSpace(row[c.sex])); {
	case strings.HasPrefix(sex, "man"):
		n.Men = number(c.all)
	case strings.HasPrefix(sex, "vrouw"):
		n.Women = number(c.all)
	default:
		n.All = number(c.all)
	}
}

var ageForms = []struct {
	form *regexp.Regexp
	ages func(from, to int) Ages
}{
	{regexp.MustCompile(`^(\d+) ?[-–] ?(\d+)(?: jaar)?$`), func(from, to int) Ages { return Ages{from, to} }},
	{regexp.MustCompile(`^(\d+) tot (\d+) jaar$`), func(from, to int) Ages { return Ages{from, to - 1} }},
	{regexp.MustCompile(`^(\d+)()(?: ?\+| jaar of ouder| jaar en ouder| en ouder)$`), func(from, _ int) Ages { return Ages{from, oldest} }},
	{regexp.MustCompile(`^(\d+)()(?: jaar)?$`), func(from, _ int) Ages { return Ages{from, from} }},
}

// parseAges reads a class of ages as CBS writes them.
func parseAges(text string) (a Ages, total bool, err error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if strings.HasPrefix(text, "totaal") || text == "" {
		return a, true, nil
	}
	for _, f := range ageForms {
		if m := f.form.FindStringSubmatch(text); m != nil {
			from, _ := strconv.Atoi(m[1])
			to, _ := strconv.Atoi(m[2])
			if from >= oldest { // the key of a class
				break
			}
			return f.ages(from, to), false, nil
		}
	}
	return a, false, fmt.Errorf("%q is no class of ages: export with labels, such as \"0 tot 5 jaar\"", text)
}

// arrange puts the areas' age classes in order.
func (p *Population) arrange(known map[string]map[Ages]Inhabitants) error {
	seen := map[Ages]bool{}
	for _, ages := range known {
		for a := range ages {
			seen[a] = true
		}
	}
	if len(seen) == 0 {
		return errors.New("it holds no postcode area of four digits")
	}
	for a := range seen {
		p.Ages = append(p.Ages, a)
	}
	slices.SortFunc(p.Ages, func(a, b Ages) int { return a.From - b.From })
	for i, a := range p.Ages {
		if next := i + 1; next < len(p.Ages) && p.Ages[next].From != a.To+1 {
			return fmt.Errorf("the age classes from %d and from %d overlap or leave a gap: export one row of classes, such as those of five years", a.From, p.Ages[next].From)
		}
	}
	if p.Ages[0].From != 0 {
		return fmt.Errorf("the ages begin at %d, not at 0", p.Ages[0].From)
	}
	for area, ages := range known {
		in := make([]Inhabitants, len(p.Ages))
		for i, a := range p.Ages {
			in[i] = ages[a]
			in[i].All = max(in[i].All, in[i].Men+in[i].Women)
		}
		p.areas[area] = in
	}
	return nil
}
