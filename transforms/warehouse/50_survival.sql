-- survival: of the members who were new in a month, how many are members at the same
-- branch or another after 3, 6, 12 and 24 months. Only for months that held everybody who
-- left since: a month of survivors would show that all survived. Key: month, after.
-- Class: small counts.
CREATE TABLE survival AS
WITH cohort AS (
    SELECT s.mk, CAST(date_trunc('month', s.from_on) AS DATE) AS month, s.from_on
    FROM stays s JOIN months m ON m.month = date_trunc('month', s.from_on)
    WHERE s.entry = 'new' AND m.basis = 'exact'
), later AS (
    SELECT c.mk, c.month, a.after, CAST(c.from_on + to_months(a.after) AS DATE) AS on_date
    FROM cohort c CROSS JOIN (VALUES (3), (6), (12), (24)) AS a(after) CROSS JOIN parameters p
    -- everybody of the month must have had the time
    WHERE last_day(c.month) + to_months(a.after) < p.months_until
)
SELECT l.month, l.after, count(DISTINCT l.mk) AS new, count(DISTINCT l.mk) FILTER (s.mk IS NOT NULL) AS still
FROM later l
LEFT JOIN stays s ON s.mk = l.mk AND s.from_on <= l.on_date AND (s.to_on IS NULL OR s.to_on >= l.on_date)
GROUP BY l.month, l.after;
