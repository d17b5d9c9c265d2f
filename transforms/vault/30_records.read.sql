-- records: one row a member record. Key: its place in the source, which is also mk, the
-- run-local number of the person it is the leading record of. member_id is NULL where the
-- record has none: a reject. Class: identifying; never leaves the vault. Reads: members.
SELECT r.member_id, 'person ' || r.person_id AS person_id,
    CASE WHEN k.value = 'institution' OR r.sex_code = 'institution' THEN 'institution' ELSE 'person' END::kind_type AS kind,
    r.birth_date, r.birth_code::code_type AS birth_code,
    coalesce(s.value, r.parsed_sex)::sex_type AS sex,
    r.postcode, r.pc4, r.postcode_code::code_type AS postcode_code,
    r.house.number AS house_number, r.house.letter AS house_letter, r.house.addition AS house_addition, r.house.code::code_type AS house_code,
    coalesce(b.branch_no, 0)::SMALLINT AS branch_no, CASE WHEN b.branch_no IS NULL THEN r.branch END AS unmapped_branch,
    r.subscription, coalesce(c.value, 'unknown')::class_type AS subscription_class,
    CASE WHEN c.value IS NULL THEN r.class_code END AS unmapped_subscription_class,
    r.first_on, r.last_on, least(r.valid_until, r.ended_on) AS end_on, r.ebook, r.deleted
FROM (
    SELECT parse_id(member_id) AS member_id, parse_id(person_id) AS person_id, upper(trim(kind)) AS kind,
        parse_date(birth_date) AS birth_date, date_code(birth_date) AS birth_code,
        upper(trim(sex)) AS sex, parse_sex(sex) AS parsed_sex, sex_code(sex) AS sex_code,
        parse_postcode(postcode) AS postcode, parse_pc4(postcode) AS pc4, postcode_code(postcode) AS postcode_code,
        parse_house(house_number, house_letter, house_number_addition) AS house,
        upper(trim(branch)) AS branch, clean_text(subscription) AS subscription, upper(trim(coalesce(subscription_class, subscription))) AS class_code,
        parse_date(first_registered_on) AS first_on, parse_date(last_registered_on) AS last_on,
        parse_date(valid_until) AS valid_until, parse_date(ended_on) AS ended_on,
        coalesce(parse_bool(ebook), false) AS ebook, coalesce(parse_bool(deleted), false) AS deleted
    FROM {{relation}}
) r
LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'member_kind') k ON k.code = r.kind
LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'sex' AND value IN ('M', 'F', 'X')) s ON s.code = r.sex
LEFT JOIN (SELECT code, value FROM code_map WHERE list = 'subscription_class') c ON c.code = r.class_code
LEFT JOIN branch_codes b ON b.code = r.branch
