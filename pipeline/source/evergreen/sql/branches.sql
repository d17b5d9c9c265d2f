-- Every unit of the organisation: patrons may call any of them home.
-- needs: actor.org_unit id shortname name
SELECT shortname AS branch, name FROM actor.org_unit ORDER BY id
