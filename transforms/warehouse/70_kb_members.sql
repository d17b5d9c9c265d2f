-- kb_member_groups: the members of the feed's last day in groups of at least k persons.
-- A person is in exactly one group: the finest of five nested levels at which the persons
-- that no finer level released make up k. Who reaches k at no level is in no group.
-- Key: level, branch_no, age_from, sex, pc4 (NULL: generalised away). Class: anonymous.
--   level 1  branch, age class, sex, PC4        level 4  organisation, age class
--   level 2  branch, age class, sex             level 5  organisation
--   level 3  branch, age class
CREATE TABLE kb_member_groups AS
WITH RECURSIVE cells AS (
    SELECT s.branch_no, coalesce((SELECT max(from_age) FROM age_classes WHERE from_age <= a.age), -1) AS age_from,
        coalesce(m.sex, '?') AS sex, coalesce(m.pc4, '?') AS pc4, count(*) AS persons
    FROM stays s
    JOIN members m ON m.mk = s.mk
    CROSS JOIN parameters p
    LEFT JOIN ages a ON a.mk = s.mk AND a.on_date = p.kb_until - 1
    WHERE (s.from_on IS NULL OR s.from_on < p.kb_until) AND (s.to_on IS NULL OR s.to_on >= p.kb_until - 1)
    GROUP BY ALL
), rising AS (
    SELECT 0 AS level, branch_no, age_from, sex, pc4, persons, false AS released FROM cells
    UNION ALL
    SELECT level, branch_no, age_from, sex, pc4, CAST(sum(persons) AS BIGINT), sum(persons) >= any_value(k) AND (level >= 4 OR branch_no > 0)
    FROM (
        SELECT r.level + 1 AS level, CASE WHEN r.level + 1 <= 3 THEN branch_no END AS branch_no,
            CASE WHEN r.level + 1 <= 4 THEN age_from END AS age_from, CASE WHEN r.level + 1 <= 2 THEN sex END AS sex,
            CASE WHEN r.level + 1 <= 1 THEN pc4 END AS pc4, persons, p.k
        FROM rising r CROSS JOIN parameters p
        WHERE NOT released AND r.level < 5
    )
    GROUP BY level, branch_no, age_from, sex, pc4
)
SELECT level, branch_no, age_from, sex, pc4, persons, released FROM rising WHERE released OR level = 5;
