package wsob

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"peil/pipeline/engine"
	"peil/transforms/disclosure"
)

//go:embed *.sql
var files embed.FS

func statement(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(b)
}

// counts are the figures of the return's year [0] and the year before [1].
type counts struct {
	years    [2]yearly
	branches []branch
	school   bool // the source marks loans through schools
}

type branch struct {
	no               int64
	code, name, isil string
}

// yearly is what was counted in one year, by code and branch number.
type yearly struct {
	events  map[string]map[int64]int64
	persons map[persons]map[int64]int64
	rounded map[persons]bool           // some part was rounded
	follows map[persons]map[int64]bool // parts that make up what those of their site lack of a sum

	told []Told

	membersExact, changesExact                  bool
	new, oneDay, firstUnknown, lapsed, presumed int64
	day                                         time.Time
	months                                      int
}

// count reads the figures from the warehouse.
func count(ctx context.Context, db *engine.DB, year int) (*counts, error) {
	c := &counts{}
	seen := 0
	err := each(ctx, db, "years.sql", func(scan func(...any) error) error {
		var y yearly
		var n int
		if err := scan(&n, &y.membersExact, &y.changesExact, &y.new, &y.oneDay, &y.day, &y.firstUnknown, &y.lapsed, &y.presumed, &y.months, &c.school); err != nil {
			return err
		}
		if n != year-seen {
			return fmt.Errorf("the models have run for another year")
		}
		y.events, y.persons = map[string]map[int64]int64{}, map[persons]map[int64]int64{}
		y.rounded, y.follows = map[persons]bool{}, map[persons]map[int64]bool{}
		c.years[seen] = y
		seen++
		return nil
	})
	if err == nil && seen != 2 {
		err = fmt.Errorf("the models have run for another year")
	}
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, "branches.sql", func(scan func(...any) error) error {
		var b branch
		defer func() { c.branches = append(c.branches, b) }()
		return scan(&b.no, &b.code, &b.name, &b.isil)
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, "loans.sql", func(scan func(...any) error) error {
		var n int
		var no, events int64
		var code string
		if err := scan(&n, &no, &code, &events); err != nil {
			return err
		}
		add(c.years[year-n].events, code, no, events)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, "members.sql", func(scan func(...any) error) error {
		var n int
		var no, count int64
		var p persons
		if err := scan(&n, &p.item, &no, &p.group, &count); err != nil {
			return err
		}
		add(c.years[year-n].persons, p, no, count)
		return nil
	})
	return c, err
}

func each(ctx context.Context, db *engine.DB, query string, row func(scan func(...any) error) error) error {
	rows, err := db.Query(ctx, statement(query))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func add[K comparable](m map[K]map[int64]int64, key K, branch, n int64) {
	if m[key] == nil {
		m[key] = map[int64]int64{}
	}
	m[key][branch] += n
}

// protect rounds the persons of each item and year: no part and no sum of parts is
// from 1 to base - 1.
func (c *counts) protect(base int64) error {
	for i := range c.years {
		y := &c.years[i]
		for _, item := range []string{"members", "new", "lapsed"} {
			counted := map[persons]map[int64]int64{}
			for p, branches := range y.persons {
				counted[p] = maps.Clone(branches)
			}
			if err := y.protect(item, base); err != nil {
				return fmt.Errorf("protect %s: %w", item, err)
			}
			for _, t := range y.told {
				site := map[int64]bool{}
				for _, b := range c.branches {
					site[b.no] = slices.Contains(t.Branches, b.code)
				}
				switch {
				case item == "members" && t.Members != nil:
					y.followStand(y.placesAt(item, site), counted, *t.Members, base)
				case item == "lapsed" && t.Lapsed != nil:
					y.follow(y.placesAt(item, site), *t.Lapsed, base)
				case item == "new" && t.New != nil:
					y.followAges(y.placesAt(item, site), counted[persons{"new", "youth"}], t, base)
				}
			}
		}
	}
	return nil
}

// place is where persons of an item and group are counted.
type place struct {
	persons
	branch int64
}

// places are those of an item, in order.
func (y *yearly) places(item string) []place {
	var all []place
	for p, branches := range y.persons {
		if p.item == item {
			for no := range branches {
				all = append(all, place{p, no})
			}
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.branch, b.branch), cmp.Compare(a.group, b.group))
	})
	return all
}

