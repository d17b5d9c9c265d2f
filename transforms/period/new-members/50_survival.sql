-- survival: of the members who were new in a month, how many are members at the same
-- branch or another after 3, 6, 12 and 24 months. Only for months that held everybody who
-- left since: a month of survivors would show that all survived. Key: month, after.
-- Class: small counts.
CREATE TABLE survival AS
WITH cohort AS (
    SELECT s.mk, m.month, s.from_on
    FROM stays s JOIN months m ON m.month = date_trunc('month', s.from_on)
    WHERE s.entry = 'new' AND m.basis = 'exact'
), spans AS (
    -- by the member alone: dates among the conditions would make this join a slow one
    SELECT c.mk, c.month, c.from_on, s.from_on AS stay_from_on, s.to_on AS stay_to_on
    FROM cohort c JOIN stays s ON s.mk = c.mk
), later AS (
    SELECT s.*, a.after, CAST(s.from_on + to_months(a.after) AS DATE) AS on_date
    FROM spans s CROSS JOIN (VALUES (3), (6), (12), (24)) AS a(after) CROSS JOIN parameters p
    -- everybody of the month must have had the time
    WHERE last_day(s.month) + to_months(a.after) < p.months_until
)
SELECT month, after, count(DISTINCT mk) AS new,
    count(DISTINCT mk) FILTER (stay_from_on <= on_date AND (stay_to_on IS NULL OR stay_to_on >= on_date)) AS still
FROM later
GROUP BY month, after;
