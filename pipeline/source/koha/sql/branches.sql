-- Branches of today: Koha keeps no history of them.
-- needs: branches branchcode branchname marcorgcode
SELECT branchcode AS branch, branchname AS name, marcorgcode AS isil
FROM branches
ORDER BY branchcode
