-- feed_leden and feed_uitleningen: the two feeds as they are written, in the recipient's
-- words. Key: all columns but persons and events. Class: anonymous.
-- feed_about: one row of what the models do not know: organisation, week and step,
-- the threshold in whose steps persons are counted.
CREATE OR REPLACE TEMP MACRO feed_inert(name) AS -- no formula for a spreadsheet, as render.Inert
    CASE WHEN regexp_matches(name, '^[=+@\t\r\n＝＋－＠-]') THEN '''' || name ELSE name END;

CREATE OR REPLACE TEMP TABLE feed_ages AS
SELECT from_age AS age_from, CASE WHEN next_age IS NULL THEN from_age || '+' WHEN next_age = from_age + 1 THEN from_age || '' ELSE from_age || '-' || (next_age - 1) END AS label
FROM (SELECT from_age, lead(from_age) OVER (ORDER BY from_age) AS next_age FROM age_classes)
UNION ALL
SELECT -1, 'onbekend';

CREATE OR REPLACE TEMP TABLE feed_words AS
SELECT * FROM (VALUES
    ('sex', 'M', 'man'), ('sex', 'F', 'vrouw'), ('sex', 'X', 'anders'), ('sex', '?', 'onbekend'),
    ('class', 'youth', 'jeugd'), ('class', 'adult', 'volwassen'), ('class', 'other', 'overig'), ('class', 'ebook', 'e-book'), ('class', 'unknown', 'onbekend'),
    ('tenure', '0', '0 jaar'), ('tenure', '1', '1 jaar'), ('tenure', '2', '2-4 jaar'), ('tenure', '5', '5-9 jaar'), ('tenure', '10', '10+ jaar'), ('tenure', '-1', 'onbekend'),
    ('kind', 'loan', 'uitlening'), ('kind', 'renewal', 'verlenging'), ('kind', 'return', 'inname'), ('kind', 'inhouse', 'raadpleging'),
    ('kind', 'ill_in', 'ibl-aangevraagd'), ('kind', 'ill_out', 'ibl-geleverd'), ('kind', 'reservation', 'reservering'), ('kind', 'unknown', 'onbekend'),
    ('material', 'book', 'boek'), ('material', 'audiovisual', 'audiovisueel'), ('material', 'sheetmusic', 'bladmuziek'), ('material', 'magazine', 'tijdschrift'),
    ('material', 'game', 'game'), ('material', 'other', 'overig'),
    ('audience', 'youth', 'jeugd'), ('audience', 'adult', 'volwassen'), ('audience', 'unknown', 'onbekend'),
    ('genre', 'fiction', 'fictie'), ('genre', 'nonfiction', 'non-fictie'), ('genre', 'unknown', 'onbekend')
) AS v(list, code, word);

CREATE OR REPLACE TEMP TABLE feed_leden AS
SELECT w.week, w.organisation AS organisatie, feed_inert(b.place) AS vestiging, a.label AS leeftijdsklasse, s.word AS geslacht,
    CASE g.pc4 WHEN '?' THEN 'onbekend' ELSE g.pc4 END AS pc4, c.word AS abonnement, t.word AS lidmaatschapsduur,
    -- whole steps from k upward: a change of one person between two weeks does not show as one.
    -- A half goes down, so that k stands for enough counts too.
    p.k + w.step * ((g.persons - p.k + (w.step - 1) // 2) // w.step) AS personen, g.level AS niveau
FROM kb_member_groups g
CROSS JOIN feed_about w
CROSS JOIN parameters p
LEFT JOIN kb_places b ON b.branch_no = g.branch_no
LEFT JOIN feed_ages a ON a.age_from = g.age_from
LEFT JOIN feed_words s ON s.list = 'sex' AND s.code = g.sex
LEFT JOIN feed_words c ON c.list = 'class' AND c.code = g.subscription_class
LEFT JOIN feed_words t ON t.list = 'tenure' AND t.code = CAST(g.tenure_from AS VARCHAR);

CREATE OR REPLACE TEMP TABLE feed_uitleningen AS
SELECT CASE g.period WHEN 'week' THEN 'week' ELSE 'maand' END AS periode_soort, CASE g.period WHEN 'week' THEN w.week ELSE strftime(g.from_on, '%Y-%m') END AS periode,
    w.organisation AS organisatie, feed_inert(b.place) AS vestiging, feed_inert(o.place) AS eigenaar, a.label AS leeftijdsklasse, k.word AS soort, m.word AS materiaal, u.word AS publiek, n.word AS genre,
    CASE WHEN g.school THEN 'ja' WHEN NOT g.school THEN 'nee' END AS schoolbibliotheek, g.number AS titel,
    -- in steps too: a week that is made again must not show one person's loans as a difference
    w.step * ((g.events + w.step // 2) // w.step) AS aantal, p.k + w.step * ((g.persons - p.k + (w.step - 1) // 2) // w.step) AS personen, g.level AS niveau
FROM kb_loan_rows g
CROSS JOIN parameters p
CROSS JOIN feed_about w
LEFT JOIN kb_places b ON b.branch_no = g.branch_no
LEFT JOIN kb_places o ON o.branch_no = g.owner_no
LEFT JOIN feed_ages a ON a.age_from = g.age_from
LEFT JOIN feed_words k ON k.list = 'kind' AND k.code = g.kind
LEFT JOIN feed_words m ON m.list = 'material' AND m.code = g.material
LEFT JOIN feed_words u ON u.list = 'audience' AND u.code = g.audience
LEFT JOIN feed_words n ON n.list = 'genre' AND n.code = g.genre
WHERE g.events >= (w.step + 1) // 2;
