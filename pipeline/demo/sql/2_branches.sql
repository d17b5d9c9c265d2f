-- organisation: one library organisation; o counts from 0. pc4 is the first of the
-- 18 postcode numbers that it serves. A single organisation serves numbers in use
-- (2711-2719 and 2721-2729), so that figures per postcode find a population beside them;
-- everything else about the addresses is invented. Organisations after the first have
-- invented ISILs.
CREATE TABLE organisation AS
SELECT o, min(b) AS first_b, count(*)::INTEGER AS size,
    CASE WHEN o = 0 THEN '082345' ELSE printf('08%04d', 9000 + o) END AS isil,
    CASE WHEN getvariable('organisations') = 1 THEN 2711 ELSE (1011 + o * 8900 // getvariable('organisations'))::INTEGER END AS pc4,
    (['Ooster', 'Wester', 'Linden', 'Heide', 'Elzen', 'Noorder', 'Berken', 'Zwanen', 'Duin', 'Polder', 'Eiken', 'Molen', 'Riet', 'Zuider', 'Kraai'])[1 + o % 15]
        || (['linde', 'meeren', 'veenwijk', 'drecht', 'hovens', 'broekdam', 'kerke', 'voorden', 'lanen', 'zijlen', 'horsten', 'waarden', 'landen', 'schoten', 'beeken'])[1 + (o // 15 + o) % 15]
        || CASE WHEN o >= 225 THEN ' ' || (o // 225 + 1) ELSE '' END AS town,
    4 + (h(o, 100) % 20)::INTEGER AS weight
FROM (SELECT b, b * getvariable('organisations') // getvariable('branches') AS o FROM range(getvariable('branches')) t(b))
GROUP BY o
ORDER BY o;

-- branch: one branch; b counts over all organisations, k within its own. The last is
-- a bus, the one before it a servicepunt, the one before that closed and merged into
-- the first after the main branch, wherever there are branches enough.
CREATE TABLE branch AS
WITH placed AS (
    SELECT o.first_b + k AS b, k, o.*,
        CASE WHEN k = 0 THEN 'main' WHEN size >= 3 AND k = size - 1 THEN 'bus' WHEN size >= 4 AND k = size - 2 THEN 'servicepunt'
            WHEN size >= 5 AND k = size - 3 AND o % 5 = 0 THEN 'closed' ELSE 'branch' END AS role
    FROM organisation o, (SELECT unnest(range(o.size)) AS k)
)
SELECT b::INTEGER AS b, k::INTEGER AS k, o::INTEGER AS o, first_b, size, role, pc4,
    (weight * CASE role WHEN 'main' THEN 1000 WHEN 'bus' THEN 40 WHEN 'servicepunt' THEN 70 WHEN 'closed' THEN 160 ELSE 150 + 900 // (k + 1) END)::BIGINT AS weight,
    printf('%04d', 101 + b) AS code,
    CASE role WHEN 'main' THEN town || ' Centrum' WHEN 'bus' THEN 'Bibliobus ' || town WHEN 'servicepunt' THEN 'Servicepunt ''t Veerhuis'
        ELSE (['De Meander', 'Het Kompas', 'Noorderhof', 'De Windvaan', 'Parkzijde', 'Waterrijk', 'De Leeskamer', 'Kastanjehof', 'De Drie Linden', 'Hofstede', 'De Vlinder', 'Achter de Dijk'])[1 + (k - 1) % 12]
            || CASE WHEN k > 12 THEN ' ' || ((k - 1) // 12 + 1) ELSE '' END END AS name,
    'NL-' || isil || CASE WHEN role = 'bus' THEN '2101' ELSE printf('1%03d', k + 1) END AS isil,
    CASE WHEN role IN ('bus', 'servicepunt') THEN role ELSE 'vestiging' END AS type,
    (DATE '1974-09-01' + (h(b, 101) % 12000)::INTEGER)::DATE AS opened_on,
    CASE WHEN role = 'closed' THEN date_trunc('month', getvariable('as_of') - INTERVAL 14 MONTH)::DATE END AS closed_on,
    CASE WHEN role = 'closed' THEN (first_b + 1)::INTEGER END AS into_b
FROM placed
ORDER BY b;

CREATE VIEW branches_file AS
SELECT code AS branch, name, isil, type, opened_on, closed_on, CASE WHEN into_b IS NOT NULL THEN printf('%04d', 101 + into_b) END AS merged_into
FROM branch
ORDER BY b;

-- home_bucket: 65,536 equal shares of the members, each with its branch.
CREATE TABLE home_bucket AS
WITH cumulated AS (SELECT b, ceil((sum(weight) OVER (ORDER BY b) - weight) * 65536 / sum(weight) OVER ()) AS from_k FROM branch)
SELECT k, b FROM range(65536) t(k) ASOF JOIN cumulated ON from_k <= k;
