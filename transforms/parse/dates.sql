-- Dates, times and ages. library_zone() is the library's time zone, set by Install.
--
-- A value passes one of two roads. The common forms are recognised by their length and
-- a few characters and cast at once. What fails is stripped, rewritten by date_text to
-- one form, YYYY-M-D followed by a space and whatever time there was, and cast then.
-- list_transform([x], lambda y: ...)[1] gives x a name: a macro's argument is otherwise
-- computed anew wherever it stands. The regular expressions in a lambda are compiled
-- for every 2,048 rows: keep them small, without \pL. A macro's outermost expression is
-- a CASE, not coalesce: DuckDB takes what two coalesce have in common out of both, and
-- computes it for every row.

-- utc_offset(), full_clock(), clock(): RE2 for an offset from UTC; for a time of day
-- with one, as databases write it; for whatever may follow a date.
CREATE OR REPLACE TEMP MACRO utc_offset() AS '(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)';
CREATE OR REPLACE TEMP MACRO full_clock() AS '(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?' || utc_offset();
CREATE OR REPLACE TEMP MACRO clock() AS
  '(?:(?:T| +)(?:[01]?[0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)? ?' || utc_offset() || '?)?';

-- month_names(): RE2 for the names of the months, lower case, Dutch or English. The
-- first three letters tell them apart.
CREATE OR REPLACE TEMP MACRO month_names() AS
  '(?:jan(?:uari|uary)?|feb(?:ruari|ruary)?|mrt|maart|mar(?:ch)?|apr(?:il)?|mei|may|june?|juni|july?|juli|' ||
  'aug(?:ustus|ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

CREATE OR REPLACE TEMP MACRO month_number(name) AS
  CASE left(name, 3) WHEN 'jan' THEN '1' WHEN 'feb' THEN '2' WHEN 'mrt' THEN '3' WHEN 'maa' THEN '3' WHEN 'mar' THEN '3'
    WHEN 'apr' THEN '4' WHEN 'mei' THEN '5' WHEN 'may' THEN '5' WHEN 'jun' THEN '6' WHEN 'jul' THEN '7' WHEN 'aug' THEN '8'
    WHEN 'sep' THEN '9' WHEN 'okt' THEN '10' WHEN 'oct' THEN '10' WHEN 'nov' THEN '11' WHEN 'dec' THEN '12' END;

-- serial_text(s): day number of a spreadsheet (1 is 1 January 1900, and there was a 29
-- February 1900) with its fraction of a day, as a time to the second.
CREATE OR REPLACE TEMP MACRO serial_text(s) AS
  CAST(TIMESTAMP '1899-12-30' + to_seconds(CAST(round(TRY_CAST(replace(s, ',', '.') AS DOUBLE) * 86400) AS BIGINT)) AS VARCHAR);

-- date_text(s): a stripped text in one of the known forms, rewritten to YYYY-M-D, a
-- space, and its time; month and day are 0 where they are not given. NULL for any
-- other text. Nothing says yet that such a day exists.
CREATE OR REPLACE TEMP MACRO date_text(s) AS CASE
  WHEN regexp_full_match(s, '[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}' || clock())
    THEN regexp_replace(s, '^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})[T ]*', '\1-\2-\3 ')
  WHEN regexp_full_match(s, '[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}' || clock())
    THEN regexp_replace(s, '^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})[T ]*', '\3-\2-\1 ')
  WHEN regexp_full_match(s, '[0-9]{8}(?:\.0+)?' || clock())
    THEN regexp_replace(s, '^(....)(..)(..)(?:\.0+)?[T ]*', '\1-\2-\3 ')
  WHEN regexp_full_match(s, '(?:[2-5][0-9]{4}|60000)(?:[.,][0-9]{0,15})?') THEN serial_text(s)
  WHEN regexp_full_match(lower(s), '[0-9]{1,2}[-/. ]*' || month_names() || '[-/. ]*[0-9]{4}' || lower(clock()))
    THEN regexp_replace(upper(s), '^([0-9]{1,2})[^0-9]*([0-9]{4})[T ]*',
                        '\2-' || month_number(regexp_extract(lower(s), '[a-z]{3}')) || '-\1 ')
  WHEN regexp_full_match(s, '[0-9]{4}(?:\.0+)?') THEN left(s, 4) || '-0-0 '
  WHEN regexp_full_match(s, '[0-9]{4}[-/.][0-9]{1,2}') THEN left(s, 4) || '-' || s[6:] || '-0 '
  WHEN regexp_full_match(s, '[0-9]{1,2}[-/.][0-9]{4}') THEN right(s, 4) || '-' || s[:-6] || '-0 '
  WHEN regexp_full_match(s, '0+(?:\.0+)?') THEN '0000-0-0 '
END;

-- moment(t): what date_text gave as a TIMESTAMP, NULL if there is no such day or time.
-- A time with an offset becomes the library's local time; one without stays as it stands.
CREATE OR REPLACE TEMP MACRO moment(t) AS
  CASE WHEN regexp_matches(t, '(?:Z|[+-][0-9:]+)$')
       THEN TRY_CAST(regexp_replace(regexp_replace(replace(t, ',', '.'), ' ?(Z|[+-][0-9:]+)$', '\1'),
                                    '^([0-9-]+ [0-9]+:[0-9]+)(Z|[+-])', '\1:00\2') AS TIMESTAMPTZ) AT TIME ZONE library_zone()
       ELSE TRY_CAST(rtrim(replace(t, ',', '.')) AS TIMESTAMP) END;

