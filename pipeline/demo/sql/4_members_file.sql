-- member_id: twelve characters, so that DuckDB keeps it inline.
CREATE MACRO member_id(m) AS getvariable('mark') || printf('29%010d', 1000003 + m * 7);

-- spelled: a date as exports spell it.
CREATE MACRO spelled(day, i, salt) AS CASE
    WHEN rare(i, salt, 9600) THEN day::VARCHAR
    WHEN rare(i, salt, 9800) THEN strftime(day, '%d-%m-%Y')
    WHEN rare(i, salt, 9900) THEN strftime(day, '%Y%m%d')
    ELSE day || ' 00:00:00' END;

-- members_typed: the members with their personal values, still clean.
CREATE VIEW members_typed AS
SELECT *,
    pick('Sanne|Daan|Fatima|Sem|Noor|Mohammed|Julia|Lucas|Yara|Pieter|Anneke|Willem|Zoë|Joris|Esmée|Ibrahim|Marijke|Teun|Loïs|Kees', p, 40) AS first_name,
    pick('de Jong|Jansen|de Vries|van den Berg|Bakker|Yılmaz|Visser|van der Meer|Mulder|''t Hart|Bos-Vermeulen|Öztürk|El Amrani|Dekker|Brouwer|Hoekstra|Nguyen|Smits|Groen|Pinas', hh, 41) AS surname,
    -- seven of ten live near their branch, the others anywhere in town
    CASE WHEN pc4 = 2711 AND place > 8 THEN pc4 + place + 1 ELSE pc4 + place END AS pc4_home,
    CASE WHEN mark <> '' THEN 'QX' ELSE substr('ABCDEGHJKLMNPRTVWXZ', 1 + (h(hh, 44) % 19)::INTEGER, 1) || substr('ABCDEGHJKLMNPRSTVWXZ', 1 + (h(hh, 45) % 20)::INTEGER, 1) END AS letters,
    CASE WHEN mark <> '' THEN 98765 ELSE 1 + (180 * u(hh, 46) * u(hh, 47))::INTEGER END AS number,
    CASE WHEN mark = '' AND rare(hh, 48, 1200) THEN substr('abcdefgh', 1 + (h(hh, 49) % 8)::INTEGER, 1) ELSE '' END AS letter,
    CASE WHEN mark <> '' THEN 'QXQX' WHEN rare(hh, 50, 800) THEN pick('bis|hs|2|II|G|0072|TRAF|3h|1|rd', hh, 51) ELSE '' END AS addition,
    -- how this record spells the house number: 0-3 in columns of their own
    h(m, 52) % 10 AS spelling
FROM (
    SELECT *, ((k * 5 + CASE WHEN rare(hh, 42, 7000) THEN h(hh, 43) % 4 ELSE h(hh, 43) % 18 END) % 18)::INTEGER AS place, getvariable('mark') AS mark
    FROM member
);

