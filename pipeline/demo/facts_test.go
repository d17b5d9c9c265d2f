package demo_test

import (
	"path/filepath"
	"testing"

	"peil/pipeline/demo"
	"peil/pipeline/engine"
)

// load reads a demonstration's files as text into tables of the same name, with a
// macro that reads the dates that can be read.
func load(t *testing.T, dir string) *engine.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, table := range []string{"branches", "members", "memberships", "loans", "population"} {
		pattern := table + ".csv"
		switch table {
		case "loans":
			pattern = "loans-*.csv"
		case "population":
			pattern = "83502NED.csv"
		}
		query := "CREATE TABLE " + table + " AS FROM read_csv(" + engine.Literal(filepath.Join(dir, "data", pattern)) +
			`, delim = ';', quote = '"', escape = '"', header = true, all_varchar = true, ignore_errors = true, null_padding = false, strict_mode = true)`
		if err := db.Exec(t.Context(), query); err != nil {
			t.Fatalf("read %s: %v", table, err)
		}
	}
	if err := db.Exec(t.Context(), `
		CREATE MACRO day(s) AS coalesce(try_cast(s[1:10] AS DATE), try_strptime(s[1:10], '%d-%m-%Y')::DATE, try_strptime(s, '%Y%m%d')::DATE);
		CREATE VIEW people AS FROM members WHERE coalesce(sex, '') <> 'Instelling'`); err != nil {
		t.Fatal(err)
	}
	return db
}

func number(t *testing.T, db *engine.DB, query string) float64 {
	t.Helper()
	var n float64
	if err := db.Get(t.Context(), []any{&n}, query); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return n
}

