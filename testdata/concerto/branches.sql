-- Organisation units whose type lets patrons call them home: a consortium (1) or a system
-- (2) is a level above them. The sample says no more of the types than their numbers.
SELECT shortname AS branch, name, CASE ou_type WHEN '5' THEN 'bus' ELSE 'vestiging' END AS type
FROM unit
WHERE ou_type IN ('3', '4', '5')
ORDER BY CAST(id AS INTEGER)
