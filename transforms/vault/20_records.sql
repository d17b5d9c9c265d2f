-- records: one row a member record that can be read. Key: record, its place in the
-- source. Class: identifying; never leaves the vault.
CREATE TABLE records AS
WITH typed AS (
    SELECT r.rowid AS record, parse_id(r.member_id) AS member_id, parse_id(r.person_id) AS own_person_id,
        CASE WHEN k.value = 'institution' OR sex_code(r.sex) = 'institution' THEN 'institution' ELSE 'person' END AS kind,
        parse_date(r.birth_date) AS birth_date, date_code(r.birth_date) AS birth_code,
        coalesce(CASE WHEN s.value IN ('M', 'F', 'X') THEN s.value END, parse_sex(r.sex)) AS sex,
        parse_postcode(r.postcode) AS postcode, parse_pc4(r.postcode) AS pc4, postcode_code(r.postcode) AS postcode_code,
        parse_house(r.house_number, r.house_letter, r.house_number_addition) AS house,
        coalesce(b.branch_no, 0)::SMALLINT AS branch_no, b.branch_no IS NULL AS branch_unknown,
        clean_text(r.subscription) AS subscription, coalesce(c.value, 'unknown') AS subscription_class,
        parse_date(r.first_registered_on) AS first_on, parse_date(r.last_registered_on) AS last_on,
        parse_date(r.valid_until) AS valid_until, parse_date(r.ended_on) AS ended_on,
        parse_bool(r.ebook) AS ebook, coalesce(parse_bool(r.deleted), false) AS deleted
    FROM raw_members r
    LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'member_kind') k ON k.code = upper(trim(r.kind))
    LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'sex') s ON s.code = upper(trim(r.sex))
    LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'subscription_class') c ON c.code = upper(trim(coalesce(r.subscription_class, r.subscription)))
    LEFT JOIN branch_codes b ON b.code = upper(trim(r.branch))
    WHERE parse_id(r.member_id) IS NOT NULL
)
SELECT record, member_id, coalesce('person ' || own_person_id, member_id) AS person_key, kind, birth_date, birth_code, sex,
    postcode, pc4, postcode_code, house.number AS house_number, house.letter AS house_letter, house.addition AS house_addition, house.code AS house_code,
    branch_no, branch_unknown, subscription, subscription_class,
    first_on, last_on, valid_until, ended_on, ebook, deleted,
    least(valid_until, ended_on) AS end_on
FROM typed;

-- A member id that stands twice is one person, also where only one of the rows names
-- the person.
UPDATE records SET person_key = twin.person_key
FROM (
    SELECT member_id, min(person_key) AS person_key FROM records
    WHERE member_id IN (SELECT member_id FROM records GROUP BY member_id HAVING count(*) > 1 AND count(DISTINCT person_key) > 1)
        AND person_key LIKE 'person %'
    GROUP BY member_id
) twin
WHERE records.member_id = twin.member_id;
