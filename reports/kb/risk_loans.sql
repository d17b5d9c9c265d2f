-- What the report on risk says of the rows of kb-uitleningen.
SELECT (SELECT count(*) FROM feed_uitleningen) AS groups,
    (SELECT CAST(coalesce(min(personen), 0) AS BIGINT) FROM feed_uitleningen) AS smallest,
    -- classes whose rows show fewer than l things, seen in the feed itself
    (SELECT count(*) FROM (
        SELECT periode, niveau, vestiging, leeftijdsklasse FROM feed_uitleningen WHERE personen IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT (materiaal, publiek, genre)) < (SELECT l FROM parameters)
    )) AS homogeneous
