package kb

import (
	"context"
	"math"
	"time"

	"peil/pipeline/engine"
	"peil/reports"
)

// Risk is the content of risk.json. Counts of persons in groups are those of the feed,
// in steps; totals are exact and stand without attributes.
type Risk struct {
	Layouts []string `json:"layouts"`
	Library string   `json:"library"`
	ISIL    string   `json:"isil"`
	Week    string   `json:"week"`
	From    string   `json:"from"`
	Until   string   `json:"until"`           // exclusive
	Month   string   `json:"month,omitempty"` // that ends in the week
	K       int64    `json:"k"`               // persons in a group
	L       int64    `json:"l"`               // different things that a class of borrowers shows
	Step    int      `json:"step"`            // in which members are counted, from k upward
	Members Members  `json:"members"`
	Loans   Loans    `json:"loans"`
	Attack  Attack   `json:"attack"`
}

// Members is the risk of kb-leden. Total = InFeed + Residual: who is in no group, and what
// rounding adds or takes. The two are not told apart, since of a feed of few groups the
// rounding alone would give the exact numbers back.
type Members struct {
	Total           int64   `json:"total"`
	InFeed          int64   `json:"in_feed"`
	Residual        int64   `json:"residual"`
	SuppressedShare float64 `json:"suppressed_share"` // of the members in no group, in whole percents
	Exposure
	// MarketerRisk is the share of the members in the feed that somebody who links
	// all of them would get right: groups by persons.
	MarketerRisk float64  `json:"marketer_risk"`
	Levels       []Level  `json:"levels"`
	Sizes        []Size   `json:"group_sizes"`
	Detail       []Detail `json:"attributes"`
}

// Loans is the risk of kb-uitleningen.
type Loans struct {
	Totals []Total `json:"totals"`
	Exposure
	// Homogeneous is the number of classes (period, branch, age class) whose rows
	// show fewer than l things; the rules allow none.
	Homogeneous int64    `json:"homogeneous_classes"`
	Levels      []Level  `json:"levels"`
	Sizes       []Size   `json:"group_sizes"`
	Detail      []Detail `json:"attributes"` // of the week's events
}

// Exposure is what one person in the smallest group risks. A row without persons (level
// 5) is no group of persons, though it is a row.
type Exposure struct {
	Groups   int64 `json:"rows"`
	Smallest int64 `json:"smallest_group"`
	// ProsecutorRisk is the chance that somebody who knows that a person is in
	// the feed picks the right one of the smallest group: 1 by its size.
	ProsecutorRisk float64 `json:"prosecutor_risk"`
	// JournalistRisk is the same for a person who need not be in the feed. It equals
	// ProsecutorRisk, since the feed is made of all members: they are the population.
	JournalistRisk float64 `json:"journalist_risk"`
	// UniqueBefore is how many persons would stand alone if the feed told every attribute of
	// everybody, in steps; UniqueAfter how many do.
	UniqueBefore int64 `json:"unique_before"`
	UniqueAfter  int64 `json:"unique_after"`
}

// Detail is what became of one attribute.
type Detail struct {
	Attribute string `json:"attribute"` // column of the feed
	// Lost is the share of all (persons in kb-leden, events in kb-uitleningen) of which the
	// feed does not tell it: 0 is nothing lost.
	Lost float64 `json:"lost"`
}

// Total accounts for the events of one kind in one period:
// Events = InWeeks + InFeed + Residual.
type Total struct {
	Period        string `json:"period"` // week or month
	Kind          string `json:"kind"`   // as in the feed
	Events        int64  `json:"events"`
	WithoutPerson int64  `json:"without_person"` // of which by nobody who is known
	InWeeks       int64  `json:"in_weeks"`       // of a month: in the rows of its weeks, reckoned from today's data
	InFeed        int64  `json:"in_feed"`        // in rows of this feed
	// Residual is in no row, and what rounding adds or takes: of a week it may still come with
	// the month, of a month it never will.
	Residual int64 `json:"residual"`
}

// Level is one step of the scheme.
type Level struct {
	Level   int      `json:"level"`
	Holds   []string `json:"holds"` // columns of the feed
	Groups  int64    `json:"rows"`
	Persons int64    `json:"persons,omitempty"` // of kb-leden; persons of loans stand in several rows
	Events  int64    `json:"events,omitempty"`  // of kb-uitleningen
}

