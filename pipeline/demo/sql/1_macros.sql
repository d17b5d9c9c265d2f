-- Pseudo-random numbers: a hash of a row number, a salt that names the draw, and the
-- seed.
-- Salts: 1-99 members, 100-199 branches and titles, 200-299 loans.
CREATE MACRO h(i, salt) AS hash(xor((i::BIGINT * 512 + salt)::UBIGINT, getvariable('seed')));
-- u lies in [0, 1).
CREATE MACRO u(i, salt) AS (h(i, salt) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO pick(list, i, salt) AS list[1 + (h(i, salt) % len(list))::INTEGER];
-- skew turns an even draw into one where few are drawn often: the first of a row
-- of n is drawn some (1 + c) / c times as often as the average, the last half as often.
CREATE MACRO skew(x, c) AS x * (x + c) / (1 + c);
-- rare is true for per_10000 out of 10,000 rows.
CREATE MACRO rare(i, salt, per_10000) AS h(i, salt) % 10000 < per_10000;
