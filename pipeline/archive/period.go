package archive

import (
	"fmt"
	"time"

	"peil/pipeline/exit"
)

// Period is one period of one output: what is counted, staged, checked and published on its
// own. Days are dates at midnight UTC; From is the first and Until the one after the last.
// Of new-members it is the month that the report ends with.
type Period struct {
	Output      string
	Name        string // 2024-W52, 2024-12, 2024, and of cbs and quality the day: 2024-12-31
	From, Until time.Time
}

// PeriodOf is the period of an output that a day lies in.
func PeriodOf(output string, on time.Time) Period {
	p := Period{Output: output, From: on}
	switch output {
	case "kb":
		p.From = on.AddDate(0, 0, -(int(on.Weekday())+6)%7)
		p.Until = p.From.AddDate(0, 0, 7)
		year, week := p.From.ISOWeek()
		p.Name = fmt.Sprintf("%d-W%02d", year, week)
	case "new-members":
		p.From = on.AddDate(0, 0, 1-on.Day())
		p.Until = p.From.AddDate(0, 1, 0)
		p.Name = p.From.Format("2006-01")
	case "wsob":
		p.From = time.Date(on.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		p.Until = p.From.AddDate(1, 0, 0)
		p.Name = p.From.Format("2006")
	default:
		p.Until = on.AddDate(0, 0, 1)
		p.Name = on.Format(time.DateOnly)
	}
	return p
}

// LastPeriod is the last whole period of an output before a day; of cbs and quality the
// day itself.
func LastPeriod(output string, asOf time.Time) Period {
	if !Whole(output) {
		return PeriodOf(output, asOf)
	}
	return PeriodOf(output, PeriodOf(output, asOf).From.AddDate(0, 0, -1))
}

// PeriodsBetween lists the whole periods of an output that lie in the days from first to
// last, in order. cbs and quality are made as of a day and have none.
func PeriodsBetween(output string, first, last time.Time) []Period {
	var all []Period
	if !Whole(output) {
		return all
	}
	for p := PeriodOf(output, first); !p.Until.After(last.AddDate(0, 0, 1)); p = PeriodOf(output, p.Until) {
		if !p.From.Before(first) {
			all = append(all, p)
		}
	}
	return all
}

// ParsePeriod reads a period as its folder is named.
func ParsePeriod(output, name string) (Period, error) {
	var p Period
	layout := map[string]string{"new-members": "2006-01", "wsob": "2006"}[output]
	if layout == "" {
		layout = time.DateOnly
	}
	if output == "kb" {
		var year, week int
		if _, err := fmt.Sscanf(name, "%4d-W%2d", &year, &week); err == nil {
			// 4 January lies in the first week of its year
			p = PeriodOf(output, time.Date(year, 1, 4+7*(week-1), 0, 0, 0, 0, time.UTC))
		}
	} else if on, err := time.Parse(layout, name); err == nil {
		p = PeriodOf(output, on)
	}
	if p.Name != name {
		return Period{}, exit.Usagef("period %q of %s: write it as %s", name, output, LastPeriod(output, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)).Name)
	}
	return p, nil
}

// Whole says whether the output is of a time, rather than of a day.
func Whole(output string) bool { return output == "new-members" || output == "kb" || output == "wsob" }

// Folders are where the period is published, one for each edition.
func (p Period) Folders() []string {
	var folders []string
	for _, prefix := range map[string][]string{
		"cbs": {"private"}, "new-members": {"public", "private"}, "kb": {"public"}, "wsob": {"public"}, "quality": {"private"},
	}[p.Output] {
		folders = append(folders, prefix+"/"+p.Output+"/"+p.Name)
	}
	return folders
}

// Midnight is the day of a local time, as all days are here.
func Midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
