package newmembers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/transforms/disclosure/attack"
)

// town is a made-up library with the history of each member, as its system tells it today.
type town struct {
	rng      *rand.Rand
	branches int
	people   []person
}

type person struct {
	from       int // month of registration
	until      int // first month in which not a member any more
	branch     int
	moved, to  int // from this month on at another branch
	again      bool
	age, sex   int
	class, pc4 int
	known      int // month from which the system tells of it
}

const never = 1 << 20

var townAges = []int{0, 13, 18, 65}

// newTown has 40 months of history before month 0.
func newTown(seed uint64) *town {
	t := &town{rng: rand.New(rand.NewPCG(seed, 1)), branches: 6}
	for m := -40; m < 0; m++ {
		t.month(m, 0)
	}
	return t
}

// month is what happens in a month, told with some delay.
func (t *town) month(m, delay int) {
	for b, size := range []int{60, 30, 12, 6, 2, 1} {
		if b == 2 && m >= 14 || b == 3 && m < 8 { // one closes, one opens
			continue
		}
		for range size/2 + t.rng.IntN(size+1) {
			p := person{from: m, until: never, branch: b, moved: never, age: t.rng.IntN(5), sex: t.rng.IntN(2), class: t.rng.IntN(2), pc4: b + t.rng.IntN(3), known: m}
			if t.rng.IntN(30) == 0 {
				p.sex = 2 + t.rng.IntN(2)
			}
			if t.rng.IntN(12) == 0 {
				p.again = true
			}
			if delay > 0 && t.rng.IntN(10) == 0 {
				p.known = m + 1 + t.rng.IntN(delay)
			}
			t.people = append(t.people, p)
		}
	}
	for i := range t.people {
		p := &t.people[i]
		switch {
		case p.until != never || p.known > m:
		case m == 14 && p.at(m) == 2:
			p.moved, p.to = m, 0
		case t.rng.IntN(70) == 0 && p.from < m:
			p.until = m
		case t.rng.IntN(200) == 0 && p.moved == never && p.from < m:
			p.moved, p.to = m, []int{0, 1, 4}[t.rng.IntN(3)]
		}
	}
}

// correct changes what the system tells of the past: a member erased, another's branch, age
// or month mended.
func (t *town) correct(m int) {
	for range 6 {
		p := &t.people[t.rng.IntN(len(t.people))]
		if m-p.from > 10 || p.moved != never {
			continue
		}
		switch t.rng.IntN(4) {
		case 0:
			p.known = never
		case 1:
			p.branch = t.rng.IntN(2)
		case 2:
			p.age, p.sex = t.rng.IntN(5), t.rng.IntN(2)
		default:
			p.from = max(p.from-1, -40)
		}
	}
}

func (p *person) at(m int) int {
	if m >= p.moved {
		return p.to
	}
	return p.branch
}

func townMonth(m int) time.Time {
	return time.Date(2022, time.January+time.Month(m), 1, 0, 0, 0, 0, time.UTC)
}

