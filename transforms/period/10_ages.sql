-- ages: completed years of each person on the period's reference dates; no row where the
-- birth date is unknown. Key: mk, on_date. Class: pseudonymous.
CREATE TABLE ages AS
SELECT a.mk, d.on_date, a.age
FROM reference_dates d JOIN age_spans a ON d.on_date BETWEEN a.from_on AND a.to_on;
