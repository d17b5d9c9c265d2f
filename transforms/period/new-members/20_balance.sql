-- balance: members per branch and month: the stand at the begin and the end and every way
-- in and out between. Key: month, branch_no. Class: small counts.
-- begin + new + re_registered + moved_in - lapsed - moved_out = end, for every row.
CREATE TABLE balance AS
WITH changes AS (
    SELECT branch_no, from_on AS on_date, entry AS change, gap_unknown, first_unknown FROM stays WHERE entry IS NOT NULL
    UNION ALL
    SELECT branch_no, to_on + 1, exit, false, false FROM stays WHERE exit IS NOT NULL
), monthly AS (
    SELECT branch_no, date_trunc('month', on_date) AS month,
        count(*) FILTER (change = 'new') AS new, count(*) FILTER (change = 're_registered') AS re_registered,
        count(*) FILTER (change = 'moved_in') AS moved_in, count(*) FILTER (change = 'lapsed') AS lapsed,
        count(*) FILTER (change = 'moved_out') AS moved_out,
        count(*) FILTER (gap_unknown AND change = 're_registered') AS gap_unknown, count(*) FILTER (first_unknown) AS first_unknown
    FROM changes CROSS JOIN parameters p
    WHERE on_date >= p.months_from AND on_date < p.months_until
    GROUP BY ALL
), opening AS (
    SELECT branch_no, count(*) AS members
    FROM stays CROSS JOIN parameters p
    WHERE (from_on IS NULL OR from_on < p.months_from) AND (to_on IS NULL OR to_on >= p.months_from - 1)
    GROUP BY branch_no
), every AS (
    SELECT m.month, b.branch_no, coalesce(o.members, 0) AS opening,
        coalesce(c.new, 0) AS new, coalesce(c.re_registered, 0) AS re_registered, coalesce(c.moved_in, 0) AS moved_in,
        coalesce(c.lapsed, 0) AS lapsed, coalesce(c.moved_out, 0) AS moved_out,
        coalesce(c.gap_unknown, 0) AS gap_unknown, coalesce(c.first_unknown, 0) AS first_unknown
    FROM months m
    CROSS JOIN branches b
    LEFT JOIN opening o ON o.branch_no = b.branch_no
    LEFT JOIN monthly c ON c.branch_no = b.branch_no AND c.month = m.month
), running AS (
    SELECT *, opening + sum(new + re_registered + moved_in - lapsed - moved_out) OVER (PARTITION BY branch_no ORDER BY month) AS end_members
    FROM every
)
SELECT month, branch_no,
    CAST(end_members - (new + re_registered + moved_in - lapsed - moved_out) AS BIGINT) AS begin_members,
    new, re_registered, moved_in, lapsed, moved_out, CAST(end_members AS BIGINT) AS end_members, gap_unknown, first_unknown
FROM running;

-- movements: members who changed branch, by pair of branches. Key: month and both
-- branches. Class: small counts.
CREATE TABLE movements AS
WITH places AS (
    SELECT mk, from_on, branch_no, entry, lag(branch_no) OVER (PARTITION BY mk ORDER BY from_on NULLS FIRST) AS from_branch_no FROM stays
)
SELECT CAST(date_trunc('month', from_on) AS DATE) AS month, from_branch_no, branch_no AS to_branch_no, count(*) AS persons
FROM places CROSS JOIN parameters p
WHERE entry = 'moved_in' AND from_on >= p.months_from AND from_on < p.months_until
GROUP BY ALL;
