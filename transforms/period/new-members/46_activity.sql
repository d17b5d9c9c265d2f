-- activity: the members present on the last day of the report, by their branch, and how
-- many of them borrowed in the twelve months before, at whatever branch. Key: branch_no.
-- Class: small counts.
CREATE TABLE activity AS
WITH borrowed AS (
    SELECT l.mk, count(*) AS loans
    FROM loans l CROSS JOIN parameters p
    WHERE l.kind = 'loan' AND l.mk IS NOT NULL AND l.loaned_on >= p.months_until - INTERVAL 12 MONTH AND l.loaned_on < p.months_until
    GROUP BY l.mk
)
SELECT s.branch_no, count(*) AS members, count(b.mk) AS borrowers, CAST(coalesce(sum(b.loans), 0) AS BIGINT) AS loans
FROM present s LEFT JOIN borrowed b ON b.mk = s.mk
GROUP BY s.branch_no;
