package attack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Release is what one edition of a report told that no earlier one had told: the
// smallest cells that its figures are sums of, as they were rounded.
type Release struct {
	Period string `json:"period"` // of the edition, for people
	Base   int64  `json:"base"`
	Cells  []Told `json:"cells"` // in order of their place
}

// Told is one rounded cell of a release.
type Told struct {
	Place
	Value int64 `json:"v"`
	// Loose cells make up what the others of their sum lack of it. Their value follows from
	// those, so that a reader learns nothing from it.
	Loose bool `json:"l,omitempty"`
}

// A Place says which cell of which table is meant. Tables of one figure and period are of the
// same persons: at each site they add up to the same.
type Place struct {
	Figure string `json:"f"`            // what is counted, such as new
	By     string `json:"by,omitempty"` // what divides it, such as age; empty for nothing
	Period string `json:"m"`            // such as a month
	Site   string `json:"s,omitempty"`  // such as a branch; empty for all
	Class  string `json:"c,omitempty"`
}

// Compare orders places.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Figure, q.Figure), cmp.Compare(p.By, q.By), cmp.Compare(p.Period, q.Period), cmp.Compare(p.Site, q.Site), cmp.Compare(p.Class, q.Class))
}

// Table names the table that a cell stands in.
func (p Place) Table() string {
	if p.By == "" {
		return p.Figure
	}
	return p.Figure + " by " + p.By
}

// Exact is a count that is published elsewhere, of a figure over some periods: of all sites, of
// one, or of several together.
type Exact struct {
	Where     string // it stands, such as wsob/2024
	Figure    string
	Sites     []string // none for all
	Periods   []string
	Low, High int64 // equal where it is known exactly
	// Parts are what is known of some classes of the first table of the figure beside that.
	// No class is in two of them.
	Parts []Part
}

// Part is what is known of some classes of an exact count together.
type Part struct {
	Classes   []string
	Low, High int64
}

// Tell adds an exact count to others. Where one of the same persons is known, as a corrected
// return repeats what the one before it told, what both say is known of them: two counts of one
// would make a linear program of what is a network. Where they contradict each other they are of
// two days, and what is told last is of the day nearest to the latest releases.
func Tell(known []Exact, e Exact) []Exact {
	for i, o := range known {
		if o.Figure != e.Figure || !slices.Equal(o.Sites, e.Sites) || !slices.Equal(o.Periods, e.Periods) || len(o.Parts) != len(e.Parts) {
			continue
		}
		both := o
		both.Low, both.High, both.Parts = max(o.Low, e.Low), min(o.High, e.High), slices.Clone(o.Parts)
		agree := both.Low <= both.High
		for k := range both.Parts {
			part := &both.Parts[k]
			part.Low, part.High = max(part.Low, e.Parts[k].Low), min(part.High, e.Parts[k].High)
			agree = agree && part.Low <= part.High && slices.Equal(part.Classes, e.Parts[k].Classes)
		}
		if known[i] = e; agree {
			known[i] = both
		}
		return known
	}
	return append(known, e)
}

// Learnt is what a reader of all releases can know.
type Learnt struct {
	Cells   int // whose count had to stay uncertain, in each release that told anything of them
	Changes int // of a cell from one release to a later
	// Exposed are the cells and changes that are not proven safe.
	Exposed []Exposure
	// Narrowest is the least interval that any of them was proven to have at the least.
	Narrowest int64
	Linked    []string // exact counts elsewhere that were held against the releases
}

// Exposure is a cell, or the change of a cell, that could become known.
type Exposure struct {
	Place
	Release   int // index of the release that exposes it
	Change    bool
	Low, High int64 // of the count or the change
	Verdict   Verdict
}

