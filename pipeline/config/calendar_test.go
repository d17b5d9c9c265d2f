package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSchedules(t *testing.T) {
	for _, tt := range []struct{ text, day, last, next string }{
		{"weekly monday", "2025-01-06", "2025-01-06", "2025-01-13"}, // a Monday
		{"weekly monday", "2025-01-05", "2024-12-30", "2025-01-06"},
		{"weekly sunday", "2025-01-04", "2024-12-29", "2025-01-05"},
		{"Weekly  Saturday", "2025-01-04", "2025-01-04", "2025-01-11"},
		{"monthly 2", "2025-01-01", "2024-12-02", "2025-01-02"},
		{"monthly 2", "2025-01-02", "2025-01-02", "2025-02-02"},
		{"monthly 31", "2025-02-28", "2025-02-28", "2025-03-31"}, // a month without a 31st
		{"monthly 31", "2025-03-30", "2025-02-28", "2025-03-31"},
		{"monthly 30", "2024-02-29", "2024-02-29", "2024-03-30"},
		{"yearly 03-01", "2025-02-28", "2024-03-01", "2025-03-01"},
		{"yearly 02-29", "2025-03-01", "2025-02-28", "2026-02-28"},
		{"yearly 02-29", "2024-02-29", "2024-02-29", "2025-02-28"},
		// the nights in which the clock changes in Europe
		{"weekly sunday", "2025-03-30", "2025-03-30", "2025-04-06"},
		{"weekly sunday", "2025-10-26", "2025-10-26", "2025-11-02"},
		{"on demand", "2025-01-06", "0001-01-01", "0001-01-01"},
	} {
		s, err := ParseSchedule(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		day, err := time.Parse(time.DateOnly, tt.day)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{s.Last(day).Format(time.DateOnly), s.Next(day).Format(time.DateOnly)}
		if diff := cmp.Diff([]string{tt.last, tt.next}, got); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", tt.text, tt.day, diff)
		}
		if again, err := ParseSchedule(s.String()); err != nil || again != s {
			t.Errorf("%s is written %s, which reads %+v: %v", tt.text, s, again, err)
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, text := range []string{"weekly monday", "monthly 31", "yearly 02-29", "on demand", "yearly 2-30", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text)
		if err != nil {
			if !strings.Contains(err.Error(), "write") {
				t.Errorf("%q: error %v does not say what to write", text, err)
			}
			return
		}
		if again, err := ParseSchedule(s.String()); err != nil || again != s {
			t.Fatalf("%q became %q: %+v, %v", text, s, again, err)
		}
		// Every due day lies in order, and none is passed over.
		day := time.Date(2024, 2, 27, 0, 0, 0, 0, time.UTC)
		for range 400 {
			last, next := s.Last(day), s.Next(day)
			if s.Every != OnDemand && (last.After(day) || !next.After(day) || !s.Last(next).Equal(next) || !s.Next(last).Equal(next)) {
				t.Fatalf("%q on %s: last %s, next %s", text, day, last, next)
			}
			day = day.AddDate(0, 0, 1)
		}
	})
}
