-- New members by the first age of their class, -1 unknown. Key: all but persons.
-- Class: small counts.
SELECT month, branch_no, CAST(age_from AS VARCHAR) AS class, CAST(sum(persons) AS BIGINT) AS persons
FROM new_members WHERE month >= ?::DATE AND month < ?::DATE GROUP BY ALL;
