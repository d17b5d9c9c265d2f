package sqldb

import (
	"context"
	"strconv"
	"time"

	"peil/pipeline/engine"
)

// Reading is how far the reading of a part has come.
type Reading struct {
	Part    string
	Rows    int64 // so far
	About   int64 // that there are, as the server estimates; 0 where it does not know
	Elapsed time.Duration
	Ended   bool
}

// Rate is rows a second.
func (r Reading) Rate() float64 { return float64(r.Rows) / max(r.Elapsed.Seconds(), 1e-3) }

// Left is about how long the rest takes; 0 where nobody knows.
func (r Reading) Left() time.Duration {
	if r.Rows == 0 || r.About <= r.Rows {
		return 0
	}
	return time.Duration(float64(r.Elapsed) * float64(r.About-r.Rows) / float64(r.Rows))
}

// Watch has f called about once a second while rows are read, and when each part has been.
func (db *DB) Watch(f func(Reading)) { db.watch = f }

// meter counts the rows that arrive.
type meter struct {
	reading Reading
	begun   time.Time
	told    time.Time
	watch   func(Reading)
}

// meter begins to count a part.
func (db *DB) meter(ctx context.Context, q Query) *meter {
	m := &meter{reading: Reading{Part: q.Name}, watch: db.watch, begun: time.Now()}
	m.told = m.begun
	if m.watch != nil && q.Table != "" {
		m.reading.About = db.about(ctx, q.Table)
	}
	return m
}

// about is the server's estimate of the rows of a table; 0 if it has none.
func (db *DB) about(ctx context.Context, table string) int64 {
	query := map[System]string{
		MariaDB:    "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ",
		PostgreSQL: "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(",
	}[db.o.System] + engine.Literal(table)
	if db.o.System == PostgreSQL {
		query += ")"
	}
	rows, err := db.try(ctx, table, query)
	if err != nil || len(rows) == 0 {
		return 0 // no reason not to read it
	}
	n, _ := strconv.ParseInt(rows[0][0], 10, 64)
	return max(n, 0)
}

// looks is how many rows pass between two looks at the clock.
const looks = 1 << 12

// row counts one.
func (m *meter) row() {
	m.reading.Rows++
	if m.reading.Rows%looks == 0 && m.watch != nil {
		if now := time.Now(); now.Sub(m.told) >= time.Second {
			m.told = now
			m.tell(now, false)
		}
	}
}

func (m *meter) tell(now time.Time, ended bool) {
	if m.watch != nil {
		r := m.reading
		r.Elapsed, r.Ended = now.Sub(m.begun), ended
		m.watch(r)
	}
}
