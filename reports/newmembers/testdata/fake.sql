-- The warehouse of a made-up library, drawn by hashing from the variables seed, branches,
-- months, size (members of an average branch), low and frozen (months of these bases, in
-- that order, before the exact ones), moves, loans and owners (true or false).
CREATE MACRO u(a, b, c) AS (hash(getvariable('seed'), a, b, c) % 100000) / 100000.0;
CREATE MACRO draw(mean, a, b, c) AS CAST(floor(mean * (0.3 + 1.4 * u(a, b, c)) + u(a, b, c || '+')) AS BIGINT);

CREATE TABLE months AS
SELECT CAST(DATE '2022-01-01' + to_months(i::INTEGER) AS DATE) AS month, last_day(month) AS last_on,
    CASE WHEN i < getvariable('low') THEN 'lower_bound' WHEN i < getvariable('low') + getvariable('frozen') THEN 'frozen' ELSE 'exact' END AS basis, getvariable('moves') AS moves_known, i
FROM range(getvariable('months')) t(i);

CREATE TABLE branches AS
SELECT b::SMALLINT AS branch_no, CASE WHEN b = 0 THEN '?' ELSE printf('%04d', b) END AS branch,
    CASE WHEN b = 0 THEN NULL WHEN b % 7 = 3 THEN 'De Vaart' ELSE 'Vestiging ' || b END AS name,
    CASE WHEN b > 0 THEN printf('NL-082345%04d', 1000 + b) END AS isil, 'vestiging' AS type, NULL::DATE AS opened_on, NULL::DATE AS closed_on,
    -- a few are tiny, most middling, some large; of the unknown branch are few
    CASE WHEN b = 0 THEN 20 ELSE getvariable('size') * (0.02 + 2.4 * u('size', b, '') ** 3) END AS size
FROM range(getvariable('branches') + 1) t(b);

CREATE TABLE new_members AS
SELECT month, branch_no, age_from, CASE WHEN u('sex', branch_no, i || ' ' || age_from) < 0.55 THEN 'F' WHEN u('sex', branch_no, i || ' ' || age_from) < 0.98 THEN 'M' ELSE '?' END AS sex,
    CASE WHEN age_from BETWEEN 0 AND 17 THEN 'youth' ELSE 'adult' END AS subscription_class,
    CASE WHEN age_from BETWEEN 0 AND 17 THEN 'Jeugd' WHEN part = 0 THEN 'Basis' ELSE 'Compleet' END AS subscription,
    CASE WHEN age_from = -1 THEN '?' ELSE CAST(2711 + (branch_no * 3 + part) % 20 AS VARCHAR) END AS pc4,
    draw(size / 110.0 * share * (1 + 0.7 * sin(i)) / 2, branch_no, i, age_from || ' ' || part) AS persons
FROM months, branches, (VALUES (-1, 0.01), (0, 0.15), (4, 0.35), (13, 0.1), (18, 0.12), (30, 0.17), (50, 0.06), (65, 0.05)) a(age_from, share), range(2) p(part)
WHERE persons > 0;

CREATE TABLE movements AS
SELECT month, f.branch_no AS from_branch_no, t.branch_no AS to_branch_no, draw(f.size / 3000.0, f.branch_no, i, 'to' || t.branch_no) AS persons
FROM months, branches f, branches t
WHERE getvariable('moves') AND f.branch_no <> t.branch_no AND (t.branch_no - f.branch_no) IN (1, 2, -1) AND f.branch_no > 0 AND t.branch_no > 0 AND persons > 0;

