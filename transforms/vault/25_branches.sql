-- branches: one row a branch of the organisation, and number 0 for what has none that is
-- known. Key: branch_no; branch is the library's own code, in upper case. Class: public.
CREATE TABLE branches AS
WITH typed AS (
    SELECT r.rowid AS record, coalesce(b.value, upper(r.branch)) AS branch, r.name, r.isil,
        coalesce(t.value, CASE WHEN r.type IS NOT NULL THEN 'other' END) AS type,
        r.opened_on, r.closed_on, coalesce(m.value, upper(r.merged_into)) AS merged_into
    FROM branch_rows r
    LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'branch') b ON b.code = upper(r.branch)
    LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'branch_type') t ON t.code = r.type
    LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'branch') m ON m.code = upper(r.merged_into)
    WHERE r.branch IS NOT NULL
), first_rows AS (
    SELECT * FROM typed QUALIFY row_number() OVER (PARTITION BY branch ORDER BY record) = 1
)
SELECT row_number() OVER (ORDER BY branch)::SMALLINT AS branch_no, branch, coalesce(name, branch) AS name, isil, type, opened_on, closed_on, merged_into
FROM first_rows
UNION ALL
SELECT 0, '?', NULL, NULL, NULL, NULL, NULL, NULL;

-- branch_codes: every code that a row may carry, with the branch it means. Key: code.
-- Class: public.
CREATE TABLE branch_codes AS
SELECT code, min(branch_no) AS branch_no FROM (
    SELECT branch AS code, branch_no FROM branches WHERE branch_no > 0
    UNION
    SELECT c.code, b.branch_no FROM code_map c JOIN branches b ON b.branch = c.value WHERE c.list = 'branch'
)
GROUP BY code;

-- branch_path: where the members of a branch are from day to day: at the branch itself,
-- and from the day it closed at the one it merged into. Key: branch_no, from_on.
-- Class: public.
CREATE TABLE branch_path AS
WITH RECURSIVE path AS (
    SELECT branch_no, branch_no AS at_branch_no, NULL::DATE AS from_on, 0 AS depth FROM branches
    UNION ALL
    SELECT p.branch_no, target.branch_no, here.closed_on, p.depth + 1
    FROM path p
    JOIN branches here ON here.branch_no = p.at_branch_no
    JOIN branches target ON target.branch = here.merged_into
    WHERE here.closed_on IS NOT NULL AND target.branch_no <> here.branch_no
        AND (p.from_on IS NULL OR here.closed_on > p.from_on) AND p.depth < 20
)
SELECT branch_no, at_branch_no, from_on,
    lead(from_on) OVER (PARTITION BY branch_no ORDER BY depth) - 1 AS to_on
FROM path;
