package cbs

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"peil/pipeline/config"
	"peil/pipeline/engine"
)

//go:embed counts.sql
var countsSQL string

// Count is one figure about a delivery. Subject is one of persons, branch, age, sex,
// subscription, filled (fields that hold a value), sum (over a field), match (persons whom
// CBS can find), out (who is not in it, and why) and source (rows of the members).
type Count struct {
	Subject string `json:"subject"` // what is counted, such as branch or sex
	Part    string `json:"part"`
	Label   string `json:"label,omitempty"` // of what the library named itself
	N       int64  `json:"n"`               // persons, or of sums what the subject says
}

// Counts are the figures of a delivery in the order in which they are shown.
type Counts []Count

// Source is what became of the rows of the members that no person came from.
type Source struct{ Rows, Rejected, Merged int64 }

// CountPopulation makes the counts in the vault.
func CountPopulation(ctx context.Context, vault *engine.DB, s Source) (Counts, error) {
	rows, err := vault.Query(ctx, countsSQL)
	if err != nil {
		return nil, fmt.Errorf("count the population: %w", err)
	}
	defer rows.Close()
	var all Counts
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Subject, &c.Part, &c.Label, &c.N); err != nil {
			return nil, fmt.Errorf("count the population: %w", err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the population: %w", err)
	}
	return append(all, Count{Subject: "source", Part: "rows", N: s.Rows}, Count{Subject: "source", Part: "rejected", N: s.Rejected},
		Count{Subject: "source", Part: "merged", N: s.Merged}), nil
}

// Of is one figure; 0 where there is none.
func (c Counts) Of(subject, part string) int64 {
	for _, one := range c {
		if one.Subject == subject && one.Part == part {
			return one.N
		}
	}
	return 0
}

// Persons in the delivery.
func (c Counts) Persons() int64 { return c.Of("persons", "") }

// Unaccounted is the number of rows of the members that are neither in the delivery nor
// among those counted as left out: 0, or something was lost.
func (c Counts) Unaccounted() int64 {
	open := c.Of("source", "rows") - c.Of("source", "rejected") - c.Of("source", "merged") - c.Persons()
	for _, one := range c {
		if one.Subject == "out" {
			open -= one.N
		}
	}
	return open
}

// NationalMatch is the share, in hundredths, of the members delivered in CBS's pilot of
// 2019 that it found in the population register: "almost 95%".
const NationalMatch = 95

// ExpectedMatch estimates the share of persons, in hundredths, that CBS will find by birth
// date and address: those of whom all is known and the house number is not in doubt.
func (c Counts) ExpectedMatch() float64 {
	if c.Persons() == 0 {
		return 0
	}
	return 100 * float64(c.Of("match", "certain")) / float64(c.Persons())
}

// ParseCounts reads counts back from a manifest's facts.
func ParseCounts(fact any) (Counts, error) {
	b, err := json.Marshal(fact)
	if err != nil {
		return nil, err
	}
	var c Counts
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("read the counts of a delivery: %w", err)
	}
	return c, nil
}

// Difference is one figure of two deliveries.
type Difference struct {
	Subject string `json:"subject"` // as in counts
	Part    string `json:"part"`
	Label   string `json:"label,omitempty"` // of what the library named itself
	Before  int64  `json:"before"`          // in the earlier one
	After   int64  `json:"after"`           // in the later one
}

// Compare sets two deliveries side by side: every figure of either, in the order of the
// later one, what only the earlier has after the others of its subject.
func Compare(before, after Counts) []Difference {
	type key struct{ subject, part string }
	old := map[key]Count{}
	for _, c := range before {
		old[key{c.Subject, c.Part}] = c
	}
	var all []Difference
	for i, c := range after {
		k := key{c.Subject, c.Part}
		all = append(all, Difference{c.Subject, c.Part, c.Label, old[k].N, c.N})
		delete(old, k)
		if i+1 < len(after) && after[i+1].Subject == c.Subject {
			continue
		}
		for _, b := range before {
			if _, gone := old[key{b.Subject, b.Part}]; gone && b.Subject == c.Subject {
				all = append(all, Difference{b.Subject, b.Part, b.Label, b.N, 0})
			}
		}
	}
	return all
}

// Compared are the subjects by which a delivery is held against the one before it.
var Compared = []string{"persons", "branch", "age", "sex", "subscription", "filled"}

// Reconciled are the figures of one subject held against an earlier delivery.
type Reconciled struct {
	Subject  string
	Compared int64
	Beyond   []Difference // those that differ by more than is tolerated
}

// Reconcile holds a delivery against the one before it: the number of persons, and where
// they are, how old, and what is known of them.
func Reconcile(before, after Counts, t config.Tolerance) []Reconciled {
	var all []Reconciled
	for _, subject := range Compared {
		r := Reconciled{Subject: subject}
		share := t.Part
		if subject == "persons" {
			share = t.Total
		}
		for _, d := range Compare(before, after) {
			if d.Subject != subject || subject != "persons" && max(d.Before, d.After) < int64(t.From) {
				continue
			}
			r.Compared++
			if float64(max(d.After-d.Before, d.Before-d.After)) > share.Of(d.Before) {
				r.Beyond = append(r.Beyond, d)
			}
		}
		all = append(all, r)
	}
	return all
}