CREATE TABLE balance AS
WITH flows AS (
    SELECT m.month, m.i, m.basis, b.branch_no, b.size,
        coalesce((SELECT sum(persons) FROM new_members n WHERE n.month = m.month AND n.branch_no = b.branch_no), 0)::BIGINT AS new,
        draw(size / 400.0, branch_no, i, 're') AS re_registered, draw(size / 130.0, branch_no, i, 'lapsed') AS lapsed,
        coalesce((SELECT sum(persons) FROM movements v WHERE v.month = m.month AND v.to_branch_no = b.branch_no), 0)::BIGINT AS moved_in,
        coalesce((SELECT sum(persons) FROM movements v WHERE v.month = m.month AND v.from_branch_no = b.branch_no), 0)::BIGINT AS moved_out
    FROM months m, branches b
), running AS (
    SELECT *, new + re_registered + moved_in - lapsed - moved_out AS net, sum(net) OVER (PARTITION BY branch_no ORDER BY month)::BIGINT AS cumulated FROM flows
), opened AS (
    SELECT *, (size + greatest(0, -min(cumulated) OVER (PARTITION BY branch_no)))::BIGINT AS opening FROM running
)
SELECT month, branch_no,
    -- survivors are fewer than all: a month of a lower bound begins and ends with fewer
    opening + cumulated - net + CASE WHEN basis = 'lower_bound' THEN 0 WHEN getvariable('frozen') > 0 THEN size::BIGINT // 5 ELSE 0 END AS begin_members,
    new, re_registered, moved_in, lapsed, moved_out, begin_members + net AS end_members,
    re_registered // 3 AS gap_unknown, re_registered // 5 AS first_unknown
FROM opened;

CREATE TABLE circulation AS
WITH per AS (
    SELECT month, branch_no, draw(size / 2.0, branch_no, i, 'loans') AS loans, draw(size / 12.0, branch_no, i, 'borrowers') AS active_borrowers
    FROM months, branches WHERE getvariable('loans')
)
SELECT month, branch_no, loans, least(loans, active_borrowers) AS active_borrowers, loans * 9 // 10 AS loans_of_known FROM per WHERE loans > 0
UNION ALL
SELECT month, NULL, sum(loans)::BIGINT, (sum(active_borrowers) * 9 // 10)::BIGINT, sum(loans * 9 // 10)::BIGINT FROM per GROUP BY month HAVING sum(loans) > 0;

CREATE TABLE circulation_by_owner AS
SELECT month, CASE WHEN branch_no % 3 = 1 THEN 1 ELSE branch_no END AS branch_no, CAST(sum(loans) AS BIGINT) AS loans, CAST(sum(active_borrowers) AS BIGINT) AS active_borrowers, CAST(sum(loans_of_known) AS BIGINT) AS loans_of_known
FROM circulation WHERE branch_no IS NOT NULL AND getvariable('owners') GROUP BY ALL;

CREATE TABLE ends AS SELECT branch_no, end_members FROM balance WHERE month = (SELECT max(month) FROM months);

CREATE TABLE residents AS
WITH lives AS (
    SELECT branch_no, end_members, CAST(2711 + (branch_no * 3 + part) % 20 AS VARCHAR) AS pc4, age, sex, CASE WHEN age < 12 THEN 6 WHEN age < 18 THEN 4 WHEN age < 65 THEN 1 ELSE 0.5 END AS weight
    FROM ends, range(3) p(part), range(95) a(age), (VALUES ('F'), ('M')) s(sex)
)
SELECT pc4, age, sex, branch_no, CAST(floor(end_members * weight / 900 * (0.4 + 1.2 * u(pc4, age // 5, sex)) + u(branch_no, age, sex)) AS BIGINT) AS persons FROM lives WHERE persons > 0
UNION ALL SELECT '?', -1, '?', branch_no, end_members // 100 FROM ends WHERE end_members > 100
UNION ALL SELECT '3011', 40, 'F', branch_no, end_members // 200 FROM ends WHERE end_members > 200;

CREATE TABLE catchments AS SELECT pc4, branch_no, CAST(sum(persons) AS BIGINT) AS persons FROM residents GROUP BY ALL;

CREATE TABLE activity AS
SELECT branch_no, end_members AS members, draw(end_members * 0.4, branch_no, 'active', '') AS borrowers, borrowers * 11 AS loans
FROM ends WHERE end_members > 0;

CREATE TABLE survival AS
SELECT CAST(m.month + to_months(after) AS DATE) AS month, m.month AS registered, after, (n.new * (100 - 2 * after) // 100)::BIGINT AS still
FROM months m JOIN (SELECT month, sum(new)::BIGINT AS new FROM balance GROUP BY month) n USING (month), (VALUES (3), (6), (12), (24)) a(after)
WHERE i + after < getvariable('months');
