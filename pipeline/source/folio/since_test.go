package folio_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"peil/pipeline/source/folio"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// changes are what happens in a library, and what happens to its database.
var changes = []string{
	`INSERT INTO t1_mod_users.users VALUES (gen_random_uuid(), '{"type": "patron", "customFields": {"thuis": "cd1"}}')`,
	`UPDATE t1_mod_users.users SET jsonb = jsonb_set(jsonb, '{customFields}', '{"thuis": "cd2"}') WHERE jsonb->>'nr' = '%[1]d'`,
	`DELETE FROM t1_mod_users.users WHERE jsonb->>'nr' = '%[1]d'`,
	`UPDATE t1_mod_circulation_storage.loan SET jsonb = jsonb #- '{userId}' WHERE jsonb->>'nr' = '%[1]d'`,
	`UPDATE t1_mod_circulation_storage.audit_loan SET jsonb = jsonb #- '{loan,userId}' WHERE jsonb->'loan'->>'id' LIKE '%[2]d%%'`,
	`INSERT INTO t1_mod_circulation_storage.loan SELECT gen_random_uuid(), jsonb_build_object('loanDate', '2025-02-0%[2]dT10:00:00Z', 'itemId', id, 'nr', %[1]d) FROM t1_mod_inventory_storage.item LIMIT 1`,
	`INSERT INTO t1_mod_circulation_storage.loan VALUES (gen_random_uuid(), '{"checkoutServicePointId": "00000000-0000-4000-8000-0000000000a1"}')`,
	`DELETE FROM t1_mod_circulation_storage.loan WHERE jsonb->>'nr' = '%[1]d'`,
	`UPDATE t1_mod_circulation_storage.loan SET jsonb = jsonb_set(jsonb, '{systemReturnDate}', '"2025-05-10T10:00:00Z"') WHERE jsonb->>'nr' = '%[1]d'`,
	`DELETE FROM t1_mod_inventory_storage.item WHERE jsonb->>'nr' = '%[1]d'`,
	`UPDATE t1_mod_inventory_storage.item SET jsonb = jsonb_set(jsonb, '{holdingsRecordId}', '"H%[2]d"') WHERE jsonb->>'nr' = '%[1]d'`,
	`UPDATE t1_mod_inventory_storage.service_point SET jsonb = jsonb_set(jsonb, '{code}', '"cd%[2]d"') WHERE id = '00000000-0000-4000-8000-0000000000a2'`,
	`INSERT INTO t1_mod_circulation_storage.audit_loan SELECT gen_random_uuid(), jsonb_build_object('createdDate', '2025-04-0%[2]dT09:00:00Z', 'loan', jsonb || '{"action": "renewed", "renewalCount": %[2]d}' || jsonb_build_object('id', id))
		FROM t1_mod_circulation_storage.loan WHERE jsonb->>'nr' = '%[1]d'`,
	`DELETE FROM t1_mod_circulation_storage.audit_loan WHERE jsonb->>'createdDate' LIKE '2025-04-0%[2]d%%'`,
}

func TestSinceLast(t *testing.T) {
	s := dbtest.Postgres(t)
	s.Exec(t, "", "CREATE ROLE peil LOGIN PASSWORD 'geheim'")
	for i, field := range []string{"", "thuis"} {
		database := fmt.Sprintf("since%d", i)
		library(t, s, database)
		s.Exec(t, database, read(t, "rows.sql"))
		s.Exec(t, database, `INSERT INTO t1_mod_users.users SELECT gen_random_uuid(), jsonb_build_object('nr', n, 'type', 'patron', 'customFields', '{"thuis": "cd1"}'::jsonb) FROM generate_series(1, 300) n;
			INSERT INTO t1_mod_inventory_storage.item SELECT gen_random_uuid(), jsonb_build_object('nr', n, 'holdingsRecordId', 'H' || n, 'materialTypeId', '00000000-0000-4000-8000-0000000000c1') FROM generate_series(1, 100) n;
			INSERT INTO t1_mod_circulation_storage.loan SELECT gen_random_uuid(), jsonb_build_object('nr', u.jsonb->'nr', 'userId', u.id, 'itemId', i.id, 'checkoutServicePointId', '00000000-0000-4000-8000-0000000000a1',
				'loanDate', to_char(date '2025-01-01' + (u.jsonb->>'nr')::int, 'YYYY-MM-DD"T10:00:00Z"')) FROM t1_mod_users.users u JOIN t1_mod_inventory_storage.item i ON (i.jsonb->>'nr')::int = (u.jsonb->>'nr')::int % 100`)
		h := &dbtest.History{Rounds: 4, Seed: uint64(i + 1), Open: func() (*sqldb.Source, string) {
			src, _, dir, err := open(t, s, database, folio.Options{Tenant: "t1", HomeBranch: field})
			if err != nil {
				t.Fatal(err)
			}
			return src, dir
		}, Changes: changes, Change: func(r *rand.Rand, change string) {
			s.Exec(t, database, fmt.Sprintf(change+" /* %[1]d %[2]d */", 1+r.IntN(300), r.IntN(10)))
		}}
		h.Run(t)
		if h.Fetched*4 > h.Rows*3 {
			t.Errorf("%s: %d of %d rows came from the server again", database, h.Fetched, h.Rows)
		}
	}
}
