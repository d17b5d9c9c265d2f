-- record_rows: one row a row of the members, typed. Key: its place in the source. Codes
-- are still the source's own: a join here would lose the order of the rows. member_id is
-- NULL where the row has none: a reject. Class: identifying. Reads: members.
SELECT parse_id(member_id) AS member_id, 'person ' || parse_id(person_id) AS person_id, upper(trim(kind)) AS kind_code,
    parse_date(birth_date) AS birth_date, date_code(birth_date)::code_type AS birth_code,
    upper(trim(sex)) AS sex_code, parse_sex(sex)::sex_type AS sex, sex_code(sex) = 'institution' AS sex_of_institution,
    parse_postcode(postcode) AS postcode, parse_pc4(postcode) AS pc4, postcode_code(postcode)::code_type AS postcode_code,
    parse_house(house_number, house_letter, house_number_addition) AS house,
    upper(trim(branch)) AS branch_code, clean_text(subscription) AS subscription, text_code(subscription) = 'double-encoded' AS garbled, upper(trim(coalesce(subscription_class, subscription))) AS class_code,
    parse_date(first_registered_on) AS first_on, parse_date(last_registered_on) AS last_on,
    least(parse_date(valid_until), parse_date(ended_on)) AS end_on,
    coalesce(parse_bool(ebook), false) AS ebook, coalesce(parse_bool(deleted), false) AS deleted, coalesce(parse_bool(objection), false) AS objection
FROM {{relation}}
