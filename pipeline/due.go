package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/delivery"
	"peil/pipeline/dispatch"
	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// Task is one period of an output that the calendar asks for and that is not there, or has
// not arrived where it should.
type Task struct {
	Output string `json:"output"`
	Period string `json:"period"` // of cbs and quality: the day on which it was due
	Since  string `json:"since"`  // day on which it was due
	Do     string `json:"do"`     // make, and deliver if that needs no approval; or deliver

	period archive.Period
}

// What there is to do about a due period.
const (
	Make = "make"
	Send = "deliver"
)

// Upcoming is when an output is due next.
type Upcoming struct {
	Output   string `json:"output"`
	Schedule string `json:"schedule"`
	On       string `json:"on"` // empty: on demand
}

// history is what the store and its ledger know.
type history struct {
	periods map[string][]archive.Period // that are published whole, by output, in order
	letters map[archive.Period]letter   // of those that have a destination
}

// letter is how far the delivery of a published period is.
type letter struct {
	delivered bool // it arrived
	begun     bool // it was tried
	approved  bool // it may go
}

// due lists what the calendar asks for by a day, oldest first. It looks back to the first
// period that the store holds, as far as the source can still tell of: loans older than
// their retention are gone from it. A store that holds nothing begins with the last period.
// What is made as of its day cannot be made of an earlier one: of those only the last is
// due, and of the members that CBS gets as long as those who left since are still known.
func (h history) due(c *config.Config, today time.Time) []Task {
	var all []Task
	horizon := today.AddDate(0, -int(c.Retention.Loans), 0)
	for _, output := range config.OutputNames {
		schedule, scheduled := c.Calendar[output]
		if !scheduled || schedule.Every == config.OnDemand {
			continue
		}
		last := schedule.Last(today)
		var first archive.Period
		if made := h.periods[output]; len(made) > 0 {
			first = made[0]
		}
		arrived, waiting := false, 0
		for on := last; ; on = schedule.Last(on.AddDate(0, 0, -1)) {
			p := archive.LastPeriod(output, on)
			if on != last && (!archive.Whole(output) || first.Name == "" || p.From.Before(first.From) || on.Before(horizon)) ||
				output == "cbs" && on.Before(horizon) {
				break
			}
			d := Task{Output: output, Period: p.Name, Since: on.Format(time.DateOnly), Do: Make, period: p}
			made, ok := h.made(p, schedule.Next(on))
			if !ok {
				all = append(all, d)
				continue
			}
			l, addressed := h.letters[made]
			arrived = arrived || l.delivered
			// What was never tried, and is older than what arrived or waits, was made
			// before there was a destination.
			if addressed && !l.delivered && l.approved && (l.begun || !arrived && waiting == 0) {
				waiting++
				d.Period, d.Do, d.period = made.Name, Send, made
				all = append(all, d)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Task) int {
		if a.Since != b.Since {
			return strings.Compare(a.Since, b.Since)
		}
		return slices.Index(config.OutputNames, a.Output) - slices.Index(config.OutputNames, b.Output)
	})
	return all
}

// made finds the period in the store; of what is made as of a day, any from that day until
// the next one on which it is due.
func (h history) made(p archive.Period, next time.Time) (archive.Period, bool) {
	i := slices.IndexFunc(h.periods[p.Output], func(have archive.Period) bool {
		if archive.Whole(p.Output) {
			return have == p
		}
		return !have.From.Before(p.From) && have.From.Before(next)
	})
	if i < 0 {
		return archive.Period{}, false
	}
	return h.periods[p.Output][i], true
}

// upcoming lists when each scheduled output is due next after a day.
func upcoming(c *config.Config, today time.Time) []Upcoming {
	var all []Upcoming
	for _, output := range config.OutputNames {
		if schedule, ok := c.Calendar[output]; ok {
			u := Upcoming{Output: output, Schedule: schedule.String()}
			if next := schedule.Next(today); !next.IsZero() {
				u.On = next.Format(time.DateOnly)
			}
			all = append(all, u)
		}
	}
	return all
}

// readHistory reads what the store holds of the scheduled outputs.
func readHistory(ctx context.Context, c *config.Config, s store.Store, ledger *delivery.Ledger) (h history, err error) {
	h = history{map[string][]archive.Period{}, map[archive.Period]letter{}}
	folders, manifests, err := archive.Publications(ctx, s, "public", "private")
	if err != nil {
		return h, err
	}
	for _, m := range manifests {
		p, err := archive.ParsePeriod(m.Output, m.Period)
		if err != nil || slices.Contains(h.periods[m.Output], p) {
			continue
		}
		if !slices.ContainsFunc(p.Folders(), func(f string) bool { return !slices.Contains(folders, f) }) {
			h.periods[m.Output] = append(h.periods[m.Output], p)
		}
	}
	entries, _, err := ledger.Entries(ctx)
	if err != nil {
		return h, err
	}
	for output, d := range c.Deliver {
		for _, p := range h.periods[output] {
			parcel := dispatch.NewParcel(folders, manifests, output, p.Name)
			if parcel == nil {
				continue
			}
			if err := parcel.Know(ctx, s, entries); err != nil {
				return h, err
			}
			h.letters[p] = letter{
				delivered: parcel.State.Result != nil && parcel.State.Delivered(), begun: parcel.State.Last != nil,
				approved: d.Approve == "automatic" || parcel.State.Approved != nil,
			}
		}
	}
	return h.withSent(entries), nil
}

// withSent adds what was sent and is no longer in the store, since retention ended.
func (h history) withSent(entries []delivery.Entry) history {
	for _, e := range entries {
		p, err := archive.ParsePeriod(e.Output, e.Period)
		if e.Kind == delivery.Sent && err == nil && !slices.Contains(h.periods[e.Output], p) {
			h.periods[e.Output] = append(h.periods[e.Output], p)
			h.letters[p] = letter{delivered: true}
		}
	}
	for _, periods := range h.periods {
		slices.SortFunc(periods, func(a, b archive.Period) int { return a.From.Compare(b.From) })
	}
	return h
}

// WhatIsDue lists what a run of what is due would do today, oldest first, and what is due
// after it.
func WhatIsDue(ctx context.Context, o Options) ([]Task, []Upcoming, error) {
	if len(o.Config.Calendar) == 0 {
		return nil, nil, exit.Usagef("nothing is scheduled: add the calendar to %s, as in calendar: {kb: weekly monday}", o.Config.File())
	}
	key, err := archive.LoadKey(ctx, o.Config, o.Env)
	if err != nil {
		return nil, nil, err
	}
	s, err := o.openStore(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	h, err := readHistory(ctx, o.Config, s, archive.LedgerOf(s, key, o.Env, o.Now))
	if err != nil {
		return nil, nil, fmt.Errorf("see what is due: %w", err)
	}
	return h.due(o.Config, o.AsOf), upcoming(o.Config, o.AsOf), nil
}
