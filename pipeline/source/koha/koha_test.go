package koha_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/source"
	"peil/pipeline/source/koha"
	"peil/pipeline/source/sqldb"
	"peil/pipeline/source/sqldb/dbtest"
)

// library makes a Koha database with a row for each trap, and an account that may read it.
func library(t testing.TB, s *dbtest.Server, database string, alterations ...string) {
	t.Helper()
	s.Exec(t, "", "CREATE DATABASE "+database+" CHARACTER SET utf8mb4; GRANT SELECT ON "+database+".* TO 'peil'@'%' IDENTIFIED BY 'geheim'")
	for _, file := range []string{"schema.sql", "rows.sql"} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		s.Exec(t, database, string(text))
	}
	for _, a := range alterations {
		s.Exec(t, database, a)
	}
}

// open opens a Koha database as a source.
func open(t testing.TB, s *dbtest.Server, database, loansFrom string) (src *sqldb.Source, dir string, err error) {
	t.Helper()
	o := s.Options(database, "peil", "geheim")
	o.RunDir = t.TempDir()
	db, err := sqldb.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	have, err := db.Columns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := koha.Describe(t.Context(), db, have, loansFrom)
	if err != nil {
		t.Fatal(err)
	}
	src, err = db.Source(t.Context(), have, d)
	return src, o.RunDir, err
}

func table(t testing.TB, src *sqldb.Source, name string) source.Table {
	t.Helper()
	for _, tab := range src.Tables() {
		if tab.Name == name {
			return tab
		}
	}
	t.Fatalf("there is no table %s", name)
	return source.Table{}
}

var wantMembers = []string{
	"member_id=1 branch=FORUM kind=V birth_date=1980-02-29 sex=F postcode=2711 EC house_number=12 a country=NL subscription=Volwassenen subscription_class=V first_registered_on=2020-03-01 last_registered_on=2020-03-01 valid_until=2026-03-01 deleted=false",
	"member_id=2 branch=ROKK kind=V birth_date=1995-00-00 postcode=2711EC house_number=12 subscription=Volwassenen subscription_class=V first_registered_on=0000-00-00 last_registered_on=0000-00-00 deleted=false",
	"member_id=3 branch=ROKK kind=J birth_date=0000-00-00 sex=v postcode=nvt house_number=5 bis subscription=Jeugd subscription_class=J first_registered_on=2024-05-05 last_registered_on=2024-05-05 valid_until=0000-00-00 deleted=false",
	"member_id=4 branch=FORUM kind=V subscription=Volwassenen subscription_class=V first_registered_on=2010-01-01 last_registered_on=2010-01-01 valid_until=2019-01-01 deleted=false",
	"member_id=5 branch=FORUM kind=INST postcode=2700 AA subscription=School subscription_class=INST first_registered_on=2015-01-01 last_registered_on=2015-01-01 valid_until=2030-01-01 deleted=false",
	"member_id=6 branch=GONE kind=WEG birth_date=1753-01-01 sex=O postcode=2711\u00a0EC house_number=9 country==1+1 subscription=WEG subscription_class=WEG first_registered_on=2030-01-01 last_registered_on=2030-01-01 valid_until=2031-01-01 deleted=false",
	"member_id=7 branch=FORUM kind=STAT subscription=Raadpleging subscription_class=STAT first_registered_on=2000-01-01 last_registered_on=2000-01-01 valid_until=2099-01-01 deleted=false",
	"member_id=8 branch=FORUM kind=ST subscription=Personeel subscription_class=ST first_registered_on=2000-01-01 last_registered_on=2000-01-01 valid_until=2099-01-01 deleted=false",
	"member_id=1 branch=FORUM kind=V birth_date=1980-02-29 sex=F postcode=2711EC house_number=12 subscription=Volwassenen subscription_class=V first_registered_on=2020-03-01 last_registered_on=2020-03-01 valid_until=2024-03-01 ended_on=2024-01-01 12:00:00Z deleted=true",
	"member_id=20 branch=FORUM kind=V birth_date=1970-01-01 sex=M postcode=2712AB house_number=3 subscription=Volwassenen subscription_class=V first_registered_on=2018-01-01 last_registered_on=2018-01-01 valid_until=2026-01-01 ended_on=2024-12-31 23:30:00Z deleted=true",
	"member_id=20 branch=FORUM kind=V birth_date=1970-01-01 sex=M postcode=2712AB house_number=3 subscription=Volwassenen subscription_class=V first_registered_on=2018-01-01 last_registered_on=2018-01-01 valid_until=2026-01-01 ended_on=2023-06-01 12:00:00Z deleted=true",
}

