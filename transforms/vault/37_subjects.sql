-- subjects: the persons who exercised a right that keeps them out of something: in the
-- register of rights, under the keyed id of any of their records, or by the library
-- system's own flag. Key: mk. Class: identifying.
--   away      erased or restricted: out of everything
--   erased    of them those of whom nothing may be kept either
--   objected  out of what goes to others about them: CBS and the KB feeds
CREATE TABLE subjects AS
WITH called AS (
    SELECT r.record, g.away, g.objected, g.erased
    -- without a register no id is keyed
    FROM (SELECT record, member_id FROM records WHERE member_id IS NOT NULL AND (SELECT count(*) FROM register) > 0) r
    CROSS JOIN (SELECT DISTINCT key_no FROM register) k
    JOIN register g ON g.key_no = k.key_no AND g.id = register_id(k.key_no, 'member ' || r.member_id)
    UNION ALL
    SELECT record, false, true, false FROM records WHERE objection AND member_id IS NOT NULL
)
SELECT coalesce(f.lead, c.record) AS mk, bool_or(c.away) AS away, bool_or(c.objected) AS objected, bool_or(c.erased) AS erased
FROM called c LEFT JOIN followers f ON f.record = c.record
GROUP BY 1;