// figures counts the months from and until as the system tells them in the month before until.
func (t *town) figures(from, until int) *figures {
	f := &figures{}
	for m := from; m < until; m++ {
		f.months = append(f.months, month{first: townMonth(m), moves: true})
	}
	f.flows = make([][]flow, t.branches)
	for b := range t.branches {
		f.branches = append(f.branches, branch{code: fmt.Sprint("B", b)})
		f.flows[b] = make([]flow, until-from)
	}
	n := len(f.months)
	f.ages = newBreakdown([]string{"0", "13", "18", "65", "-1"}, t.branches, n)
	sexes, classes := newBreakdown([]string{"F", "M", "X", "?"}, t.branches, n), newBreakdown([]string{"youth", "adult", "other", "unknown"}, t.branches, n)
	areas := newBreakdown([]string{"2711", "2712", "2713", "2714", "2715", "2716", "2717", "2718"}, 1, n)
	f.sexes, f.classes = &sexes, &classes
	for i := range t.people {
		p := &t.people[i]
		if p.known >= until {
			continue
		}
		for m := max(from, p.from); m < until && m <= p.until; m++ {
			at, k := p.at(m), m-from
			if m > p.from && m < p.until {
				f.flows[p.at(m-1)][k].begin++
			}
			switch {
			case m == p.until:
				f.flows[p.at(m-1)][k].begin++
				f.flows[p.at(m-1)][k].lapsed++
			case m == p.from && p.again:
				f.flows[at][k].reRegistered++
			case m == p.from:
				f.flows[at][k].new++
				f.ages.n[at][k][p.age]++
				sexes.n[at][k][p.sex]++
				classes.n[at][k][p.class]++
				areas.n[0][k][p.pc4]++
			case m == p.moved:
				f.flows[p.at(m-1)][k].movedOut++
				f.flows[at][k].movedIn++
			}
		}
	}
	for c, name := range areas.keys {
		o := origin{name, -1, make([]int64, n)}
		for m := range o.n {
			o.n[m] = areas.n[0][m][c]
		}
		f.postcodes = append(f.postcodes, o)
	}
	for b := range f.flows {
		for m := range f.flows[b] {
			f.flows[b][m].end = f.flows[b][m].begin + f.flows[b][m].net()
		}
	}
	return f
}

// survivors are the figures of the months from and until when the system has forgotten, of the
// months before first, everybody who has left since: those are lower bounds.
func (t *town) survivors(from, first, until int) *figures {
	stayed := *t
	stayed.people = slices.DeleteFunc(slices.Clone(t.people), func(p person) bool { return p.until < until })
	f, exact := t.figures(from, until), stayed.figures(from, until)
	for m := range first - from {
		f.months[m].lower = true
		for b := range f.flows {
			f.flows[b][m] = exact.flows[b][m]
			f.ages.n[b][m], f.sexes.n[b][m], f.classes.n[b][m] = exact.ages.n[b][m], exact.sexes.n[b][m], exact.classes.n[b][m]
		}
		for i := range f.postcodes {
			f.postcodes[i].n[m] = exact.postcodes[i].n[m]
		}
	}
	return f
}

// TestLowerBoundsAreBound: the months of which a source tells less with every edition, as
// members leave, are bound by what was told of them as all others are.
func TestLowerBoundsAreBound(t *testing.T) {
	town := newTown(5)
	var releases []Release
	var before protected
	fell := false
	for m := range 10 {
		town.month(m, 0)
		for i := range town.people {
			if p := &town.people[i]; p.until == never && p.from < -1 && town.rng.IntN(6) == 0 {
				p.until = m
			}
		}
		f := town.survivors(m-11, max(m-11, -1), m+1)
		f.findBreaks()
		if err := f.check(); err != nil {
			t.Fatal(err)
		}
		p, err := newPast(releases, 5, townAges)
		if err != nil {
			t.Fatal(err)
		}
		now := protect(f, p, "Others", "All")
		checkFigures(t, now, m)
		if m > 0 {
			checkSteps(t, before, now)
			fell = fell || slices.ContainsFunc(now.release.Cells, func(c attack.Told) bool { return c.Period < monthKey(townMonth(-1)) && c.Figure == "new" })
		}
		releases, before = append(releases, now.release), now
	}
	l := attacked(t, releases)
	for _, e := range l.Exposed {
		t.Errorf("release %d, %s, change %t: %d to %d %v", e.Release, e.Table(), e.Change, e.Low, e.High, e.Verdict)
	}
	if l.Narrowest < 4 || !fell {
		t.Errorf("narrowest interval %d; a lower bound was told anew: %t", l.Narrowest, fell)
	}
}

// publish makes the public edition of the twelve months before until.
func (t *town) publish(tt *testing.T, until int, earlier []Release) (*figures, protected) {
	tt.Helper()
	f := t.figures(until-12, until)
	if err := f.check(); err != nil {
		tt.Fatal(err)
	}
	if f.findBreaks(); f.broken(0, len(f.months)) {
		tt.Fatal("the made-up series breaks")
	}
	p, err := newPast(earlier, 5, townAges)
	if err != nil {
		tt.Fatal(err)
	}
	return f, protect(f, p, "Others", "All")
}

