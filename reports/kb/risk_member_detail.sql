-- Of how many members kb-leden tells each attribute. Key: attribute. Attributes that it
-- tells of nobody are not there.
SELECT attribute, CAST(sum(personen) AS BIGINT) AS told
FROM (SELECT vestiging, leeftijdsklasse, geslacht, pc4, abonnement, lidmaatschapsduur, personen FROM feed_leden)
UNPIVOT (word FOR attribute IN (vestiging, leeftijdsklasse, geslacht, pc4, abonnement, lidmaatschapsduur))
GROUP BY attribute
