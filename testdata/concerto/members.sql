-- Patrons, live and deleted, with the address that mail goes to. The house number stands at
-- the beginning of the street line. Evergreen knows no sex and one registration date.
SELECT u.id AS member_id, u.dob AS birth_date, a.post_code AS postcode, a.country,
    regexp_extract(a.street1, '^[0-9]+') AS house_number, o.shortname AS branch,
    coalesce(p.name, 'Patron') AS subscription,
    CASE WHEN u.juvenile = '1' THEN 'youth' WHEN u.dob IS NOT NULL THEN 'adult' ELSE 'other' END AS subscription_class,
    u.create_date AS first_registered_on, u.create_date AS last_registered_on, u.expire_date AS valid_until, u.deleted
FROM usr u
LEFT JOIN unit o ON o.id = u.home_ou
LEFT JOIN address a ON a.id = coalesce(u.mailing_address, u.billing_address)
LEFT JOIN profile p ON p.id = u.profile
ORDER BY CAST(u.id AS INTEGER)
