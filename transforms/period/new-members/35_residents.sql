-- present: who is a member on the last day of the report, and where. Key: mk.
-- Class: pseudonymous.
CREATE VIEW present AS
SELECT s.mk, s.branch_no, p.months_until - 1 AS on_date
FROM stays s CROSS JOIN parameters p
WHERE (s.from_on IS NULL OR s.from_on < p.months_until) AND (s.to_on IS NULL OR s.to_on >= p.months_until - 1);

-- residents: those members by where they live, age and sex; '?' and -1 are unknown.
-- Key: pc4, age, sex. Class: small counts.
CREATE TABLE residents AS
SELECT coalesce(m.pc4, '?') AS pc4, coalesce(a.age, -1) AS age, coalesce(m.sex, '?') AS sex, count(*) AS persons
FROM present s
JOIN members m ON m.mk = s.mk
LEFT JOIN ages a ON a.mk = s.mk AND a.on_date = s.on_date
GROUP BY ALL;

-- catchments: those members by where they live and their branch: which branch an area goes
-- to. Key: pc4, branch_no. Class: small counts.
CREATE TABLE catchments AS
SELECT coalesce(m.pc4, '?') AS pc4, s.branch_no, count(*) AS persons
FROM present s
JOIN members m ON m.mk = s.mk
GROUP BY ALL;