// TestSameEditionAgain: the same figures give the same edition, and tell nothing anew, also where
// the branches that are published together stand before others.
func TestSameEditionAgain(t *testing.T) {
	town := newTown(3)
	for m := range 12 {
		town.month(m, 0)
	}
	f := town.figures(0, 12)
	var parts [][]int
	var sites []Site
	for b := range slices.Backward(f.branches) {
		parts, sites = append(parts, []int{b}), append(sites, Site{Code: f.branches[b].code, Branches: []string{f.branches[b].code}})
	}
	f = f.group(parts, sites, "")
	again := func(earlier ...Release) protected {
		p, err := newPast(earlier, 5, townAges)
		if err != nil {
			t.Fatal(err)
		}
		return protect(f, p, "Others", "All")
	}
	first := again()
	if i := slices.IndexFunc(first.release.Sites, func(s Site) bool { return s.Code == otherCode }); i < 1 || first.grouped < 2 {
		t.Fatalf("%d branches are published together, of %+v", first.grouped, first.release.Sites)
	}
	second := again(first.release)
	if len(second.release.Cells) > 0 {
		t.Errorf("%d cells are told anew, such as %+v", len(second.release.Cells), second.release.Cells[0])
	}
	if diff := cmp.Diff(first.figures.flows, second.figures.flows, cmp.AllowUnexported(flow{})); diff != "" {
		t.Errorf("the second edition (+) is another:\n%s", diff)
	}
}

func attacked(t *testing.T, releases []Release) *attack.Learnt {
	t.Helper()
	var all []attack.Release
	for _, r := range releases {
		all = append(all, r.Release)
	}
	l, err := attack.Releases(t.Context(), all, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestSuccessiveEditions publishes 24 months in a row, each edition of twelve months, while
// members register late, are erased and corrected, a branch opens and another closes. A
// reader compares all editions.
func TestSuccessiveEditions(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			town := newTown(seed)
			var releases []Release
			var before protected
			for m := range 24 {
				town.month(m, 3)
				town.correct(m)
				exact, now := town.publish(t, m+1, releases)
				checkFigures(t, now, m)
				if m > 0 {
					checkSteps(t, before, now)
				}
				releases = append(releases, now.release)
				truthful(t, releases, exact)
				_, again := town.publish(t, m+1, releases)
				if diff := cmp.Diff(now.tables, again.tables); diff != "" {
					t.Errorf("month %d: publishing again says of the rounding (-first +second):\n%s", m, diff)
				}
				if len(again.release.Cells) > 0 {
					t.Errorf("month %d: publishing again tells %d cells anew, as %+v", m, len(again.release.Cells), again.release.Cells[0])
				}
				before = now
			}
			l := attacked(t, releases)
			t.Logf("%d counts and %d changes, narrowest %d; largest deviation of the last edition %d, %d of its branches together", l.Cells, l.Changes, l.Narrowest, before.deviation, before.grouped)
			for _, e := range l.Exposed {
				t.Errorf("release %d, %s, change %t: %d to %d %v", e.Release, e.Table(), e.Change, e.Low, e.High, e.Verdict)
			}
			if l.Narrowest < 4 || l.Changes < 500 {
				t.Errorf("narrowest interval %d over %d changes", l.Narrowest, l.Changes)
			}
		})
	}
}

