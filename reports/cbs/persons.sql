-- One row a person of the population, in the fields of the layout. Ordered by everything
-- that a field can hold, so that equal input gives equal bytes: persons who cannot be told
-- apart give equal lines.
SELECT
    {{columns}}
FROM population p CROSS JOIN parameters r
ORDER BY p.birth_date, p.sex, p.last_on, p.postcode, p.house_number, p.house_letter, p.house_addition