// Releases works out what a reader of successive releases, in the order in which they came
// out, learns of the counts behind them and of how these changed.
//
// A reader knows the rule: a cell that is told for the first time was rounded, later it
// follows what was told before. Each time that a figure's cells of a period are told, their
// counts are unknown anew, as the library may have corrected them.
func Releases(ctx context.Context, releases []Release, exact []Exact) (*Learnt, error) {
	l := &Learnt{Narrowest: Unbounded}
	linked := map[int]bool{}
	for _, g := range groups(releases, exact) {
		h := history{last: map[line]map[Place]told{}}
		for i, r := range releases {
			part := Release{Base: r.Base, Cells: make([]Told, len(g.cells[i]))}
			for k, cell := range g.cells[i] {
				part.Cells[k] = r.Cells[cell]
			}
			h.add(i, part)
		}
		if err := h.hold(exact, g.exact, linked); err != nil {
			return nil, err
		}
		report, err := (&Auditor{Effort: maxWork, Enough: true}).Audit(ctx, h.problem)
		if err != nil {
			return nil, err
		}
		h.judge(report, l)
	}
	for i, e := range exact {
		if linked[i] {
			l.Linked = append(l.Linked, e.Where)
		}
	}
	slices.SortStableFunc(l.Exposed, func(a, b Exposure) int { return a.Release - b.Release })
	return l, nil
}

// group is what must be looked at together: a line, or the lines that an exact count holds.
// One after the other they take little memory; a whole country's months do not.
type group struct {
	cells [][]int32 // release → its cells
	exact []int
}

func groups(releases []Release, exact []Exact) []*group {
	of := map[line]*group{}
	for i, e := range exact {
		g := &group{exact: []int{i}}
		for _, period := range e.Periods {
			if other := of[line{e.Figure, period}]; other != nil && other != g {
				g.exact = append(other.exact, g.exact...)
				for l := range of {
					if of[l] == other {
						of[l] = g
					}
				}
			}
			of[line{e.Figure, period}] = g
		}
		slices.Sort(g.exact)
	}
	var all []*group
	for i, r := range releases {
		for k, t := range r.Cells {
			l := line{t.Figure, t.Period}
			g := of[l]
			if g == nil {
				g = &group{}
				of[l] = g
			}
			if g.cells == nil {
				g.cells = make([][]int32, len(releases))
				all = append(all, g)
			}
			g.cells[i] = append(g.cells[i], int32(k))
		}
	}
	return all
}

// told is the latest that was told of a place.
type told struct {
	value int64
	cell  int // in the problem
}

type history struct {
	problem Problem
	last    map[line]map[Place]told
	cells   []tellings                  // beside problem.Cells
	at      map[line]map[string][]Place // once nothing is added any more
}

// tellings is what the attack keeps of a cell beside what the problem needs.
type tellings struct {
	place   Place
	release int
	base    int64
	before  int // the cell of an earlier release, -1 if there is none
}

// line is a figure in a period; all its cells depend on each other.
type line struct{ figure, period string }

func (h *history) add(release int, r Release) {
	lines := map[line][]Told{}
	var order []line
	for _, t := range r.Cells {
		l := line{t.Figure, t.Period}
		if lines[l] == nil {
			order = append(order, l)
		}
		lines[l] = append(lines[l], t)
	}
	for _, l := range order {
		cells := h.whole(l, lines[l])
		if h.last[l] == nil {
			h.last[l] = make(map[Place]told, len(cells))
		}
		h.tell(release, r.Base, h.last[l], cells)
	}
}

// whole adds the cells of the line that were told before and are not told anew: they stay
// as they were.
func (h *history) whole(l line, news []Told) []Told {
	fresh := map[Place]bool{}
	for _, t := range news {
		fresh[t.Place] = true
	}
	all := slices.Clone(news)
	for p, before := range h.last[l] {
		if !fresh[p] {
			all = append(all, Told{Place: p, Value: before.value, Loose: h.problem.Cells[before.cell].High == Unbounded})
		}
	}
	slices.SortFunc(all, func(a, b Told) int { return a.Compare(b.Place) })
	return all
}