// Size counts the groups of From to To persons; To is 0 for the last, open class.
type Size struct {
	From   int64 `json:"from"`
	To     int64 `json:"to,omitempty"`
	Groups int64 `json:"groups"`
}

var (
	memberAttributes = []string{"vestiging", "leeftijdsklasse", "geslacht", "pc4", "abonnement", "lidmaatschapsduur"}
	loanAttributes   = []string{"vestiging", "eigenaar", "leeftijdsklasse", "materiaal", "publiek", "genre", "schoolbibliotheek", "titel"}

	memberLevels = [][]string{
		{"vestiging", "leeftijdsklasse", "geslacht", "pc4"}, {"vestiging", "leeftijdsklasse", "geslacht"},
		{"vestiging", "leeftijdsklasse"}, {"leeftijdsklasse"}, {},
	}
	loanLevels = [][]string{
		{"week", "vestiging", "leeftijdsklasse", "soort", "materiaal", "publiek", "genre"}, {"week", "vestiging", "soort", "materiaal", "publiek", "genre"},
		{"week", "soort", "materiaal", "publiek", "genre"}, {"maand", "soort", "materiaal", "publiek", "genre"}, {"maand", "soort", "materiaal"},
	}
)

// assess reads the report on risk from the feeds and the models. smallest is the number
// of persons in the smallest group, exactly.
func assess(ctx context.Context, db *engine.DB, about reports.About, week Week) (r Risk, suppressed, smallest int64, err error) {
	r = Risk{
		Layouts: Layouts, Library: about.Library, ISIL: about.ISIL, Week: week.String(), From: week.From.Format(time.DateOnly),
		Until: week.Until.Format(time.DateOnly), Step: about.Threshold,
	}
	m, l := &r.Members, &r.Loans
	for query, dest := range map[string][]any{
		"SELECT k, l, coalesce(strftime(kb_month, '%Y-%m'), '') FROM parameters": {&r.K, &r.L, &r.Month},
		statement("risk_members.sql"):                                            {&m.Total, &suppressed, &m.InFeed, &m.Groups, &m.Smallest, &smallest, &m.UniqueBefore, &m.UniqueAfter},
		statement("risk_loans.sql"):                                              {&l.Groups, &l.Smallest, &l.Homogeneous, &l.UniqueBefore, &l.UniqueAfter},
	} {
		if err := db.Get(ctx, dest, query); err != nil {
			return r, 0, 0, err
		}
	}
	m.Residual = m.Total - m.InFeed
	m.SuppressedShare, m.MarketerRisk = math.Round(100*share(suppressed, m.Total))/100, share(m.Groups, m.InFeed)
	m.ProsecutorRisk, l.ProsecutorRisk = share(1, m.Smallest), share(1, l.Smallest)
	m.JournalistRisk, l.JournalistRisk = m.ProsecutorRisk, l.ProsecutorRisk
	if smallest == 0 || l.Smallest > 0 && l.Smallest < smallest {
		smallest = l.Smallest
	}
	if l.Totals, err = totals(ctx, db); err != nil {
		return r, 0, 0, err
	}
	if m.Levels, err = levels(ctx, db, "SELECT niveau, count(*), CAST(sum(personen) AS BIGINT), 0 FROM feed_leden GROUP BY niveau", memberLevels); err != nil {
		return r, 0, 0, err
	}
	if l.Levels, err = levels(ctx, db, "SELECT niveau, count(*), 0, CAST(sum(aantal) AS BIGINT) FROM feed_uitleningen GROUP BY niveau", loanLevels); err != nil {
		return r, 0, 0, err
	}
	if m.Sizes, err = sizes(ctx, db, "feed_leden", r.K); err != nil {
		return r, 0, 0, err
	}
	if l.Sizes, err = sizes(ctx, db, "feed_uitleningen", r.K); err != nil {
		return r, 0, 0, err
	}
	if m.Detail, err = details(ctx, db, "risk_member_detail.sql", memberAttributes, m.Total); err != nil {
		return r, 0, 0, err
	}
	var events int64
	for _, t := range l.Totals {
		if t.Period == "week" {
			events += t.Events
		}
	}
	if l.Detail, err = details(ctx, db, "risk_loan_detail.sql", loanAttributes, events); err != nil {
		return r, 0, 0, err
	}
	r.Attack, err = attackFeeds(ctx, db, &r)
	return r, suppressed, smallest, err
}

