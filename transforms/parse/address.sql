-- Dutch addresses: postcodes and house numbers.

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

-- house_tail(r): what stands behind the digits of a house number, upper case, split:
-- one letter not followed by another is the letter, the rest the addition. The code is
-- 'ambiguous' where two numbers stand apart (1-2 could not be told from 12) or a sign
-- is not understood, 'addition-too-long' above four characters; the addition is then NULL.
CREATE OR REPLACE TEMP MACRO house_gap() AS '[' || invisible() || '\-/.,_():;''"]';
CREATE OR REPLACE TEMP MACRO house_letter() AS '[A-Z\x{C0}-\x{24F}]';
CREATE OR REPLACE TEMP MACRO house_addition(a) AS
  CASE WHEN regexp_matches(a, '[0-9]' || house_gap() || '+[0-9]') THEN '?'
       ELSE list_transform([regexp_replace(a, house_gap() || '+', '', 'g')],
              lambda joined: CASE WHEN regexp_full_match(joined, '[A-Z0-9]*') THEN joined ELSE '?' END)[1] END;
CREATE OR REPLACE TEMP MACRO house_tail(r) AS
  {letter: nullif(regexp_extract(r, '^' || house_gap() || '*([A-Z])(?:[^A-Z]|$)', 1), ''),
   addition: house_addition(regexp_replace(r, '^' || house_gap() || '*[A-Z]([^A-Z]|$)', '\1'))};

CREATE OR REPLACE TEMP MACRO street_line() AS
  '^(?:[0-9]{1,3}(?:E|DE|STE) +)?[^0-9]*' || house_letter() || '{2,}[^0-9]*(?:[0-9]{1,3}(?:E|DE|STE) [^0-9]+)?'
  || '(?:[12][0-9]{3}(?: ?- ?[12][0-9]{3})?[^0-9]*)?[^0-9A-Z\x{C0}-\x{24F}]0*(?P<number>[1-9][0-9]*)(?P<tail>(?s:.*))$';

-- house_head(s): the number of a stripped upper-case text and what stands behind it.
-- Number is '' where there is none, '?' where several could be meant.
CREATE OR REPLACE TEMP MACRO house_head(s) AS CASE
  -- A post office box is not a house.
  WHEN regexp_matches(s, '^(?:POSTBUS|PB|P\.? ?O\.? ?BOX|ANTWOORDN)') THEN {number: '', tail: ''}
  -- Opposite or beside a number.
  WHEN regexp_matches(s, '^(?:T/?O|T\.O\.|TEGENOVER|BIJ|BY|NAAST|ACHTER)[ .]*[0-9]') THEN {number: '?', tail: ''}
  -- A street before the number: text, perhaps with an ordinal (1E JAN STEENSTRAAT) or a
  -- year (PLEIN 1940-1945). A year that nothing follows may be the street's or the house's.
  WHEN regexp_matches(s, street_line()) THEN
    list_transform([regexp_extract(s, street_line(), ['number', 'tail'])],
      lambda found: CASE WHEN regexp_full_match(found.number, '1[5-9][0-9]{2}|20[0-9]{2}') THEN {number: '?', tail: ''} ELSE found END)[1]
  WHEN regexp_matches(s, '^[0-9]') THEN regexp_extract(s, '^0*(?P<number>[0-9]*)(?:\.0+$)?(?P<tail>(?s:.*))$', ['number', 'tail'])
  ELSE {number: '', tail: ''}
END;
CREATE OR REPLACE TEMP MACRO house(n, l, a, c) AS
  {number: CAST(n AS INTEGER), letter: CAST(l AS VARCHAR), addition: CAST(a AS VARCHAR), code: CAST(c AS VARCHAR)};
CREATE OR REPLACE TEMP MACRO house_none(c) AS house(NULL, NULL, NULL, c);

-- house_range(number, tail): whether the two may be a row of houses, 12-14: the second
-- number is on the same side of the street and at most ten further.
CREATE OR REPLACE TEMP MACRO house_range(number, tail) AS
  regexp_full_match(tail, ' *(?:[-/+&]|T/?M|EN) *[1-9][0-9]{0,4}')
  AND CAST(regexp_extract(tail, '[0-9]+') AS INTEGER) - CAST(number AS INTEGER) IN (2, 4, 6, 8, 10);

