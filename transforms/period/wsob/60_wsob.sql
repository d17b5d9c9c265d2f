-- wsob_years: the calendar year of the return and the one before. Key: year.
-- Class: public.
CREATE TABLE wsob_years AS
SELECT p.wsob_year - y AS year, make_date(p.wsob_year - y, 1, 1) AS from_on, make_date(p.wsob_year - y, 12, 31) AS last_on,
    -- whoever left before the cut-off is not in the source any more
    make_date(p.wsob_year - y, 12, 31) >= p.cutoff AS members_exact, make_date(p.wsob_year - y - 1, 12, 31) >= p.cutoff AS changes_exact
FROM parameters p, (VALUES (0), (1)) AS v(y)
WHERE p.wsob_year IS NOT NULL;

-- wsob_members: the yearly return's membership items for both years: the stand on
-- 31 December and who was new and lapsed in the year, youth to 17 and adults from 18 on
-- that day. Key: year, branch_no, item, age_group. Class: small counts.
CREATE TABLE wsob_members AS
WITH items AS (
    SELECT y.year, y.last_on, s.mk, s.branch_no, 'members' AS item
    FROM wsob_years y JOIN stays s ON (s.from_on IS NULL OR s.from_on <= y.last_on) AND (s.to_on IS NULL OR s.to_on >= y.last_on)
    UNION ALL
    SELECT y.year, y.last_on, s.mk, s.branch_no, 'new' FROM wsob_years y JOIN stays s ON s.entry = 'new' AND s.from_on BETWEEN y.from_on AND y.last_on
    UNION ALL
    SELECT y.year, y.last_on, s.mk, s.branch_no, 'lapsed' FROM wsob_years y JOIN stays s ON s.exit = 'lapsed' AND s.to_on + 1 BETWEEN y.from_on AND y.last_on
)
SELECT i.year, i.branch_no, i.item,
    CASE WHEN a.age IS NULL THEN 'unknown' WHEN a.age < 18 THEN 'youth' ELSE 'adult' END AS age_group, count(*) AS persons
FROM items i
LEFT JOIN ages a ON a.mk = i.mk AND a.on_date = i.last_on
GROUP BY ALL;

-- wsob_doubts: what makes the items of a year doubtful. Key: year. Class: small counts.
--   new            new members
--   one_day, day   how many of them share the commonest day of registration, and that day
--   first_unknown  memberships begun in the year of which nobody knows whether it is the first
--   lapsed         lapsed members
--   presumed       how many of them are known to have ended only from a later registration
CREATE TABLE wsob_doubts AS
WITH begun AS (
    SELECT y.year, s.entry, s.gap_unknown, s.first_unknown, s.from_on FROM wsob_years y JOIN stays s ON s.from_on BETWEEN y.from_on AND y.last_on
), days AS (
    SELECT year, from_on, count(*) AS persons FROM begun WHERE entry = 'new' GROUP BY ALL
), commonest AS (
    SELECT year, sum(persons) AS new, max(persons) AS one_day, min(from_on) FILTER (persons = most) AS day
    FROM (SELECT *, max(persons) OVER (PARTITION BY year) AS most FROM days) GROUP BY year
), unsure AS (
    SELECT year, count(*) FILTER (first_unknown) AS first_unknown, count(*) FILTER (gap_unknown AND entry = 're_registered') AS presumed FROM begun GROUP BY year
), ended AS (
    SELECT year, sum(persons) AS lapsed FROM wsob_members WHERE item = 'lapsed' GROUP BY year
)
SELECT y.year, CAST(coalesce(c.new, 0) AS BIGINT) AS new, coalesce(c.one_day, 0) AS one_day, c.day, coalesce(u.first_unknown, 0) AS first_unknown,
    CAST(coalesce(e.lapsed, 0) AS BIGINT) AS lapsed, coalesce(u.presumed, 0) AS presumed
FROM wsob_years y
LEFT JOIN commonest c USING (year)
LEFT JOIN unsure u USING (year)
LEFT JOIN ended e USING (year);

-- wsob_loans: the yearly return's loan items. Key: all columns but events. Class: counts
-- of events.
CREATE TABLE wsob_loans AS
SELECT y.year, l.branch_no, l.kind, l.material, l.audience, l.genre, l.school, count(*) AS events
FROM loans l JOIN wsob_years y ON y.year = year(l.loaned_on)
GROUP BY ALL;

-- wsob_coverage: in how many months of a year the source holds loans at all; fewer than
-- twelve mean that the library was closed or that the source does not reach back.
-- Key: year. Class: public.
CREATE TABLE wsob_coverage AS
SELECT y.year, count(DISTINCT month(l.loaned_on)) FILTER (l.kind = 'loan') AS months
FROM wsob_years y LEFT JOIN loans l ON year(l.loaned_on) = y.year
GROUP BY y.year;