// details tells what was lost of each attribute; of is how many persons or events there are.
func details(ctx context.Context, db *engine.DB, query string, attributes []string, of int64) ([]Detail, error) {
	rows, err := db.Query(ctx, statement(query))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	told := map[string]int64{}
	for rows.Next() {
		var attribute string
		var n int64
		if err := rows.Scan(&attribute, &n); err != nil {
			return nil, err
		}
		told[attribute] = n
	}
	var all []Detail
	for _, a := range attributes {
		// What is told is rounded and can be more than there are.
		all = append(all, Detail{Attribute: a, Lost: share(max(of-told[a], 0), of)})
	}
	return all, rows.Err()
}

// share is n/of to five decimals; 0 of nothing.
func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return math.Round(float64(n)/float64(of)*1e5) / 1e5
}

func totals(ctx context.Context, db *engine.DB) ([]Total, error) {
	rows, err := db.Query(ctx, `SELECT t.period, w.word, t.events, t.without_person, t.in_weeks, coalesce(f.n, 0), t.events - t.in_weeks - coalesce(f.n, 0)
		FROM kb_totals t
		JOIN feed_words w ON w.list = 'kind' AND w.code = t.kind
		LEFT JOIN (SELECT CASE periode_soort WHEN 'week' THEN 'week' ELSE 'month' END AS period, soort, CAST(sum(aantal) AS BIGINT) AS n FROM feed_uitleningen GROUP BY ALL) f
			ON f.period = t.period AND f.soort = w.word
		ORDER BY t.period DESC, w.word`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Total
	for rows.Next() {
		var t Total
		if err := rows.Scan(&t.Period, &t.Kind, &t.Events, &t.WithoutPerson, &t.InWeeks, &t.InFeed, &t.Residual); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// totals are the stated totals, and the feeds' own sums by branch.
func (r *Risk) totals(ctx context.Context, db *engine.DB) (map[string]int64, error) {
	all := map[string]int64{"leden": r.Members.Total, "leden, in bestand": r.Members.InFeed}
	for _, t := range r.Loans.Totals {
		if t.Period == "week" {
			all[t.Kind], all[t.Kind+", in bestand"] = t.Events, t.InFeed
		}
	}
	rows, err := db.Query(ctx, `SELECT 'leden, in bestand, ' || vestiging, CAST(sum(personen) AS BIGINT) FROM feed_leden WHERE vestiging IS NOT NULL GROUP BY ALL
		UNION ALL SELECT soort || ', in bestand, ' || vestiging, CAST(sum(aantal) AS BIGINT) FROM feed_uitleningen WHERE vestiging IS NOT NULL GROUP BY ALL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var figure string
		var n int64
		if err := rows.Scan(&figure, &n); err != nil {
			return nil, err
		}
		all[figure] = n
	}
	return all, rows.Err()
}

// levels fills the scheme with what each level holds; query gives level, rows, persons
// and events.
func levels(ctx context.Context, db *engine.DB, query string, scheme [][]string) ([]Level, error) {
	all := make([]Level, len(scheme))
	for i, holds := range scheme {
		all[i] = Level{Level: i + 1, Holds: holds}
	}
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v Level
		if err := rows.Scan(&v.Level, &v.Groups, &v.Persons, &v.Events); err != nil {
			return nil, err
		}
		v.Holds = scheme[v.Level-1]
		all[v.Level-1] = v
	}
	return all, rows.Err()
}

// sizes counts the groups of a feed by their number of persons: from k to 2k, 5k, 10k,
// 50k and beyond.
func sizes(ctx context.Context, db *engine.DB, feed string, k int64) ([]Size, error) {
	var all []Size
	from := k
	for _, next := range []int64{2 * k, 5 * k, 10 * k, 50 * k, 0} {
		s := Size{From: from, To: next - 1}
		if next == 0 {
			s.To, next = 0, math.MaxInt64
		}
		n, err := db.Count(ctx, "SELECT count(*) FROM "+feed+" WHERE personen >= ? AND personen < ?", from, next)
		if err != nil {
			return nil, err
		}
		s.Groups = n
		all, from = append(all, s), next
	}
	return all, nil
}