-- members_exported: one row a record, every value as text. Name, e-mail, telephone and
-- account are there to be left unread; none of the last three can exist: .example is reserved,
-- 06-00 is not issued, no account begins with NL00.
CREATE VIEW members_exported AS
SELECT m,
    CASE WHEN rare(m, 60, 2) THEN '' ELSE member_id(m) END AS member_id,
    CASE WHEN p < m OR (m % 2 = 0 AND rare(m + 1, 1, 60)) THEN mark || 'P' || p END AS person_id,
    CASE WHEN institution AND rare(m, 61, 5000) THEN 'institution' WHEN rare(m, 61, 6000) AND NOT institution THEN 'person' END AS kind,
    mark || CASE
        WHEN institution THEN pick('Basisschool De Regenboog|Obs ''t Palet|Bibliotheek Elders (IBL)|Kinderdagverblijf "De Bij"; locatie 2', m, 62)
        WHEN rare(m, 63, 12) THEN pick('Jansen; Piet|"Bob" de Bouwer|O''Neill|Regel een' || chr(10) || 'regel twee|=1+1|Robert''); DROP TABLE members;--|NULL|Ж́ 田中 🦉|\N|,,;', m, 64)
        ELSE first_name || ' ' || surname END AS name,
    CASE WHEN rare(m, 65, 8000) THEN mark || 'lid' || m || '@voorbeeld.example' END AS email,
    CASE WHEN rare(m, 66, 7000) THEN mark || printf('06-00%06d', m % 1000000) END AS phone,
    CASE WHEN subscription IN ('BASIS', 'PLUS', 'STUDENT') THEN mark || printf('NL00PEIL%010d', m) END AS iban,
    CASE h(m, 67) % 1000
        WHEN 0 THEN '0000-00-00' WHEN 1 THEN '00-00-0000' WHEN 2 THEN '1900-01-01' WHEN 3 THEN '01-01-1901'
        WHEN 4 THEN CASE WHEN mark = '' THEN year(born_on)::VARCHAR END
        WHEN 5 THEN CASE WHEN mark = '' AND rare(m, 68, 5000) THEN (born_on + INTERVAL 100 YEAR)::DATE::VARCHAR END
        ELSE spelled(born_on, m, 69) END AS birth_date,
    CASE WHEN institution THEN 'Instelling' WHEN rare(m, 70, 100) THEN NULL WHEN rare(m, 70, 150) THEN 'onbekend' WHEN rare(m, 70, 180) THEN 'X'
        WHEN rare(p, 71, 5600) THEN CASE WHEN rare(m, 72, 9700) THEN 'V' ELSE pick('v|F|vrouw', m, 73) END
        ELSE CASE WHEN rare(m, 72, 9700) THEN 'M' ELSE pick('m|M |man', m, 73) END END AS sex,
    CASE
        WHEN rare(m, 74, 30) THEN NULL
        WHEN rare(hh, 75, 30) THEN pick('2000|B-9000|48151|75011|SW1A 2AA', hh, 76) || mark
        WHEN rare(m, 74, 60) THEN pc4_home::VARCHAR
        WHEN rare(m, 74, 66) THEN CASE WHEN mark = '' THEN pc4_home || pick('SA|SD|SS', m, 77) END
        WHEN rare(m, 74, 70) THEN 'nvt'
        WHEN rare(m, 74, 2000) THEN pc4_home || ' ' || letters
        WHEN rare(m, 74, 2200) THEN pc4_home || ' ' || lower(letters)
        WHEN rare(m, 74, 2300) THEN lower(pc4_home || letters)
        WHEN rare(m, 74, 2320) THEN 'NL-' || pc4_home || letters
        ELSE pc4_home || letters END AS postcode,
    CASE WHEN rare(m, 78, 20) THEN NULL WHEN spelling < 4 THEN number::VARCHAR
        WHEN spelling = 4 THEN number || letter || CASE WHEN addition <> '' THEN '-' || addition ELSE '' END
        WHEN spelling = 5 THEN trim(number || ' ' || letter || ' ' || addition)
        WHEN spelling = 6 THEN number || upper(letter) || CASE WHEN addition <> '' THEN ' ' || upper(addition) ELSE '' END
        WHEN spelling = 7 THEN rtrim(number || '-' || letter || addition, '-')
        WHEN spelling = 8 THEN rtrim(number || ' ' || letter || '/' || addition, ' /')
        ELSE ' ' || rtrim(number || '  ' || letter || '-' || addition, ' -') || ' ' END AS house_number,
    CASE WHEN spelling < 4 AND letter <> '' THEN upper(letter) END AS house_letter,
    CASE WHEN spelling < 4 AND addition <> '' THEN addition END AS house_number_addition,
    CASE WHEN rare(hh, 75, 30) THEN CASE WHEN rare(hh, 79, 7000) THEN pick('BE|BE|DE|FR|GB', hh, 76) END WHEN rare(m, 80, 9000) THEN 'NL' END AS country,
    CASE WHEN rare(m, 81, 8) THEN '9999' ELSE printf('%04d', 101 + branch) END AS branch,
    subscription,
    CASE subscription WHEN 'JEUGD' THEN 'youth' WHEN 'INSTELLING' THEN 'other' WHEN 'PROEF' THEN 'other' ELSE 'adult' END AS subscription_class,
    CASE WHEN rare(m, 82, 25) THEN pick('0000-00-00|1900-01-01', m, 83) ELSE spelled(first_on, m, 85) END AS first_registered_on,
    CASE WHEN rare(m, 86, 5) THEN (as_of + 400)::DATE::VARCHAR WHEN rare(m, 86, 15) THEN NULL ELSE spelled(last_on, m, 87) END AS last_registered_on,
    CASE WHEN fate = 'lapsed' THEN spelled(end_on, m, 88)
        WHEN institution OR rare(m, 89, 1500) THEN NULL
        WHEN subscription = 'JEUGD' THEN (grown_on - 1)::VARCHAR
        WHEN subscription = 'PROEF' THEN (last_on + 90)::DATE::VARCHAR
        ELSE (greatest(as_of, coalesce(end_on, as_of)) + (h(m, 90) % 365)::INTEGER)::DATE::VARCHAR END AS valid_until,
    CASE WHEN fate = 'ended' THEN spelled(end_on, m, 91) WHEN rare(m, 92, 100) THEN '0000-00-00' END AS ended_on,
    CASE WHEN subscription IN ('DIGITAAL', 'PROEF') OR (subscription = 'PLUS' AND rare(m, 93, 5000)) THEN 'true' ELSE 'false' END AS ebook,
    CASE WHEN (fate = 'ended' AND end_on < as_of AND rare(m, 94, 3000)) OR (fate = 'active' AND rare(m, 94, 4)) THEN 'true' ELSE 'false' END AS deleted
FROM members_typed, (SELECT getvariable('as_of') AS as_of);

-- members_file: the records, and at the end a few of them once more: half the same
-- byte for byte, half without postcode.
CREATE VIEW members_file AS
SELECT * EXCLUDE (m) FROM members_exported
UNION ALL
SELECT * EXCLUDE (m) REPLACE (CASE WHEN m % 2 = 0 THEN postcode END AS postcode) FROM members_exported
WHERE m % 17 = 5 AND m // 17 < getvariable('members') - getvariable('records');

-- memberships_file: the history, one row an unbroken stretch of a record at one
-- branch on one subscription.
CREATE VIEW memberships_file AS
WITH cut AS (
    SELECT *, [last_on] || list_sort(list_filter(list_distinct([moved_on, CASE WHEN NOT institution THEN grown_on END]),
        lambda d: d > last_on AND d <= getvariable('as_of') AND d <= coalesce(end_on, getvariable('as_of')))) AS starts
    FROM member
), stretch AS (
    SELECT m, branch, moved_on, moved_from, grown_on, subscription, first_on AS valid_from, gap_from AS valid_to FROM cut WHERE gap_from IS NOT NULL
    UNION ALL
    SELECT m, branch, moved_on, moved_from, grown_on, subscription, starts[i], coalesce((starts[i + 1] - 1)::DATE, end_on)
    FROM (SELECT *, unnest(range(1, len(starts) + 1)) AS i FROM cut)
)
SELECT member_id(m) AS member_id,
    printf('%04d', 101 + CASE WHEN valid_from < moved_on THEN moved_from ELSE branch END) AS branch,
    CASE WHEN subscription <> 'INSTELLING' AND valid_from < grown_on THEN 'JEUGD' ELSE subscription END AS subscription,
    valid_from, valid_to
FROM stretch
ORDER BY m, valid_from;