// tell adds unknowns for the counts behind the cells of a line, of which it also keeps what
// was told last.
func (h *history) tell(release int, base int64, last map[Place]told, cells []Told) {
	sums := map[string]map[string][]Term{} // by → site → cells
	for _, t := range cells {
		before, again := last[t.Place]
		c := Cell{Name: fmt.Sprintf("%s, %s, %s, %s, told %d", t.Table(), t.Period, t.Site, t.Class, release), Width: base - 1}
		known := tellings{t.Place, release, base, -1}
		switch {
		case t.Loose:
			c.Low, c.High = 0, Unbounded
		case again && (t.Value-before.value)%base == 0:
			c.Low, c.High = Followed(before.value, t.Value, base)
		default: // also where what was told before was not followed, for all to see
			c.Low, c.High = Rounded(t.Value, base)
		}
		if again {
			known.before = before.cell
		}
		i := len(h.problem.Cells)
		h.problem.Cells, h.cells = append(h.problem.Cells, c), append(h.cells, known)
		last[t.Place] = told{t.Value, i}
		if sums[t.By] == nil {
			sums[t.By] = map[string][]Term{}
		}
		sums[t.By][t.Site] = append(sums[t.By][t.Site], Term{i, 1})
	}
	h.equate(sums)
}

// equate adds that all tables of a line count the same persons: at each site, and where one
// has no sites, in all. Each table is held against the one before it, not all against the
// first: no cell stands in more than two of these equations then, and what would be a linear
// program is a network, of which the bounds are exact and quickly found.
func (h *history) equate(sums map[string]map[string][]Term) {
	var latest map[string][]Term // site → cells of the table that was held against last
	for _, by := range sortedKeys(sums) {
		if _, all := sums[by][""]; all {
			continue
		}
		if latest == nil {
			latest = maps.Clone(sums[by])
			continue
		}
		for _, site := range sortedKeys(sums[by]) {
			if before, known := latest[site]; known {
				h.equal(before, sums[by][site])
				latest[site] = sums[by][site]
			}
		}
	}
	var whole []Term
	for _, site := range sortedKeys(latest) {
		whole = append(whole, latest[site]...)
	}
	for _, by := range sortedKeys(sums) {
		if cells, all := sums[by][""]; all {
			h.equal(whole, cells)
			whole = cells
		}
	}
}

func (h *history) equal(a, b []Term) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	e := Equation{Terms: slices.Clone(a)}
	for _, t := range b {
		e.Terms = append(e.Terms, Term{t.Cell, -t.Factor})
	}
	h.problem.Equations = append(h.problem.Equations, e)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// hold links exact counts of which some may be of other persons, as the releases were counted
// on another day: together those contradict what was told. It leaves out as few as it finds by
// halving.
func (h *history) hold(exact []Exact, batch []int, linked map[int]bool) error {
	cells, equations := len(h.problem.Cells), len(h.problem.Equations)
	any := false
	for _, e := range batch {
		if h.link(exact[e]) {
			linked[e], any = true, true
		}
	}
	if !any {
		return nil
	}
	err := feasible(h.problem)
	if !errors.Is(err, ErrContradiction) {
		return err
	}
	h.problem.Cells, h.problem.Equations = h.problem.Cells[:cells], h.problem.Equations[:equations]
	for _, e := range batch {
		delete(linked, e)
	}
	if len(batch) == 1 {
		return nil
	}
	half := len(batch) / 2
	if err := h.hold(exact, batch[:half], linked); err != nil {
		return err
	}
	return h.hold(exact, batch[half:], linked)
}

