-- valid_on: the persons whose membership is valid on the peildatum, with the beginning of
-- the membership. Strict: the days of a renewal grace do not count. Key: mk.
CREATE TABLE valid_on AS
SELECT e.mk, max(e.from_on) AS from_on
FROM episodes e
CROSS JOIN parameters r
WHERE (e.from_on IS NULL OR e.from_on <= r.peildatum) AND (e.to_on IS NULL OR e.to_on >= r.peildatum)
    AND e.mk IN (SELECT mk FROM retained)
GROUP BY e.mk;

-- left_out: those of them who hold no other subscription on that day than such as are no
-- membership for CBS (a staff pass, a test account), with the first reason. A person who
-- also holds an ordinary one stays in. Key: mk.
CREATE TABLE left_out AS
WITH suspects AS MATERIALIZED (
    -- few, so that the others' subscriptions need not be looked at
    SELECT h.mk FROM history h JOIN left_out_codes c ON c.code = upper(trim(h.subscription))
    UNION
    SELECT coalesce(f.lead, r.record)
    FROM (SELECT rowid::INTEGER AS record, subscription FROM record_rows) r
    JOIN left_out_codes c ON c.code = upper(trim(r.subscription))
    LEFT JOIN followers f ON f.record = r.record
), dated AS (
    SELECT mk FROM history_slices WHERE mk IN (SELECT mk FROM suspects)
), held AS (
    -- from the history where there is one
    SELECT h.mk, h.subscription
    FROM history h CROSS JOIN parameters d
    WHERE h.mk IN (SELECT mk FROM suspects) AND h.from_on <= d.peildatum AND (h.to_on IS NULL OR h.to_on >= d.peildatum)
    UNION ALL
    -- else the subscription of the leading record, and those of the person's other records that are valid
    SELECT s.mk, r.subscription
    FROM record_rows r JOIN suspects s ON s.mk = r.rowid
    WHERE s.mk NOT IN (SELECT mk FROM dated)
    UNION ALL
    SELECT f.lead, r.subscription
    FROM record_rows r
    JOIN followers f ON f.record = r.rowid
    CROSS JOIN parameters d
    WHERE f.lead IN (SELECT mk FROM suspects) AND f.lead NOT IN (SELECT mk FROM dated)
        AND (r.end_on IS NULL OR r.end_on >= d.peildatum) AND (coalesce(r.last_on, r.first_on) IS NULL OR coalesce(r.last_on, r.first_on) <= d.peildatum)
        AND NOT r.deleted
), judged AS (
    SELECT h.mk, min(c.place) AS place
    FROM held h
    LEFT JOIN left_out_codes c ON c.code = upper(trim(h.subscription))
    WHERE h.mk IN (SELECT mk FROM valid_on WHERE mk IN (SELECT mk FROM suspects))
    GROUP BY h.mk
    HAVING count(*) = count(c.place)
)
SELECT j.mk, any_value(c.why) AS why FROM judged j JOIN left_out_codes c ON c.place = j.place GROUP BY j.mk;

-- population: the persons whom CBS gets, one row a person; nobody who objected. The branch is the one that the
-- member's branch had become by then. Key: mk. Class: identifying; read by the CBS file,
-- its control file and the completeness counts only.
CREATE TABLE population AS
SELECT m.mk, b.at_branch_no AS branch_no, m.birth_date, m.birth_code, m.sex, m.postcode, m.postcode_code, m.house_number, m.house_letter, m.house_addition, m.house_code,
    m.subscription, m.subscription_class,
    -- a registration after the peildatum had not happened yet
    CASE WHEN m.last_on <= r.peildatum THEN m.last_on WHEN m.last_on IS NOT NULL THEN v.from_on END AS last_on
FROM members m
CROSS JOIN parameters r
JOIN valid_on v ON v.mk = m.mk
JOIN branch_path b ON b.branch_no = m.branch_no AND (b.from_on IS NULL OR b.from_on <= r.peildatum) AND (b.to_on IS NULL OR b.to_on >= r.peildatum)
WHERE m.kind = 'person' AND m.mk NOT IN (SELECT mk FROM left_out) AND m.mk NOT IN (SELECT mk FROM subjects WHERE objected);
