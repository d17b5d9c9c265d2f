-- kb-leden/1, one row a group, in a fixed order.
SELECT week, organisatie, vestiging, leeftijdsklasse, geslacht, pc4, abonnement, lidmaatschapsduur, personen, niveau
FROM feed_leden
ORDER BY ALL NULLS FIRST
