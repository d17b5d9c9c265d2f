-- New members by postcode area and branch, ? unknown. Key: pc4, branch_no, month. Class:
-- small counts.
SELECT pc4, branch_no, month, CAST(sum(persons) AS BIGINT) AS persons
FROM new_members WHERE month >= ?::DATE AND month < ?::DATE GROUP BY ALL ORDER BY ALL;
