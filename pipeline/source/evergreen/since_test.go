package evergreen_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// changes are what happens in a library, and what happens to its database. last_update_time
// moves with none of them.
var changes = []string{
	"INSERT INTO actor.usr (id, profile, home_ou, dob, mailing_address) SELECT max(id) + 1, 2, 4, '1990-01-01', %[1]d FROM actor.usr",
	"UPDATE actor.usr SET billing_address = %[3]d WHERE id = %[2]d",
	"INSERT INTO actor.usr_address VALUES (%[3]d, %[2]d, 'Straat %[1]d', 'x', 'NL', '27%[1]d AB') ON CONFLICT (id) DO UPDATE SET street1 = 'Laan, %[1]d', post_code = NULL",
	"DELETE FROM actor.usr_address WHERE id %% 20 = %[1]d",
	"UPDATE actor.usr SET home_ou = 1, profile = 2, deleted = true, dob = date_trunc('year', dob) WHERE id = %[2]d", // purge
	"UPDATE action.circulation SET usr = %[3]d WHERE usr = %[2]d; DELETE FROM actor.usr WHERE id = %[2]d",           // merge
	"UPDATE actor.org_unit SET shortname = 'BR%[1]d' WHERE id = 4",
	"UPDATE actor.org_unit_type SET can_have_users = NOT can_have_users WHERE id = 1",
	"UPDATE permission.grp_tree SET name = 'Group %[1]d' WHERE id = 2",
	"INSERT INTO action.circulation SELECT max(id) + 1, %[2]d, '2025-02-01 10:00:00+00', %[3]d, 4, NULL, %[1]d FROM action.circulation",
	"INSERT INTO action.aged_circulation SELECT id, 'x', 1900, xact_start, target_copy, circ_lib, checkin_time, parent_circ, 4, 7 FROM action.circulation WHERE usr = %[2]d; DELETE FROM action.circulation WHERE usr = %[2]d", // ageing
	"UPDATE action.circulation SET checkin_time = '2025-03-01 10:00:00+00' WHERE target_copy = %[2]d",
	"DELETE FROM action.aged_circulation WHERE id %% 20 = %[1]d",
	"UPDATE asset.copy SET circ_lib = 1, circ_modifier = 'dvd' WHERE id = %[2]d",
	"DELETE FROM asset.copy WHERE id = %[2]d",
	"INSERT INTO asset.copy VALUES (%[3]d, 4, %[1]d, '') ON CONFLICT DO NOTHING",
}

func TestSinceLast(t *testing.T) {
	s := dbtest.Postgres(t)
	s.Exec(t, "", "CREATE ROLE peil LOGIN PASSWORD 'geheim'")
	library(t, s, "since")
	s.Exec(t, "since", read(t, "rows.sql"))
	s.Exec(t, "since", `INSERT INTO actor.usr (id, profile, home_ou, dob, mailing_address) SELECT n, 2, 4, '1980-01-01', n FROM generate_series(200, 500) n;
		INSERT INTO actor.usr_address SELECT n, n, n || ' Road', 'x', 'NL', '2711 EC' FROM generate_series(200, 500) n;
		INSERT INTO asset.copy SELECT n, 4, n, 'book' FROM generate_series(200, 500) n;
		INSERT INTO action.circulation SELECT 1000 + n, 200 + n * 7 % 300, timestamptz '2025-01-01' + n * interval '1 hour', 200 + n % 300, 4 FROM generate_series(1, 2000) n`)
	h := &dbtest.History{Rounds: 4, Seed: 1, Open: func() (*sqldb.Source, string) {
		src, _, dir := open(t, s, "since")
		return src, dir
	}, Changes: changes, Change: func(r *rand.Rand, change string) {
		s.Exec(t, "since", fmt.Sprintf(change+" /* %[1]d %[2]d %[3]d */", r.IntN(20), 200+r.IntN(300), 200+r.IntN(320)))
	}}
	h.Run(t)
	if h.Fetched*4 > h.Rows*3 {
		t.Errorf("%d of %d rows came from the server again", h.Fetched, h.Rows)
	}
}