-- house_text(v): v in upper case, without what only announces a number (nr. 12, #12).
CREATE OR REPLACE TEMP MACRO house_text(v) AS
  regexp_replace(upper(strip_space(v)), '^(?:' || house_gap() || '|#|(?:HUIS)?N(?:UMME)?R[.: ]*|NO[.: ]+)+([0-9])', '\1');

-- house_split(v): a text with a house number as {number, letter, addition, code}.
CREATE OR REPLACE TEMP MACRO house_split(v) AS
  list_transform(list_transform(list_transform([house_text(v)],
    lambda line: house_head(line)),
    lambda head: {number: head.number, tail: house_tail(head.tail), raw: head.tail}),
    lambda parts: CASE
      WHEN parts.number IS NULL OR parts.number = '' OR length(parts.number) > 5 THEN house_none('no-number')
      WHEN parts.number = '?' OR regexp_matches(parts.raw, house_letter() || '{5,}.*[0-9]') THEN house_none('ambiguous')
      WHEN house_range(parts.number, parts.raw) OR parts.tail.addition = '?'
        THEN house(CAST(parts.number AS INTEGER), CASE WHEN parts.tail.addition = '?' THEN parts.tail.letter END, NULL, 'ambiguous')
      WHEN length(parts.tail.addition) > 4 THEN house(CAST(parts.number AS INTEGER), parts.tail.letter, NULL, 'addition-too-long')
      ELSE house(CAST(parts.number AS INTEGER), parts.tail.letter, nullif(parts.tail.addition, ''), 'ok') END)[1];

-- house_given(v): the text of a letter or addition column, cleaned; NULL if it says nothing.
CREATE OR REPLACE TEMP MACRO house_given(v) AS
  CASE WHEN NOT says_nothing(strip_space(v)) THEN nullif(house_addition(upper(strip_space(v))), '') END;

-- house_join(split, nothing, letter, addition): given columns win over what was split.
CREATE OR REPLACE TEMP MACRO house_join(split, nothing, letter, addition) AS
  CASE WHEN nothing THEN house_none(CASE WHEN coalesce(letter, addition) IS NULL THEN 'empty' ELSE 'no-number' END)
       WHEN split.number IS NULL THEN split
       WHEN addition = '?' THEN house(split.number, coalesce(letter, split.letter), NULL, 'ambiguous')
       WHEN length(addition) > 4 THEN house(split.number, coalesce(letter, split.letter), NULL, 'addition-too-long')
       WHEN addition IS NOT NULL THEN house(split.number, coalesce(letter, split.letter), addition, 'ok')
       ELSE house(split.number, coalesce(letter, split.letter), split.addition, split.code) END;

-- parse_house(number, letter, addition) → STRUCT(number INTEGER, letter VARCHAR,
-- addition VARCHAR, code VARCHAR). First the columns of a source that keeps them apart,
-- then a number with letters behind it (48A, 12 hs), then everything else.
CREATE OR REPLACE TEMP MACRO parse_house(number, letter, addition) AS CASE
  WHEN regexp_full_match(number, '[1-9][0-9]{0,4}') AND regexp_full_match(coalesce(letter, ''), '[A-Z]?')
       AND regexp_full_match(coalesce(addition, ''), '[A-Z0-9]{0,4}')
    THEN house(number, nullif(letter, ''), nullif(addition, ''), 'ok')
  WHEN coalesce(letter, '') = '' AND coalesce(addition, '') = '' AND regexp_full_match(number, '[1-9][0-9]{0,4}[ -]?[A-Za-z]{1,4}')
    THEN list_transform([{number: regexp_extract(number, '^[0-9]+'), tail: upper(regexp_extract(number, '[A-Za-z]+$'))}],
           lambda parts: house(parts.number, CASE WHEN length(parts.tail) = 1 THEN parts.tail END,
                               CASE WHEN length(parts.tail) > 1 THEN parts.tail END, 'ok'))[1]
  ELSE list_transform([{split: house_split(number), nothing: coalesce(says_nothing(strip_space(number)), true),
                        letter: house_given(letter), addition: house_given(addition)}],
    lambda given: house_join(given.split, given.nothing,
      -- A letter column that holds more than a letter is an addition.
      CASE WHEN regexp_full_match(given.letter, '[A-Z]') THEN given.letter END,
      CASE WHEN given.addition IS NOT NULL THEN given.addition WHEN NOT regexp_full_match(given.letter, '[A-Z]') THEN given.letter END))[1] END;
