-- kb_weeks: the week of the feed, and the weeks of the month that ends in it, whose
-- groups below k are released for the month. Key: week_on, a Monday. Class: public.
CREATE TABLE kb_weeks AS
SELECT CAST(w AS DATE) AS week_on
FROM parameters p, generate_series(date_trunc('week', coalesce(p.kb_month, p.kb_from)), p.kb_from, INTERVAL 7 DAY) AS s(w);

-- kb_events: the loan events as the feed sees them: those of members who objected are by
-- nobody who is known. Class: pseudonymous.
CREATE VIEW kb_events AS
SELECT * REPLACE (CASE WHEN mk NOT IN (SELECT mk FROM members WHERE objected) THEN mk END AS mk) FROM loans;

-- kb_released: the rows that one level releases of the events it holds. A class is all who
-- share what the level knows of them (period, branch, age class); what a person did is a
-- material for an audience in a genre, whether lent, renewed or returned. A class releases
-- its rows of at least k distinct persons, or none at all, if those rows show fewer than l
-- things, or if not at least l - 1 of its persons kept away from each thing: else the feed
-- would tell of everybody in the class what they did.
CREATE MACRO kb_released(held) AS TABLE
WITH counted AS (
    SELECT from_on, branch_no, age_from, kind, material, audience, genre, count(DISTINCT mk) AS persons, CAST(sum(events) AS BIGINT) AS events
    FROM query_table(held) WHERE branch_no <> 0
    GROUP BY ALL HAVING count(DISTINCT mk) >= (SELECT k FROM parameters)
), shown AS (
    SELECT from_on, branch_no, age_from, count(DISTINCT (material, audience, genre)) AS things FROM counted GROUP BY ALL
), present AS (
    SELECT from_on, branch_no, age_from, count(DISTINCT mk) AS persons FROM query_table(held) GROUP BY ALL
), commonest AS (
    SELECT from_on, branch_no, age_from, max(persons) AS persons
    FROM (SELECT from_on, branch_no, age_from, material, audience, genre, count(DISTINCT mk) AS persons FROM query_table(held) GROUP BY ALL)
    GROUP BY ALL
), diverse AS (
    SELECT from_on, branch_no, age_from
    FROM shown
    JOIN present USING (from_on, branch_no, age_from)
    JOIN commonest USING (from_on, branch_no, age_from)
    CROSS JOIN parameters p
    WHERE shown.things >= p.l AND commonest.persons <= present.persons - (p.l - 1)
)
SELECT counted.* FROM counted SEMI JOIN diverse USING (from_on, branch_no, age_from);

-- kb_held_1 to kb_held_4: the events of persons that each level holds: what no level
-- before it released. Key: from_on, month, mk and all attributes; branch_no -1 and
-- age_from -2 are those that the level no longer tells apart. Class: pseudonymous.
-- kb_rows_1 to kb_rows_4: what each level releases. Class: anonymous.
CREATE TABLE kb_held_1 AS
SELECT w.week_on AS from_on, CAST(date_trunc('month', l.loaned_on) AS DATE) AS month, l.mk, b.place_no AS branch_no,
    coalesce((SELECT max(from_age) FROM age_classes WHERE from_age <= a.age), -1) AS age_from,
    l.kind, l.material, l.audience, l.genre, o.place_no AS owner_no, l.school, l.title, count(*) AS events
FROM kb_events l
JOIN kb_weeks w ON w.week_on = date_trunc('week', l.loaned_on)
JOIN kb_places b ON b.branch_no = l.branch_no
LEFT JOIN kb_places o ON o.branch_no = l.owner_branch_no
LEFT JOIN ages a ON a.mk = l.mk AND a.on_date = w.week_on + 6
WHERE l.mk IS NOT NULL
GROUP BY ALL;
CREATE TABLE kb_rows_1 AS FROM kb_released('kb_held_1');

CREATE TABLE kb_held_2 AS
SELECT * REPLACE (-2 AS age_from) FROM kb_held_1 ANTI JOIN kb_rows_1 USING (from_on, branch_no, age_from, kind, material, audience, genre);
CREATE TABLE kb_rows_2 AS FROM kb_released('kb_held_2');

