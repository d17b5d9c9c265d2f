package pipeline

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/archive"
	"peil/pipeline/config"
)

func TestDue(t *testing.T) {
	kb := map[string]string{"kb": "weekly monday"}
	for _, tt := range []struct {
		name     string
		today    string // 2025-01-06 is a Monday
		calendar map[string]string
		made     []string // "kb 2024-W52", with what is known of its delivery: sent, failed, waits
		want     []string
	}{
		{"an empty store begins with the last", "2025-01-06", kb, nil, []string{"make kb 2025-W01 since 2025-01-06"}},
		{"on the day itself", "2025-01-06", kb, []string{"kb 2024-W52"}, []string{"make kb 2025-W01 since 2025-01-06"}},
		{"on the day before", "2025-01-05", kb, []string{"kb 2024-W52"}, nil},
		{"on a later day", "2025-01-09", kb, []string{"kb 2024-W52"}, []string{"make kb 2025-W01 since 2025-01-06"}},
		{"nothing", "2025-01-12", kb, []string{"kb 2025-W01"}, nil},
		{"after an outage, in order", "2025-01-13", kb, []string{"kb 2024-W50"}, []string{
			"make kb 2024-W51 since 2024-12-23", "make kb 2024-W52 since 2024-12-30", "make kb 2025-W01 since 2025-01-06", "make kb 2025-W02 since 2025-01-13",
		}},
		{"a gap", "2025-01-06", kb, []string{"kb 2024-W50", "kb 2024-W51", "kb 2025-W01"}, []string{"make kb 2024-W52 since 2024-12-30"}},
		{"a gap that nobody can count any more", "2025-09-01", map[string]string{"kb": "monthly 1"}, []string{"kb 2024-W01", "kb 2025-W34", "kb 2025-W30", "kb 2025-W26", "kb 2025-W21", "kb 2025-W17"}, []string{"make kb 2025-W08 since 2025-03-01", "make kb 2025-W13 since 2025-04-01", "make kb 2025-W35 since 2025-09-01"}},
		{"outputs by the day on which they were due", "2025-03-03", map[string]string{"kb": "weekly monday", "new-members": "monthly 2", "wsob": "yearly 03-01", "cbs": "on demand"},
			[]string{"kb 2025-W07"}, []string{
				"make kb 2025-W08 since 2025-02-24", "make wsob 2024 since 2025-03-01", "make new-members 2025-02 since 2025-03-02", "make kb 2025-W09 since 2025-03-03",
			}},
		{"as of its day: any since then will do", "2025-01-20", map[string]string{"quality": "monthly 1", "cbs": "yearly 01-01"}, []string{"quality 2025-01-03", "cbs 2025-01-01"}, nil},
		{"as of its day: one before it will not", "2025-02-01", map[string]string{"quality": "monthly 1"}, []string{"quality 2025-01-03"}, []string{"make quality 2025-02-01 since 2025-02-01"}},
		{"members whom nobody knows any more", "2025-12-01", map[string]string{"cbs": "yearly 01-01"}, nil, nil},
		{"sent is done", "2025-01-06", kb, []string{"kb 2025-W01 sent"}, nil},
		{"sending failed", "2025-01-06", kb, []string{"kb 2024-W52 sent", "kb 2025-W01 failed"}, []string{"deliver kb 2025-W01 since 2025-01-06"}},
		{"the run died before it was sent", "2025-01-06", kb, []string{"kb 2024-W52 sent", "kb 2025-W01 approved"}, []string{"deliver kb 2025-W01 since 2025-01-06"}},
		{"nobody approved it", "2025-01-06", kb, []string{"kb 2024-W52 sent", "kb 2025-W01 waits"}, nil},
		{"what is older than the first delivery stays", "2025-01-06", kb, []string{"kb 2024-W51 approved", "kb 2024-W52 approved", "kb 2025-W01 approved"}, []string{"deliver kb 2025-W01 since 2025-01-06"}},
		{"all that failed", "2025-01-06", kb, []string{"kb 2024-W51 failed", "kb 2024-W52 failed", "kb 2025-W01 failed"}, []string{
			"deliver kb 2024-W51 since 2024-12-23", "deliver kb 2024-W52 since 2024-12-30", "deliver kb 2025-W01 since 2025-01-06",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &config.Config{Calendar: map[string]config.Schedule{}}
			c.Retention.Loans = 6
			for output, text := range tt.calendar {
				schedule, err := config.ParseSchedule(text)
				if err != nil {
					t.Fatal(err)
				}
				c.Calendar[output] = schedule
			}
			h := history{map[string][]archive.Period{}, map[archive.Period]letter{}}
			for _, made := range tt.made {
				var output, name, became string
				fmt.Sscan(made, &output, &name, &became)
				p, err := archive.ParsePeriod(output, name)
				if err != nil {
					t.Fatal(err)
				}
				h.periods[output] = append(h.periods[output], p)
				if became != "" {
					h.letters[p] = letter{delivered: became == "sent", begun: became == "sent" || became == "failed", approved: became != "waits"}
				}
			}
			h = h.withSent(nil) // which sorts
			today, err := time.Parse(time.DateOnly, tt.today)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range h.due(c, today) {
				got = append(got, fmt.Sprintf("%s %s %s since %s", d.Do, d.Output, d.Period, d.Since))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
