-- One row a branch that was open all the time: its loans, renewals excluded, in the last
-- complete month and in the same month of the year before. Class: counts of events.
WITH spans AS (
    SELECT CAST(date_trunc('month', least(as_of, snapshot_on)) - INTERVAL 1 MONTH AS DATE) AS from_on, CAST(date_trunc('month', least(as_of, snapshot_on)) AS DATE) AS until_on,
        CAST(date_trunc('month', least(as_of, snapshot_on)) - INTERVAL 13 MONTH AS DATE) AS old_from_on, CAST(date_trunc('month', least(as_of, snapshot_on)) - INTERVAL 12 MONTH AS DATE) AS old_until_on
    FROM parameters
)
SELECT b.branch || coalesce(' ' || b.name, ''), strftime(any_value(s.from_on), '%Y-%m'),
    count(*) FILTER (l.loaned_on >= s.old_from_on AND l.loaned_on < s.old_until_on), count(*) FILTER (l.loaned_on >= s.from_on)
FROM loans_read l
JOIN branches b ON b.branch_no = l.branch_no
CROSS JOIN spans s
WHERE l.kind = 'loan' AND l.loaned_on >= s.old_from_on AND l.loaned_on < s.until_on
    AND (b.opened_on IS NULL OR b.opened_on <= s.old_from_on) AND (b.closed_on IS NULL OR b.closed_on >= s.until_on)
GROUP BY b.branch, b.name
ORDER BY b.branch
