-- Active borrowers of the return's year and the one before: the year, its quarters, its
-- months. doubtful: only those who stayed since are known; gone: how many may be counted twice.
SELECT unit, from_on, persons, gone, doubtful_months > 0 AS doubtful
FROM wsob_borrowers
ORDER BY year DESC, CASE unit WHEN 'year' THEN 1 WHEN 'quarter' THEN 2 ELSE 3 END, from_on
