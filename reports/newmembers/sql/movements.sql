-- Members who changed branch. Key: month and both branches. Class: small counts.
SELECT month, coalesce(from_branch_no, 0), to_branch_no, CAST(sum(persons) AS BIGINT) AS persons
FROM movements WHERE month >= ?::DATE AND month < ?::DATE GROUP BY ALL ORDER BY ALL;
