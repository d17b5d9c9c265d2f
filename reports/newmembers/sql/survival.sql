-- Of the new members of a month, how many still were members so many months later.
-- Key: registered, after. Class: small counts.
SELECT registered, after, still FROM survival WHERE registered >= ?::DATE AND registered < ?::DATE ORDER BY registered, after;
