-- What each group of users is: one below the group Staff, or that itself, is no member.
WITH RECURSIVE staff AS (
    SELECT id FROM permission.grp_tree WHERE name = 'Staff'
    UNION SELECT g.id FROM permission.grp_tree g JOIN staff s ON g.parent = s.id
)
SELECT name, CASE WHEN id IN (SELECT id FROM staff) THEN 'institution' ELSE 'person' END FROM permission.grp_tree
