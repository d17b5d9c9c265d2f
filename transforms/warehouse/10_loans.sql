-- loans: the loan events that can be counted. Key: none, duplicates are legal.
-- Class: pseudonymous.
CREATE VIEW loans AS
SELECT mk, borrower, branch_no, owner_branch_no, material, audience, genre, kind, loaned_on, school
FROM loans_read WHERE loaned_on IS NOT NULL;

-- months: the complete months that the report covers. Key: month. Class: public.
--   exact: whoever left in this month is still in the source; earlier months hold only
--   those who stayed.
CREATE TABLE months AS
SELECT CAST(m AS DATE) AS month, last_day(CAST(m AS DATE)) AS last_on, CAST(m AS DATE) > p.cutoff AS exact
FROM parameters p, generate_series(p.months_from, p.months_until - INTERVAL 1 DAY, INTERVAL 1 MONTH) AS s(m);
