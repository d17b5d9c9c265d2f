package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Schedule is when an output is due: every week on a day, every month or year on a date,
// or, as the zero Schedule, on demand.
type Schedule struct {
	Every   Every
	Weekday time.Weekday // of weekly
	Month   time.Month   // of yearly
	Day     int          // of the month, of monthly and yearly; one that a month lacks is its last
}

// Every is how often an output is due.
type Every string

// How often an output can be due.
const (
	OnDemand Every = ""
	Weekly   Every = "weekly"
	Monthly  Every = "monthly"
	Yearly   Every = "yearly"
)

const scheduleHelp = `write "weekly monday", "monthly 2", "yearly 03-01" or "on demand"`

// ParseSchedule reads a line of the calendar.
func ParseSchedule(text string) (Schedule, error) {
	words := strings.Fields(strings.ToLower(text))
	if len(words) != 2 {
		return Schedule{}, fmt.Errorf("%q is no schedule: %s", text, scheduleHelp)
	}
	switch when := words[1]; {
	case words[0] == "on" && when == "demand":
		return Schedule{}, nil
	case words[0] == string(Weekly):
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.ToLower(day.String()) == when {
				return Schedule{Every: Weekly, Weekday: day}, nil
			}
		}
		return Schedule{}, fmt.Errorf("%q names no day of the week: write weekly monday, or another day in English", text)
	case words[0] == string(Monthly):
		day, err := strconv.Atoi(when)
		if err != nil || day < 1 || day > 31 {
			return Schedule{}, fmt.Errorf("%q names no day of a month: write monthly 2, or another day from 1 to 31", text)
		}
		return Schedule{Every: Monthly, Day: day}, nil
	case words[0] == string(Yearly):
		on, err := time.Parse("2006-01-02", "2000-"+when) // a leap year
		if err != nil {
			return Schedule{}, fmt.Errorf("%q names no day of a year: write yearly 03-01, or another month and day", text)
		}
		return Schedule{Every: Yearly, Month: on.Month(), Day: on.Day()}, nil
	}
	return Schedule{}, fmt.Errorf("%q is no schedule: %s", text, scheduleHelp)
}

// UnmarshalYAML reads a line of the calendar.
func (s *Schedule) UnmarshalYAML(node ast.Node) error {
	text, err := scalar(node, "a schedule: "+scheduleHelp)
	if err != nil {
		return err
	}
	if *s, err = ParseSchedule(text); err != nil {
		return misplaced(node, "%v", err)
	}
	return nil
}

// String writes the schedule as it stands in the file.
func (s Schedule) String() string {
	switch s.Every {
	case Weekly:
		return "weekly " + strings.ToLower(s.Weekday.String())
	case Monthly:
		return fmt.Sprintf("monthly %d", s.Day)
	case Yearly:
		return fmt.Sprintf("yearly %02d-%02d", s.Month, s.Day)
	}
	return "on demand"
}

// Last is the last day on which the output was due, up to and including a day; the zero
// time if it never is. Days are midnight UTC: a calendar knows no hours, so that the nights
// in which the clock changes are like any other.
func (s Schedule) Last(day time.Time) time.Time {
	switch s.Every {
	case Weekly:
		return day.AddDate(0, 0, -(int(day.Weekday())-int(s.Weekday)+7)%7)
	case Monthly:
		if on := dayOf(day.Year(), day.Month(), s.Day); !on.After(day) {
			return on
		}
		return dayOf(day.Year(), day.Month()-1, s.Day)
	case Yearly:
		if on := dayOf(day.Year(), s.Month, s.Day); !on.After(day) {
			return on
		}
		return dayOf(day.Year()-1, s.Month, s.Day)
	}
	return time.Time{}
}

// Next is the first day after a day on which the output will be due; the zero time if it
// never is.
func (s Schedule) Next(day time.Time) time.Time {
	last := s.Last(day)
	switch s.Every {
	case Weekly:
		return last.AddDate(0, 0, 7)
	case Monthly:
		return dayOf(last.Year(), last.Month()+1, s.Day)
	case Yearly:
		return dayOf(last.Year()+1, s.Month, s.Day)
	}
	return time.Time{}
}

// dayOf is a day of a month, or its last where it has no such day.
func dayOf(year int, month time.Month, day int) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(day, first.AddDate(0, 1, -1).Day())-1)
}
