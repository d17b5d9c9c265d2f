-- kb_places: the place under which each branch stands in the feeds: its ISIL, or the
-- library's own code where it has none of its own. Branches of one ISIL are one place,
-- the branch with the lowest number. Key: branch_no. Class: public.
CREATE TABLE kb_places AS
WITH named AS (
    SELECT branch_no, CASE WHEN isil IS NULL OR isil LIKE '%0000' THEN branch ELSE isil END AS place FROM branches
)
SELECT branch_no, min(branch_no) OVER (PARTITION BY place) AS place_no, place FROM named;

-- kb_member_traits: the members on the feed's last day who did not object, by everything that
-- a group could tell of them. What is not known is -1 or '?'. tenure_from is the class of the
-- completed years since the first registration. Key: all columns but persons. Class:
-- pseudonymous, small counts.
CREATE TABLE kb_member_traits AS
SELECT b.place_no AS branch_no, coalesce((SELECT max(from_age) FROM age_classes WHERE from_age <= a.age), -1) AS age_from,
    coalesce(m.sex, '?') AS sex, coalesce(m.pc4, '?') AS pc4, CASE WHEN m.ebook THEN 'ebook' ELSE coalesce(m.subscription_class, 'unknown') END AS subscription_class,
    CASE WHEN m.first_on IS NULL THEN -1
         WHEN m.first_on > p.kb_until - 1 - INTERVAL 1 YEAR THEN 0
         WHEN m.first_on > p.kb_until - 1 - INTERVAL 2 YEAR THEN 1
         WHEN m.first_on > p.kb_until - 1 - INTERVAL 5 YEAR THEN 2
         WHEN m.first_on > p.kb_until - 1 - INTERVAL 10 YEAR THEN 5
         ELSE 10 END AS tenure_from,
    count(*) AS persons
FROM stays s
JOIN members m ON m.mk = s.mk
JOIN kb_places b ON b.branch_no = s.branch_no
CROSS JOIN parameters p
LEFT JOIN ages a ON a.mk = s.mk AND a.on_date = p.kb_until - 1
WHERE (s.from_on IS NULL OR s.from_on < p.kb_until) AND (s.to_on IS NULL OR s.to_on >= p.kb_until - 1)
    AND NOT m.objected
GROUP BY ALL;

-- kb_member_cells: those members, each in exactly one group of at least k persons: the finest of five nested levels at which the persons that no finer
-- level released make up k. Who reaches k at no level stays behind (released is false).
-- Key: all columns but persons. Class: pseudonymous, small counts.
--   level 1  branch, age class, sex, PC4        level 4  organisation, age class
--   level 2  branch, age class, sex             level 5  organisation
--   level 3  branch, age class
-- A column that a level does not hold is NULL. Members of an unknown branch have no place
-- below the organisation.
CREATE TABLE kb_member_cells AS
WITH RECURSIVE rising AS (
    SELECT 0 AS level, *, false AS released FROM kb_member_traits
    UNION ALL
    SELECT level, branch_no, age_from, sex, pc4, subscription_class, tenure_from, persons,
        sum(persons) OVER (PARTITION BY branch_no, age_from, sex, pc4) >= k AND (level >= 4 OR branch_no > 0)
    FROM (
        SELECT r.level + 1 AS level, CASE WHEN r.level + 1 <= 3 THEN branch_no END AS branch_no,
            CASE WHEN r.level + 1 <= 4 THEN age_from END AS age_from, CASE WHEN r.level + 1 <= 2 THEN sex END AS sex,
            CASE WHEN r.level + 1 <= 1 THEN pc4 END AS pc4, subscription_class, tenure_from, persons, p.k
        FROM rising r CROSS JOIN parameters p
        WHERE NOT released AND r.level < 5
    )
)
SELECT * FROM rising WHERE released OR level = 5;

-- kb_member_groups: the groups of the feed, with the number of persons in each. A group is
-- divided by subscription class where every part of it holds k persons, and then by tenure
-- where every part of that does; else the column is NULL. Key: all columns but persons.
-- Class: anonymous in its shape; the counts are exact, the feed rounds them.
CREATE TABLE kb_member_groups AS
WITH by_class AS (
    SELECT *, sum(persons) OVER (PARTITION BY level, branch_no, age_from, sex, pc4, subscription_class) AS of_class
    FROM kb_member_cells WHERE released
), classed AS (
    SELECT * REPLACE (CASE WHEN min(of_class) OVER (PARTITION BY level, branch_no, age_from, sex, pc4) >= p.k THEN subscription_class END AS subscription_class), p.k
    FROM by_class CROSS JOIN parameters p
), by_tenure AS (
    SELECT *, sum(persons) OVER (PARTITION BY level, branch_no, age_from, sex, pc4, subscription_class, tenure_from) AS of_tenure
    FROM classed
), tenured AS (
    SELECT * REPLACE (CASE WHEN min(of_tenure) OVER (PARTITION BY level, branch_no, age_from, sex, pc4, subscription_class) >= k THEN tenure_from END AS tenure_from)
    FROM by_tenure
)
SELECT level, branch_no, age_from, sex, pc4, subscription_class, tenure_from, CAST(sum(persons) AS BIGINT) AS persons
FROM tenured
GROUP BY ALL;
