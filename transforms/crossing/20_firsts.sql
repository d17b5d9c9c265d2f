-- firsts: the first month of a quarter in which a person borrowed, since the beginning of
-- the year of the oldest month that is still exact: from the loans, and from the markers of
-- earlier runs, whose loans may be anonymous by now. Key: mk, quarter.
-- Class: pseudonymous; kept for the next run under the keyed pseudonym.
CREATE TABLE firsts AS
WITH lent AS (
    SELECT l.mk, CAST(date_trunc('quarter', l.loaned_on) AS DATE) AS quarter, CAST(date_trunc('month', min(l.loaned_on)) AS DATE) AS month
    FROM warehouse.loans_read l CROSS JOIN parameters p
    WHERE l.mk IS NOT NULL AND l.kind = 'loan' AND l.loaned_on >= date_trunc('year', greatest(p.cutoff, p.loans_cutoff)) AND l.loaned_on < p.as_of
    GROUP BY ALL
), marked AS (
    SELECT i.mk, f.quarter, f.month FROM prior_firsts f JOIN kept_pids i ON i.pid = f.pid
)
SELECT mk, quarter, min(month) AS month FROM (FROM lent UNION ALL FROM marked) GROUP BY ALL;

-- firsts_gone: how many persons borrowed first in a month and are no members any more:
-- their markers go, the number stays. Key: quarter, month, first_in_year. Class: small counts.
CREATE TABLE firsts_gone AS
SELECT quarter, month, first_in_year, CAST(sum(persons) AS BIGINT) AS persons
FROM (
    SELECT f.quarter, f.month, f.quarter = min(f.quarter) OVER (PARTITION BY f.pid, year(f.quarter)) AS first_in_year, 1 AS persons
    FROM prior_firsts f ANTI JOIN kept_pids i ON i.pid = f.pid
    UNION ALL
    FROM prior_gone
)
GROUP BY ALL;

CREATE TABLE warehouse.firsts AS SELECT mk, quarter, month FROM firsts;
CREATE TABLE warehouse.firsts_gone AS SELECT quarter, month, first_in_year, persons FROM firsts_gone;
