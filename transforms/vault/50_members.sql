-- retained: the persons and institutions that retention allows us to know: members, and
-- those whose membership ended at most six months before the run's date, without those who
-- are erased or restricted. final_on is the last day of membership, NULL while it goes on.
-- Key: mk.
CREATE TABLE retained AS
WITH last_days AS (
    SELECT mk, CASE WHEN bool_or(to_on IS NULL) THEN NULL ELSE max(to_on) END AS to_on FROM episodes GROUP BY mk
)
SELECT p.mk, CASE WHEN e.mk IS NOT NULL THEN e.to_on ELSE p.end_on END AS final_on
FROM persons p
CROSS JOIN parameters r
LEFT JOIN last_days e ON e.mk = p.mk
WHERE (final_on IS NULL OR final_on >= r.cutoff) AND p.mk NOT IN (SELECT mk FROM subjects WHERE away);

-- members: those persons and institutions. Key: mk. Class: identifying; leaves the vault
-- only as the CBS file.
CREATE VIEW members AS
SELECT p.*, r.final_on FROM persons p JOIN retained r ON r.mk = p.mk;
