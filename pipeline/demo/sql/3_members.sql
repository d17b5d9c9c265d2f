-- age_bucket: 100 equal shares of the members with the youngest age and the width of
-- the class; 64 of them are under 18.
CREATE TABLE age_bucket AS
SELECT unnest(range(share)) + sum(share) OVER (ORDER BY youngest) - share AS k, youngest, width
FROM (VALUES (0, 4, 12), (4, 4, 20), (8, 4, 19), (12, 6, 13), (18, 12, 5), (30, 10, 7), (40, 10, 6), (50, 10, 4), (60, 10, 5), (70, 10, 6), (80, 14, 3)) t(youngest, width, share);

-- registration: the share of today's members that registered `back` days before
-- the last day, or fewer (upto_share); peaks in September and January, fewer the
-- longer ago, none on Sundays.
CREATE TABLE registration AS
WITH weighed AS (
    SELECT back, ([150, 100, 95, 85, 80, 85, 70, 90, 190, 130, 95, 60])[month(day)] * ([90, 100, 160, 100, 110, 140, 0])[isodow(day)]
        * round(1000000 / ((1 + back / 6000) * (1 + back / 6000)))::BIGINT AS w
    FROM (SELECT back, (getvariable('as_of') - 1 - back::INTEGER)::DATE AS day FROM range(10958) t(back)))
SELECT back::INTEGER AS back, (sum(w) OVER (ORDER BY back) - w)::DOUBLE / sum(w) OVER () AS from_share, (sum(w) OVER (ORDER BY back))::DOUBLE / sum(w) OVER () AS upto_share
FROM weighed;

CREATE TABLE registration_bucket AS
SELECT k, back FROM range(65536) t(k) ASOF JOIN (SELECT back, ceil(from_share * 65536) AS from_k FROM registration) ON from_k <= k;

