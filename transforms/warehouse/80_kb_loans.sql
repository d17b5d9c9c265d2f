-- kb_weeks: the week of the feed, and the weeks of the month that ends in it, whose
-- groups below k are released for the month. Key: week_on, a Monday. Class: public.
CREATE TABLE kb_weeks AS
SELECT CAST(w AS DATE) AS week_on
FROM parameters p, generate_series(date_trunc('week', coalesce(p.kb_month, p.kb_from)), p.kb_from, INTERVAL 7 DAY) AS s(w);

-- kb_loan_persons: what each person did in a week, at the finest level. Key: week_on, mk
-- and all attributes. Class: pseudonymous.
CREATE TABLE kb_loan_persons AS
SELECT w.week_on, CAST(date_trunc('month', l.loaned_on) AS DATE) AS month, l.mk, l.branch_no,
    coalesce((SELECT max(from_age) FROM age_classes WHERE from_age <= a.age), -1) AS age_from,
    l.kind, l.material, l.audience, l.genre, count(*) AS events
FROM loans l
JOIN kb_weeks w ON w.week_on = date_trunc('week', l.loaned_on)
LEFT JOIN ages a ON a.mk = l.mk AND a.on_date = w.week_on + 6
WHERE l.mk IS NOT NULL
GROUP BY ALL;

-- kb_branch_age, kb_branch, kb_organisation: the groups of a week that hold k distinct
-- persons, at three levels; what one level releases, the next does not hold again. At the
-- first, all who share branch and age class must differ in what they did, in at least l
-- ways: else the feed would tell it of each of them.
CREATE TABLE kb_branch_age AS
WITH groups AS (
    SELECT week_on, branch_no, age_from, kind, material, audience, genre, count(DISTINCT mk) AS persons, CAST(sum(events) AS BIGINT) AS events
    FROM kb_loan_persons WHERE branch_no > 0 GROUP BY ALL
)
SELECT g.* FROM groups g CROSS JOIN parameters p
WHERE persons >= p.k
QUALIFY count(*) OVER (PARTITION BY week_on, branch_no, age_from) >= any_value(p.l) OVER (PARTITION BY week_on, branch_no, age_from);

CREATE TABLE kb_left_1 AS
SELECT * FROM kb_loan_persons ANTI JOIN kb_branch_age USING (week_on, branch_no, age_from, kind, material, audience, genre);

CREATE TABLE kb_branch AS
WITH groups AS (
    SELECT week_on, branch_no, kind, material, audience, genre, count(DISTINCT mk) AS persons, CAST(sum(events) AS BIGINT) AS events
    FROM kb_left_1 WHERE branch_no > 0 GROUP BY ALL
)
SELECT g.* FROM groups g CROSS JOIN parameters p
WHERE persons >= p.k
QUALIFY count(*) OVER (PARTITION BY week_on, branch_no) >= any_value(p.l) OVER (PARTITION BY week_on, branch_no);

CREATE TABLE kb_left_2 AS
SELECT * FROM kb_left_1 ANTI JOIN kb_branch USING (week_on, branch_no, kind, material, audience, genre);

CREATE TABLE kb_organisation AS
SELECT week_on, kind, material, audience, genre, count(DISTINCT mk) AS persons, CAST(sum(events) AS BIGINT) AS events
FROM kb_left_2 GROUP BY ALL
HAVING count(DISTINCT mk) >= (SELECT k FROM parameters);

CREATE TABLE kb_left_3 AS
SELECT * FROM kb_left_2 ANTI JOIN kb_organisation USING (week_on, kind, material, audience, genre);

-- kb_loan_groups: the rows of the feed. Key: period, level and attributes (NULL:
-- generalised away). Class: anonymous.
--   level 1  week, branch, age class, kind, material, audience, genre
--   level 2  week, branch, kind, material, audience, genre
--   level 3  week, organisation, kind, material, audience, genre
--   level 4  month, organisation, kind, material, audience, genre: what no week released
--   level 5  month, organisation, kind, material: events without a person, persons NULL
CREATE TABLE kb_loan_groups AS
SELECT 1 AS level, 'week' AS period, week_on AS from_on, branch_no, age_from, kind, material, audience, genre, persons, events
FROM kb_branch_age CROSS JOIN parameters p WHERE week_on = p.kb_from
UNION ALL
SELECT 2, 'week', week_on, branch_no, NULL, kind, material, audience, genre, persons, events
FROM kb_branch CROSS JOIN parameters p WHERE week_on = p.kb_from
UNION ALL
SELECT 3, 'week', week_on, NULL, NULL, kind, material, audience, genre, persons, events
FROM kb_organisation CROSS JOIN parameters p WHERE week_on = p.kb_from
UNION ALL
SELECT 4, 'month', month, NULL, NULL, kind, material, audience, genre, count(DISTINCT mk), CAST(sum(events) AS BIGINT)
FROM kb_left_3 CROSS JOIN parameters p WHERE month = p.kb_month
GROUP BY month, kind, material, audience, genre
HAVING count(DISTINCT mk) >= (SELECT k FROM parameters)
UNION ALL
SELECT 5, 'month', p.kb_month, NULL, NULL, l.kind, l.material, NULL, NULL, NULL, count(*)
FROM loans l CROSS JOIN parameters p
WHERE l.mk IS NULL AND date_trunc('month', l.loaned_on) = p.kb_month
GROUP BY p.kb_month, l.kind, l.material;

-- kb_totals: all events of the feed's week and of the month that ends in it, exactly and
-- without attributes. Key: period, kind. Class: anonymous.
CREATE TABLE kb_totals AS
SELECT 'week' AS period, p.kb_from AS from_on, l.kind, count(*) AS events
FROM loans l CROSS JOIN parameters p
WHERE l.loaned_on >= p.kb_from AND l.loaned_on < p.kb_until
GROUP BY p.kb_from, l.kind
UNION ALL
SELECT 'month', p.kb_month, l.kind, count(*)
FROM loans l CROSS JOIN parameters p
WHERE date_trunc('month', l.loaned_on) = p.kb_month
GROUP BY p.kb_month, l.kind;
