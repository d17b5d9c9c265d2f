-- One row a count: subject, part, number. Subjects in a fixed order, parts sorted.
WITH persons AS (
    SELECT p.*, b.branch, b.name, completed_years(p.birth_date, r.peildatum) AS age
    FROM population p CROSS JOIN parameters r JOIN branches b USING (branch_no)
), counts AS (
    SELECT 1 AS place, 'vestiging' AS subject, CASE WHEN branch_no = 0 THEN 'onbekend' ELSE branch || ' ' || name END AS part, count(*) AS n, '' AS sort FROM persons GROUP BY ALL
    UNION ALL
    SELECT 2, 'leeftijd', coalesce(CASE WHEN a.until_age IS NULL THEN a.from_age || '+' ELSE a.from_age || '-' || (a.until_age - 1) END, 'onbekend'), count(*), printf('%03d', coalesce(a.from_age, 999))
    FROM persons p
    LEFT JOIN (SELECT from_age, lead(from_age) OVER (ORDER BY from_age) AS until_age FROM age_classes) a ON p.age >= a.from_age AND (a.until_age IS NULL OR p.age < a.until_age)
    GROUP BY ALL
    UNION ALL
    SELECT 3, 'geslacht', CASE sex WHEN 'M' THEN 'man' WHEN 'F' THEN 'vrouw' WHEN 'X' THEN 'anders' ELSE 'onbekend' END, count(*), '' FROM persons GROUP BY ALL
    UNION ALL
    SELECT 4, 'abonnement', coalesce(subscription, 'onbekend'), count(*), '' FROM persons GROUP BY ALL
    UNION ALL
    SELECT 5, 'veld gevuld', f.field, f.n, f.sort FROM (
        SELECT unnest([
            {'field': 'geboortedatum', 'n': count(birth_date), 'sort': '1'}, {'field': 'geslacht', 'n': count(sex), 'sort': '2'},
            {'field': 'laatste_inschrijfdatum', 'n': count(last_on), 'sort': '3'}, {'field': 'postcode', 'n': count(postcode), 'sort': '4'},
            {'field': 'huisnummer', 'n': count(house_number), 'sort': '5'}, {'field': 'huisnummertoevoeging', 'n': count(nullif(concat(house_letter, house_addition), '')), 'sort': '6'}
        ]) AS f FROM persons)
    UNION ALL
    SELECT 6, 'buiten de levering', 'instellingen', count(*), '1' FROM members WHERE kind = 'institution'
    UNION ALL
    SELECT 6, 'buiten de levering', 'lidmaatschap niet geldig op de peildatum', count(*), '2' FROM members m WHERE kind = 'person' AND mk NOT IN (SELECT mk FROM population)
    UNION ALL
    SELECT 6, 'buiten de levering', 'meer dan zes maanden geleden beëindigd', (SELECT count(*) FROM pids) - (SELECT count(*) FROM retained), '3'
)
SELECT subject, part, n FROM counts ORDER BY place, sort, part
