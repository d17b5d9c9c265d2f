package koha_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"peil/pipeline/source/koha"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// changes are what happens in a library, and what happens to its database. Those of Koha
// move its moments of change, most of the others do not: a foreign key that sets NULL, a
// clean-up, a merge, somebody at the console, a restored backup.
var changes = []string{
	"INSERT INTO borrowers (cardnumber, branchcode, categorycode, dateofbirth, address, zipcode, dateenrolled, updated_on) VALUES (NULL, 'FORUM', 'V', '19%02[1]d-00-00', 'Plein \"%[1]d\", a\\nb', '27%02[1]d AB', '2024-01-01', '2025-01-01 10:00:00')",
	"UPDATE borrowers SET address = 'Straat %[1]d' WHERE borrowernumber = %[2]d",
	"UPDATE borrowers SET branchcode = 'ROKK', updated_on = '2020-01-01 00:00:00' WHERE borrowernumber %% 40 = %[1]d",
	"UPDATE borrowers SET dateofbirth = NULL, zipcode = 'aX9_kd03Lq', anonymized = 1 WHERE borrowernumber = %[2]d",
	"INSERT INTO deletedborrowers SELECT * FROM borrowers WHERE borrowernumber = %[2]d; DELETE FROM borrowers WHERE borrowernumber = %[2]d",
	"INSERT INTO deletedborrowers SELECT * FROM borrowers WHERE borrowernumber = %[2]d; UPDATE deletedborrowers SET updated_on = '2025-01-01 00:00:%02[1]d' WHERE borrowernumber = %[2]d LIMIT 1",
	"DELETE FROM deletedborrowers WHERE borrowernumber %% 40 = %[1]d",
	"DELETE FROM borrowers WHERE borrowernumber = %[2]d",
	"UPDATE statistics SET borrowernumber = %[3]d WHERE borrowernumber = %[2]d; UPDATE old_issues SET borrowernumber = %[3]d, timestamp = timestamp WHERE borrowernumber = %[2]d; DELETE FROM borrowers WHERE borrowernumber = %[2]d",
	"UPDATE categories SET description = 'Naam %[1]d' WHERE categorycode = 'V'",
	"INSERT INTO statistics (datetime, branch, type, itemnumber, itemtype, borrowernumber) VALUES ('2025-02-%02[4]d 10:00:00', 'FORUM', 'issue', %[2]d, '', %[3]d), ('2025-02-%02[4]d 10:00:00', 'FORUM', 'issue', %[2]d, '', %[3]d)",
	"INSERT INTO statistics (datetime, branch, type, itemnumber, itemtype, borrowernumber) VALUES ('0000-00-00 00:00:00', NULL, 'renew', NULL, NULL, NULL), (NULL, 'ROKK', 'return', %[2]d, 'BK', NULL)",
	"DELETE FROM statistics WHERE DATE(datetime) = '2025-02-%02[4]d'",
	"DELETE FROM statistics WHERE datetime = '2025-02-%02[4]d 10:00:00' LIMIT 1",
	"UPDATE statistics SET branch = 'MERGED' WHERE itemnumber = %[2]d",
	"INSERT IGNORE INTO items (itemnumber, biblionumber, biblioitemnumber, homebranch, itype, ccode) VALUES (%[2]d, %[2]d, %[1]d, 'FORUM', 'BK', 'JFIC')",
	"UPDATE items SET homebranch = 'ROKK', itype = 'VM' WHERE itemnumber = %[2]d",
	"REPLACE INTO deleteditems SELECT * FROM items WHERE itemnumber = %[2]d; DELETE FROM items WHERE itemnumber = %[2]d",
	"DELETE FROM deleteditems WHERE itemnumber %% 10 = %[1]d",
	"REPLACE INTO biblioitems VALUES (%[1]d, 'TYPE%[2]d')",
	"REPLACE INTO deletedbiblioitems SELECT * FROM biblioitems WHERE biblioitemnumber = %[1]d; DELETE FROM biblioitems WHERE biblioitemnumber = %[1]d",
	"INSERT INTO issues (borrowernumber, itemnumber, branchcode, issuedate) VALUES (%[2]d, %[3]d, 'FORUM', '2025-02-%02[4]d 10:00:00')",
	"REPLACE INTO old_issues SELECT * FROM issues WHERE borrowernumber = %[2]d; DELETE FROM issues WHERE borrowernumber = %[2]d; UPDATE old_issues SET returndate = '2025-03-01 10:00:00' WHERE borrowernumber = %[2]d",
	"UPDATE old_issues SET borrowernumber = NULL, timestamp = timestamp WHERE borrowernumber = %[2]d",
	"UPDATE issues SET lastreneweddate = '2025-03-%02[4]d 10:00:00' WHERE borrowernumber = %[2]d; INSERT INTO checkout_renewals (checkout_id) SELECT issue_id FROM issues WHERE borrowernumber = %[2]d",
	"DELETE FROM checkout_renewals WHERE checkout_id %% 10 = %[1]d",
	"DELETE FROM old_issues WHERE issue_id %% 20 = %[1]d",
}