// placesAt are those of an item at a site.
func (y *yearly) placesAt(item string, site map[int64]bool) []place {
	return slices.DeleteFunc(y.places(item), func(at place) bool { return !site[at.branch] })
}

// sum adds up parts.
func (y *yearly) sum(parts []place) (n int64) {
	for _, at := range parts {
		n += y.persons[at.persons][at.branch]
	}
	return n
}

// near says that what is told of parts can be of the same persons. Sums that differ by more
// than rounding can explain are of others, counted on another day.
func (y *yearly) near(parts []place, told, base int64) bool {
	short := told - y.sum(parts)
	return max(short, -short) <= Near(told, base, 1)
}

// Near is by how much counts of some sites may differ together from what was told of each, and be
// of the same persons.
func Near(told, base, sites int64) int64 { return (sites-1)*4*base + max(4*base, told/100) }

// follow makes the parts of an item at a site add up to what is published of it already: two
// figures of the same persons that are rounded apart would look like a mistake, and tell more
// together: an exact sum over a year tells the one small month in it. The difference goes with
// the largest part, and where that is too small everything does. That the sum was right
// already stays unsaid too.
func (y *yearly) follow(parts []place, told, base int64) {
	if y.near(parts, told, base) {
		y.become(parts, told, base)
	}
}

// followStand does so with a stand. It may lie far off, as it adds up all that happened since
// the first month that is told of; then it follows as one edition follows another, by whole steps
// of the base, so that it stays uncertain too.
func (y *yearly) followStand(parts []place, counted map[persons]map[int64]int64, told, base int64) {
	if !y.near(parts, told, base) {
		var n int64
		for _, at := range parts {
			n += counted[at.persons][at.branch]
		}
		told = disclosure.Following(told, n, base)
	}
	y.become(parts, told, base)
}

// become makes parts add up to a sum.
func (y *yearly) become(parts []place, told, base int64) {
	if len(parts) == 0 || !publishable(told, base) {
		return
	}
	largest := parts[0]
	most := int64(-1)
	for _, at := range parts {
		if n := y.persons[at.persons][at.branch]; n > most {
			largest, most = at, n
		}
	}
	n := most + told - y.sum(parts)
	if !publishable(n, base) {
		for _, at := range parts {
			y.set(at, 0)
		}
		n = told
	}
	y.set(largest, n)
}

func publishable(n, base int64) bool { return n == 0 || n >= base }

// followAges does so with new members, of whom what is published tells the age when they
// registered. Some have come of age since: youth follows what is told of youth as one edition
// follows another, by whole steps of the base, so that how many have stays uncertain too. It
// never goes above: nobody grows younger, and that more are left than were told of would tell
// how far the small months were rounded down.
func (y *yearly) followAges(parts []place, counted map[int64]int64, told Told, base int64) {
	of := map[string][]place{}
	var youth int64
	for _, at := range parts {
		if of[at.group] = append(of[at.group], at); at.group == "youth" {
			youth += counted[at.branch]
		}
	}
	youth = min(told.NewYouth, disclosure.Following(told.NewYouth, youth, base))
	want := map[string]int64{"youth": youth, "adult": told.NewYouth + told.NewAdult - youth, "unknown": *told.New - told.NewYouth - told.NewAdult}
	if len(parts) == 0 || !y.near(parts, *told.New, base) {
		return
	}
	for group, n := range want {
		if !publishable(n, base) || !y.near(of[group], n, base) {
			return
		}
		if of[group] == nil { // nobody, but some are told of
			of[group] = []place{{persons{"new", group}, parts[0].branch}}
		}
	}
	for group, n := range want {
		y.follow(of[group], n, base)
	}
}

// set is what a part is to be for the sake of what is told already.
func (y *yearly) set(at place, n int64) {
	if y.persons[at.persons] == nil {
		y.persons[at.persons] = map[int64]int64{}
	}
	y.persons[at.persons][at.branch] = n
	y.rounded[at.persons] = true
	if y.follows[at.persons] == nil {
		y.follows[at.persons] = map[int64]bool{}
	}
	y.follows[at.persons][at.branch] = true
}

