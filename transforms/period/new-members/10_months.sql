-- months: the complete months that the report covers. Key: month. Class: public.
--   basis exact        whoever left in this month is still in the source
--         frozen       taken from what was frozen when the month was exact
--         lower_bound  the source holds only those who stayed since
--   moves_known: a change of branch in this month would have been seen
CREATE TABLE months AS
SELECT CAST(m AS DATE) AS month, last_day(CAST(m AS DATE)) AS last_on, CASE WHEN CAST(m AS DATE) > greatest(p.cutoff, p.loans_cutoff) THEN 'exact' ELSE 'lower_bound' END AS basis,
    coalesce(CAST(m AS DATE) >= p.moves_from, false) AS moves_known
FROM parameters p, generate_series(p.months_from, p.months_until - INTERVAL 1 DAY, INTERVAL 1 MONTH) AS s(m);
