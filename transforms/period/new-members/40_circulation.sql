-- circulation: loans without renewals and the persons who borrowed, per branch where the
-- loan was made and month; branch_no NULL is the organisation, whose active borrowers are
-- fewer than the sum of the branches when people use several. Key: month, branch_no.
-- Class: small counts.
CREATE TABLE circulation AS
WITH per_person AS (
    SELECT CAST(date_trunc('month', loaned_on) AS DATE) AS month, branch_no, mk, count(*) AS loans
    FROM loans CROSS JOIN parameters p
    WHERE kind = 'loan' AND loaned_on >= p.months_from AND loaned_on < p.months_until
    GROUP BY ALL
)
SELECT month, branch_no, CAST(sum(loans) AS BIGINT) AS loans, count(mk) AS active_borrowers,
    CAST(coalesce(sum(loans) FILTER (mk IS NOT NULL), 0) AS BIGINT) AS loans_of_known
FROM per_person GROUP BY month, branch_no
UNION ALL
SELECT month, NULL, CAST(sum(loans) AS BIGINT), count(DISTINCT mk), CAST(coalesce(sum(loans) FILTER (mk IS NOT NULL), 0) AS BIGINT)
FROM per_person GROUP BY month;