func (y *yearly) protect(item string, base int64) error {
	t := disclosure.Table{
		Dimensions: []disclosure.Dimension{{Name: "branch", Total: "all"}, {Name: "age", Total: "all"}},
		Views:      [][]string{{"branch", "age"}, {"age"}, {}},
	}
	places := y.places(item)
	for _, at := range places {
		t.Cells = append(t.Cells, disclosure.Cell{Codes: []string{fmt.Sprint(at.branch), at.group}, Count: y.persons[at.persons][at.branch]})
	}
	rounded, err := disclosure.Round(t, base)
	if err != nil {
		return err
	}
	for i, at := range places {
		if n := rounded.Inner[i]; n != y.persons[at.persons][at.branch] {
			y.persons[at.persons][at.branch] = n
			y.rounded[at.persons] = true
		}
	}
	return nil
}

// item is an item with both years and its parts.
func (c *counts) item(s spec, language string) Item {
	it := Item{
		Code: s.code, Name: s.name, Annex: s.annex, Unit: "events", Definition: s.definition.in(language),
		Figure: c.figure(s, 0), Previous: c.figure(s, 1), short: s.short, absent: s.absent,
	}
	if s.code[0] == 'd' {
		it.Unit = "persons"
	}
	if it.Status == NotAvailable && it.Previous.Status == NotAvailable {
		return it
	}
	for _, b := range c.branches {
		part := Part{Branch: b.name, Code: b.code, ISIL: b.isil}
		if s.persons != nil {
			part.Follows, part.PreviousFollows = c.years[0].follows[*s.persons][b.no], c.years[1].follows[*s.persons][b.no]
		}
		for i, to := range []**int64{&part.Value, &part.Previous} {
			if figure := [...]Figure{it.Figure, it.Previous}[i]; figure.Status != NotAvailable {
				n := c.at(s, i, b.no)
				*to = &n
			}
		}
		it.Branches = append(it.Branches, part)
	}
	return it
}

// at is the value of an item in one year at one branch.
func (c *counts) at(s spec, year int, branch int64) int64 {
	var n int64
	for _, part := range parts(s) {
		if part.persons != nil {
			n += c.years[year].persons[*part.persons][branch]
		} else {
			n += c.years[year].events[part.code][branch]
		}
	}
	return n
}

// figure is the value of an item in one year for the organisation: the sum of its
// branches.
func (c *counts) figure(s spec, year int) Figure {
	status := Exact
	for _, part := range parts(s) {
		if s.sum != nil && c.unmarked(part) {
			continue // those loans are in c1, c2 and c0a
		}
		status = worse(status, c.status(part, year))
	}
	if status == NotAvailable {
		return Figure{Status: status}
	}
	var sum int64
	for _, b := range c.branches {
		sum += c.at(s, year, b.no)
	}
	return Figure{&sum, status}
}

// parts are the items that a sum adds, or the item itself.
func parts(s spec) []spec {
	if s.sum == nil {
		return []spec{s}
	}
	var ps []spec
	for _, p := range catalogue {
		if slices.Contains(s.sum, p.code) {
			ps = append(ps, p)
		}
	}
	return ps
}

var severity = []Status{Exact, Rounded, LowerBound, NotAvailable}

func worse(a, b Status) Status {
	return severity[max(slices.Index(severity, a), slices.Index(severity, b))]
}

// status says how sure an item that is no sum is in one year.
func (c *counts) status(s spec, year int) Status {
	y := &c.years[year]
	switch {
	case s.absent:
		return NotAvailable
	case s.persons != nil:
		return y.personsStatus(*s.persons)
	case y.months == 0, c.unmarked(s):
		return NotAvailable
	case s.code == "c8" || s.code == "c9" || s.code == "c10":
		// a source that never shows the kind does not record it
		if c.years[0].events[s.code] == nil && c.years[1].events[s.code] == nil {
			return NotAvailable
		}
	}
	if y.months < 12 {
		return LowerBound
	}
	return Exact
}

// unmarked says that the item needs to know which loans went through schools, and that the
// source does not.
func (c *counts) unmarked(s spec) bool {
	return !c.school && (s.code == "c3" || s.code == "c4" || s.code == "c0b")
}

func (y *yearly) personsStatus(p persons) Status {
	switch {
	case p.item == "lapsed" && !y.membersExact:
		return NotAvailable // all who lapsed in that year are gone but for those who came back
	case p.item == "members" && !y.membersExact, p.item != "members" && !y.changesExact:
		return LowerBound
	case y.rounded[p]:
		return Rounded
	}
	return Exact
}
