package newmembers

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"peil/pipeline/engine"
)

//go:embed sql/*.sql
var queries embed.FS

// reader reads the warehouse's tables into figures.
type reader struct {
	db      *engine.DB
	options Options
	period  [2]string
	*figures
	branchAt map[int64]int // branch number → index in figures.branches
	monthAt  map[time.Time]int
}

func read(ctx context.Context, db *engine.DB, o Options, unknownBranch string) (*figures, error) {
	r := &reader{db: db, options: o, period: [2]string{o.From.Format(time.DateOnly), o.Until.Format(time.DateOnly)}, figures: &figures{}}
	if err := r.frame(ctx, unknownBranch); err != nil {
		return nil, err
	}
	if err := r.balance(ctx); err != nil {
		return nil, err
	}
	if err := r.readCirculation(ctx); err != nil {
		return nil, err
	}
	r.dropEmptyBranches()
	r.findBreaks()
	ageKeys := make([]string, len(o.AgeClasses))
	for i, a := range o.AgeClasses {
		ageKeys[i] = strconv.Itoa(a)
	}
	var err error
	if r.ages, err = r.breakdown(ctx, "new_by_age", append(ageKeys, UnknownAge)); err != nil {
		return nil, err
	}
	sexes, err := r.breakdown(ctx, "new_by_sex", []string{"F", "M", "X", "?"})
	if err != nil {
		return nil, err
	}
	classes, err := r.breakdown(ctx, "new_by_subscription_class", []string{"youth", "adult", "other", "unknown"})
	if err != nil {
		return nil, err
	}
	r.sexes, r.classes = &sexes, &classes
	for _, read := range []func(context.Context) error{r.readSubscriptions, r.readPostcodes, r.readMovements, r.readSurvival, r.readResidents, r.readActivity} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return r.figures, r.check()
}

// rows runs a query of the folder sql over the period and scans its rows into dest; each
// is called after every row.
func (r *reader) rows(ctx context.Context, name string, dest []any, each func() error) error {
	return r.rowsOf(ctx, name, []any{r.period[0], r.period[1]}, dest, each)
}

