-- A row a branch, the unknown branch last. Key: branch_no. Class: public.
SELECT branch_no, branch, coalesce(name, ''), coalesce(isil, '') FROM branches ORDER BY branch_no = 0, branch_no;
