-- Of how many of the week's events kb-uitleningen tells each attribute. Key: attribute.
-- Attributes that it tells of none are not there.
SELECT attribute, CAST(sum(aantal) AS BIGINT) AS told
FROM (SELECT vestiging, eigenaar, leeftijdsklasse, materiaal, publiek, genre, schoolbibliotheek, titel, aantal FROM feed_uitleningen WHERE periode_soort = 'week')
UNPIVOT (word FOR attribute IN (vestiging, eigenaar, leeftijdsklasse, materiaal, publiek, genre, schoolbibliotheek, titel))
GROUP BY attribute
