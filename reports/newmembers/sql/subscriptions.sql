-- New members by the library's own subscription. Key: subscription, month. Class: small
-- counts.
SELECT subscription, month, CAST(sum(persons) AS BIGINT) AS persons
FROM new_members WHERE month >= ?::DATE AND month < ?::DATE GROUP BY ALL ORDER BY ALL;
