-- title: what is lent; t counts, the first half for the young. The first of each
-- half are the most popular. Books have an ISBN, the rest a nine-digit number with its check digit.
CREATE TABLE title AS
WITH numbered AS (
    SELECT t, getvariable('titles') // 2 AS half, h(t, 110) % 1000 AS draw, printf('97890%07d', ((h(0, 111) % 10000000)::BIGINT + t * 7368787) % 10000000) AS isbn, printf('%08d', 10000000 + t * 97) AS ppn
    FROM range(getvariable('titles')) r(t)
), coded AS (
    SELECT *, CASE WHEN draw < 840 THEN 'BOEK' WHEN draw < 880 THEN 'STRIP' WHEN draw < 910 THEN 'DVD' WHEN draw < 930 THEN 'CD' WHEN draw < 950 THEN 'TIJDSCHRIFT'
        WHEN draw < 965 THEN 'LUISTERBOEK' WHEN draw < 980 THEN 'GROOTLETTER' WHEN draw < 990 THEN 'SPEL' WHEN draw < 995 THEN 'BLADMUZIEK' WHEN draw < 997 THEN 'ZZ9' ELSE 'boek' END AS material
    FROM numbered
)
SELECT t::INTEGER AS t, material,
    CASE WHEN material IN ('BOEK', 'boek', 'GROOTLETTER', 'STRIP')
        THEN isbn || ((10 - list_sum(list_transform(range(1, 13), lambda x: substr(isbn, x, 1)::INTEGER * CASE WHEN x % 2 = 0 THEN 3 ELSE 1 END)) % 10) % 10)::INTEGER
        ELSE ppn || substr('0X987654321', 1 + (list_sum(list_transform(range(1, 9), lambda x: substr(ppn, x, 1)::INTEGER * (10 - x))) % 11)::INTEGER, 1) END AS title_id,
    CASE WHEN t < half THEN 'JEUGD' ELSE 'VOLW' END AS audience,
    CASE WHEN material IN ('DVD', 'CD', 'SPEL', 'BLADMUZIEK') OR rare(t, 112, 30) THEN NULL WHEN rare(t, 113, CASE WHEN t < half THEN 7200 ELSE 6400 END) THEN 'FIC' ELSE 'NON' END AS genre
FROM coded
ORDER BY t;

-- borrower: the members in the order of their home branch, so that a loan at a branch
-- draws one of its members as a position in a range.
CREATE TABLE borrower AS
SELECT (row_number() OVER (ORDER BY home, m) - 1)::INTEGER AS pos, member_id(m) AS member_id, last_on, coalesce(end_on, getvariable('as_of')) AS end_on, o, home,
    institution, grown_on > getvariable('as_of') AS youth,
    -- has asked that what is returned be forgotten
    rare(m, 30, 1500) AS private
FROM member
ORDER BY pos;

-- calendar: the days with loans; zone is the offset of clock time in the Netherlands.
CREATE TABLE calendar AS
SELECT day, year(day) AS year, isodow(day) AS dow,
    CASE WHEN day >= spring AND day < autumn THEN '+02:00' ELSE '+01:00' END AS zone,
    CASE WHEN strftime(day, '%m-%d') IN ('01-01', '04-27', '12-25', '12-26') THEN 0 ELSE
        ([108, 104, 103, 98, 92, 95, 104, 92, 100, 106, 102, 90])[month(day)] * ([70, 100, 150, 95, 110, 160, 60])[isodow(day)] * (100 + 4 * (year(day) - year(getvariable('loans_from')))) END AS weight
FROM (
    SELECT day, make_date(year(day), 3, 31) - (isodow(make_date(year(day), 3, 31)) % 7)::INTEGER AS spring, make_date(year(day), 10, 31) - (isodow(make_date(year(day), 10, 31)) % 7)::INTEGER AS autumn
    FROM (SELECT d::DATE AS day FROM generate_series(getvariable('loans_from'), getvariable('as_of') - INTERVAL 1 DAY, INTERVAL 1 DAY) t(d))
);