// TestFacts checks what a figure of the demonstration may lean on.
func TestFacts(t *testing.T) {
	dir, made := generate(t, demo.Options{Members: 25_000, Loans: 100_000})
	db := load(t, dir)
	for name, want := range map[string]int64{
		"members": made.Files["data/members.csv"], "memberships": made.Files["data/memberships.csv"], "branches": 8,
		"loans": made.Files["data/loans-2023.csv"] + made.Files["data/loans-2024.csv"],
	} {
		if got := number(t, db, "SELECT count(*) FROM "+name); int64(got) != want {
			t.Errorf("%s: %v rows can be read, want all %d but the line that is cut off", name, got, want)
		}
	}
	for _, fact := range []struct {
		what      string
		query     string
		low, high float64
	}{
		{"share under 18", `SELECT avg((date_sub('year', day(birth_date), DATE '2025-01-01') < 18)::INT) FROM people WHERE day(birth_date) > '1901-01-01'`, 0.61, 0.67},
		{"share of women", `SELECT avg((upper(sex) IN ('V', 'F', 'VROUW'))::INT) FROM people`, 0.52, 0.60},
		{"spellings of sex", `SELECT count(DISTINCT coalesce(sex, '')) FROM members`, 12, 12},
		{"institutions", `SELECT count(*) FROM members WHERE sex = 'Instelling'`, 100, 300},
		{"institutions known by their sex alone", `SELECT count(*) FROM members WHERE sex = 'Instelling' AND kind IS NULL`, 50, 150},
		{"institutions with a true birth date", `SELECT count(*) FROM members WHERE sex = 'Instelling' AND day(birth_date) NOT IN ('2019-01-01', '1900-01-01', '1901-01-01')`, 0, 2},
		{"youth on another class", `SELECT count(*) FROM people WHERE day(birth_date) > DATE '2007-01-01' AND day(birth_date) < '2025-01-01' AND subscription_class <> 'youth'`, 0, 0},
		{"subscriptions", `SELECT count(DISTINCT subscription) FROM members`, 7, 7},
		{"largest branch over smallest", `SELECT max(n) / min(n) FROM (SELECT count(*) AS n FROM members WHERE branch NOT IN ('0106', '9999') GROUP BY branch)`, 10, 60},
		{"September over August", `SELECT count(*) FILTER (month(day(first_registered_on)) = 9) / count(*) FILTER (month(day(first_registered_on)) = 8) FROM members`, 1.6, 2.6},
		{"new in 2024", `SELECT avg((year(day(first_registered_on)) = 2024)::INT) FROM members`, 0.08, 0.17},
		{"new in 2022", `SELECT avg((year(day(first_registered_on)) = 2022)::INT) FROM members`, 0.07, 0.14},
		{"returners", `SELECT avg((day(first_registered_on) < day(last_registered_on))::INT) FROM members WHERE day(first_registered_on) > '1900-01-01'`, 0.04, 0.10},
		{"first registration after the last", `SELECT count(*) FROM members WHERE day(first_registered_on) > day(last_registered_on)`, 0, 0},
		{"registered before birth", `SELECT count(*) FROM people WHERE day(first_registered_on) < day(birth_date) AND day(first_registered_on) > '1900-01-01' AND day(birth_date) < '2025-01-01'`, 0, 0},
		{"registered on the day of the migration", `SELECT count(*) FROM members WHERE day(first_registered_on) = '2014-01-01'`, 500, 2_500},
		{"ended in the last six months", `SELECT count(*) FROM members WHERE day(ended_on) BETWEEN '2024-07-01' AND '2024-12-31'`, 500, 900},
		{"ended on the day itself or later", `SELECT count(*) FROM members WHERE day(ended_on) >= '2025-01-01'`, 10, 100},
		{"ended too long ago", `SELECT count(*) FROM members WHERE day(ended_on) < '2024-07-01'`, 30, 150},
		{"ended before it began", `SELECT count(*) FROM members WHERE day(ended_on) < day(last_registered_on) AND day(last_registered_on) <= '2025-01-01'`, 0, 0},
		{"lapsed without an end", `SELECT count(*) FROM members WHERE day(valid_until) < '2025-01-01' AND day(ended_on) IS NULL`, 200, 600},
		{"deleted without an end", `SELECT count(*) FROM members WHERE deleted = 'true' AND day(ended_on) IS NULL`, 1, 30},
		{"records of persons with two", `SELECT count(*) FROM members WHERE person_id IS NOT NULL`, 80, 250},
		{"persons whose two records differ in birth date or address", `SELECT count(*) FROM (SELECT person_id FROM members WHERE person_id IS NOT NULL GROUP BY person_id HAVING count(DISTINCT day(birth_date)) > 1 OR count(DISTINCT upper(replace(replace(postcode, ' ', ''), 'NL-', ''))) > 1)`, 0, 3},
		{"member ids on two rows", `SELECT count(*) FROM (SELECT member_id FROM members WHERE member_id IS NOT NULL GROUP BY member_id HAVING count(*) = 2)`, 5, 5},
		{"rows without a member id", `SELECT count(*) FROM members WHERE member_id IS NULL`, 1, 20},
		{"unreadable birth dates", `SELECT avg((day(birth_date) IS NULL)::INT) FROM members`, 0.001, 0.006},
		{"placeholder dates", `SELECT count(DISTINCT birth_date) FROM members WHERE birth_date IN ('0000-00-00', '00-00-0000', '1900-01-01', '01-01-1901')`, 4, 4},
		{"births by year alone", `SELECT count(*) FROM members WHERE len(birth_date) = 4`, 5, 60},
		{"births in the future", `SELECT count(*) FROM members WHERE day(birth_date) > '2025-01-01'`, 3, 40},
		{"spellings of dates", `SELECT count(DISTINCT regexp_replace(birth_date, '[0-9]', '9', 'g')) FROM members`, 5, 5},
		{"postcodes as they should be", `SELECT avg((regexp_full_match(postcode, '2[0-9]{3}[A-Z]{2}'))::INT) FROM members`, 0.7, 0.85},
		{"shapes of postcodes", `SELECT count(DISTINCT regexp_replace(regexp_replace(regexp_replace(postcode, '[0-9]', '9', 'g'), '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g')) FROM members`, 9, 12},
		{"forbidden pairs of letters", `SELECT count(*) FROM members WHERE regexp_full_match(postcode, '[0-9]{4}S[ADS]')`, 5, 40},
		{"house numbers that need splitting", `SELECT avg((NOT regexp_full_match(trim(house_number), '[0-9]+'))::INT) FROM members`, 0.05, 0.2},
		{"house letters and additions in columns", `SELECT count(house_letter) + count(house_number_addition) FROM members`, 1_000, 3_000},
		{"names with a line break", `SELECT count(*) FROM members WHERE name LIKE '%' || chr(10) || '%'`, 1, 15},
		{"members of an unknown branch", `SELECT count(*) FROM members ANTI JOIN branches USING (branch)`, 5, 50},
		{"members of the closed branch", `SELECT count(*) FROM members SEMI JOIN (FROM branches WHERE closed_on IS NOT NULL) USING (branch)`, 10, 120},
		{"branches closed and merged into an open one", `SELECT count(*) FROM branches c JOIN branches o ON o.branch = c.merged_into WHERE day(c.closed_on) = '2023-11-01' AND o.closed_on IS NULL`, 1, 1},
		{"kinds of branches", `SELECT count(DISTINCT type) FROM branches`, 3, 3},
		{"ISILs that are not the organisation's own", `SELECT count(*) FROM branches WHERE NOT regexp_full_match(isil, 'NL-082345[12][0-9]{3}')`, 0, 0},

		{"inhabitants", `SELECT sum("Bevolking (aantal)"::INT) FROM population WHERE "Geslacht"[1:1] = 'T' AND "Perioden" = '2025'`, 110_000, 160_000},
		{"inhabitants under 20, a share", `SELECT sum("Bevolking (aantal)"::INT) FILTER ("Leeftijd" IN ('0 tot 5 jaar', '5 tot 10 jaar', '10 tot 15 jaar', '15 tot 20 jaar')) / sum("Bevolking (aantal)"::INT) FROM population`, 0.2, 0.28},
		{"rows whose men and women are not the whole", `SELECT count(*) FROM (SELECT sum(CASE WHEN "Geslacht"[1:1] = 'T' THEN -1 ELSE 1 END * "Bevolking (aantal)"::INT) AS rest FROM population GROUP BY "Postcode", "Leeftijd", "Perioden") WHERE rest <> 0`, 0, 0},
		{"postcode areas with more children in the library than in the streets", `SELECT count(*) FROM (SELECT postcode[1:4] AS pc4, count(*) AS n FROM people WHERE date_sub('year', day(birth_date), DATE '2025-01-01') BETWEEN 5 AND 9 GROUP BY pc4)
			JOIN (SELECT "Postcode" AS pc4, sum("Bevolking (aantal)"::INT) AS live FROM population WHERE "Leeftijd" = '5 tot 10 jaar' AND "Geslacht"[1:1] = 'T' AND "Perioden" = '2025' GROUP BY ALL) USING (pc4) WHERE n > live`, 0, 0},

		{"memberships of nobody", `SELECT count(*) FROM memberships ANTI JOIN members USING (member_id)`, 0, 12},
		{"members without membership", `SELECT count(*) FROM members ANTI JOIN memberships USING (member_id)`, 1, 20}, // those without an id
		{"memberships that overlap or end before they begin", `SELECT count(*) FROM (SELECT *, lead(valid_from) OVER (PARTITION BY member_id ORDER BY valid_from) AS next FROM memberships) WHERE valid_to < valid_from OR valid_to >= next OR (next IS NOT NULL AND valid_to IS NULL)`, 0, 0},
		{"members elsewhere than their last membership", `SELECT count(*) FROM members m JOIN (SELECT member_id, arg_max(branch, valid_from) AS last FROM memberships GROUP BY member_id) USING (member_id) WHERE m.branch <> last AND m.branch <> '9999'`, 0, 0},
		{"members whose last membership ends on another day", `SELECT count(*) FROM members m JOIN (SELECT member_id, arg_max(coalesce(valid_to, '-'), valid_from) AS last FROM memberships GROUP BY member_id) USING (member_id) WHERE last <> coalesce(day(ended_on)::VARCHAR, CASE WHEN day(valid_until) < '2025-01-01' THEN day(valid_until)::VARCHAR END, '-')`, 0, 0},
		{"members whose memberships begin elsewhere than their first registration", `SELECT count(*) FROM members m JOIN (SELECT member_id, min(valid_from) AS first FROM memberships GROUP BY member_id) USING (member_id) WHERE first <> day(first_registered_on)::VARCHAR AND day(first_registered_on) > '1900-01-01'`, 0, 0},
		{"moves in 2024, a share of the members", `SELECT count(*) / 25000 FROM (SELECT branch, valid_from, lag(branch) OVER (PARTITION BY member_id ORDER BY valid_from) AS before FROM memberships) WHERE branch <> before AND valid_from >= '2024-01-01'`, 0.004, 0.015},
		{"moves at the merger", `SELECT count(*) FROM (SELECT branch, valid_from, lag(branch) OVER (PARTITION BY member_id ORDER BY valid_from) AS before FROM memberships) WHERE before = '0106' AND branch = '0102' AND valid_from = '2023-11-01'`, 500, 1_500},
		{"memberships at the closed branch that go on past its end", `SELECT count(*) FROM memberships WHERE branch = '0106' AND coalesce(valid_to, '9') > '2023-11-01'`, 10, 120},

		{"share of anonymised loans", `SELECT avg((coalesce(member_id, '0') IN ('', '0') OR member_id[1] = '-')::INT) FROM loans`, 0.2, 0.45},
		{"share of anonymised loans of December", `SELECT avg((coalesce(member_id, '0') IN ('', '0') OR member_id[1] = '-')::INT) FROM loans WHERE loaned_at BETWEEN '2024-12' AND '2024-13'`, 0.02, 0.15},
		{"shapes of anonymised loans", `SELECT count(DISTINCT CASE WHEN member_id IS NULL THEN 0 WHEN member_id = '0' THEN 1 WHEN member_id[1] = '-' THEN 2 END) FROM loans`, 3, 3},
		{"loans of members who are not there", `SELECT avg((m.member_id IS NULL)::INT) FROM (FROM loans WHERE member_id[1] IN ('2', 'X')) l LEFT JOIN (SELECT DISTINCT member_id FROM members) m USING (member_id)`, 0.001, 0.006},
		{"loans before or after the membership", `SELECT count(*) FROM loans l JOIN members m USING (member_id) WHERE day(loaned_at) < '2025-01-01' AND (day(loaned_at) < day(m.last_registered_on) AND day(m.last_registered_on) < '2025-01-02' OR day(loaned_at) > day(m.ended_on))`, 0, 0},
		{"members who borrow", `SELECT count(DISTINCT member_id) / 25000 FROM loans WHERE member_id[1] = '2'`, 0.4, 0.72},
		{"loans of the heaviest borrower", `SELECT max(n) FROM (SELECT count(*) AS n FROM loans WHERE member_id[1] = '2' GROUP BY member_id)`, 40, 200},
		{"loans of the most popular title", `SELECT max(n) FROM (SELECT count(*) AS n FROM loans GROUP BY title_id)`, 100, 800},
		{"titles of two materials", `SELECT count(*) FROM (SELECT title_id FROM loans GROUP BY title_id HAVING count(DISTINCT material) > 1)`, 0, 0},
		{"kinds of loans", `SELECT count(DISTINCT kind) FROM loans`, 7, 7},
		{"unmapped materials", `SELECT avg((material = 'ZZ9')::INT) FROM loans`, 0.0005, 0.006},
		{"children who borrow for children", `SELECT avg((audience = 'JEUGD')::INT) FROM loans JOIN members USING (member_id) WHERE subscription = 'JEUGD'`, 0.8, 0.9},
		{"school loans", `SELECT avg((school = 'true')::INT) FROM loans`, 0.03, 0.1},
		{"items of another branch", `SELECT avg((owner_branch <> branch)::INT) FROM loans`, 0.04, 0.12},
		{"loans at another branch than the member's", `SELECT avg((l.branch <> m.branch)::INT) FROM loans l JOIN members m USING (member_id)`, 0.03, 0.1},
		{"loans at the closed branch before and after", `SELECT count(*) FILTER (day(loaned_at) < '2023-11-01') + 1e6 * count(*) FILTER (day(loaned_at) >= '2023-11-01' AND day(loaned_at) < '2030-01-01') FROM loans WHERE branch = '0106'`, 500, 5_000},
		{"loans on the days that the clock changes", `SELECT count(DISTINCT day(loaned_at)) FROM loans WHERE day(loaned_at) IN ('2023-03-26', '2023-10-29', '2024-03-31', '2024-10-27')`, 4, 4},
		{"loans by night", `SELECT count(*) FROM loans WHERE hour(try_cast(loaned_at AS TIMESTAMP)) NOT BETWEEN 6 AND 21 AND len(loaned_at) > 10`, 0, 0},
		{"loans with an offset in summer", `SELECT count(*) FROM loans WHERE loaned_at LIKE '%+02:00' AND month(day(loaned_at)) IN (5, 6, 7)`, 20, 300},
		{"loans with the wrong offset", `SELECT count(*) FROM loans WHERE loaned_at LIKE '%+02:00' AND month(day(loaned_at)) IN (11, 12, 1, 2)`, 0, 0},
		{"loans that no date can be read of", `SELECT avg((day(loaned_at) IS NULL)::INT) FROM loans`, 0.0002, 0.001},
		{"loans in the future", `SELECT count(*) FROM loans WHERE day(loaned_at) >= '2025-01-01'`, 1, 40},
		{"returned before lent", `SELECT count(*) FROM loans WHERE day(returned_at) < day(loaned_at) AND day(loaned_at) < '2025-01-01'`, 0, 0},
		{"returned after the export", `SELECT count(*) FROM loans WHERE day(returned_at) >= '2025-01-01'`, 0, 1},
		{"rows of loans that cannot be used", `SELECT avg((branch IS NULL OR day(loaned_at) IS NULL)::INT) FROM loans`, 0.0002, 0.002},
		{"rows of members that cannot be used", `SELECT avg((member_id IS NULL OR branch IS NULL)::INT) FROM members`, 0.00001, 0.002},
	} {
		if got := number(t, db, fact.query); got < fact.low || got > fact.high {
			t.Errorf("%s: %v, want %v to %v", fact.what, got, fact.low, fact.high)
		}
	}
}