// link holds an exact count against the latest cells of its figure. It reports false if it
// cannot be of the same persons: a period is missing, or the releases were counted on
// another day.
func (h *history) link(e Exact) bool {
	var places []Place
	toldOf := map[string]bool{}
	for _, period := range e.Periods {
		at := h.places(line{e.Figure, period})
		if at == nil {
			return false
		}
		of := e.Sites
		if len(of) == 0 {
			of = slices.Collect(maps.Keys(at))
		}
		for _, site := range of {
			if places = append(places, at[site]...); len(at[site]) > 0 {
				toldOf[site] = true
			}
		}
	}
	if len(places) == 0 {
		return false
	}
	slices.SortFunc(places, Place.Compare)
	if len(toldOf) < len(e.Sites) {
		e = e.atMost()
	}
	parts := make([]sum, len(e.Parts))
	var whole sum
	for _, p := range places {
		if p.By != places[0].By {
			break
		}
		to := &whole
		if i := slices.IndexFunc(e.Parts, func(part Part) bool { return slices.Contains(part.Classes, p.Class) }); i >= 0 {
			to = &parts[i]
		}
		to.add(h.last[line{p.Figure, p.Period}][p].cell, h.problem.Cells)
	}
	// What is known of a part is an unknown of its own, and the whole is a sum of those: a cell
	// stands in one equation more, and what was a network stays one.
	cells, equations := h.problem.Cells, h.problem.Equations
	known := func(s sum, low, high int64) bool {
		if s.low > high || s.high < low {
			return false
		}
		cells = append(cells, Cell{Name: e.Where + ", " + strings.Join(e.Sites, ", "), Low: low, High: high})
		equations = append(equations, Equation{Terms: append(s.terms, Term{len(cells) - 1, -1})})
		return true
	}
	for i, p := range parts {
		if !known(p, e.Parts[i].Low, e.Parts[i].High) {
			return false
		}
		whole.add(len(cells)-1, cells)
	}
	if !known(whole, e.Low, e.High) {
		return false
	}
	h.problem.Cells, h.problem.Equations = cells, equations
	return true
}

// atMost is what is known of some of the persons that an exact count is of.
func (e Exact) atMost() Exact {
	e.Low, e.Parts = 0, slices.Clone(e.Parts)
	for i := range e.Parts {
		e.Parts[i].Low = 0
	}
	return e
}

// places are those of a line by site; nil if it has none. Those of all sites have no exact counts.
func (h *history) places(l line) map[string][]Place {
	if at, known := h.at[l]; known {
		return at
	}
	var at map[string][]Place
	if len(h.last[l]) > 0 {
		at = map[string][]Place{}
	}
	for p := range h.last[l] {
		if p.Site != "" {
			at[p.Site] = append(at[p.Site], p)
		}
	}
	if h.at == nil {
		h.at = map[line]map[string][]Place{}
	}
	h.at[l] = at
	return at
}

// sum is of cells, with the least and the most that they can add up to.
type sum struct {
	terms     []Term
	low, high int64
}

func (s *sum) add(cell int, cells []Cell) {
	s.terms = append(s.terms, Term{cell, 1})
	s.low += cells[cell].Low
	if high := cells[cell].High; high == Unbounded || s.high == Unbounded {
		s.high = Unbounded
	} else {
		s.high += high
	}
}

// judge says of each cell and each change whether it is safe. Between releases only the
// differences are new to a reader: the counts of one are not tied to those of another, so
// that a change is as uncertain as the count it leads from and the one it leads to together.
func (h *history) judge(report *Report, l *Learnt) {
	findings := make([]Finding, len(h.problem.Cells))
	for _, f := range report.Findings {
		findings[f.Cell] = f
	}
	for i, known := range h.cells {
		f, c := findings[i], h.problem.Cells[i]
		width := known.base - 1
		if c.Low < c.High {
			l.Cells++
			// That nobody is there, or at least as many as need no protection, harms nobody.
			harmless := f.High == 0 || f.Low >= known.base
			if f.Verdict != Safe && !harmless {
				l.Exposed = append(l.Exposed, Exposure{known.place, known.release, false, f.Low, f.High, f.Verdict})
			} else if !harmless {
				l.Narrowest = min(l.Narrowest, f.Apart)
			}
		}
		if known.before < 0 {
			continue
		}
		l.Changes++
		b := findings[known.before]
		low, high := f.Low-b.High, f.High-b.Low
		if b.High == Unbounded {
			low = -Unbounded
		}
		if f.High == Unbounded {
			high = Unbounded
		}
		switch {
		case f.Verdict == Safe && c.Low < c.High, b.Verdict == Safe && h.problem.Cells[known.before].Low < h.problem.Cells[known.before].High:
		case low == 0 && high == 0, low > width, high < -width:
		default:
			verdict := Unsafe
			if f.Verdict == NotProven || b.Verdict == NotProven {
				verdict = NotProven
			}
			l.Exposed = append(l.Exposed, Exposure{known.place, known.release, true, low, high, verdict})
		}
	}
}
