-- Members on the last day of the period by where they live, the first age of their class
-- (-1 unknown) and sex. Key: pc4, from_age, sex. Class: small counts.
SELECT pc4, coalesce(list_max(list_filter(CAST(? AS INTEGER[]), lambda a: a <= age)), -1) AS from_age, sex, CAST(sum(persons) AS BIGINT) AS persons
FROM residents GROUP BY ALL ORDER BY ALL;