// rowsOf is rows for a query with other arguments.
func (r *reader) rowsOf(ctx context.Context, name string, args, dest []any, each func() error) error {
	query, err := queries.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	rows, err := r.db.Query(ctx, string(query), args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := each(); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// frame reads the months and the branches.
func (r *reader) frame(ctx context.Context, unknownBranch string) error {
	r.monthAt, r.branchAt = map[time.Time]int{}, map[int64]int{}
	var first time.Time
	var basis string
	var moves bool
	err := r.rows(ctx, "months", []any{&first, &basis, &moves}, func() error {
		r.monthAt[first] = len(r.months)
		r.months = append(r.months, month{first: first, lower: basis == "lower_bound", frozen: basis == "frozen", moves: moves})
		return nil
	})
	if err != nil {
		return err
	}
	if len(r.months) == 0 {
		return fmt.Errorf("read months: the period from %s until %s holds no month", r.period[0], r.period[1])
	}
	var no int64
	var b branch
	names := map[string]int{}
	err = r.rowsOf(ctx, "branches", nil, []any{&no, &b.code, &b.label, &b.isil}, func() error {
		if no == 0 {
			b.label = unknownBranch
		}
		r.branchAt[no] = len(r.branches)
		r.branches = append(r.branches, b)
		names[b.label]++
		return nil
	})
	// a chart has one line a name
	for i, b := range r.branches {
		if names[b.label] > 1 {
			r.branches[i].label = b.label + " (" + b.code + ")"
		}
	}
	return err
}

// at finds the place of a row in the figures.
func (r *reader) at(branchNo int64, month time.Time) (b, m int, err error) {
	b, known := r.branchAt[branchNo]
	m, inPeriod := r.monthAt[month]
	if !known || !inPeriod {
		return 0, 0, fmt.Errorf("branch number %d or month %s is not in the warehouse's own lists", branchNo, month.Format("2006-01"))
	}
	return b, m, nil
}

func (r *reader) balance(ctx context.Context) error {
	r.flows = make([][]flow, len(r.branches))
	for b := range r.flows {
		r.flows[b] = make([]flow, len(r.months))
	}
	var first time.Time
	var no int64
	var f flow
	err := r.rows(ctx, "balance", []any{&first, &no, &f.begin, &f.new, &f.reRegistered, &f.movedIn, &f.lapsed, &f.movedOut, &f.end, &f.gapUnknown, &f.firstUnknown}, func() error {
		b, m, err := r.at(no, first)
		if err == nil {
			r.flows[b][m] = f
			r.months[m].moves = r.months[m].moves || f.movedIn+f.movedOut > 0
		}
		return err
	})
	return err
}

// dropEmptyBranches leaves out the branches at which nothing ever happened in the period.
func (r *reader) dropEmptyBranches() {
	var empty []int
	for b := range r.branches {
		used := !r.nobody(b) ||
			r.lent(r.loans, b) || r.lent(r.owned, b)
		if !used {
			empty = append(empty, b)
		}
	}
	if len(empty) == len(r.branches) {
		return // a report without a single member still is a report
	}
	isEmpty := func(b int) bool { _, found := slices.BinarySearch(empty, b); return found }
	for no, b := range r.branchAt {
		before, found := slices.BinarySearch(empty, b)
		if found {
			delete(r.branchAt, no)
		} else {
			r.branchAt[no] = b - before
		}
	}
	r.branches, r.flows = without(r.branches, isEmpty), without(r.flows, isEmpty)
	if r.loans != nil {
		r.loans = without(r.loans, isEmpty)
	}
	if r.owned != nil {
		r.owned = without(r.owned, isEmpty)
	}
}

// lent says whether anything was ever lent at, or of, a branch.
func (r *reader) lent(loans [][]circulation, b int) bool {
	return loans != nil && slices.ContainsFunc(loans[b], func(c circulation) bool { return c.known })
}

// without returns the elements whose index does not satisfy drop.
func without[T any](all []T, drop func(int) bool) []T {
	var kept []T
	for i, e := range all {
		if !drop(i) {
			kept = append(kept, e)
		}
	}
	return kept
}

// breakdown reads new members by class. What the balance counts and the details do not
// tell (figures taken from elsewhere may have none) is of the last class, the unknown.
func (r *reader) breakdown(ctx context.Context, name string, keys []string) (breakdown, error) {
	d := newBreakdown(keys, len(r.branches), len(r.months))
	var first time.Time
	var no, persons int64
	var class string
	err := r.rows(ctx, name, []any{&first, &no, &class, &persons}, func() error {
		b, m, err := r.at(no, first)
		if err != nil {
			return err
		}
		c := slices.Index(keys, class)
		if c < 0 {
			c = len(keys) - 1
		}
		d.n[b][m][c] += persons
		return nil
	})
	if err != nil {
		return d, err
	}
	for b := range d.n {
		for m := range d.n[b] {
			missing := r.flows[b][m].new
			for _, n := range d.n[b][m] {
				missing -= n
			}
			if missing < 0 {
				return d, fmt.Errorf("read %s: more new members in %s at branch %s than the balance has", name, r.months[m].first.Format("2006-01"), r.branches[b].code)
			}
			d.n[b][m][len(keys)-1] += missing
		}
	}
	return d, nil
}

func (r *reader) readSubscriptions(ctx context.Context) error {
	var name string
	var first time.Time
	var persons int64
	err := r.rows(ctx, "subscriptions", []any{&name, &first, &persons}, func() error {
		r.subscriptions = add(r.subscriptions, name, -1, r.monthAt[first], persons, len(r.months))
		return nil
	})
	r.subscriptions = r.completed(r.subscriptions, -1)
	return err
}

func (r *reader) readPostcodes(ctx context.Context) error {
	var pc4 string
	var no, persons int64
	var first time.Time
	err := r.rows(ctx, "postcodes", []any{&pc4, &no, &first, &persons}, func() error {
		b, m, err := r.at(no, first)
		if err == nil {
			r.postcodes = add(r.postcodes, pc4, b, m, persons, len(r.months))
		}
		return err
	})
	for b := range r.branches {
		r.postcodes = r.completed(r.postcodes, b)
	}
	slices.SortStableFunc(r.postcodes, func(a, b origin) int { return strings.Compare(a.name, b.name) })
	return err
}

// unknown is the sign for what the source does not tell.
const unknown = "?"

// completed adds the new members whom the balance counts and the origins of the branch do
// not tell, to its unknown origin. Branch -1 is the organisation.
func (r *reader) completed(origins []origin, branch int) []origin {
	missing := make([]int64, len(r.months))
	for m := range missing {
		missing[m] = r.sum(branch, m, m+1).new
	}
	at := -1
	for i, o := range origins {
		if o.branch != branch {
			continue
		}
		if o.name == unknown {
			at = i
		}
		for m, n := range o.n {
			missing[m] -= n
		}
	}
	if !slices.ContainsFunc(missing, func(n int64) bool { return n != 0 }) {
		return origins
	}
	if at < 0 {
		return append(origins, origin{unknown, branch, missing})
	}
	for m, n := range missing {
		origins[at].n[m] += n
	}
	return origins
}

// add counts persons to the last origin, or to a new one if that is another: rows come
// sorted.
func add(origins []origin, name string, branch, month int, persons int64, months int) []origin {
	if n := len(origins); n == 0 || origins[n-1].name != name || origins[n-1].branch != branch {
		origins = append(origins, origin{name, branch, make([]int64, months)})
	}
	origins[len(origins)-1].n[month] += persons
	return origins
}

func (r *reader) readMovements(ctx context.Context) error {
	var first time.Time
	var fromNo, toNo, persons int64
	place := map[[2]int]int{}
	return r.rows(ctx, "movements", []any{&first, &fromNo, &toNo, &persons}, func() error {
		from, m, err := r.at(fromNo, first)
		if err != nil {
			return err
		}
		to, _, err := r.at(toNo, first)
		if err != nil {
			return err
		}
		i, known := place[[2]int{from, to}]
		if !known {
			i = len(r.movements)
			place[[2]int{from, to}] = i
			r.movements = append(r.movements, movement{from, to, make([]int64, len(r.months))})
		}
		r.movements[i].n[m] += persons
		return nil
	})
}

func (r *reader) readCirculation(ctx context.Context) error {
	all, branches := make([]circulation, len(r.months)), r.perMonth()
	var first time.Time
	var no int64
	c := circulation{known: true}
	err := r.rows(ctx, "circulation", []any{&first, &no, &c.loans, &c.borrowers, &c.borrowings}, func() error {
		r.loans, r.loansAll = branches, all
		if no == -1 {
			all[r.monthAt[first]] = c
			return nil
		}
		b, m, err := r.at(no, first)
		if err == nil {
			branches[b][m] = c
		}
		return err
	})
	if err != nil {
		return err
	}
	owned := r.perMonth()
	return r.rows(ctx, "circulation_by_owner", []any{&first, &no, &c.loans, &c.borrowers, &c.borrowings}, func() error {
		r.owned = owned
		b, m, err := r.at(no, first)
		if err == nil {
			owned[b][m] = c
		}
		return err
	})
}

// perMonth has room for the loans of each branch and month.
func (r *reader) perMonth() [][]circulation {
	branches := make([][]circulation, len(r.branches))
	for b := range branches {
		branches[b] = make([]circulation, len(r.months))
	}
	return branches
}

func (r *reader) readSurvival(ctx context.Context) error {
	var first time.Time
	var c cohort
	return r.rows(ctx, "survival", []any{&first, &c.after, &c.still}, func() error {
		c.month = r.monthAt[first]
		c.new = r.total(c.month).new
		// Of survivors all survived. And what is frozen may know less than the source does by
		// now of who came that month.
		if !r.months[c.month].lower && c.still <= c.new {
			r.survival = append(r.survival, c)
		}
		return nil
	})
}