func TestOrganisationsKeepToThemselves(t *testing.T) {
	dir, _ := generate(t, demo.Options{Members: 4_000, Loans: 20_000, Branches: 30, Organisations: 4})
	db := load(t, dir)
	for what, query := range map[string]string{
		"organisations without the ISIL of the configuration": `SELECT 1 - count(*) FROM (SELECT DISTINCT isil[1:9] AS o FROM branches) WHERE o = 'NL-082345'`,
		"organisations but four":                              `SELECT count(DISTINCT isil[1:9]) - 4 FROM branches`,
		"ISILs that occur twice":                              `SELECT count(*) - count(DISTINCT isil) FROM branches`,
		"loans across organisations": `SELECT count(*) FROM loans l JOIN branches b USING (branch) JOIN members m USING (member_id)
			JOIN branches h ON h.branch = m.branch JOIN branches o ON o.branch = l.owner_branch WHERE b.isil[1:9] <> h.isil[1:9] OR b.isil[1:9] <> o.isil[1:9]`,
		"mergers across organisations":                  `SELECT count(*) FROM branches c JOIN branches i ON i.branch = c.merged_into WHERE c.isil[1:9] <> i.isil[1:9]`,
		"organisations that share postcodes (4 digits)": `SELECT count(*) FROM (SELECT postcode[1:4] AS pc4 FROM members m JOIN branches b USING (branch) WHERE regexp_full_match(postcode, '[0-9]{4}[A-Z]{2}') GROUP BY pc4 HAVING count(DISTINCT isil[1:9]) > 1)`,
	} {
		if n := number(t, db, query); n != 0 {
			t.Errorf("%s: %v, want 0", what, n)
		}
	}
}

