package pipeline

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"peil/pipeline/config"
	"peil/pipeline/exit"
	"peil/pipeline/source"
	"peil/reports/cbs"
	"peil/reports/quality"
)

// checkExpected holds the members on the peildatum against the library system's own counts
// and against what the library expects.
func (r *run) checkExpected(context.Context) error {
	c := r.c.Reconcile
	if c.Counts != "" {
		counts, rows, err := readCounts(r.c.Path(c.Counts))
		if err != nil {
			return exit.Usagef("reconcile.counts in %s: read %s: %w", r.c.File(), r.shown(c.Counts), err)
		}
		r.sourceRows = rows
		r.compare("source", [2]string{"de eigen telling van het bibliotheeksysteem", "the library system's own count"}, counts)
	}
	r.compare("expected", [2]string{"wat de bibliotheek verwacht", "what the library expects"}, expected(c.Expected))
	return nil
}

// compare makes one check a subject that was given. Parts that were not given are not
// compared.
func (r *run) compare(name string, against [2]string, given cbs.Counts) {
	var mine cbs.Counts
	for _, g := range given {
		c := cbs.Count{Subject: g.Subject, Part: g.Part}
		for _, have := range r.counts {
			if have.Subject == g.Subject && strings.EqualFold(have.Part, g.Part) {
				c = have
				c.Part = g.Part
			}
		}
		mine = append(mine, c)
	}
	t := r.c.Reconcile.Tolerance
	for _, found := range cbs.Reconcile(given, mine, t) {
		if slices.ContainsFunc(given, func(c cbs.Count) bool { return c.Subject == found.Subject }) {
			r.add(reconciled(name, found, against, t, quality.Figures))
		}
	}
}

func expected(e config.Expected) cbs.Counts {
	var all cbs.Counts
	if e.Persons > 0 {
		all = append(all, cbs.Count{Subject: "persons", N: e.Persons})
	}
	for _, by := range []struct {
		subject string
		counts  map[string]int64
	}{{"branch", e.Branch}, {"age", e.Age}, {"sex", e.Sex}, {"subscription", e.Subscription}} {
		for _, part := range slices.Sorted(maps.Keys(by.counts)) {
			all = append(all, cbs.Count{Subject: by.subject, Part: partOf(by.subject, part), N: by.counts[part]})
		}
	}
	return all
}

// partOf is the part of a subject as the counts of a population name it.
func partOf(subject, part string) string {
	part = strings.TrimSpace(part)
	switch {
	case part == "" || strings.EqualFold(part, "unknown") || strings.EqualFold(part, "onbekend"):
		if subject == "persons" {
			return ""
		}
		return "unknown"
	case subject == "branch" || subject == "subscription":
		return "code " + part
	}
	return part
}

// subjects are the words for what is counted, in a file of counts.
var subjects = map[string]string{
	"persons": "persons", "personen": "persons", "leden": "persons", "members": "persons", "branch": "branch", "vestiging": "branch", "age": "age", "leeftijd": "age",
	"sex": "sex", "geslacht": "sex", "subscription": "subscription", "abonnement": "subscription", "rows": "rows", "regels": "rows",
}

var tableWords = map[string]string{"leden": source.Members, "uitleningen": source.Loans, "vestigingen": source.Branches, "lidmaatschappen": source.Memberships}

// readCounts reads a file of counts: subject, part and count, with a heading, separated by
// commas or semicolons. Rows are the rows that the system says each table holds.
func readCounts(path string) (counts cbs.Counts, rows map[string]int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, errors.New("it cannot be opened")
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, nil, errors.New("it cannot be read")
	}
	text := strings.TrimPrefix(string(b), "\uFEFF")
	in := csv.NewReader(strings.NewReader(text))
	if head, _, _ := strings.Cut(text, "\n"); strings.Contains(head, ";") {
		in.Comma = ';'
	}
	in.FieldsPerRecord = 3
	records, err := in.ReadAll()
	if err != nil || len(records) < 2 {
		return nil, nil, errors.New("write a line of headings (subject, part, count) and three values a line")
	}
	rows = map[string]int64{}
	for i, record := range records[1:] {
		subject := subjects[strings.ToLower(strings.TrimSpace(record[0]))]
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(record[2]), ".0"), 10, 64)
		switch {
		case subject == "":
			return nil, nil, fmt.Errorf("record %d: the subject is none of persons, branch, age, sex, subscription and rows", i+2)
		case err != nil || n < 0:
			return nil, nil, fmt.Errorf("record %d: the count is not a whole number", i+2)
		case subject == "rows":
			table := strings.ToLower(strings.TrimSpace(record[1]))
			if known, ok := tableWords[table]; ok {
				table = known
			}
			if !slices.Contains(source.TableNames, table) {
				return nil, nil, fmt.Errorf("record %d: there is no table of that name; use one of %s", i+2, strings.Join(source.TableNames, ", "))
			}
			rows[table] = n
		default:
			counts = append(counts, cbs.Count{Subject: subject, Part: partOf(subject, record[1]), N: n})
		}
	}
	return counts, rows, nil
}

// checkRows holds the rows of a table against the system's own count and against the run
// before.
func (r *run) checkRows(a quality.Account) {
	if n, ok := r.sourceRows[a.Table]; ok {
		c := quality.Check{Name: "source.rows." + a.Table, Result: quality.OK, Count: max(n-a.Rows, a.Rows-n), Of: n, Text: map[string]string{
			"nl": fmt.Sprintf("%d regels gelezen; volgens het bibliotheeksysteem zijn het er %d.", a.Rows, n),
			"en": fmt.Sprintf("%d rows read; the library system says that there are %d.", a.Rows, n),
		}}
		if c.Count > 0 {
			c.Result, c.Withholds = quality.Failed, quality.Figures
		}
		r.add(c)
	}
	if len(r.findings.Earlier) == 0 {
		return
	}
	last := r.findings.Earlier[len(r.findings.Earlier)-1]
	before := last.Rows[a.Table]
	c := quality.Check{Name: "rows." + a.Table, Result: quality.OK, Count: max(before-a.Rows, 0), Of: before, Text: map[string]string{
		"nl": fmt.Sprintf("%d regels; op %s waren het er %d.", a.Rows, last.On, before),
		"en": fmt.Sprintf("%d rows; on %s there were %d.", a.Rows, last.On, before),
	}}
	if before >= int64(r.c.Reconcile.Tolerance.From) && float64(c.Count) > r.c.Reconcile.Rows.Of(before) {
		c.Result, c.Withholds = quality.Failed, quality.Figures
	}
	r.add(c)
}
