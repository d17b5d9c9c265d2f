-- Pseudo-random numbers: a hash of a row number, a salt that names the draw, and the
-- seed. Salts: 1-99 members, 100-199 branches and titles, 200-299 loans.
CREATE MACRO h(i, salt) AS hash(xor((i::BIGINT * 512 + salt)::UBIGINT, getvariable('seed')));
-- u lies in [0, 1).
CREATE MACRO u(i, salt) AS (h(i, salt) >> 11)::DOUBLE / 9007199254740992.0;
-- rare is true for per_10000 out of 10,000 rows.
CREATE MACRO rare(i, salt, per_10000) AS h(i, salt) % 10000 < per_10000;
-- pick draws one of the words between bars. Taking it from a list
-- costs ten times as much.
CREATE MACRO pick(words, i, salt) AS split_part(words, '|', 1 + (h(i, salt) % (1 + len(words) - len(replace(words, '|', '')))::UBIGINT)::BIGINT);
-- skew turns an even draw into one where few are drawn often: the first of a row
-- of n is drawn some (1 + c) / c times as often as the average, the last half as often.
CREATE MACRO skew(x, c) AS x * (x + c) / (1 + c);
