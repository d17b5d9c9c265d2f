-- Every organisation unit that holds no other is a place where people borrow; so is one
-- that patrons call home.
SELECT shortname AS branch, name, CASE ou_type WHEN '5' THEN 'bus' ELSE 'vestiging' END AS type
FROM unit
ORDER BY CAST(id AS INTEGER)
