-- Units of the organisation that can have patrons or copies, bookmobiles and sub-libraries
-- within a branch included: each may be called home. A consortium or a system is a level
-- above them. A unit that the catalogue does not show need not have closed, and nothing
-- tells when one opened or did.
-- needs: actor.org_unit id shortname name ou_type
-- needs: actor.org_unit_type id name can_have_users can_have_vols
SELECT o.shortname AS branch, o.name,
    CASE WHEN t.name ~* '(bookmobile|bus)\M' THEN 'bus' WHEN NOT t.can_have_users THEN 'other' END AS type
FROM actor.org_unit o
JOIN actor.org_unit_type t ON t.id = o.ou_type
WHERE t.can_have_users OR t.can_have_vols
ORDER BY o.id
