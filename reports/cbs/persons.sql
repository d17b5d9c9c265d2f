-- One row a person of the population, in the fields of the layout or as one line. Sorted by all that a
-- field can hold, so that equal input gives equal bytes: persons who cannot be told apart
-- give equal lines. Sorted before the values become text, which takes half the time.
SELECT
    {{columns}}
FROM (
    SELECT birth_date, sex, last_on, postcode, house_number, house_letter, house_addition
    FROM population
    {{order}}
) p
