-- kb-uitleningen/1, one row a group, in a fixed order.
SELECT periode_soort, periode, organisatie, vestiging, eigenaar, leeftijdsklasse, soort, materiaal, publiek, genre, schoolbibliotheek, titel, aantal, personen, niveau
FROM feed_uitleningen
ORDER BY ALL NULLS FIRST