func TestSinceLast(t *testing.T) {
	s := dbtest.MariaDB(t)
	for i, tt := range []struct {
		name, loansFrom string
		alterations     []string
	}{
		{"sincestatistics", koha.Statistics, nil},
		{"sinceissues", koha.Issues, nil},
		{"sincetitles", koha.Issues, []string{
			"ALTER TABLE issues CHANGE renewals_count renewals tinyint; ALTER TABLE old_issues CHANGE renewals_count renewals tinyint; CREATE TABLE gone LIKE checkout_renewals",
			"UPDATE systempreferences SET value = '19.1100000' WHERE variable = 'Version'",
			"UPDATE systempreferences SET value = '0' WHERE variable = 'item-level_itypes'",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			library(t, s, tt.name, tt.alterations...)
			s.Exec(t, tt.name, `INSERT INTO borrowers (borrowernumber, branchcode, categorycode, dateenrolled) SELECT seq, 'FORUM', 'V', '2020-01-01' FROM seq_100_to_400;
				REPLACE INTO items SELECT seq, seq, seq, 'FORUM', 'BK', 'JFIC' FROM seq_100_to_400; REPLACE INTO biblioitems SELECT seq, 'BK' FROM seq_100_to_400;
				INSERT INTO statistics (datetime, branch, type, itemnumber, itemtype, borrowernumber) SELECT TIMESTAMP('2025-01-01') + INTERVAL seq HOUR, 'FORUM', 'issue', 100 + seq % 300, '', 100 + seq * 7 % 300 FROM seq_1_to_1500;
				INSERT INTO old_issues (issue_id, borrowernumber, itemnumber, branchcode, issuedate) SELECT 1000 + seq, 100 + seq * 7 % 300, 100 + seq % 300, 'FORUM', TIMESTAMP('2025-01-01') + INTERVAL seq HOUR FROM seq_1_to_1500`)
			h := &dbtest.History{Rounds: 4, Seed: uint64(i + 1), Open: func() (*sqldb.Source, string) {
				src, dir, err := open(t, s, tt.name, tt.loansFrom)
				if err != nil {
					t.Fatal(err)
				}
				return src, dir
			}, Changes: changes, Change: func(r *rand.Rand, change string) {
				s.Exec(t, tt.name, fmt.Sprintf(change+" /* %[1]d %[2]d %[3]d %[4]d */", r.IntN(40), 100+r.IntN(300), 100+r.IntN(300), 1+r.IntN(28)))
			}}
			h.Run(t)
			if h.Fetched*4 > h.Rows*3 {
				t.Errorf("%d of %d rows came from the server again", h.Fetched, h.Rows)
			}
			t.Logf("%d of %d rows came from the server again", h.Fetched, h.Rows)
		})
	}
}
