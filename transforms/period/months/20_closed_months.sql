-- closed_months: the months from closed_from until closed_until. Key: month. Class: public.
--   basis of the stand at the month's end, of the changes in it, and of the borrowers:
--     exact        whoever left since is still in the source
--     frozen       taken from what was frozen while the month was exact
--     lower_bound  the source holds only those who stayed since
CREATE TABLE closed_months AS
SELECT CAST(m AS DATE) AS month, last_day(CAST(m AS DATE)) AS last_on, make_date(year(CAST(m AS DATE)), 12, 31) AS year_end,
    CASE WHEN last_day(CAST(m AS DATE)) >= p.cutoff THEN 'exact' ELSE 'lower_bound' END AS stand,
    CASE WHEN CAST(m AS DATE) > p.cutoff THEN 'exact' ELSE 'lower_bound' END AS changes,
    CASE WHEN CAST(m AS DATE) > greatest(p.cutoff, p.loans_cutoff) THEN 'exact' ELSE 'lower_bound' END AS borrowers
FROM parameters p, generate_series(p.closed_from, p.closed_until - INTERVAL 1 DAY, INTERVAL 1 MONTH) AS s(m);

-- month_members: the members at the end of each month, and who was new, re-registered and
-- lapsed in it, youth to 17 and adults from 18 on 31 December of its year. Key: all columns
-- but persons. Class: small counts.
CREATE TABLE month_members AS
WITH years AS (
    SELECT year_end, min(month) AS from_month, CAST(max(month) + INTERVAL 1 MONTH AS DATE) AS until_month FROM closed_months GROUP BY year_end
), present AS (
    -- at the end of each month from that in which the stay began until that in which it ended
    SELECT y.year_end, s.mk, s.branch_no,
        greatest(y.from_month, CAST(date_trunc('month', s.from_on) AS DATE)) AS from_month,
        least(y.until_month, CAST(date_trunc('month', s.to_on + 1) AS DATE)) AS until_month
    FROM stays s CROSS JOIN years y
), spans AS (
    -- counted before the months are told apart: a row a stay and year, not one a month
    SELECT p.year_end, p.from_month, p.until_month, p.branch_no,
        CASE WHEN a.age IS NULL THEN 'unknown' WHEN a.age < 18 THEN 'youth' ELSE 'adult' END AS age_group, count(*) AS persons
    FROM present p
    LEFT JOIN ages a ON a.mk = p.mk AND a.on_date = p.year_end
    WHERE p.from_month < p.until_month
    GROUP BY ALL
), changes AS (
    SELECT c.month, c.year_end, s.mk, s.branch_no, s.entry AS item
    FROM closed_months c JOIN stays s ON c.month = date_trunc('month', s.from_on) WHERE s.entry IN ('new', 're_registered')
    UNION ALL
    SELECT c.month, c.year_end, s.mk, s.branch_no, 'lapsed'
    FROM closed_months c JOIN stays s ON c.month = date_trunc('month', s.to_on + 1) WHERE s.exit = 'lapsed'
)
SELECT c.month, s.branch_no, 'members' AS item, s.age_group, CAST(sum(s.persons) AS BIGINT) AS persons
FROM spans s JOIN closed_months c ON c.year_end = s.year_end AND c.month >= s.from_month AND c.month < s.until_month
GROUP BY ALL
UNION ALL
SELECT i.month, i.branch_no, i.item, CASE WHEN a.age IS NULL THEN 'unknown' WHEN a.age < 18 THEN 'youth' ELSE 'adult' END, count(*)
FROM changes i
LEFT JOIN ages a ON a.mk = i.mk AND a.on_date = i.year_end
GROUP BY ALL;

-- month_loans: loan events by what the yearly return asks. Key: all columns but events.
-- Class: counts of events.
CREATE TABLE month_loans AS
SELECT c.month, l.branch_no, l.kind, l.material, l.audience, l.genre, l.school, count(*) AS events
FROM loans l JOIN closed_months c ON c.month = date_trunc('month', l.loaned_on)
GROUP BY ALL;

-- month_borrowers: persons with at least one loan. Key: all columns but persons and gone.
-- Class: small counts. branch_no NULL is the organisation.
--   unit week, month    in the week that ends in the month, or the month; by branch too
--   unit quarter, year  whose first loan of the quarter or the year falls in the month:
--                       these add up over its months
--   gone                of them, who are no members any more: had they come back, they
--                       would count twice
CREATE TABLE month_borrowers AS
WITH lent AS (
    SELECT DISTINCT mk, branch_no, CAST(date_trunc('week', loaned_on) AS DATE) AS week_on, CAST(date_trunc('month', loaned_on) AS DATE) AS month
    FROM loans CROSS JOIN parameters p
    WHERE kind = 'loan' AND mk IS NOT NULL AND loaned_on >= p.closed_from - 6 AND loaned_on < p.closed_until
), firsts_of_year AS (
    SELECT mk, CAST(date_trunc('year', quarter) AS DATE) AS year, min(month) AS month FROM firsts GROUP BY ALL
), every AS (
    SELECT CAST(date_trunc('month', week_on + 6) AS DATE) AS month, 'week' AS unit, week_on AS from_on, branch_no, count(DISTINCT mk) AS persons, 0 AS gone
    FROM lent GROUP BY GROUPING SETS ((week_on, branch_no), (week_on))
    UNION ALL
    SELECT month, 'month', month, branch_no, count(DISTINCT mk), 0 FROM lent GROUP BY GROUPING SETS ((month, branch_no), (month))
    UNION ALL
    SELECT month, 'quarter', quarter, NULL, count(*), 0 FROM firsts GROUP BY ALL
    UNION ALL
    SELECT month, 'year', year, NULL, count(*), 0 FROM firsts_of_year GROUP BY ALL
    UNION ALL
    SELECT month, 'quarter', quarter, NULL, persons, persons FROM firsts_gone
    UNION ALL
    SELECT month, 'year', CAST(date_trunc('year', quarter) AS DATE), NULL, persons, persons FROM firsts_gone WHERE first_in_year
)
SELECT e.month, e.unit, e.from_on, e.branch_no, CAST(sum(e.persons) AS BIGINT) AS persons, CAST(sum(e.gone) AS BIGINT) AS gone
FROM every e SEMI JOIN closed_months c ON c.month = e.month
GROUP BY ALL;
