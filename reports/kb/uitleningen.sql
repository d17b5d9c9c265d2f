-- kb-uitleningen/1, one row a group, in a fixed order.
SELECT periode_soort, periode, organisatie, vestiging, leeftijdsklasse, soort, materiaal, publiek, genre, aantal, personen, niveau
FROM feed_uitleningen
ORDER BY ALL NULLS FIRST
