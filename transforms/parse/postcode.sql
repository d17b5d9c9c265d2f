-- Postcodes.

-- postcode_gap(), postcode_digits(): RE2 for what people write between the parts of a
-- postcode, and for its digits with what may stand before them.
CREATE OR REPLACE TEMP MACRO postcode_gap() AS '[' || invisible() || '.\-]*';
CREATE OR REPLACE TEMP MACRO postcode_digits() AS '^(?:[Nn][Ll]' || postcode_gap() || ')?([1-9][0-9]{3})';

-- postcode_joined(s): a stripped text in the shape of a postcode without what stands
-- before and between its parts; any other text as it is.
CREATE OR REPLACE TEMP MACRO postcode_joined(s) AS
  regexp_replace(s, postcode_digits() || postcode_gap() || '([A-Za-z])' || postcode_gap() || '([A-Za-z])' || postcode_gap() || '$', '\1\2\3');

-- parse_postcode(v) → VARCHAR as 1234AB: the first digit is not 0, the letters are never
-- SA, SD or SS.
CREATE OR REPLACE TEMP MACRO parse_postcode(v) AS
  CASE WHEN regexp_full_match(v, '[1-9][0-9]{3}(?:[A-RT-Z][A-Z]|S[BCE-RT-Z])') THEN v
       WHEN v IS NULL OR v = '' THEN NULL
       ELSE list_transform([postcode_joined(strip_space(v))], lambda joined:
         CASE WHEN regexp_full_match(joined, '[1-9][0-9]{3}(?:[A-RT-Za-rt-z][A-Za-z]|[Ss][BCE-RT-Zbce-rt-z])') THEN upper(joined) END)[1] END;

-- pc4_alone(s): the four digits of a stripped text that has nothing else.
CREATE OR REPLACE TEMP MACRO pc4_alone(s) AS nullif(regexp_extract(s, postcode_digits() || '(?:\.0+)?$', 1), '');

-- parse_pc4(v) → VARCHAR: the four digits of a Dutch postcode, or of its digits alone.
CREATE OR REPLACE TEMP MACRO parse_pc4(v) AS
  CASE WHEN parse_postcode(v) IS NOT NULL THEN left(parse_postcode(v), 4) ELSE pc4_alone(strip_space(v)) END;

-- foreign_postcode(s): whether a stripped text has the shape of a postcode elsewhere.
-- Belgium's and others' four digits cannot be told from a Dutch PC4: see the country.
CREATE OR REPLACE TEMP MACRO foreign_postcode(s) AS
  regexp_full_match(upper(s),
    '[A-Z]{1,3}[- ]?[0-9]{4,6}'                                     -- B-9000, D 48599, LV-1010
    || '|[0-9]{5,6}|[0-9]{3} [0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{5}-[0-9]{4}'  -- DE, FR, CZ, PL, PT, US
    || '|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}'                   -- United Kingdom
    || '|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z][0-9][0-9W] ?[A-Z0-9]{4}')  -- Canada, Ireland
  AND NOT starts_with(upper(s), 'NL');

-- postcode_code(v): 'ok' exactly where parse_postcode(v) is not NULL, else why not.
CREATE OR REPLACE TEMP MACRO postcode_code(v) AS
  CASE WHEN parse_postcode(v) IS NOT NULL THEN 'ok'
       WHEN v IS NULL OR says_nothing(strip_space(v)) THEN 'empty'
       ELSE list_transform([strip_space(v)], lambda stripped: CASE
         WHEN pc4_alone(stripped) IS NOT NULL THEN 'pc4-only'
         WHEN regexp_full_match(postcode_joined(stripped), '[1-9][0-9]{3}[Ss][ADSads]') THEN 'forbidden-letters'
         WHEN foreign_postcode(stripped) THEN 'foreign'
         ELSE 'invalid' END)[1] END;
