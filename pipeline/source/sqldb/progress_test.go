package sqldb

import (
	"testing"
	"time"
)

func TestReading(t *testing.T) {
	for _, tt := range []struct {
		r    Reading
		rate float64
		left time.Duration
	}{
		{Reading{Rows: 1000, About: 4000, Elapsed: 2 * time.Second}, 500, 6 * time.Second},
		{Reading{Rows: 1000, Elapsed: 2 * time.Second}, 500, 0},               // nobody knows
		{Reading{Rows: 1000, About: 900, Elapsed: 2 * time.Second}, 500, 0},   // the estimate was too low
		{Reading{Rows: 0, About: 900, Elapsed: time.Second}, 0, 0},            // not begun
		{Reading{Rows: 10, About: 10, Elapsed: 0, Ended: true}, 10 / 1e-3, 0}, // in no time
	} {
		if tt.r.Rate() != tt.rate || tt.r.Left() != tt.left {
			t.Errorf("%+v: %g rows a second, %s left", tt.r, tt.r.Rate(), tt.r.Left())
		}
	}
}

func TestMeterTellsAboutOnceASecond(t *testing.T) {
	var told []Reading
	m := &meter{reading: Reading{Part: "p", About: 5 * looks}, begun: time.Now().Add(-3 * time.Second), watch: func(r Reading) { told = append(told, r) }}
	for range 3 * looks {
		m.row()
	}
	m.tell(time.Now(), true)
	if len(told) != 2 || told[0].Rows != looks || told[0].Ended || told[1].Rows != 3*looks || !told[1].Ended || told[0].Left() == 0 {
		t.Errorf("%+v", told)
	}
}
