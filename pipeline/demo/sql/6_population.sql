-- population_file: inhabitants of every postcode area by age and sex, on 1 January of four
-- years, in the shape of an export of CBS StatLine 83502NED with labels. Invented, so that the members
-- are a likely share of them: most of the children, one in ten adults. Key: postcode,
-- age, sex, year.
CREATE VIEW population_file AS
WITH age AS (
    -- of a thousand inhabitants of a town with young families
    SELECT unnest(range(20)) AS class,
        unnest([58, 62, 62, 61, 58, 60, 64, 64, 63, 66, 70, 68, 61, 54, 49, 37, 24, 13, 5, 0.5]) AS permille
), lives AS (
    SELECT pc4_home, least(19, date_sub('year', born_on, getvariable('as_of')) // 5) AS class, rare(p, 71, 5600) AS woman, count(*) AS members
    FROM members_typed WHERE NOT institution GROUP BY ALL
), place AS (
    -- 4.8 to 6.8 inhabitants a member
    SELECT pc4_home, sum(members) * (4.8 + 2 * u(pc4_home, 140)) AS people FROM lives GROUP BY pc4_home
), counted AS (
    SELECT pc4_home, class, woman, year,
        -- CBS rounds to fives
        5 * greatest(ceil(members / 5), round(people * permille / 1000 * CASE WHEN woman THEN 0.5 + class / 400 ELSE 0.5 - class / 400 END
            * (0.92 + 0.16 * u(pc4_home * 64 + class * 2 + woman::INT, 141)) * (1 - 0.006 * (year(getvariable('as_of')) - year)) / 5))::BIGINT AS n
    FROM place CROSS JOIN age CROSS JOIN (VALUES (true), (false)) w(woman)
    CROSS JOIN (SELECT unnest(range(year(getvariable('as_of')) - 3, year(getvariable('as_of')) + 1)) AS year)
    LEFT JOIN lives USING (pc4_home, class, woman)
)
SELECT CASE coalesce(woman::INT, 2) WHEN 2 THEN 'Totaal mannen en vrouwen' WHEN 1 THEN 'Vrouwen' ELSE 'Mannen' END AS "Geslacht",
    CASE WHEN class = 19 THEN '95 jaar of ouder' ELSE printf('%d tot %d jaar', 5 * class, 5 * class + 5) END AS "Leeftijd",
    pc4_home AS "Postcode", year AS "Perioden", sum(n)::BIGINT AS "Bevolking (aantal)"
FROM counted GROUP BY GROUPING SETS ((pc4_home, class, year, woman), (pc4_home, class, year))
ORDER BY "Postcode", "Perioden", class, "Geslacht";
