package main

import (
	"time"

	"github.com/spf13/cobra"

	"peil/pipeline/config"
	"peil/pipeline/exit"
)

// span is the flags --from and --to: the days whose whole periods are made.
type span struct{ from, to string }

func (s *span) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.from, "from", "", "first `DATE` of the whole periods to make, instead of the last period")
	cmd.Flags().StringVar(&s.to, "to", "", "last `DATE` of them (default: up to --as-of)")
}

// parse reads both; a zero time was not given.
func (s *span) parse() (from, to time.Time, err error) {
	if s.from == "" {
		if s.to != "" {
			return from, to, exit.Usagef("--to needs --from DATE")
		}
		return from, to, nil
	}
	first, err := config.ParseDate(s.from)
	if err != nil {
		return from, to, exit.Usagef("--from: %w", err)
	}
	if s.to == "" {
		return first.Time, to, nil
	}
	last, err := config.ParseDate(s.to)
	if err != nil {
		return from, to, exit.Usagef("--to: %w", err)
	}
	if last.Before(first.Time) {
		return from, to, exit.Usagef("--to %s is before --from %s", s.to, s.from)
	}
	return first.Time, last.Time, nil
}