-- slow_moment(v): the moment of a text in any of the forms, of any year.
CREATE OR REPLACE TEMP MACRO slow_moment(v) AS
  list_transform([date_text(strip_space(v))], lambda rewritten: moment(rewritten))[1];

-- any_moment(v): slow_moment(v), fast where v is as databases and spreadsheets write it
-- (what lies between '0' and ':' begins with a digit). A fast form must accept what
-- date_text would: there is no second try.
CREATE OR REPLACE TEMP MACRO any_moment(v) AS CASE
  WHEN v LIKE '____-__-_____:__:__' AND v[19] BETWEEN '0' AND '9' AND v NOT LIKE '___________24%' THEN TRY_CAST(v AS TIMESTAMP)
  WHEN v LIKE '__-__-____' AND v BETWEEN '0' AND ':' THEN try_strptime(v, '%d-%m-%Y')
  WHEN v LIKE '__-__-____ __:__' AND v BETWEEN '0' AND ':' THEN try_strptime(v, '%d-%m-%Y %H:%M')
  WHEN v LIKE '__-__-____ __:__:__' AND v BETWEEN '0' AND ':' THEN try_strptime(v, '%d-%m-%Y %H:%M:%S')
  WHEN regexp_full_match(v, '[0-9]{8}') THEN try_strptime(v, '%Y%m%d')
  WHEN regexp_full_match(v, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]' || full_clock())
    THEN TRY_CAST(v AS TIMESTAMPTZ) AT TIME ZONE library_zone()
  ELSE slow_moment(v) END;

-- parse_date(v) → DATE. Years 1902 to 2099; what lies outside is a placeholder or a slip.
-- A dash before the fifth place is no year: DuckDB casts 20-1-02-01 to a day of the year 20.
CREATE OR REPLACE TEMP MACRO parse_date(v) AS CASE
  WHEN v LIKE '____-__-__' AND v[10] BETWEEN '0' AND '9' AND strpos(v, '-') = 5 THEN CASE WHEN v BETWEEN '1902' AND '2100' THEN TRY_CAST(v AS DATE) END
  WHEN v IS NULL OR v = '' THEN NULL
  ELSE list_transform([CAST(any_moment(v) AS DATE)],
         lambda parsed: CASE WHEN parsed BETWEEN DATE '1902-01-01' AND DATE '2099-12-31' THEN parsed END)[1] END;

-- parse_time(v) → TIMESTAMP, local wall-clock time; a date alone is its midnight. From
-- 1970-01-02: the zero of computer clocks is no time at which a book was lent.
CREATE OR REPLACE TEMP MACRO parse_time(v) AS
  CASE WHEN v IS NULL OR v = '' THEN NULL
       ELSE list_transform([any_moment(v)],
         lambda parsed: CASE WHEN parsed >= TIMESTAMP '1970-01-02' AND parsed < TIMESTAMP '2100-01-01' THEN parsed END)[1] END;

-- known_year(): RE2 for what date_text makes of a year with a zero month or a zero day.
CREATE OR REPLACE TEMP MACRO known_year() AS
  '^(?:190[2-9]|19[1-9][0-9]|20[0-9]{2})-(?:00?-(?:[0-2]?[0-9]|3[01])|(?:0?[0-9]|1[0-2])-00?) ';

-- parse_birth_year(v) → SMALLINT: the year of parse_date, or the year that is known
-- although month or day is not.
CREATE OR REPLACE TEMP MACRO parse_birth_year(v) AS CASE
  WHEN v IS NULL OR v = '' THEN NULL
  WHEN parse_date(v) IS NOT NULL THEN CAST(year(parse_date(v)) AS SMALLINT)
  ELSE list_transform([date_text(strip_space(v))], lambda rewritten:
    CASE WHEN regexp_matches(rewritten, known_year()) THEN CAST(left(rewritten, 4) AS SMALLINT) END)[1] END;

-- date_code(v): 'ok' exactly where parse_date(v) is not NULL, else why it is NULL.
CREATE OR REPLACE TEMP MACRO date_code(v) AS
  CASE WHEN parse_date(v) IS NOT NULL THEN 'ok'
       WHEN v IS NULL OR v = '' OR says_nothing(strip_space(v)) THEN 'empty'
       ELSE list_transform([date_text(strip_space(v))], lambda rewritten: CASE
         WHEN regexp_matches(rewritten, known_year()) THEN 'year-only'
         WHEN NOT regexp_matches(rewritten, '^(?:190[2-9]|19[1-9]|20)')
              AND regexp_matches(rewritten, '^[0-9]{4}-(?:00?-[0-9]+|[0-9]+-00?|0?1-0?1|12-3[01]) ') THEN 'placeholder'
         ELSE 'invalid' END)[1] END;

-- completed_years(birth, on_date) → INTEGER: age in completed years. Who was born on 29
-- February completes a year on 1 March of a common year. NULL before birth.
CREATE OR REPLACE TEMP MACRO completed_years(birth, on_date) AS
  CASE WHEN birth <= on_date THEN CAST(
    ((year(on_date) * 10000 + month(on_date) * 100 + day(on_date)) - (year(birth) * 10000 + month(birth) * 100 + day(birth))) // 10000
    AS INTEGER) END;