var wantStatistics = []string{
	"branch=FORUM material=BK kind=issue loaned_at=2025-03-30 02:30:00 member_id=1 owner_branch=FORUM title_id=10 audience=AFIC genre=AFIC",
	"branch=FORUM material=BK kind=issue loaned_at=2025-03-30 02:30:00 member_id=1 owner_branch=FORUM title_id=10 audience=AFIC genre=AFIC",
	"branch=OPACRenew material=VM kind=renew loaned_at=2025-03-30 02:30:00 member_id=2 owner_branch=ROKK title_id=11",
	"material=CR kind=issue loaned_at=2025-12-31 23:59:59 owner_branch=ROKK title_id=12",
	"kind=return loaned_at=2026-01-01 00:00:00",
	"branch=MERGED material=BK kind=localuse loaned_at=0000-00-00 00:00:00 member_id=7 owner_branch=FORUM title_id=10 audience=JFIC genre=JFIC",
	"branch=ROKK material=VM kind=onsite_checkout loaned_at=2025-05-05 12:00:00 member_id=777 owner_branch=ROKK title_id=11",
}

var wantIssues = []string{
	"branch=FORUM material=BK kind=issue loaned_at=2025-03-30 02:30:00 member_id=1 owner_branch=FORUM title_id=10 audience=JFIC genre=JFIC",
	"branch=ROKK material=VM kind=issue loaned_at=2025-02-01 10:00:00 owner_branch=ROKK title_id=11 returned_at=2025-02-20 10:00:00",
	"branch=GONE kind=onsite_checkout loaned_at=2025-02-01 10:00:00 returned_at=2025-02-01 10:05:00",
	"branch=FORUM material=BK kind=renew loaned_at=2025-03-31 22:30:00Z member_id=1 owner_branch=FORUM title_id=10 audience=JFIC genre=JFIC",
	"branch=FORUM material=BK kind=renew loaned_at=2025-04-01 07:00:00Z member_id=1 owner_branch=FORUM title_id=10 audience=JFIC genre=JFIC",
}

func replaced(rows []string, pairs ...string) []string {
	r := strings.NewReplacer(pairs...)
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = r.Replace(row)
	}
	return out
}

func TestKoha(t *testing.T) {
	s := dbtest.MariaDB(t)
	for _, tt := range []struct {
		name        string
		alterations []string // from 25.11 to what an older or other installation has
		loansFrom   string
		want        map[string][]string
	}{
		{"k2511", nil, koha.Statistics, map[string][]string{
			source.Branches: {"branch=CAF name=Café CafÃ© م\tb", "branch=FORUM name=Forum isil=NL-0823451000", "branch=ROKK name=Rokkeveen isil=not an ISIL"},
			source.Members:  wantMembers,
			source.Loans:    wantStatistics,
		}},
		{"k2511issues", nil, koha.Issues, map[string][]string{source.Loans: wantIssues}},
		{"k1911", []string{
			"ALTER TABLE issues CHANGE renewals_count renewals tinyint; ALTER TABLE old_issues CHANGE renewals_count renewals tinyint; DROP TABLE checkout_renewals",
			"UPDATE systempreferences SET value = '19.1100000' WHERE variable = 'Version'",
			"ALTER TABLE statistics DROP categorycode, DROP interface",
			"ALTER TABLE borrowers MODIFY zipcode varchar(25)",
		}, koha.Issues, map[string][]string{
			source.Members: wantMembers,
			source.Loans:   append(wantIssues[:3:3], strings.Replace(wantIssues[4], "07:00:00Z", "09:00:00", 1)),
		}},
		{"titletypes", []string{"UPDATE systempreferences SET value = '0' WHERE variable = 'item-level_itypes'"}, koha.Statistics, map[string][]string{
			source.Loans: replaced(wantStatistics, "OPACRenew material=VM", "OPACRenew material=TITLE11", "material=CR", "material=TITLE12"),
		}},
		{"nobody", []string{"UPDATE systempreferences SET value = '' WHERE variable = 'AnonymousPatron'", "DELETE FROM borrowers WHERE borrowernumber = 999"}, koha.Statistics,
			map[string][]string{source.Loans: replaced(wantStatistics, "owner_branch=ROKK title_id=12", "member_id=999 owner_branch=ROKK title_id=12")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			library(t, s, tt.name, tt.alterations...)
			src, dir, err := open(t, s, tt.name, tt.loansFrom)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.want {
				got := dbtest.Rows(t, dir, table(t, src, name))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
				if strings.Contains(strings.Join(got, "\n"), "MARK") {
					t.Errorf("%s holds what must never be read", name)
				}
			}
		})
	}
	t.Run("codes", func(t *testing.T) {
		src, _, err := open(t, s, "k2511", koha.Statistics)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]map[string]string{
			"member_kind":        {"V": "person", "J": "person", "PROF": "person", "INST": "institution", "ST": "institution", "STAT": "institution"},
			"subscription_class": {"V": "adult", "J": "youth", "PROF": "adult", "INST": "other", "ST": "other", "STAT": "other"},
		}
		for list, codes := range want {
			if diff := cmp.Diff(codes, src.Design().Codes[list]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", list, diff)
			}
		}
		if got := src.Design().Release; got != "25.1100000" {
			t.Errorf("release %q", got)
		}
	})
	t.Run("statistics and issues disagree", func(t *testing.T) {
		for loansFrom, want := range map[string]sqldb.Compared{
			koha.Statistics: {Year: "2025", Loans: 3, Borrowers: 1, OtherLoans: 2, OtherBorrowers: 1},
			koha.Issues:     {Year: "2025", Loans: 2, Borrowers: 1, OtherLoans: 3, OtherBorrowers: 1},
		} {
			src, _, err := open(t, s, "k2511", loansFrom)
			if err != nil {
				t.Fatal(err)
			}
			got, err := src.DB().Compare(t.Context(), src.Design())
			if diff := cmp.Diff([]sqldb.Compared{want}, got); diff != "" || err != nil {
				t.Errorf("%s (-want +got):\n%s%v", loansFrom, diff, err)
			}
		}
	})
	t.Run("what may not be read is named", func(t *testing.T) {
		s.Exec(t, "", `CREATE DATABASE narrow; CREATE TABLE narrow.branches LIKE k2511.branches; CREATE TABLE narrow.borrowers LIKE k2511.borrowers;
			GRANT SELECT ON narrow.branches TO 'peil'@'%'; GRANT SELECT (borrowernumber, branchcode, zipcode) ON narrow.borrowers TO 'peil'@'%'`)
		_, _, err := open(t, s, "narrow", koha.Statistics)
		for _, want := range []string{"user peil cannot read", "borrowers.dateofbirth", "anything of statistics", "peil check --connect"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want one with %q", err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), " borrowers.zipcode") {
			t.Errorf("%v names a column that can be read", err)
		}
	})
}

