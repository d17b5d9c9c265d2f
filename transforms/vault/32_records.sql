-- records: one row a member record, with codes that mean the same everywhere. Key: record,
-- its place in the source, which is also mk, the run-local number of the person it is the
-- leading record of. Class: identifying; never leaves the vault.
CREATE VIEW records AS
SELECT r.rowid::INTEGER AS record, r.member_id, r.person_id,
    CASE WHEN k.value = 'institution' OR r.sex_of_institution THEN 'institution' ELSE 'person' END AS kind,
    CASE WHEN k.value IS NULL THEN r.kind_code END AS unmapped_kind,
    r.birth_date, r.birth_code, coalesce(s.value, r.sex::VARCHAR) AS sex, CASE WHEN s.value IS NULL AND sex_code(r.sex_code) = 'invalid' THEN r.sex_code END AS unmapped_sex, r.postcode, r.pc4, r.postcode_code,
    r.house.number AS house_number, r.house.letter AS house_letter, r.house.addition AS house_addition, r.house.code AS house_code,
    coalesce(b.branch_no, 0)::SMALLINT AS branch_no, CASE WHEN b.branch_no IS NULL THEN r.branch_code END AS unmapped_branch,
    r.subscription, coalesce(c.value, 'unknown') AS subscription_class, CASE WHEN c.value IS NULL THEN r.class_code END AS unmapped_subscription_class,
    r.first_on, r.last_on, r.end_on, r.ebook, r.deleted, r.objection
FROM record_rows r
LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'member_kind') k ON k.code = r.kind_code
LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'sex' AND value IN ('M', 'F', 'X')) s ON s.code = r.sex_code
LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'subscription_class') c ON c.code = r.class_code
LEFT JOIN branch_codes b ON b.code = r.branch_code;
