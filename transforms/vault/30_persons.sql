-- persons: one row a person or institution; several records of one person become one.
-- First registration is the earliest, last registration the latest, everything else is
-- of the record registered last, ties by the order of the source. Key: person_key; the
-- row's own number is the run-local integer mk. Class: identifying; never leaves the
-- vault.
CREATE TABLE persons AS
WITH several AS (
    SELECT person_key FROM records GROUP BY person_key HAVING count(*) > 1
), merged AS (
    SELECT * REPLACE (min(first_on) OVER person AS first_on, max(last_on) OVER person AS last_on, bool_or(ebook) OVER person AS ebook)
    FROM records SEMI JOIN several USING (person_key)
    WINDOW person AS (PARTITION BY person_key)
    QUALIFY row_number() OVER (PARTITION BY person_key ORDER BY coalesce(records.last_on, records.first_on) DESC NULLS LAST, record) = 1
), together AS (
    SELECT * FROM records ANTI JOIN several USING (person_key)
    UNION ALL
    SELECT * FROM merged
), named AS (
    SELECT pseudonym(person_key) AS pid, * EXCLUDE (member_id) FROM together
)
SELECT n.* REPLACE (
        -- a first date after the last one cannot be the first; an unknown one stays unknown
        CASE WHEN n.first_on IS NOT NULL THEN least(n.first_on, n.last_on) END AS first_on,
        -- deleted without a date: the day of the first snapshot that shows it
        CASE WHEN n.deleted AND n.end_on IS NULL THEN coalesce(s.deleted_on, p.snapshot_on) ELSE n.end_on END AS end_on
    ),
    coalesce(n.last_on, n.first_on) AS start_on,
    n.deleted AND n.end_on IS NULL AS end_by_snapshot
FROM named n
CROSS JOIN parameters p
LEFT JOIN prior_members s ON s.pid = n.pid;

-- member_keys: the person behind each member id. Key: member_id. Class: identifying.
CREATE TABLE member_keys AS
SELECT DISTINCT r.member_id, p.rowid::INTEGER AS mk, p.kind
FROM records r JOIN persons p USING (person_key);
