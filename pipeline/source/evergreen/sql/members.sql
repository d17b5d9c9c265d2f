-- Patrons, live and deleted, with the address that mail goes to. Evergreen knows no sex
-- and one registration date. A purged user keeps the year of birth, as its first of
-- January, and the top of the organisation as home, which is none.
-- needs: actor.usr id profile home_ou dob juvenile deleted create_date expire_date last_update_time mailing_address billing_address
-- needs: actor.usr_address id street1 post_code country
-- needs: actor.org_unit id shortname ou_type
-- needs: actor.org_unit_type id can_have_users
-- needs: permission.grp_tree id name parent
-- group: id / 50 of actor.usr
-- group: id / 50 of actor.usr_address
-- changed: SELECT max(last_update_time) FROM actor.usr
SELECT
    -- since: u.id / 50 AS peil_1, coalesce(u.mailing_address, u.billing_address) / 50 AS peil_2,
    u.id AS member_id, p.name AS kind,
    CASE WHEN u.deleted AND extract(doy FROM u.dob) = 1 THEN to_char(u.dob, 'YYYY') ELSE u.dob::text END AS birth_date,
    a.post_code AS postcode, a.country,
    -- In front of the street, as in English, or at its end, as in Dutch.
    coalesce(substring(a.street1 FROM '^[0-9]+(?=[[:space:]])'), substring(a.street1 FROM
        '[[:space:]]([0-9]{1,5}(?:[[:space:]]?[a-zA-Z]{1,4}|[-/ ]?[a-zA-Z][-/ ]?[0-9]{1,4}|[-/][a-zA-Z0-9]{1,4})?)[[:space:]]*$')) AS house_number,
    CASE WHEN t.can_have_users OR NOT u.deleted THEN o.shortname END AS branch, coalesce(p.name, 'Patron') AS subscription,
    CASE WHEN u.juvenile THEN 'youth' WHEN u.dob IS NOT NULL THEN 'adult' ELSE 'other' END AS subscription_class,
    u.create_date AS first_registered_on, u.create_date AS last_registered_on, u.expire_date AS valid_until,
    CASE WHEN u.deleted THEN u.last_update_time END AS ended_on, u.deleted::text AS deleted
FROM actor.usr u
LEFT JOIN actor.org_unit o ON o.id = u.home_ou
LEFT JOIN actor.org_unit_type t ON t.id = o.ou_type
LEFT JOIN actor.usr_address a ON a.id = coalesce(u.mailing_address, u.billing_address)
LEFT JOIN permission.grp_tree p ON p.id = u.profile
ORDER BY member_id
