-- The branches that a return of these years may have parts for. Branches of one name are
-- told apart by their code.
WITH named AS (
    SELECT branch_no, branch, isil, CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || branch || ')' ELSE name END AS name FROM branches
)
SELECT branch_no, branch, coalesce(name, ''), coalesce(isil, '') FROM named
WHERE branch_no IN (SELECT branch_no FROM wsob_members UNION SELECT branch_no FROM wsob_loans)
ORDER BY branch_no = 0, name, branch_no
