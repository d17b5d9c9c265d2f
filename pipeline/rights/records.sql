-- The records of the persons whose member ids stand in the table asked, as Peil read them:
-- one row a record, under the names of the columns of the source. Class: identifying; goes
-- to the member alone.
SELECT r.member_id, substr(r.person_id, 8) AS person_id, r.kind, r.birth_date::VARCHAR AS birth_date, r.sex::VARCHAR AS sex,
    r.postcode::VARCHAR AS postcode, r.house_number::VARCHAR AS house_number, r.house_letter AS house_letter, r.house_addition AS house_number_addition,
    b.branch, r.subscription, r.subscription_class, r.first_on::VARCHAR AS first_registered_on, r.last_on::VARCHAR AS last_registered_on,
    r.end_on::VARCHAR AS valid_until, r.ebook::VARCHAR AS ebook, r.deleted::VARCHAR AS deleted, r.objection::VARCHAR AS objection
FROM records r LEFT JOIN branches b ON b.branch_no = r.branch_no AND b.branch_no > 0
WHERE r.member_id IN (SELECT member_id FROM asked)
ORDER BY r.record
