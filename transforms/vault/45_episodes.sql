-- history: the membership periods that the source itself keeps, of persons we know.
-- Key: record. Class: identifying with the member's number.
CREATE TABLE history AS
SELECT m.rowid AS record, k.mk, coalesce(b.branch_no, p.branch_no)::SMALLINT AS branch_no,
    coalesce(m.subscription, p.subscription) AS subscription, m.valid_from AS from_on, least(m.valid_to, p.end_on) AS to_on
FROM membership_rows m
JOIN member_keys k USING (member_id)
JOIN persons p ON p.mk = k.mk
LEFT JOIN branch_codes b ON b.code = m.branch
WHERE m.valid_from IS NOT NULL AND p.kind = 'person';

-- history_slices: the same without overlaps. Where a person has two memberships at once,
-- the one that began later counts, ties by the order of the source: a person is counted
-- once. Key: mk, from_on.
CREATE TABLE history_slices AS
WITH sound AS (
    SELECT * FROM history WHERE to_on IS NULL OR to_on >= from_on
), several AS (
    SELECT mk FROM sound GROUP BY mk HAVING count(*) > 1
), bounds AS (
    SELECT mk, from_on AS on_date FROM sound SEMI JOIN several USING (mk)
    UNION
    SELECT mk, to_on + 1 FROM sound SEMI JOIN several USING (mk) WHERE to_on IS NOT NULL
), slices AS (
    SELECT mk, on_date AS from_on, lead(on_date) OVER (PARTITION BY mk ORDER BY on_date) - 1 AS to_on FROM bounds
), covered AS (
    SELECT s.mk, s.from_on, s.to_on, h.branch_no, h.subscription
    FROM slices s
    JOIN sound h ON h.mk = s.mk AND h.from_on <= s.from_on AND (h.to_on IS NULL OR h.to_on >= s.from_on)
    QUALIFY row_number() OVER (PARTITION BY s.mk, s.from_on ORDER BY h.from_on DESC, h.record) = 1
)
SELECT mk, from_on, to_on, branch_no, subscription FROM covered
UNION ALL
SELECT mk, from_on, to_on, branch_no, subscription FROM sound ANTI JOIN several USING (mk);

-- episodes: when each person was a member. From the history where there is one, else from
-- the last registration to the end. Before it, where the first registration is older, an
-- earlier episode is presumed that ended the day before: gap_unknown says so on the
-- episode that follows. A start nobody knows is NULL: a member since before all figures.
-- Key: mk, from_on. Class: identifying with the member's number.
CREATE TABLE episodes AS
WITH known AS (
    SELECT mk, from_on, to_on, branch_no, subscription FROM history_slices
    UNION ALL
    SELECT p.mk, p.start_on, p.end_on, p.branch_no, p.subscription
    FROM persons p
    WHERE p.kind = 'person' AND (p.end_on IS NULL OR p.start_on IS NULL OR p.end_on >= p.start_on)
        AND p.mk NOT IN (SELECT mk FROM history_slices)
), begun AS (
    SELECT mk, min(from_on) AS from_on, arg_min(branch_no, from_on) AS branch_no, arg_min(subscription, from_on) AS subscription
    FROM known GROUP BY mk
), presumed AS (
    SELECT b.mk, p.first_on AS from_on, b.from_on - 1 AS to_on, b.branch_no, b.subscription
    FROM begun b JOIN persons p ON p.mk = b.mk
    WHERE p.first_on < b.from_on
)
SELECT k.*, coalesce(p.mk IS NOT NULL AND k.from_on = p.to_on + 1, false) AS gap_unknown
FROM known k LEFT JOIN presumed p ON p.mk = k.mk
UNION ALL
SELECT *, false FROM presumed
UNION ALL
-- the end contradicts the last registration: only the earlier episode is certain
SELECT p.mk, p.first_on, p.end_on, p.branch_no, p.subscription, false
FROM persons p
WHERE p.kind = 'person' AND p.end_on < p.start_on AND p.first_on <= p.end_on AND p.mk NOT IN (SELECT mk FROM history_slices);
