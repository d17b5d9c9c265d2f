-- One row a count: subject, part, label (of what the library named itself), number.
-- Subjects in a fixed order, parts sorted. Class: counts of persons, exact.
WITH persons AS (
    SELECT p.*, b.branch, b.name, completed_years(p.birth_date, r.peildatum) AS age,
        p.birth_date IS NOT NULL AND p.postcode IS NOT NULL AND p.house_number IS NOT NULL AS known
    FROM population p CROSS JOIN parameters r JOIN branches b USING (branch_no)
), classes AS (
    SELECT from_age, lead(from_age) OVER (ORDER BY from_age) AS until_age FROM age_classes
), subscriptions AS (
    -- a rare or long code may be something else than a code: it is counted, not shown
    SELECT CASE WHEN subscription IS NULL THEN 'unknown' WHEN count(*) < 5 OR length(subscription) > 40 THEN 'rare' ELSE 'code ' || subscription END AS part,
        subscription AS label, count(*) AS n
    FROM persons GROUP BY subscription
), counts AS (
    SELECT 1 AS place, 'persons' AS subject, '' AS part, NULL AS label, count(*) AS n, '' AS sort FROM persons
    UNION ALL
    SELECT 2, 'branch', CASE WHEN branch_no = 0 THEN 'unknown' ELSE 'code ' || branch END, CASE WHEN branch_no > 0 THEN branch || ' ' || name END, count(*), branch FROM persons GROUP BY ALL
    UNION ALL
    SELECT 3, 'age', coalesce(CASE WHEN c.until_age IS NULL THEN c.from_age || '+' ELSE c.from_age || '-' || (c.until_age - 1) END, 'unknown'), NULL, count(*), printf('%03d', coalesce(c.from_age, 999))
    FROM persons p
    LEFT JOIN classes c ON p.age >= c.from_age AND (c.until_age IS NULL OR p.age < c.until_age)
    GROUP BY ALL
    UNION ALL
    SELECT 4, 'sex', coalesce(sex, 'unknown'), NULL, count(*), coalesce(sex, 'zz') FROM persons GROUP BY ALL
    UNION ALL
    SELECT 5, 'subscription', part, CASE WHEN part LIKE 'code %' THEN any_value(label) END, sum(n)::BIGINT, part FROM subscriptions GROUP BY part
    UNION ALL
    SELECT 6, 'filled', f.part, NULL, f.n, f.sort FROM (
        SELECT unnest([
            {'part': 'birth_date', 'n': count(birth_date), 'sort': '1'}, {'part': 'sex', 'n': count(sex), 'sort': '2'},
            {'part': 'last_registered_on', 'n': count(last_on), 'sort': '3'}, {'part': 'postcode', 'n': count(postcode), 'sort': '4'},
            {'part': 'house_number', 'n': count(house_number), 'sort': '5'}, {'part': 'addition', 'n': count(nullif(concat(house_letter, house_addition), '')), 'sort': '6'}
        ]) AS f FROM persons)
    UNION ALL
    -- sums over the file that its reader can make again: dates as numbers YYYYMMDD, of a postcode its digits
    SELECT 7, 'sum', f.part, NULL, f.n, f.sort FROM (
        SELECT unnest([
            {'part': 'birth_date', 'n': sum(strftime(birth_date, '%Y%m%d')::BIGINT), 'sort': '1'}, {'part': 'last_registered_on', 'n': sum(strftime(last_on, '%Y%m%d')::BIGINT), 'sort': '2'},
            {'part': 'postcode', 'n': sum(left(postcode, 4)::BIGINT), 'sort': '3'}, {'part': 'house_number', 'n': sum(house_number), 'sort': '4'}
        ]) AS f FROM persons)
    UNION ALL
    SELECT 8, 'match', f.part, NULL, f.n, f.sort FROM (
        SELECT unnest([
            {'part': 'known', 'n': count(*) FILTER (known), 'sort': '1'}, {'part': 'certain', 'n': count(*) FILTER (known AND house_code = 'ok'), 'sort': '2'}
        ]) AS f FROM persons)
    UNION ALL
    SELECT 9, 'out', 'institution', NULL, count(*), '1' FROM members WHERE kind = 'institution'
    UNION ALL
    SELECT 9, 'out', c.why, NULL, count(l.mk), '2' || min(c.place)
    FROM (SELECT DISTINCT place, why FROM left_out_codes) c LEFT JOIN left_out l USING (why) GROUP BY c.why
    UNION ALL
    SELECT 9, 'out', 'not_valid', NULL, count(*), '3' FROM members WHERE kind = 'person' AND mk NOT IN (SELECT mk FROM valid_on)
    UNION ALL
    SELECT 9, 'out', 'objection', NULL, count(*), '4'
    FROM members
    WHERE kind = 'person' AND mk IN (SELECT mk FROM subjects WHERE objected) AND mk IN (SELECT mk FROM valid_on) AND mk NOT IN (SELECT mk FROM left_out)
    UNION ALL
    SELECT 9, 'out', 'away', NULL, count(*), '5' FROM subjects WHERE away
    UNION ALL
    SELECT 9, 'out', 'past', NULL, (SELECT count(*) FROM pids) - (SELECT count(*) FROM retained) - (SELECT count(*) FROM subjects WHERE away), '6'
)
SELECT subject, part, coalesce(label, ''), coalesce(n, 0)::BIGINT FROM counts ORDER BY place, sort, part
