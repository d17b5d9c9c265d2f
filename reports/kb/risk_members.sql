-- What the report on risk says of kb-leden, and the exact smallest group, for the checks.
SELECT (SELECT CAST(coalesce(sum(persons), 0) AS BIGINT) FROM kb_member_cells) AS members,
    (SELECT CAST(coalesce(sum(persons), 0) AS BIGINT) FROM kb_member_cells WHERE NOT released) AS suppressed,
    (SELECT CAST(coalesce(sum(personen), 0) AS BIGINT) FROM feed_leden) AS in_feed,
    (SELECT count(*) FROM feed_leden) AS groups,
    (SELECT CAST(coalesce(min(personen), 0) AS BIGINT) FROM feed_leden) AS smallest,
    (SELECT CAST(coalesce(min(persons), 0) AS BIGINT) FROM kb_member_groups) AS smallest_exact,
    -- whoever would stand alone if the feed told everything of everybody; in steps, as what it does tell
    (SELECT coalesce(max(step) * ((count(*) + max(step) // 2) // max(step)), 0) FROM kb_member_traits CROSS JOIN feed_about WHERE persons = 1) AS unique_before,
    (SELECT count(*) FROM kb_member_groups WHERE persons = 1) AS unique_after
