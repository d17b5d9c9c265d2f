-- What the report on risk says of the rows of kb-uitleningen.
SELECT (SELECT count(*) FROM feed_uitleningen) AS groups,
    (SELECT CAST(coalesce(min(personen), 0) AS BIGINT) FROM feed_uitleningen) AS smallest,
    -- classes whose rows show fewer than l things, seen in the feed itself
    (SELECT count(*) FROM (
        SELECT periode, niveau, vestiging, leeftijdsklasse FROM feed_uitleningen WHERE personen IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT (materiaal, publiek, genre)) < (SELECT l FROM parameters)
    )) AS homogeneous,
    -- persons who would stand alone if the feed told everything of every event; in steps
    (SELECT coalesce(max(step) * ((count(DISTINCT mk) + max(step) // 2) // max(step)), 0) FROM (
        SELECT min(mk) AS mk FROM kb_held_1 WHERE from_on = (SELECT kb_from FROM parameters)
        GROUP BY branch_no, age_from, kind, material, audience, genre, owner_no, school, title HAVING min(mk) = max(mk)
    ) CROSS JOIN feed_about) AS unique_before,
    (SELECT count(*) FROM kb_loan_rows WHERE persons = 1) AS unique_after
