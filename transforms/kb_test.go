package transforms_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/transforms"
)

// The feeds are checked against a slow count in plain Go over random small libraries.

const kbSunday = "2025-01-05" // the last day of 2025-W01, the week in which December ended

func kbParams(k, l int) func(*transforms.Parameters) {
	return func(p *transforms.Parameters) {
		p.AsOf, p.Peildatum, p.SnapshotOn = date("2025-01-06"), date("2025-01-06"), date("2025-01-06")
		p.KBFrom, p.KBUntil = date("2024-12-30"), date("2025-01-06")
		p.K, p.L = k, l
	}
}

// A and B share an ISIL and are one place in the feeds.
const kbBranches = "branch=A name=Aa isil=NL-0823451001\nbranch=B name=Bee isil=NL-0823451001\nbranch=C name=Cee"

var kbPlace = map[string]string{"A": "NL-0823451001", "B": "NL-0823451001", "C": "C", "ZZ": "?"}

type kbMember struct {
	id, branch, sex, pc4, class string
	born, first, until          time.Time
	institution                 bool
}

type kbEvent struct {
	person                 *kbMember // nil: nobody who is known
	on                     time.Time
	branch, kind, material string
	audience, genre        string
}

func randomLibrary(r *rand.Rand) (members []*kbMember, events []kbEvent, l library) {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var rows, loans strings.Builder
	for i := range 60 {
		m := &kbMember{id: fmt.Sprint(1000 + i), branch: pick("A", "A", "A", "B", "C", "C", "ZZ"), sex: pick("M", "F", "F", "X", ""), pc4: pick("2711", "2711", "2712", ""), class: pick("youth", "adult", "adult"),
			first: date("2024-11-30").AddDate(0, 0, -r.IntN(6000)), institution: r.IntN(12) == 0}
		if r.IntN(10) > 0 {
			m.born = date(kbSunday).AddDate(-r.IntN(3)*20, 0, -r.IntN(8000)+1)
			m.first = latest(m.first, m.born)
		}
		if r.IntN(10) == 0 {
			m.until = date("2025-01-03").AddDate(0, 0, r.IntN(4))
		}
		members = append(members, m)
		fmt.Fprintf(&rows, "id=%s branch=%s sex=%s subscription_class=%s first=%s last=%[5]s", m.id, m.branch, m.sex, m.class, m.first.Format(time.DateOnly))
		for name, day := range map[string]time.Time{"born": m.born, "until": m.until} {
			if !day.IsZero() {
				fmt.Fprintf(&rows, " %s=%s", name, day.Format(time.DateOnly))
			}
		}
		if m.pc4 != "" {
			fmt.Fprintf(&rows, " postcode=%sAB", m.pc4)
		}
		if m.institution {
			rows.WriteString(" kind=institution")
		}
		rows.WriteString("\n")
	}
	for range 500 {
		e := kbEvent{on: date("2024-11-25").AddDate(0, 0, r.IntN(42)), branch: pick("A", "A", "B", "C", "ZZ"), kind: pick("loan", "loan", "return", "renewal"),
			material: pick("book", "book", "game"), audience: pick("youth", "adult"), genre: pick("fiction", "fiction", "unknown")}
		id := pick("0", "", "987654")
		if r.IntN(8) > 0 {
			m := members[r.IntN(len(members))]
			if id = m.id; !m.institution {
				e.person = m
			}
		}
		events = append(events, e)
		fmt.Fprintf(&loans, "id=%s branch=%s kind=%s material=%s audience=%s genre=%s at=%sT12:00:00\n", id, e.branch, e.kind, e.material, e.audience, e.genre, e.on.Format(time.DateOnly))
	}
	return members, events, library{branches: kbBranches, members: rows.String(), loans: strings.ReplaceAll(loans.String(), "genre=unknown", "genre=???")}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func monday(day time.Time) time.Time { return day.AddDate(0, 0, -(int(day.Weekday())+6)%7) }

func years(from, to time.Time) int {
	n := to.Year() - from.Year()
	if from.AddDate(n, 0, 0).After(to) {
		n--
	}
	return n
}

func class(n int, froms ...int) string {
	at := "-1"
	for _, from := range froms {
		if from <= n {
			at = fmt.Sprint(from)
		}
	}
	return at
}

func (m *kbMember) ageClass(on time.Time) string {
	if m.born.IsZero() {
		return "-1"
	}
	return class(years(m.born, on), 0, 4, 13, 18, 30, 50, 65)
}

// slowMemberGroups counts the groups of members by the description in the model's heading.
func slowMemberGroups(members []*kbMember, k int) (groups []string, left int) {
	type person struct{ place, age, sex, pc4, class, tenure string }
	var rest []person
	for _, m := range members {
		if m.institution || !m.until.IsZero() && m.until.Before(date(kbSunday)) {
			continue
		}
		rest = append(rest, person{kbPlace[m.branch], m.ageClass(date(kbSunday)), cmp.Or(m.sex, "?"), cmp.Or(m.pc4, "?"), m.class,
			class(years(m.first, date(kbSunday)), 0, 1, 2, 5, 10)})
	}
	for level := 1; level <= 5; level++ {
		held := map[string][]person{}
		for _, p := range rest {
			key := []string{p.place, p.age, p.sex, p.pc4}
			for i, from := range []int{4, 5, 3, 2} { // the level from which each is generalised away
				if level >= from {
					key[i] = "<nil>"
				}
			}
			name := fmt.Sprint(level, " ", strings.Join(key, " "))
			held[name] = append(held[name], p)
		}
		rest = nil
		for name, persons := range held {
			if len(persons) < k || level <= 3 && persons[0].place == "?" {
				rest = append(rest, persons...)
				continue
			}
			for class, of := range divide(persons, k, func(p person) string { return p.class }) {
				for tenure, part := range divide(of, k, func(p person) string { return p.tenure }) {
					groups = append(groups, fmt.Sprint(name, " ", class, " ", tenure, " ", len(part)))
				}
			}
		}
	}
	slices.Sort(groups)
	return groups, len(rest)
}

// divide splits persons by a property, unless a part would fall below k.
func divide[P any](persons []P, k int, by func(P) string) map[string][]P {
	parts := map[string][]P{}
	for _, p := range persons {
		parts[by(p)] = append(parts[by(p)], p)
	}
	for _, part := range parts {
		if len(part) < k {
			return map[string][]P{"<nil>": persons}
		}
	}
	return parts
}

// slowLoanGroups counts the groups of loans likewise, and returns the events of December
// and of the week that are in no group.
func slowLoanGroups(events []kbEvent, k, l int) (groups []string, missing map[string]int) {
	week, month := date("2024-12-30"), date("2024-12-01")
	missing = map[string]int{}
	var rest []kbEvent
	for _, e := range events {
		inMonth := !e.on.Before(month) && e.on.Before(month.AddDate(0, 1, 0))
		switch {
		case e.person != nil:
			rest = append(rest, e)
		case inMonth:
			groups = append(groups, fmt.Sprint("5 month 2024-12-01 <nil> <nil> ", e.kind, " ", e.material, " <nil> <nil> <nil> "))
		}
		if e.person == nil && monday(e.on).Equal(week) {
			missing["week"]++
		}
	}
	groups = tally(groups)
	for level := 1; level <= 4; level++ {
		type class struct{ from, place, age string }
		classOf := func(e kbEvent) class {
			c := class{monday(e.on).Format(time.DateOnly), kbPlace[e.branch], e.person.ageClass(monday(e.on).AddDate(0, 0, 6))}
			if level >= 2 {
				c.age = "<nil>"
			}
			if level >= 3 {
				c.place = "<nil>"
			}
			if level == 4 {
				c.from = e.on.Format("2006-01") + "-01"
			}
			return c
		}
		thing := func(e kbEvent) string { return e.material + " " + e.audience + " " + e.genre }
		held := map[class][]kbEvent{}
		for _, e := range rest {
			held[classOf(e)] = append(held[classOf(e)], e)
		}
		rest = nil
		for c, of := range held {
			rows := map[string][]kbEvent{}
			things := map[string]map[*kbMember]bool{}
			present, shown := map[*kbMember]bool{}, map[string]bool{}
			for _, e := range of {
				rows[e.kind+" "+thing(e)] = append(rows[e.kind+" "+thing(e)], e)
				if things[thing(e)] == nil {
					things[thing(e)] = map[*kbMember]bool{}
				}
				things[thing(e)][e.person], present[e.person] = true, true
			}
			for what, row := range rows {
				if distinct(row) < k || c.place == "?" {
					delete(rows, what)
					rest = append(rest, row...)
				} else {
					shown[thing(row[0])] = true
				}
			}
			allowed := len(shown) >= l
			for _, who := range things {
				allowed = allowed && len(who) <= len(present)-(l-1)
			}
			for what, row := range rows {
				switch {
				case !allowed:
					rest = append(rest, row...)
				case level == 4 && c.from == "2024-12-01":
					groups = append(groups, fmt.Sprint("4 month ", c.from, " <nil> <nil> ", what, " ", distinct(row), " ", len(row)))
				case level < 4 && c.from == "2024-12-30":
					groups = append(groups, fmt.Sprint(level, " week ", c.from, " ", c.place, " ", c.age, " ", what, " ", distinct(row), " ", len(row)))
				}
			}
		}
		if level == 3 {
			for _, e := range rest {
				if monday(e.on).Equal(week) {
					missing["week"]++
				}
			}
		}
	}
	for _, e := range rest {
		if e.on.Format("2006-01") == "2024-12" {
			missing["month"]++
		}
	}
	slices.Sort(groups)
	return groups, missing
}

func distinct(events []kbEvent) int {
	seen := map[*kbMember]bool{}
	for _, e := range events {
		seen[e.person] = true
	}
	return len(seen)
}

// tally appends to each distinct text how often it occurs.
func tally(all []string) []string {
	n := map[string]int{}
	for _, s := range all {
		n[s]++
	}
	var out []string
	for s := range maps.Keys(n) {
		out = append(out, fmt.Sprint(s, n[s]))
	}
	return out
}

func TestFeedsAgainstASlowCount(t *testing.T) {
	levels := map[string]int{}
	for seed := range uint64(6) {
		k, l := 3+int(seed%2), 1+int(seed%3)
		r := rand.New(rand.NewPCG(seed, 7))
		members, events, lib := randomLibrary(r)
		lib.params = kbParams(k, l)
		lib.output = "kb"
		warehouse := count(t, lib)

		groups, left := slowMemberGroups(members, k)
		got := lines(t, warehouse, `SELECT level, p.place, g.age_from, g.sex, g.pc4, g.subscription_class, g.tenure_from, persons
			FROM kb_member_groups g LEFT JOIN (SELECT DISTINCT place_no, place FROM kb_places) p ON p.place_no = g.branch_no`)
		slices.Sort(got)
		if diff := gocmp.Diff(groups, got); diff != "" {
			t.Errorf("seed %d: groups of members (-slow +model):\n%s", seed, diff)
		}
		if n, _ := warehouse.Count(t.Context(), "SELECT sum(persons) FROM kb_member_cells WHERE NOT released"); int(n) != left {
			t.Errorf("seed %d: %d members in no group, want %d", seed, n, left)
		}

		groups, missing := slowLoanGroups(events, k, l)
		got = lines(t, warehouse, `SELECT level, period, from_on, p.place, age_from, kind, material, audience, genre, persons, events
			FROM kb_loan_groups g LEFT JOIN (SELECT DISTINCT place_no, place FROM kb_places) p ON p.place_no = g.branch_no`)
		slices.Sort(got)
		if diff := gocmp.Diff(groups, got); diff != "" {
			t.Errorf("seed %d: groups of loans (-slow +model):\n%s", seed, diff)
		}
		for _, period := range []string{"week", "month"} {
			if n, _ := warehouse.Count(t.Context(), "SELECT sum(events - in_weeks - in_feed) FROM kb_totals WHERE period = ?", period); int(n) != missing[period] {
				t.Errorf("seed %d: %d events of the %s in no row, want %d", seed, n, period, missing[period])
			}
		}
		checkFeeds(t, warehouse, k)
		for _, line := range got {
			levels[line[:1]]++
		}
	}
	if len(levels) != 5 {
		t.Errorf("the libraries did not reach every level: %v", levels)
	}
}

// Of each branch three adults are active; what they did decides what the feed may say of
// the branch.
func TestAClassMustDifferInWhatItDid(t *testing.T) {
	what := map[string][3][]string{ // branch: what each of the three did
		"A": {{"loan book", "return book"}, {"loan book", "return book"}, {"loan book", "return book"}},                       // one thing
		"B": {{"loan game", "loan magazine"}, {"loan game", "loan magazine"}, {"loan game", "loan magazine"}},                 // everybody all of it
		"C": {{"loan book", "loan game"}, {"loan book", "loan magazine"}, {"loan game", "renewal magazine", "loan magazine"}}, // of each thing, one kept away
	}
	var l library
	for i, branch := range []string{"A", "B", "C"} {
		for j, did := range what[branch] {
			id := fmt.Sprint(10*i + j + 1)
			l.members += fmt.Sprintf("id=%s branch=%s born=1980-01-01 first=2020-01-01 last=2020-01-01\n", id, branch)
			for _, d := range did {
				kind, material, _ := strings.Cut(d, " ")
				l.loans += fmt.Sprintf("id=%s branch=%s kind=%s material=%s audience=adult genre=fiction at=2025-01-02\n", id, branch, kind, material)
			}
		}
	}
	levels := func(k, least int) []string {
		l.params = kbParams(k, least)
		l.output = "kb"
		warehouse := count(t, l)
		return lines(t, warehouse, "SELECT DISTINCT b.branch, level FROM kb_loan_groups g JOIN branches b USING (branch_no) ORDER BY ALL")
	}
	if diff := gocmp.Diff([]string{"A 1", "B 1", "C 1"}, levels(2, 1)); diff != "" {
		t.Errorf("l = 1 asks nothing (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"C 1"}, levels(2, 2)); diff != "" {
		t.Errorf("l = 2 (-want +got):\n%s", diff)
	}
}

func TestLoansFallInTheWeekOfTheirLocalDay(t *testing.T) {
	var l library
	for i, at := range []string{
		"2024-10-27T00:30:00+02:00", "2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00", // the hour that the clock shows twice
		"2024-10-27T22:59:59Z", // Sunday, a second before midnight
		"2024-10-27T23:00:00Z", // Monday
		"2024-10-28T00:00:00", "2024-11-03T23:59:59", "2024-11-04T00:00:00",
		"2024-11-03T22:59:59Z", "2024-11-03T23:00:00Z",
	} {
		l.loans += fmt.Sprintf("id=%d branch=A kind=loan material=book at=%s\n", i+1, at)
	}
	l.params = func(p *transforms.Parameters) { p.KBFrom, p.KBUntil = date("2024-10-28"), date("2024-11-04") }
	l.output = "kb"
	warehouse := count(t, l)
	got := lines(t, warehouse, "SELECT period, from_on, events FROM kb_totals ORDER BY period DESC")
	if diff := gocmp.Diff([]string{"week 2024-10-28 4", "month 2024-10-01 6"}, got); diff != "" {
		t.Errorf("totals of 2024-W44, the week after the clock went back (-want +got):\n%s", diff)
	}
}

func TestTheMonthOfAFeedEndsInItsWeek(t *testing.T) {
	for _, c := range []struct{ week, month, weeks string }{
		{"2024-12-23", "<nil>", "2024-12-23"},
		{"2024-12-30", "2024-12-01", "2024-11-25 2024-12-02 2024-12-09 2024-12-16 2024-12-23 2024-12-30"}, // over the end of the year
		{"2020-12-28", "2020-12-01", "2020-11-30 2020-12-07 2020-12-14 2020-12-21 2020-12-28"},            // W53
		{"2025-08-25", "2025-08-01", "2025-07-28 2025-08-04 2025-08-11 2025-08-18 2025-08-25"},            // the Sunday is the last day
		{"2025-09-01", "<nil>", "2025-09-01"},                                                             // the Monday is the first day
		{"2021-02-22", "2021-02-01", "2021-02-01 2021-02-08 2021-02-15 2021-02-22"},
	} {
		db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		p := transforms.Parameters{AsOf: date(c.week).AddDate(0, 0, 7), KBFrom: date(c.week), KBUntil: date(c.week).AddDate(0, 0, 7)}
		if err := p.Install(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		month := lines(t, db, "SELECT kb_month FROM parameters")
		ages := lines(t, db, "SELECT on_date - 6 FROM reference_dates ORDER BY 1")
		if month[0] != c.month || strings.Join(ages, " ") != c.weeks {
			t.Errorf("week of %s: month %s, weeks %v, want %s, %s", c.week, month[0], ages, c.month, c.weeks)
		}
		db.Close()
	}
}

// checkFeeds asserts what must hold of any feed.
func checkFeeds(t *testing.T, warehouse *engine.DB, k int) {
	t.Helper()
	for what, query := range map[string]string{
		"a group of fewer than k members":   fmt.Sprintf("SELECT count(*) FROM kb_member_groups WHERE persons < %d", k),
		"a group of fewer than k borrowers": fmt.Sprintf("SELECT count(*) FROM kb_loan_groups WHERE persons < %d OR persons IS NULL AND level <> 5", k),
		"groups of one key":                 "SELECT count(*) FROM (SELECT level, branch_no, age_from, sex, pc4, subscription_class, tenure_from FROM kb_member_groups GROUP BY ALL HAVING count(*) > 1)",
		"rows of one key":                   "SELECT count(*) FROM (SELECT level, from_on, branch_no, age_from, kind, material, audience, genre FROM kb_loan_groups GROUP BY ALL HAVING count(*) > 1)",
		"members in groups and in none are not all": `SELECT count(*) FROM parameters p WHERE (SELECT sum(persons) FROM kb_member_cells) <> (SELECT count(DISTINCT mk) FROM stays s WHERE (s.from_on IS NULL OR s.from_on < p.kb_until) AND (s.to_on IS NULL OR s.to_on >= p.kb_until - 1))
			OR (SELECT sum(persons) FROM kb_member_cells WHERE released) <> (SELECT sum(persons) FROM kb_member_groups)`,
		"negative residuals": "SELECT count(*) FROM kb_totals WHERE events < in_weeks + in_feed",
	} {
		if n, err := warehouse.Count(t.Context(), query); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
