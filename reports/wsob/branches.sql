-- The branches that a return of these years may have parts for.
SELECT branch_no, coalesce(name, ''), coalesce(isil, '') FROM branches
WHERE branch_no IN (SELECT branch_no FROM wsob_members UNION SELECT branch_no FROM wsob_loans)
ORDER BY branch_no = 0, name, branch_no
