-- members: the persons and institutions that retention allows us to know: members, and
-- those whose membership ended at most six months before the run's date. Key: mk, pid.
-- Class: identifying; leaves the vault only as the CBS file.
CREATE TABLE members AS
WITH last_days AS (
    SELECT mk, CASE WHEN bool_or(to_on IS NULL) THEN NULL ELSE max(to_on) END AS to_on FROM episodes GROUP BY mk
)
SELECT p.rowid::INTEGER AS mk, p.*, CASE WHEN e.mk IS NOT NULL THEN e.to_on ELSE p.end_on END AS final_on
FROM persons p
CROSS JOIN parameters r
LEFT JOIN last_days e ON e.mk = p.rowid
WHERE final_on IS NULL OR final_on >= r.cutoff;
