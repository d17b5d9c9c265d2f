-- wsob_years: the calendar year of the return and the one before. Key: year.
-- Class: public. What stands on months is a view: months of which the source has lost who
-- left are put in place from what was frozen, after these models have run.
CREATE VIEW wsob_years AS
SELECT p.wsob_year - y AS year, make_date(p.wsob_year - y, 1, 1) AS from_on, make_date(p.wsob_year - y, 12, 31) AS last_on,
    (SELECT stand <> 'lower_bound' FROM closed_months WHERE month = make_date(p.wsob_year - y, 12, 1)) AS members_exact,
    (SELECT bool_and(changes <> 'lower_bound') FROM closed_months WHERE year(month) = p.wsob_year - y) AS changes_exact
FROM parameters p, (VALUES (0), (1)) AS v(y)
WHERE p.wsob_year IS NOT NULL;

-- wsob_members: the yearly return's membership items for both years: the stand on
-- 31 December and who was new and lapsed in the year, youth to 17 and adults from 18 on
-- that day. Key: year, branch_no, item, age_group. Class: small counts.
CREATE VIEW wsob_members AS
SELECT year(month) AS year, branch_no, item, age_group, CAST(sum(persons) AS BIGINT) AS persons
FROM month_members
WHERE item IN ('new', 'lapsed') OR item = 'members' AND month(month) = 12
GROUP BY ALL;

-- wsob_doubts: what makes the items of a year doubtful. Key: year. Class: small counts.
--   new            new members
--   one_day, day   how many of them share the commonest day of registration, and that day
--   first_unknown  memberships begun in the year of which nobody knows whether it is the first
--   lapsed         lapsed members
--   presumed       how many of them are known to have ended only from a later registration
CREATE VIEW wsob_doubts AS
WITH begun AS (
    SELECT y.year, s.entry, s.gap_unknown, s.first_unknown, s.from_on FROM wsob_years y JOIN stays s ON s.from_on BETWEEN y.from_on AND y.last_on
), days AS (
    SELECT year, from_on, count(*) AS persons FROM begun WHERE entry = 'new' GROUP BY ALL
), commonest AS (
    SELECT year, max(persons) AS one_day, min(from_on) FILTER (persons = most) AS day
    FROM (SELECT *, max(persons) OVER (PARTITION BY year) AS most FROM days) GROUP BY year
), unsure AS (
    SELECT year, count(*) FILTER (first_unknown) AS first_unknown, count(*) FILTER (gap_unknown AND entry = 're_registered') AS presumed FROM begun GROUP BY year
), changed AS (
    SELECT year, sum(persons) FILTER (item = 'new') AS new, sum(persons) FILTER (item = 'lapsed') AS lapsed FROM wsob_members GROUP BY year
)
SELECT y.year, CAST(coalesce(e.new, 0) AS BIGINT) AS new, coalesce(c.one_day, 0) AS one_day, c.day, coalesce(u.first_unknown, 0) AS first_unknown,
    CAST(coalesce(e.lapsed, 0) AS BIGINT) AS lapsed, coalesce(u.presumed, 0) AS presumed
FROM wsob_years y
LEFT JOIN commonest c USING (year)
LEFT JOIN unsure u USING (year)
LEFT JOIN changed e USING (year);

-- wsob_loans: the yearly return's loan items. Key: all columns but events. Class: counts
-- of events.
CREATE VIEW wsob_loans AS
SELECT year(month) AS year, branch_no, kind, material, audience, genre, school, CAST(sum(events) AS BIGINT) AS events
FROM month_loans
GROUP BY ALL;

-- wsob_coverage: in how many months of a year the source holds loans at all; fewer than
-- twelve mean that the library was closed or that the source does not reach back.
-- Key: year. Class: public.
CREATE VIEW wsob_coverage AS
SELECT y.year, count(DISTINCT l.month) FILTER (l.kind = 'loan') AS months
FROM wsob_years y LEFT JOIN month_loans l ON year(l.month) = y.year
GROUP BY y.year;

-- wsob_borrowers: active borrowers of both years: the year, its quarters and its months.
-- Key: unit, from_on. Class: small counts.
--   doubtful_months  of the unit, in which only those who stayed since are known
--   gone             how many may have been counted twice
CREATE VIEW wsob_borrowers AS
SELECT year(b.from_on) AS year, b.unit, b.from_on, CAST(sum(b.persons) AS BIGINT) AS persons, CAST(sum(b.gone) AS BIGINT) AS gone,
    (SELECT count(*) FILTER (borrowers = 'lower_bound') FROM closed_months c
     WHERE c.month = b.from_on OR b.unit = 'year' AND year(c.month) = year(b.from_on)
        OR b.unit = 'quarter' AND date_trunc('quarter', c.month) = b.from_on) AS doubtful_months
FROM month_borrowers b
WHERE b.branch_no IS NULL AND b.unit <> 'week'
GROUP BY b.unit, b.from_on;
