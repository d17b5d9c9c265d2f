-- wsob_members: the yearly return's membership items for the calendar year and the one
-- before: the stand on 31 December and who was new and lapsed in the year, youth to 17 and
-- adults from 18 on that day. Key: year, branch_no, item, age_group. Class: small counts.
CREATE TABLE wsob_members AS
WITH years AS (
    SELECT p.wsob_year - y AS year, make_date(p.wsob_year - y, 1, 1) AS from_on, make_date(p.wsob_year - y, 12, 31) AS last_on
    FROM parameters p, (VALUES (0), (1)) AS v(y)
), items AS (
    SELECT y.year, y.last_on, s.mk, s.branch_no, 'members' AS item
    FROM years y JOIN stays s ON (s.from_on IS NULL OR s.from_on <= y.last_on) AND (s.to_on IS NULL OR s.to_on >= y.last_on)
    UNION ALL
    SELECT y.year, y.last_on, s.mk, s.branch_no, 'new' FROM years y JOIN stays s ON s.entry = 'new' AND s.from_on BETWEEN y.from_on AND y.last_on
    UNION ALL
    SELECT y.year, y.last_on, s.mk, s.branch_no, 'lapsed' FROM years y JOIN stays s ON s.exit = 'lapsed' AND s.to_on + 1 BETWEEN y.from_on AND y.last_on
)
SELECT i.year, i.branch_no, i.item,
    CASE WHEN a.age IS NULL THEN 'unknown' WHEN a.age < 18 THEN 'youth' ELSE 'adult' END AS age_group, count(*) AS persons
FROM items i
LEFT JOIN ages a ON a.mk = i.mk AND a.on_date = i.last_on
GROUP BY ALL;

-- wsob_loans: the yearly return's loan items. Key: all columns but events. Class: counts
-- of events.
CREATE TABLE wsob_loans AS
SELECT year(loaned_on) AS year, branch_no, kind, material, audience, genre, school, count(*) AS events
FROM loans CROSS JOIN parameters p
WHERE loaned_on >= make_date(p.wsob_year - 1, 1, 1) AND loaned_on < make_date(p.wsob_year + 1, 1, 1)
GROUP BY ALL;
