-- moves: where a person was before the day on which a later snapshot showed them at
-- another branch. Persons with a history need none. Key: mk, on_date.
CREATE TABLE moves AS
WITH seen AS (
    SELECT i.mk, v.on_date, v.from_branch FROM prior_moves v JOIN pids i ON i.pid = v.pid
    UNION ALL
    SELECT m.mk, r.snapshot_on, s.branch
    FROM members m
    CROSS JOIN parameters r
    -- the first run knows nothing of anybody: then there is nobody to look at
    JOIN (SELECT i.mk, p.branch, p.snapshot_on FROM pids i JOIN prior_members p ON p.pid = i.pid) s ON s.mk = m.mk
    JOIN branches b ON b.branch_no = m.branch_no
    WHERE m.kind = 'person' AND s.branch <> b.branch
        AND (m.final_on IS NULL OR m.final_on >= r.snapshot_on) AND (m.start_on IS NULL OR m.start_on <= s.snapshot_on)
)
SELECT s.mk, s.on_date, coalesce(b.branch_no, 0)::SMALLINT AS from_branch_no, s.from_branch
FROM seen s
JOIN retained r ON r.mk = s.mk
LEFT JOIN branches b ON b.branch = s.from_branch
WHERE s.mk NOT IN (SELECT mk FROM history_slices);

-- branch_history: the branch of each person who moved, from day to day. Key: mk, from_on
-- (NULL: since ever).
CREATE TABLE branch_history AS
SELECT mk, from_branch_no AS branch_no,
    lag(on_date) OVER (PARTITION BY mk ORDER BY on_date) AS from_on, on_date - 1 AS to_on
FROM moves
UNION ALL
SELECT m.mk, any_value(m.branch_no), max(v.on_date), NULL
FROM moves v JOIN members m ON m.mk = v.mk GROUP BY m.mk;

-- pieces: the episodes cut where the person changed branch, by moving or because the
-- branch merged into another. Key: mk, from_on.
CREATE TABLE pieces AS
WITH moved AS (
    SELECT e.mk, greatest(e.from_on, h.from_on) AS from_on, least(e.to_on, h.to_on) AS to_on, h.branch_no, e.subscription,
        e.gap_unknown AND (h.from_on IS NULL OR h.from_on <= e.from_on) AS gap_unknown
    FROM episodes e JOIN branch_history h ON h.mk = e.mk
    WHERE (e.from_on IS NULL OR h.to_on IS NULL OR e.from_on <= h.to_on) AND (e.to_on IS NULL OR h.from_on IS NULL OR h.from_on <= e.to_on)
    UNION ALL
    SELECT e.mk, e.from_on, e.to_on, e.branch_no, e.subscription, e.gap_unknown
    FROM episodes e ANTI JOIN branch_history h ON h.mk = e.mk
)
SELECT m.mk, greatest(m.from_on, b.from_on) AS from_on, least(m.to_on, b.to_on) AS to_on, b.at_branch_no AS branch_no, m.subscription,
    m.gap_unknown AND (b.from_on IS NULL OR b.from_on <= m.from_on) AS gap_unknown
FROM moved m
JOIN branch_path b ON b.branch_no = m.branch_no
WHERE m.mk IN (SELECT mk FROM retained)
    AND (m.from_on IS NULL OR b.to_on IS NULL OR m.from_on <= b.to_on) AND (m.to_on IS NULL OR b.from_on IS NULL OR b.from_on <= m.to_on);

-- stays: each uninterrupted time of a person at one branch, how it began and how it ended.
-- Every change of the number of members is the beginning or the end of a stay, so that
-- begin + in - out = end holds by construction. Key: mk, from_on.
--   entry: new, re_registered, moved_in; NULL where the start is unknown
--   exit:  lapsed, moved_out; NULL where the stay goes on
-- An episode that begins within the renewal grace continues the one before, and the days
-- between count as membership.
CREATE TABLE stays AS
WITH several AS (
    SELECT mk FROM pieces GROUP BY mk HAVING count(*) > 1
), neighbours AS (
    SELECT p.*, lag(to_on) OVER w AS last_to_on, lag(branch_no) OVER w AS last_branch_no,
        row_number() OVER w AS place
    FROM pieces p SEMI JOIN several USING (mk)
    WINDOW w AS (PARTITION BY mk ORDER BY from_on NULLS FIRST)
), joined AS (
    SELECT n.*, coalesce(NOT gap_unknown AND from_on <= last_to_on + 1 + r.renewal_grace, false) AS continues
    FROM neighbours n CROSS JOIN parameters r
), islands AS (
    SELECT *, count(*) FILTER (NOT (continues AND branch_no IS NOT DISTINCT FROM last_branch_no)) OVER (PARTITION BY mk ORDER BY place) AS island
    FROM joined
), whole AS (
    SELECT mk, island, arg_min(branch_no, place) AS branch_no, arg_min(subscription, place) AS subscription,
        CASE WHEN bool_or(from_on IS NULL) THEN NULL ELSE min(from_on) END AS from_on,
        CASE WHEN bool_or(to_on IS NULL) THEN NULL ELSE max(to_on) END AS to_on,
        arg_min(continues, place) AS moved_in, arg_min(gap_unknown, place) AS gap_unknown
    FROM islands GROUP BY mk, island
), next AS (
    SELECT w.*, lead(moved_in) OVER n AS moves_out, lead(from_on) OVER n AS next_from_on
    FROM whole w
    WINDOW n AS (PARTITION BY mk ORDER BY island)
), every AS (
    SELECT mk, island, branch_no, subscription, from_on, CASE WHEN moves_out THEN next_from_on - 1 ELSE to_on END AS to_on, moved_in, moves_out, gap_unknown
    FROM next
    UNION ALL
    -- most persons have one piece, and need no look at what stands beside it
    SELECT mk, 1, branch_no, subscription, from_on, to_on, false, false, gap_unknown
    FROM pieces ANTI JOIN several USING (mk)
)
SELECT e.mk, e.branch_no, e.subscription, e.from_on, e.to_on,
    CASE WHEN e.from_on IS NULL THEN NULL
         WHEN e.moved_in THEN 'moved_in'
         WHEN e.island = 1 AND m.first_on = e.from_on THEN 'new'
         ELSE 're_registered' END AS entry,
    CASE WHEN e.moves_out THEN 'moved_out' WHEN e.to_on IS NOT NULL THEN 'lapsed' END AS exit,
    e.gap_unknown, e.from_on IS NOT NULL AND NOT e.moved_in AND m.first_on IS NULL AS first_unknown
FROM every e JOIN members m ON m.mk = e.mk;

-- What the stays were made of is not read again.
DROP TABLE pieces;