-- slot: a day at a branch that is open then, with the number of its rows (n) and the
-- number of the first (first_row). Only main branches open on Sundays. After a merger
-- the members of the closed branch borrow at the other (at_b).
CREATE TABLE slot AS
WITH home_range AS (SELECT home, min(pos) AS home_pos, count(*) AS home_size FROM borrower GROUP BY home),
organisation_range AS (SELECT o, min(pos) AS o_pos, count(*) AS o_size FROM borrower GROUP BY o),
opened AS (
    SELECT c.day, c.year, c.zone, b.b, b.o, CASE WHEN b.closed_on <= c.day THEN b.into_b ELSE b.b END AS at_b, b.first_b, c.weight * b.weight AS w
    FROM calendar c CROSS JOIN branch b
    WHERE CASE b.role WHEN 'main' THEN true WHEN 'bus' THEN dow IN (2, 4) WHEN 'servicepunt' THEN dow IN (2, 3, 5) ELSE dow < 7 END
), cumulated AS (
    SELECT *, sum(w) OVER (ORDER BY day, b) AS upto, sum(w) OVER () AS total FROM opened
), counted AS (
    SELECT *, (getvariable('loans') * (upto - w) // total)::BIGINT AS first_row, (getvariable('loans') * upto // total)::BIGINT AS next_row FROM cumulated
)
SELECT day, year, zone, printf('%04d', 101 + at_b) AS branch, printf('%04d', 101 + first_b) AS main_branch, first_row, next_row - first_row AS n,
    home_pos::BIGINT AS home_pos, home_size::BIGINT AS home_size, o_pos::BIGINT AS o_pos, o_size::BIGINT AS o_size
FROM counted
LEFT JOIN home_range r ON r.home = counted.b
LEFT JOIN organisation_range g ON g.o = counted.o
WHERE next_row > first_row
ORDER BY first_row;

-- loans_file: one row a transaction of the year that the variable names, in the order
-- of day, branch and time.
CREATE VIEW loans_file AS
WITH transaction AS (
    SELECT *, first_row + j AS i, h(first_row + j, 200) AS ha, h(first_row + j, 201) AS hb, h(first_row + j, 202) AS hc
    FROM (SELECT *, unnest(range(n)) AS j FROM slot WHERE year = getvariable('year'))
), drawn AS (
    SELECT day, zone, branch, main_branch, i, j, n, ha, hb, hc,
        CASE WHEN ha % 1000 < 720 THEN 'loan' WHEN ha % 1000 < 890 THEN 'renewal' WHEN ha % 1000 < 920 THEN 'return' WHEN ha % 1000 < 970 THEN 'reservation'
            WHEN ha % 1000 < 990 THEN 'inhouse' WHEN ha % 1000 < 995 THEN 'ill_in' ELSE 'ill_out' END AS kind,
        -- 7% are members of another branch of the organisation; three of ten members never borrow
        CASE WHEN (ha >> 10) % 100 < 7 THEN o_pos + (hb >> 4)::BIGINT % o_size
            ELSE home_pos + (skew((hb >> 11)::DOUBLE / 9007199254740992.0, 0.05) * 0.7 * home_size)::BIGINT * 2147483647 % home_size END AS pos
    FROM transaction
), borrowed AS (
    SELECT d.*, b.institution, b.private,
        CASE WHEN kind NOT IN ('inhouse', 'ill_out') AND day BETWEEN b.last_on AND b.end_on AND NOT (b.private AND day < getvariable('as_of') - 92) THEN b.member_id END AS member_id,
        coalesce(b.youth, true) = ((ha >> 18) % 100 < 85) AS for_young
    FROM drawn d LEFT JOIN borrower b ON b.pos = d.pos
), lent AS (
    SELECT b.*, t.title_id, t.material, t.audience, t.genre, (day + 1 + ((hb >> 50) % 28)::INTEGER)::DATE AS returned_on,
        -- a renewal is done at home, from eight to ten at night; the rest at the desk
        (day + to_seconds(CASE WHEN kind = 'renewal' THEN 28800 + (hc % 50000)::BIGINT ELSE 36000 + (j * 27000 + (hc % 27000)::BIGINT) // n END))::TIMESTAMP AS loaned_at
    FROM borrowed b
    JOIN title t ON t.t = (CASE WHEN for_young THEN 0 ELSE getvariable('titles') // 2 END + skew(u(i, 203), 0.02) * (getvariable('titles') // 2 - 1))::INTEGER
)
SELECT
    CASE WHEN member_id IS NOT NULL THEN CASE WHEN (hb >> 2) % 1000 < 3 THEN 'X' || member_id ELSE member_id END
        WHEN ha % 10 < 6 THEN NULL WHEN ha % 10 < 8 THEN '0' ELSE '-' || (1 + hb % 1000000) END AS member_id,
    CASE WHEN (hc >> 20) % 10000 < 2 THEN NULL WHEN (hc >> 20) % 10000 < 6 THEN '9999' ELSE branch END AS branch,
    CASE WHEN (ha >> 26) % 100 < 12 THEN main_branch ELSE branch END AS owner_branch,
    title_id, material, audience, genre, kind,
    CASE
        WHEN (hc >> 34) % 10000 < 9850 THEN loaned_at::VARCHAR
        WHEN (hc >> 34) % 10000 < 9920 THEN strftime(loaned_at, '%d-%m-%Y %H:%M')
        WHEN (hc >> 34) % 10000 < 9960 THEN strftime(loaned_at, '%Y-%m-%dT%H:%M:%S') || zone
        WHEN (hc >> 34) % 10000 < 9990 THEN strftime(loaned_at, '%Y%m%d')
        WHEN (hc >> 34) % 10000 < 9993 THEN '0000-00-00 00:00:00'
        WHEN (hc >> 34) % 10000 < 9995 THEN NULL
        WHEN (hc >> 34) % 10000 < 9996 THEN (loaned_at + INTERVAL 10 YEAR)::VARCHAR
        ELSE loaned_at::VARCHAR END AS loaned_at,
    CASE WHEN kind <> 'loan' OR (hb >> 40) % 1000 < 8 THEN NULL
        WHEN institution AND (hb >> 40) % 1000 < 300 THEN (loaned_at + INTERVAL 2 HOUR)::VARCHAR
        WHEN returned_on < getvariable('as_of') THEN (returned_on + to_seconds(36000 + ((hb >> 20) % 27000)::BIGINT))::VARCHAR END AS returned_at,
    CASE WHEN institution OR (for_young AND (ha >> 36) % 100 < 9) THEN 'true' ELSE 'false' END AS school
FROM lent;
