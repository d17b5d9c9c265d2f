-- New members by sex, ? unknown. Key: all but persons. Class: small counts.
SELECT month, branch_no, sex AS class, CAST(sum(persons) AS BIGINT) AS persons
FROM new_members WHERE month >= ?::DATE AND month < ?::DATE GROUP BY ALL;
