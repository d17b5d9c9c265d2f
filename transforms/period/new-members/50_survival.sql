-- survival: of the members who were new in the month registered, how many were members so
-- many months after, at the same branch or another. month is the one in which that time
-- was over for each of them; only months that still hold everybody who left are counted,
-- so that whoever is not seen had left. Of how many, the balance tells. Key: month, after.
-- Class: small counts.
CREATE TABLE survival AS
WITH due AS (
    SELECT m.month, a.after, CAST(m.month - to_months(a.after) AS DATE) AS registered
    FROM months m CROSS JOIN (VALUES (3), (6), (12), (24)) AS a(after)
    WHERE m.basis = 'exact'
), cohort AS (
    SELECT d.month, d.after, d.registered, s.mk, CAST(s.from_on + to_months(d.after) AS DATE) AS on_date
    FROM stays s JOIN due d ON d.registered = date_trunc('month', s.from_on)
    WHERE s.entry = 'new'
), spans AS (
    -- by the member alone: dates among the conditions would make this join a slow one
    SELECT c.*, s.from_on AS stay_from_on, s.to_on AS stay_to_on
    FROM cohort c JOIN stays s ON s.mk = c.mk
), kept AS (
    SELECT month, after, count(DISTINCT mk) AS still
    FROM spans
    WHERE stay_from_on <= on_date AND (stay_to_on IS NULL OR stay_to_on >= on_date)
    GROUP BY month, after
)
SELECT d.month, d.registered, d.after, coalesce(k.still, 0)::BIGINT AS still
FROM due d LEFT JOIN kept k USING (month, after);