-- member: one record of the administration as it truly is, before the dirt of an
-- export; m counts in the order of the file. Persons (p) mostly have one record; households (hh)
-- share address, surname and branch.
CREATE TABLE member AS
WITH record AS (
    SELECT m, m - (m % 2 = 1 AND rare(m, 1, 60))::INTEGER AS p FROM range(getvariable('records')) t(m)
), person AS (
    SELECT m, p, p // 4 * 4 + substr('0000000300220123', 1 + 4 * (h(p // 4, 2) % 4)::INTEGER + p % 4, 1)::INTEGER AS hh,
        p = m AND rare(p, 3, 80) AS institution, (h(p, 4) % 100)::INTEGER AS age_k
    FROM record
), born AS (
    SELECT m, p, hh, institution, CASE
            WHEN institution THEN DATE '2019-01-01'
            -- one day a year, four years or more ago: no other date in an output can be mistaken for it
            WHEN getvariable('mark') <> '' THEN make_date(year(getvariable('as_of')) - 4 - youngest - (width * u(p, 5))::INTEGER, 2, 23)
            ELSE getvariable('as_of') - 21 - ((youngest + width * u(p, 5)) * 365.2425)::INTEGER END::DATE AS born_on
    FROM person JOIN age_bucket a ON a.k = age_k
), aged AS (
    SELECT *, (born_on + INTERVAL 18 YEAR)::DATE AS grown_on,
        CASE WHEN institution THEN 9000 ELSE greatest(0, least(10957, getvariable('as_of') - born_on - CASE WHEN born_on > getvariable('as_of') - 9000 THEN 21 ELSE 2000 END)) END AS max_back
    FROM born
), registered AS (
    SELECT a.*, b.back, b.back > 800 AND NOT institution AND rare(m, 7, 900) AS returner
    FROM aged a
    JOIN registration r ON r.back = max_back
    -- three in five of the young registered rather earlier than later in their lives
    JOIN registration_bucket b ON b.k = (r.upto_share * 65535 * CASE WHEN grown_on > getvariable('as_of') AND rare(m, 21, 6000) THEN greatest(u(m, 6), u(m, 22)) ELSE u(m, 6) END)::BIGINT
), migrated AS (
    -- one in three of the oldest came over from an earlier system with the day of the migration
    SELECT * REPLACE (CASE WHEN NOT returner AND rare(m, 23, 3300) THEN least(back, (getvariable('as_of') - 1 - date_trunc('year', getvariable('as_of') - INTERVAL 11 YEAR)::DATE)::INTEGER) ELSE back END AS back)
    FROM registered
), returned AS (
    SELECT g.*, CASE WHEN returner THEN b.back ELSE g.back END AS last_back
    FROM migrated g
    JOIN registration r ON r.back = greatest(0, g.back - 400)
    JOIN registration_bucket b ON b.k = (u(m, 8) * r.upto_share * 65535)::BIGINT
), dated AS (
    SELECT m, p, hh, institution, born_on, grown_on, returner,
        (getvariable('as_of') - 1 - back)::DATE AS first_on, (getvariable('as_of') - 1 - last_back)::DATE AS last_on,
        -- one in seven returners comes back without a day's gap
        CASE WHEN returner THEN (getvariable('as_of') - 2 - last_back - CASE WHEN rare(m, 9, 1500) THEN 0 ELSE 1 + (u(m, 10) * (back - last_back - 200))::INTEGER END)::DATE END AS gap_from,
        (h(m, 11) % 1000)::INTEGER AS fate, hb.b AS home
    FROM returned JOIN home_bucket hb ON hb.k = h(hh, 12) % 65536
), ended AS (
    SELECT *, CASE
            WHEN fate < 30 THEN (getvariable('as_of') + 12 - (u(m, 13) * 195)::INTEGER)::DATE
            WHEN fate < 34 THEN (getvariable('as_of') - 190 - (u(m, 13) * 300)::INTEGER)::DATE
            WHEN fate < 48 THEN (getvariable('as_of') - 1 - (u(m, 13) * 170)::INTEGER)::DATE
            WHEN fate < 51 THEN (getvariable('as_of') - 190 - (u(m, 13) * 300)::INTEGER)::DATE END AS drawn_end,
        CASE WHEN drawn_end > last_on + 14 THEN drawn_end END AS end_on,
        CASE WHEN rare(hh, 19, 300) THEN (getvariable('as_of') - 5 - (u(hh, 20) * 1000)::INTEGER)::DATE END AS drawn_move
    FROM dated
)
SELECT m::INTEGER AS m, p::INTEGER AS p, hh::INTEGER AS hh, institution, born_on, grown_on, first_on, gap_from, last_on, end_on,
    CASE WHEN end_on IS NULL THEN 'active' WHEN fate < 34 THEN 'ended' ELSE 'lapsed' END AS fate,
    home, b.o, b.pc4, b.k,
    -- where the member is registered now, and from when if it was elsewhere before; of
    -- those of the closed branch some were forgotten there
    CASE WHEN b.closed_on IS NULL OR end_on < b.closed_on OR rare(m, 18, 400) THEN home ELSE b.into_b END AS branch,
    CASE WHEN branch <> home THEN CASE WHEN last_on < b.closed_on AND NOT returner THEN b.closed_on END
        WHEN drawn_move > last_on + 30 AND drawn_move <= coalesce(end_on, drawn_move) AND b.size > 2 AND b.role <> 'closed' THEN drawn_move END AS moved_on,
    CASE WHEN branch <> home THEN home ELSE b.first_b + (b.k + 1) % 2 END AS moved_from,
    CASE WHEN institution THEN 'INSTELLING' WHEN grown_on > getvariable('as_of') THEN 'JEUGD'
        WHEN last_on > getvariable('as_of') - 60 AND rare(m, 15, 1500) THEN 'PROEF'
        WHEN grown_on > getvariable('as_of') - 3650 AND rare(m, 16, 5000) THEN 'STUDENT'
        ELSE pick('BASIS|BASIS|BASIS|BASIS|BASIS|PLUS|PLUS|PLUS|DIGITAAL|BASIS', m, 17) END AS subscription
FROM ended JOIN branch b ON b.b = home;
