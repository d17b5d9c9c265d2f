-- kb_titles: the titles of the feed's loans under the number that the KB knows: ISBN or EAN
-- (13 digits; an older ISBN as the newer one) or PPN. A number of another kind, or with a
-- wrong check digit, is the library's own and says nothing to others: NULL. Key: title.
-- Class: public.
CREATE TABLE kb_titles AS
WITH seen AS (
    SELECT DISTINCT title FROM kb_held_1 WHERE title IS NOT NULL
), summed AS (
    SELECT title, length(title) AS size,
        list_sum(list_transform(range(1, 13), lambda i: TRY_CAST(substr(title, i, 1) AS INTEGER) * CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END)) AS ean,
        list_sum(list_transform(range(1, length(title)), lambda i: TRY_CAST(substr(title, i, 1) AS INTEGER) * (length(title) + 1 - i))) AS modulo,
        '978' || substr(title, 1, 9) AS newer
    FROM seen
)
SELECT title, CASE
    WHEN size = 13 AND CAST((10 - ean % 10) % 10 AS VARCHAR) = right(title, 1) THEN title
    WHEN size IN (9, 10) AND substr('0X987654321', 1 + CAST(modulo % 11 AS INTEGER), 1) <> right(title, 1) THEN NULL
    WHEN size = 9 THEN title
    WHEN size = 10 THEN newer || (10 - list_sum(list_transform(range(1, 13), lambda i: CAST(substr(newer, i, 1) AS INTEGER) * CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END)) % 10) % 10
    END AS number
FROM summed;

-- kb_apart: which parts of each group (grp) may stand apart in a table with columns grp,
-- part and mk: those of at least k distinct persons, if what is left (the smaller parts and
-- those that are NULL) is of none or of at least k: else one row less another would be fewer.
CREATE MACRO kb_apart(held) AS TABLE
WITH counted AS (
    SELECT grp, part, count(DISTINCT mk) AS persons FROM query_table(held) WHERE part IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT mk) >= (SELECT k FROM parameters)
), rest AS (
    SELECT h.grp, count(DISTINCT h.mk) AS persons FROM query_table(held) h ANTI JOIN counted c ON c.grp = h.grp AND c.part = h.part GROUP BY ALL
)
SELECT grp, part FROM counted LEFT JOIN rest USING (grp) WHERE rest.persons IS NULL OR rest.persons >= (SELECT k FROM parameters);

-- kb_divided_0 to kb_divided_3: the events of the groups of the feed, each group (g) divided
-- first by owning branch, then by school library, then by title. Class: pseudonymous.
CREATE TABLE kb_numbered AS SELECT row_number() OVER () AS g, * FROM kb_loan_groups;
CREATE TABLE kb_divided_0 AS
WITH released AS (
    SELECT n.g, h.mk, h.owner_no, h.school, h.title, h.events FROM kb_held_1 h
    JOIN kb_numbered n ON n.level = 1 AND n.from_on = h.from_on AND n.branch_no = h.branch_no AND n.age_from = h.age_from
        AND n.kind = h.kind AND n.material = h.material AND n.audience = h.audience AND n.genre = h.genre
    UNION ALL
    SELECT n.g, h.mk, h.owner_no, h.school, h.title, h.events FROM kb_held_2 h
    JOIN kb_numbered n ON n.level = 2 AND n.from_on = h.from_on AND n.branch_no = h.branch_no
        AND n.kind = h.kind AND n.material = h.material AND n.audience = h.audience AND n.genre = h.genre
    UNION ALL
    SELECT n.g, h.mk, h.owner_no, h.school, h.title, h.events FROM kb_held_3 h
    JOIN kb_numbered n ON n.level = 3 AND n.from_on = h.from_on
        AND n.kind = h.kind AND n.material = h.material AND n.audience = h.audience AND n.genre = h.genre
    UNION ALL
    SELECT n.g, h.mk, h.owner_no, h.school, h.title, h.events FROM kb_held_4 h
    JOIN kb_numbered n ON n.level = 4
        AND n.kind = h.kind AND n.material = h.material AND n.audience = h.audience AND n.genre = h.genre
)
SELECT r.g, CAST(r.g AS VARCHAR) AS grp, CAST(r.owner_no AS VARCHAR) AS part, r.mk, r.school, t.number, r.events
FROM released r LEFT JOIN kb_titles t USING (title);

CREATE TABLE kb_divided_1 AS
SELECT d.g, concat_ws(' ', d.grp, a.part) AS grp, CAST(d.school AS VARCHAR) AS part, d.mk, CAST(a.part AS INTEGER) AS owner_no, d.number, d.events
FROM kb_divided_0 d LEFT JOIN kb_apart('kb_divided_0') a USING (grp, part);

CREATE TABLE kb_divided_2 AS
SELECT d.g, concat_ws(' ', d.grp, a.part) AS grp, d.number AS part, d.mk, d.owner_no, CAST(a.part AS BOOLEAN) AS school, d.events
FROM kb_divided_1 d LEFT JOIN kb_apart('kb_divided_1') a USING (grp, part);

CREATE TABLE kb_divided_3 AS
SELECT d.g, d.mk, d.owner_no, d.school, a.part AS number, d.events
FROM kb_divided_2 d LEFT JOIN kb_apart('kb_divided_2') a USING (grp, part);

-- kb_loan_rows: the rows of the feed: its groups, divided where every part of them holds k
-- persons. owner_no, school and number are NULL where a row is what is left of a group, or
-- all of it. Key: all columns but persons and events. Class: anonymous.
CREATE TABLE kb_loan_rows AS
SELECT n.level, n.period, n.from_on, n.branch_no, n.age_from, n.kind, n.material, n.audience, n.genre, d.owner_no, d.school, d.number,
    count(DISTINCT d.mk) AS persons, CAST(sum(d.events) AS BIGINT) AS events
FROM kb_divided_3 d JOIN kb_numbered n USING (g)
GROUP BY ALL
UNION ALL
SELECT level, period, from_on, branch_no, age_from, kind, material, audience, genre, NULL, NULL, NULL, persons, events
FROM kb_loan_groups WHERE level = 5;