// BenchmarkKoha reads many events with the query as it is.
func BenchmarkKoha(b *testing.B) {
	rows, s := dbtest.BenchRows(b), dbtest.MariaDB(b)
	library(b, s, "bench", fmt.Sprintf(`DELETE FROM statistics; DELETE FROM items;
		INSERT INTO items SELECT seq, seq, seq, 'FORUM', 'BK', 'JFIC' FROM seq_1_to_90000;
		INSERT INTO statistics (datetime, branch, type, itemnumber, itemtype, borrowernumber) SELECT TIMESTAMP('2024-01-01') + INTERVAL seq MINUTE, 'FORUM',
			IF(seq %% 4, 'issue', 'renew'), seq %% 90000 + 1, 'BK', seq %% 20000 FROM seq_1_to_%[1]d`, rows))
	src, dir, err := open(b, s, "bench", koha.Statistics)
	if err != nil {
		b.Fatal(err)
	}
	s.Compare(b, "bench", src.Design().Queries[source.Loans][0].SQL, table(b, src, source.Loans).Parts[0], rows, dir)
	memory, again := dbtest.NewMemory(), false
	b.Run("since last", func(b *testing.B) {
		for b.Loop() {
			src, dir, err := open(b, s, "bench", koha.Statistics)
			if err != nil {
				b.Fatal(err)
			}
			src.Remember(memory)
			loans := table(b, src, source.Loans).Parts[0]
			if !again { // the first time everything is read
				b.StopTimer()
				dbtest.Store(b, loans, rows, dir)
				src.Close()
				s.Exec(b, "bench", "UPDATE statistics SET borrowernumber = NULL WHERE datetime < '2024-01-08'")
				if src, dir, err = open(b, s, "bench", koha.Statistics); err != nil {
					b.Fatal(err)
				}
				src.Remember(memory)
				loans, again = table(b, src, source.Loans).Parts[0], true
				b.StartTimer()
			}
			dbtest.Store(b, loans, rows, dir)
			src.Close()
			b.ReportMetric(float64(src.Fetched()[0].Fetched), "rows-fetched")
		}
		b.ReportMetric(float64(b.N)*float64(rows)/b.Elapsed().Seconds(), "rows/s")
	})
}