CREATE TABLE kb_held_3 AS
SELECT * REPLACE (-1 AS branch_no) FROM kb_held_2 ANTI JOIN kb_rows_2 USING (from_on, branch_no, age_from, kind, material, audience, genre);
CREATE TABLE kb_rows_3 AS FROM kb_released('kb_held_3');

CREATE TABLE kb_held_4 AS
SELECT h.* REPLACE (h.month AS from_on)
FROM kb_held_3 h ANTI JOIN kb_rows_3 USING (from_on, branch_no, age_from, kind, material, audience, genre)
WHERE h.month = (SELECT kb_month FROM parameters);
CREATE TABLE kb_rows_4 AS FROM kb_released('kb_held_4');

-- kb_loan_groups: the rows of the feed. Key: period, level and attributes (NULL:
-- generalised away). Class: anonymous.
--   level 1  week, branch, age class, kind, material, audience, genre
--   level 2  week, branch, kind, material, audience, genre
--   level 3  week, organisation, kind, material, audience, genre
--   level 4  month, organisation, kind, material, audience, genre: what no week released
--   level 5  month, organisation, kind, material: events without a person, persons NULL
CREATE TABLE kb_loan_groups AS
WITH released AS (
    SELECT 1 AS level, * FROM kb_rows_1 UNION ALL SELECT 2, * FROM kb_rows_2 UNION ALL SELECT 3, * FROM kb_rows_3 UNION ALL SELECT 4, * FROM kb_rows_4
)
SELECT level, CASE WHEN level < 4 THEN 'week' ELSE 'month' END AS period, from_on, CASE WHEN level < 3 THEN branch_no END AS branch_no,
    CASE WHEN level < 2 THEN age_from END AS age_from, kind, material, audience, genre, persons, events
FROM released CROSS JOIN parameters p
WHERE level = 4 OR from_on = p.kb_from
UNION ALL
SELECT 5, 'month', p.kb_month, NULL, NULL, l.kind, l.material, NULL, NULL, NULL, count(*)
FROM kb_events l CROSS JOIN parameters p
WHERE l.mk IS NULL AND date_trunc('month', l.loaned_on) = p.kb_month
GROUP BY p.kb_month, l.kind, l.material;

-- kb_totals: all events of the feed's week and of the month that ends in it, exactly and
-- without attributes, and what became of them. Key: period, kind. Class: anonymous.
--   events          all
--   without_person  of which by nobody who is known: anonymised, institutions, purged
--   in_weeks        of which in the rows of weeks; 0 for a week
--   in_feed         of which in this feed's rows of the period
-- What is in none of the rows is events - in_weeks - in_feed.
CREATE TABLE kb_totals AS
WITH every AS (
    SELECT 'week' AS period, p.kb_from AS from_on, l.kind, count(*) AS events, count(*) FILTER (l.mk IS NULL) AS without_person
    FROM kb_events l CROSS JOIN parameters p
    WHERE l.loaned_on >= p.kb_from AND l.loaned_on < p.kb_until
    GROUP BY ALL
    UNION ALL
    SELECT 'month', p.kb_month, l.kind, count(*), count(*) FILTER (l.mk IS NULL)
    FROM kb_events l CROSS JOIN parameters p
    WHERE date_trunc('month', l.loaned_on) = p.kb_month
    GROUP BY ALL
), feed AS (
    SELECT period, kind, sum(events) AS events FROM kb_loan_groups GROUP BY ALL
), rest AS (
    SELECT 'month' AS period, kind, sum(events) AS events FROM kb_held_4 GROUP BY ALL
)
SELECT e.period, e.from_on, e.kind, e.events, e.without_person,
    CAST(CASE WHEN e.period = 'month' THEN e.events - e.without_person - coalesce(r.events, 0) ELSE 0 END AS BIGINT) AS in_weeks,
    CAST(coalesce(f.events, 0) AS BIGINT) AS in_feed
FROM every e
LEFT JOIN feed f USING (period, kind)
LEFT JOIN rest r USING (period, kind);
