-- outgoing_*: exactly what may cross to the warehouse, under the names and in the order
-- of the allow-list. No member id, no birth date, no full postcode, no house number.

CREATE VIEW outgoing_branches AS
SELECT branch_no, branch, name, isil, type, opened_on, closed_on FROM branches;

CREATE VIEW outgoing_members AS
SELECT mk, kind, sex, pc4, branch_no, subscription, subscription_class, ebook, first_on,
    mk IN (SELECT mk FROM subjects WHERE objected) AS objected
FROM members;

CREATE VIEW outgoing_stays AS
SELECT s.mk, s.branch_no, s.subscription, s.from_on, s.to_on, s.entry, s.exit, s.gap_unknown, s.first_unknown,
    completed_years(m.birth_date, last_day(s.from_on)) AS entry_age
FROM stays s JOIN members m ON m.mk = s.mk;

-- age_spans: the first and the last of the run's reference dates on which each person has
-- an age, so that many dates take few rows. Only reference dates cross: the birth date
-- stays. Who was born on one day has the same age on every day: worked out once. Key: mk, age.
CREATE VIEW outgoing_age_spans AS
WITH born AS (
    SELECT DISTINCT birth_date FROM members WHERE kind = 'person'
), lived AS (
    SELECT b.birth_date, d.on_date, completed_years(b.birth_date, d.on_date) AS age FROM born b CROSS JOIN reference_dates d
), spans AS (
    SELECT birth_date, age, min(on_date) AS from_on, max(on_date) AS to_on FROM lived WHERE age IS NOT NULL GROUP BY birth_date, age
)
SELECT m.mk, s.from_on, s.to_on, s.age FROM members m JOIN spans s ON s.birth_date = m.birth_date WHERE m.kind = 'person';

-- borrowers: the member ids that loans refer to, as long as retention lets us know whose
-- they were. Key: member_id. Class: identifying.
CREATE TABLE borrowers AS
SELECT k.member_id, k.mk, k.kind::borrower_code AS kind
FROM member_keys k
JOIN retained r ON r.mk = k.mk
CROSS JOIN parameters p
WHERE r.final_on IS NULL OR r.final_on >= p.loans_cutoff;

-- Types of the loans' codes: what a mapped code can be, in the order of the alphabet, so that
-- sorting by a code is sorting by its text.
CREATE TYPE material_code AS ENUM (SELECT value FROM (SELECT value FROM code_map WHERE list = 'material' UNION SELECT 'other') ORDER BY value);
CREATE TYPE audience_code AS ENUM (SELECT value FROM (SELECT value FROM code_map WHERE list = 'audience' UNION SELECT 'unknown') ORDER BY value);
CREATE TYPE genre_code AS ENUM (SELECT value FROM (SELECT value FROM code_map WHERE list = 'genre' UNION SELECT 'unknown') ORDER BY value);
CREATE TYPE loan_kind_code AS ENUM (SELECT value FROM (SELECT value FROM code_map WHERE list = 'loan_kind' UNION SELECT 'unknown') ORDER BY value);

-- bare_title(v): the number of a title without what people write between its digits.
CREATE MACRO bare_title(v) AS upper(replace(replace(v, '-', ''), ' ', ''));
