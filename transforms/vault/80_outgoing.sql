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
-- stays. Key: mk, age.
CREATE VIEW outgoing_age_spans AS
WITH dates AS (
    SELECT list(on_date ORDER BY on_date) AS days FROM reference_dates
), lived AS (
    SELECT m.mk, m.birth_date, d.days, unnest(range(coalesce(completed_years(m.birth_date, d.days[1]), 0), completed_years(m.birth_date, d.days[-1]) + 1)) AS age
    FROM members m CROSS JOIN dates d
    WHERE m.kind = 'person'
), aged AS (
    SELECT mk, age, list_filter(days, lambda day: completed_years(birth_date, day) = age) AS days FROM lived
)
SELECT mk, days[1] AS from_on, days[-1] AS to_on, age FROM aged WHERE len(days) > 0;

-- borrowers: the member ids that loans refer to, as long as retention lets us know whose
-- they were. Key: member_id. Class: identifying.
CREATE TABLE borrowers AS
SELECT k.member_id, k.mk, k.kind
FROM member_keys k
JOIN retained r ON r.mk = k.mk
CROSS JOIN parameters p
WHERE r.final_on IS NULL OR r.final_on >= p.loans_cutoff;