func TestMarkIsOnEveryPersonalValue(t *testing.T) {
	dir, _ := generate(t, demo.Options{Members: 5_000, Loans: 5_000, Mark: "MERK"})
	db := load(t, dir)
	for what, query := range map[string]string{
		"ids, names and accounts":   `SELECT count(*) FROM members WHERE concat_ws(' ', 'MERK', member_id, person_id, name, email, phone, iban) LIKE '%MERK%' AND list_bool_or([NOT starts_with(v, 'MERK') FOR v IN [member_id, person_id, name, email, phone, iban]])`,
		"ids in memberships":        `SELECT count(*) FROM memberships WHERE NOT starts_with(member_id, 'MERK')`,
		"ids in loans":              `SELECT count(*) FROM loans WHERE length(member_id) > 8 AND NOT regexp_matches(member_id, '^X?MERK')`,
		"birth dates":               `SELECT count(*) FROM people WHERE day(birth_date) > '1901-01-01' AND NOT (strftime(day(birth_date), '%m-%d') = '02-23' AND year(day(birth_date)) <= 2021)`,
		"full postcodes":            `SELECT count(*) FROM members WHERE regexp_matches(postcode, '[A-Za-z]') AND postcode <> 'nvt' AND NOT (upper(postcode) LIKE '%QX' OR postcode LIKE '%MERK')`,
		"house numbers":             `SELECT count(*) FROM members WHERE NOT contains(house_number, '98765')`,
		"house number additions":    `SELECT count(*) FROM members WHERE house_number IS NOT NULL AND NOT contains(house_number || coalesce(house_number_addition, ''), 'QXQX')`,
		"marks on what may be said": `SELECT count(*) FROM branches WHERE concat_ws(' ', branch, name, isil) LIKE '%MERK%'`,
	} {
		if n := number(t, db, query); n != 0 {
			t.Errorf("%s: %v break the rule, want 0", what, n)
		}
	}
	if n := number(t, db, "SELECT count(DISTINCT day(birth_date)) FROM people"); n > 110 {
		t.Errorf("%v birth dates, want few enough to search for each", n)
	}
}
