-- population: the persons whose membership is valid on the peildatum, one row a person.
-- Strict: the days of a renewal grace do not count. The branch
-- is the one that the member's branch had become by then. Key: mk. Class: identifying; read by
-- the CBS file, its control file and the completeness counts only.
CREATE TABLE population AS
SELECT m.mk, b.at_branch_no AS branch_no, m.birth_date, m.birth_code, m.sex, m.postcode, m.postcode_code, m.house_number, m.house_letter, m.house_addition, m.house_code,
    m.subscription, m.subscription_class,
    -- a registration after the peildatum had not happened yet
    CASE WHEN m.last_on <= r.peildatum THEN m.last_on WHEN m.last_on IS NOT NULL THEN e.from_on END AS last_on
FROM members m
CROSS JOIN parameters r
JOIN (
    SELECT e.mk, max(e.from_on) AS from_on
    FROM episodes e CROSS JOIN parameters r
    WHERE (e.from_on IS NULL OR e.from_on <= r.peildatum) AND (e.to_on IS NULL OR e.to_on >= r.peildatum)
    GROUP BY e.mk
) e ON e.mk = m.mk
JOIN branch_path b ON b.branch_no = m.branch_no AND (b.from_on IS NULL OR b.from_on <= r.peildatum) AND (b.to_on IS NULL OR b.to_on >= r.peildatum)
WHERE m.kind = 'person';
