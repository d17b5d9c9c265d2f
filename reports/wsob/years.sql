-- How sure each year is: one row a year, the year of the return first.
SELECT y.year, y.members_exact, y.changes_exact, d.new, d.one_day, coalesce(d.day, y.from_on), d.first_unknown, d.lapsed, d.presumed, c.months,
    coalesce((SELECT bool_or(school) FROM wsob_loans WHERE kind = 'loan'), false) AS school
FROM wsob_years y
JOIN wsob_doubts d USING (year)
JOIN wsob_coverage c USING (year)
ORDER BY y.year DESC
