-- Of the new members of a month, how many still were members so many months later.
-- Key: month, after. Class: small counts.
SELECT month, after, new, still FROM survival WHERE month >= ?::DATE AND month < ?::DATE ORDER BY month, after;
