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
WITH held AS (
    -- from the history where there is one
    SELECT h.mk, h.subscription
    FROM history h CROSS JOIN parameters r
    WHERE h.from_on <= r.peildatum AND (h.to_on IS NULL OR h.to_on >= r.peildatum)
    UNION ALL
    -- else the subscription of the leading record, and those of the person's other records that are valid
    SELECT p.mk, p.subscription FROM persons p WHERE p.mk NOT IN (SELECT mk FROM history_slices)
    UNION ALL
    SELECT f.lead, r.subscription
    FROM followers f
    JOIN records r ON r.record = f.record
    CROSS JOIN parameters d
    WHERE f.lead NOT IN (SELECT mk FROM history_slices)
        AND (r.end_on IS NULL OR r.end_on >= d.peildatum) AND (coalesce(r.last_on, r.first_on) IS NULL OR coalesce(r.last_on, r.first_on) <= d.peildatum)
        AND NOT r.deleted
), judged AS (
    SELECT h.mk, min(c.place) AS place
    FROM held h
    JOIN valid_on v ON v.mk = h.mk
    LEFT JOIN left_out_codes c ON c.code = upper(trim(h.subscription))
    GROUP BY h.mk
    HAVING count(*) = count(c.place)
)
SELECT j.mk, any_value(c.why) AS why FROM judged j JOIN left_out_codes c ON c.place = j.place GROUP BY j.mk;

-- population: the persons whom CBS gets, one row a person. The branch is the one that the
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
WHERE m.kind = 'person' AND m.mk NOT IN (SELECT mk FROM left_out);
