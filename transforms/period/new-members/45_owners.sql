-- circulation_by_owner: loans without renewals and who borrowed, by the branch that owns
-- what was lent and month; branch 0 is unknown. Empty where the source never tells the
-- owner. Key: month, branch_no. Class: small counts.
CREATE TABLE circulation_by_owner AS
WITH owned AS (
    SELECT CAST(date_trunc('month', loaned_on) AS DATE) AS month, coalesce(owner_branch_no, 0) AS branch_no, mk, count(*) AS loans
    FROM loans CROSS JOIN parameters p
    WHERE kind = 'loan' AND loaned_on >= p.months_from AND loaned_on < p.months_until
        AND (SELECT bool_or(owner_branch_no IS NOT NULL) FROM loans)
    GROUP BY ALL
)
SELECT month, branch_no, CAST(sum(loans) AS BIGINT) AS loans, count(mk) AS active_borrowers,
    CAST(coalesce(sum(loans) FILTER (mk IS NOT NULL), 0) AS BIGINT) AS loans_of_known
FROM owned GROUP BY month, branch_no;
