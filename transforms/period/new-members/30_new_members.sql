-- new_members: first-ever registrations by branch, month and what lies behind them.
-- Key: all columns but persons. Class: small counts.
CREATE TABLE new_members AS
SELECT CAST(date_trunc('month', s.from_on) AS DATE) AS month, s.branch_no,
    coalesce((SELECT max(from_age) FROM age_classes WHERE from_age <= s.entry_age), -1) AS age_from,
    coalesce(m.sex, '?') AS sex, coalesce(m.subscription_class, 'unknown') AS subscription_class, coalesce(s.subscription, '?') AS subscription,
    coalesce(m.pc4, '?') AS pc4, count(*) AS persons
FROM stays s
JOIN members m ON m.mk = s.mk
CROSS JOIN parameters p
WHERE s.entry = 'new' AND s.from_on >= p.months_from AND s.from_on < p.months_until
GROUP BY ALL;