// checkFigures: additive, closed, and nothing below the threshold.
func checkFigures(t *testing.T, p protected, release int) {
	t.Helper()
	if err := p.check(); err != nil {
		t.Error(err)
	}
	if bad := p.impossible(5); len(bad) > 0 {
		t.Errorf("release %d: impossible stands at %v", release, bad)
	}
	for m := range p.months {
		var whole int64
		for b := range p.branches {
			for _, d := range []*breakdown{&p.ages, p.sexes, p.classes} {
				var sum int64
				for c, n := range d.n[b][m] {
					if sum += n; unsafeCount(n, 5) {
						t.Errorf("release %d, month %d, branch %d: %s is %d", release, m, b, d.keys[c], n)
					}
				}
				if sum != p.flows[b][m].new {
					t.Errorf("release %d, month %d, branch %d: %v add up to %d of %d", release, m, b, d.keys, sum, p.flows[b][m].new)
				}
			}
			whole += p.flows[b][m].new
		}
		for _, o := range p.postcodes {
			if whole -= o.n[m]; unsafeCount(o.n[m], 5) {
				t.Errorf("release %d, month %d: %s is %d", release, m, o.name, o.n[m])
			}
		}
		if whole != 0 {
			t.Errorf("release %d, month %d: postcodes lack %d", release, m, whole)
		}
	}
}

// checkSteps: what both editions show of a month and branch differs by whole steps.
func checkSteps(t *testing.T, before, now protected) {
	t.Helper()
	for b := range now.branches {
		for old := range before.branches {
			if now.branches[b].code != before.branches[old].code || now.branches[b].code == otherCode {
				continue
			}
			for m := range len(now.months) - 1 {
				x, y := before.flows[old][m+1], now.flows[b][m]
				for _, d := range []int64{x.begin - y.begin, x.new - y.new, x.reRegistered - y.reRegistered, x.lapsed - y.lapsed, x.movedIn - y.movedIn, x.movedOut - y.movedOut, x.end - y.end} {
					if d%5 != 0 {
						t.Errorf("branch %s, %s: from %+v to %+v", now.branches[b].code, now.months[m].first.Format("2006-01"), x, y)
						break
					}
				}
			}
		}
	}
}

// truthful: the counts lie where the reader believes them to. Loose cells are believed nothing of.
func truthful(t *testing.T, releases []Release, exact *figures) {
	t.Helper()
	last := releases[len(releases)-1]
	before := map[attack.Place]int64{}
	for _, r := range releases[:len(releases)-1] {
		for _, c := range r.Cells {
			before[c.Place] = c.Value
		}
	}
	for _, c := range last.Cells {
		if c.Loose || c.Figure != "new" && c.Figure != "lapsed" {
			continue
		}
		n := trueCount(t, last, exact, c.Place)
		low, high := attack.Rounded(c.Value, last.Base)
		if b, again := before[c.Place]; again {
			low, high = attack.Followed(b, c.Value, last.Base)
		}
		if n < low || n > high {
			t.Errorf("%+v tells of %d to %d, true is %d", c, low, high, n)
		}
	}
}

func trueCount(t *testing.T, r Release, f *figures, p attack.Place) int64 {
	t.Helper()
	for m := range f.months {
		if monthKey(f.months[m].first) != p.Period {
			continue
		}
		if p.Site == "" {
			for _, o := range f.postcodes {
				if o.name == p.Class {
					return o.n[m]
				}
			}
		}
		var n int64
		for _, s := range r.Sites {
			for _, code := range s.Branches {
				for b := range f.branches {
					if s.Code != p.Site || f.branches[b].code != code {
						continue
					}
					if p.Figure == "lapsed" {
						n += f.flows[b][m].lapsed
						continue
					}
					d := map[string]*breakdown{"age": &f.ages, "sex": f.sexes, "class": f.classes}[p.By]
					for c, key := range d.keys {
						if key == p.Class {
							n += d.n[b][m][c]
						}
					}
				}
			}
		}
		return n
	}
	t.Fatalf("%+v is not in the figures", p)
	return 0
}

