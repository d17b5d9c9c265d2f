-- twins: the person of each record that has company: records with one person_id, and
-- records with one member_id, also where only one of them names the person. Key: record.
-- Class: identifying.
CREATE TABLE twins AS
WITH ids AS (
    SELECT member_id, min(person_id) AS person_id FROM record_rows
    WHERE member_id IS NOT NULL GROUP BY member_id HAVING count(*) > 1 OR min(person_id) IS NOT NULL
), keyed AS (
    SELECT r.rowid::INTEGER AS record, coalesce(i.person_id, r.member_id) AS person_key
    FROM record_rows r JOIN ids i USING (member_id)
)
SELECT * FROM keyed
WHERE person_key IN (SELECT person_key FROM keyed GROUP BY person_key HAVING count(*) > 1);

-- leads: of several records of one person the one registered last, ties by the order of
-- the source, with the earliest first and the latest last registration. Key: record.
CREATE TABLE leads AS
SELECT t.record, t.person_key,
    min(r.first_on) OVER person AS first_on, max(r.last_on) OVER person AS last_on, bool_or(r.ebook) OVER person AS ebook
FROM twins t JOIN records r ON r.record = t.record
WINDOW person AS (PARTITION BY t.person_key)
QUALIFY row_number() OVER (PARTITION BY t.person_key ORDER BY coalesce(r.last_on, r.first_on) DESC NULLS LAST, t.record) = 1;

-- followers: the other records, with the record that leads. Key: record.
CREATE TABLE followers AS
SELECT t.record, l.record AS lead FROM twins t JOIN leads l USING (person_key) WHERE t.record <> l.record;

-- person_keys: what names each person in the source. Key: mk. Class: identifying.
CREATE VIEW person_keys AS
SELECT r.rowid::INTEGER AS mk, coalesce(l.person_key, r.person_id, r.member_id) AS person_key
FROM record_rows r
LEFT JOIN leads l ON l.record = r.rowid
WHERE r.member_id IS NOT NULL AND r.rowid NOT IN (SELECT record FROM followers);

-- pids: the keyed pseudonym of each person, as Peil's own state knows them. Key: mk.
-- Class: pseudonymous.
CREATE TABLE pids AS
SELECT mk, pseudonym(person_key) AS pid FROM person_keys;

-- snapshot_ends: members that the source calls deleted: their membership ends at the latest
-- on the day of the first snapshot that shows it. Key: mk.
CREATE TABLE snapshot_ends AS
SELECT i.mk, coalesce(s.deleted_on, p.snapshot_on) AS end_on
FROM pids i
JOIN (SELECT rowid FROM record_rows WHERE deleted) r ON r.rowid = i.mk
CROSS JOIN parameters p
LEFT JOIN prior_members s ON s.pid = i.pid;

-- persons: one row a person or institution. An unknown first registration stays unknown;
-- one after the last registration cannot be the first. Key: mk. Class: identifying.
CREATE VIEW persons AS
SELECT r.record AS mk, r.* EXCLUDE (member_id, person_id, first_on, last_on, end_on, ebook, deleted, objection),
    CASE WHEN coalesce(l.first_on, r.first_on) IS NOT NULL THEN least(l.first_on, r.first_on, l.last_on, r.last_on) END AS first_on,
    coalesce(l.last_on, r.last_on) AS last_on, coalesce(l.last_on, r.last_on, l.first_on, r.first_on) AS start_on,
    least(d.end_on, r.end_on) AS end_on, coalesce(l.ebook, r.ebook) AS ebook, r.deleted
FROM records r
LEFT JOIN leads l ON l.record = r.record
LEFT JOIN snapshot_ends d ON d.mk = r.record
WHERE r.member_id IS NOT NULL AND r.record NOT IN (SELECT record FROM followers);

-- member_keys: the person behind each member id. Of the records of one id all but one are
-- followers, so that only these can tell the same twice. Key: member_id. Class: identifying.
CREATE TABLE member_keys AS
SELECT member_id, record AS mk, kind FROM records
WHERE member_id IS NOT NULL AND record NOT IN (SELECT record FROM followers)
UNION ALL
SELECT DISTINCT o.member_id, o.lead, l.kind
FROM records l
JOIN (SELECT r.member_id, f.lead FROM record_rows r JOIN followers f ON f.record = r.rowid) o ON o.lead = l.record
WHERE o.member_id <> l.member_id;