// TestOneMember: whatever happens to one member between two editions, a reader of both cannot
// tell it from their difference.
func TestOneMember(t *testing.T) {
	const last = 5
	before := newTown(7)
	var earlier []Release
	for m := range last {
		before.month(m, 3)
		_, p := before.publish(t, m+1, earlier)
		earlier = append(earlier, p.release)
	}
	before.month(last, 0)
	fates := []struct {
		name   string
		change func(*person)
	}{
		{"leaves", func(p *person) { p.until = last - 1 }},
		{"is erased", func(p *person) { p.known = never }},
		{"moves", func(p *person) { p.moved, p.to = last-1, 1-min(p.branch, 1) }},
		{"was somebody else", func(p *person) { p.age, p.sex, p.pc4 = (p.age+1)%4, 1-min(p.sex, 1), (p.pc4+1)%8 }},
		{"came a month earlier", func(p *person) { p.from-- }},
	}
	_, unchanged := before.publish(t, last+1, earlier)
	ofEarlierMonths := func(r Release) (cells []attack.Told) {
		for _, c := range r.Cells {
			if c.Period != monthKey(townMonth(last)) && c.Figure != "stand" {
				cells = append(cells, c)
			}
		}
		return cells
	}
	silent := 0
	for i := range 15 {
		fate := fates[i%len(fates)]
		town := *before
		town.people = append([]person(nil), before.people...)
		// someone of the last months, at a branch small enough to be seen
		at := len(town.people) - 1 - i*17
		for town.people[at].moved != never || town.people[at].until != never || town.people[at].from >= last-1 || town.people[at].known >= last {
			at--
		}
		fate.change(&town.people[at])
		_, now := town.publish(t, last+1, earlier)
		l := attacked(t, append(earlier[:last:last], now.release))
		for _, e := range l.Exposed {
			t.Errorf("one member %s: release %d, %s, change %t: %d to %d %v", fate.name, e.Release, e.Table(), e.Change, e.Low, e.High, e.Verdict)
		}
		if slices.Equal(ofEarlierMonths(unchanged.release), ofEarlierMonths(now.release)) {
			silent++
		}
	}
	if t.Logf("%d of 15 changes leave no trace in the months before", silent); silent < 8 {
		t.Errorf("only %d of 15 changes leave no trace in the months before", silent)
	}
}

// TestEditionsThatDoNotFollow: the attack sees what following the past prevents.
func TestEditionsThatDoNotFollow(t *testing.T) {
	town := newTown(3)
	var afresh []Release
	for m := range 6 {
		town.month(m, 3)
		town.correct(m)
		_, p := town.publish(t, m+1, nil)
		afresh = append(afresh, p.release)
	}
	counts, changes := 0, 0
	for _, e := range attacked(t, afresh).Exposed {
		if e.Change {
			changes++
		} else {
			counts++
		}
	}
	if t.Logf("%d counts and %d changes are exposed", counts, changes); changes == 0 {
		t.Error("the attack finds nothing")
	}
}

// TestTellOf: what the editions tell of a year is what the last of them shows.
func TestTellOf(t *testing.T) {
	town := newTown(4)
	var releases []Release
	var shown protected
	for m := range 12 {
		town.month(m, 3)
		town.correct(m)
		_, shown = town.publish(t, m+1, releases)
		releases = append(releases, shown.release)
	}
	shownAt := map[string]flow{} // by site, or all other sites together
	for b := range shown.branches {
		shownAt[shown.branches[b].code] = shown.sum(b, 0, 12)
	}
	told := map[string]flow{}
	for _, y := range TellOf(releases, 2022) {
		code := otherCode
		if _, own := shownAt[y.Branches[0]]; own {
			code = y.Branches[0]
		}
		f := told[code]
		told[code] = flow{end: f.end + *y.Members, new: f.new + *y.New, lapsed: f.lapsed + *y.Lapsed}
	}
	for code, f := range shownAt {
		if want := (flow{end: f.end, new: f.new, lapsed: f.lapsed}); told[code] != want {
			t.Errorf("of 2022 at %s: %+v are told, %+v shown", code, told[code], want)
		}
	}
	for _, y := range TellOf(releases, 2023) {
		if y.Members != nil || y.New != nil || y.Lapsed != nil {
			t.Errorf("of 2023: %+v", y)
		}
	}
}
