-- House numbers. A text goes from house_text (announcements off) to house_head (the
-- street off), house_tail (letter and addition apart), and is judged in house_split.

-- house_gap(), house_letter(): RE2 for one character that only separates, and for one
-- letter in capitals. \pL would be slow to compile.
CREATE OR REPLACE TEMP MACRO house_gap() AS '[' || invisible() || '\-/.,_():;''"]';
CREATE OR REPLACE TEMP MACRO house_letter() AS '[A-Z\x{C0}-\x{24F}]';

-- house(n, l, a, c): the result of parse_house, typed. house_none(c): one without a number.
CREATE OR REPLACE TEMP MACRO house(n, l, a, c) AS
  {number: TRY_CAST(n AS INTEGER), letter: CAST(l AS VARCHAR), addition: CAST(a AS VARCHAR), code: CAST(c AS VARCHAR)};
CREATE OR REPLACE TEMP MACRO house_none(c) AS house(NULL, NULL, NULL, c);

-- house_addition(a): a text in capitals without its gaps. '?' where two numbers stand
-- apart, since 1-2 would become 12, or a sign is not understood.
CREATE OR REPLACE TEMP MACRO house_addition(a) AS
  CASE WHEN regexp_matches(a, '[0-9]' || house_gap() || '+[0-9]') THEN '?'
       ELSE list_transform([regexp_replace(a, house_gap() || '+', '', 'g')],
              lambda joined: CASE WHEN regexp_full_match(joined, '[A-Z0-9]*') THEN joined ELSE '?' END)[1] END;

-- house_tail(r): what stands behind the digits: one letter that no other follows is the
-- letter, the rest the addition.
CREATE OR REPLACE TEMP MACRO house_tail(r) AS
  {letter: nullif(regexp_extract(r, '^' || house_gap() || '*([A-Z])(?:[^A-Z]|$)', 1), ''),
   addition: house_addition(regexp_replace(r, '^' || house_gap() || '*[A-Z]([^A-Z]|$)', '\1'))};

-- house_range(number, tail): whether the two may be a row of houses, 12-14: the second
-- number is on the same side of the street and at most ten further.
CREATE OR REPLACE TEMP MACRO house_range(number, tail) AS
  regexp_full_match(tail, ' *(?:[-/+&]|T/?M|EN) *[1-9][0-9]{0,4}')
  AND TRY_CAST(regexp_extract(tail, '[0-9]+') AS INTEGER) - TRY_CAST(number AS INTEGER) IN (2, 4, 6, 8, 10);

-- street_line(): RE2 for a street and the number behind it: words, in which an ordinal
-- (1E JAN STEENSTRAAT) and a year or two (PLEIN 1940-1945) may stand.
CREATE OR REPLACE TEMP MACRO street_line() AS
  '^(?:[0-9]{1,3}(?:E|DE|STE) +)?[^0-9]*' || house_letter() || '{2,}[^0-9]*(?:[0-9]{1,3}(?:E|DE|STE) [^0-9]+)?'
  || '(?:[12][0-9]{3}(?: ?- ?[12][0-9]{3})?[^0-9]*)?[^0-9A-Z\x{C0}-\x{24F}]0*(?P<number>[1-9][0-9]*)(?P<tail>(?s:.*))$';

-- house_text(v): v in capitals, without what only announces a number (nr. 12, #12).
CREATE OR REPLACE TEMP MACRO house_text(v) AS
  regexp_replace(upper(strip_space(v)), '^(?:' || house_gap() || '|#|(?:HUIS)?N(?:UMME)?R[.: ]*|NO[.: ]+)+([0-9])', '\1');

-- house_head(s): the number in a house_text and what stands behind it. The number is ''
-- where there is none (a post office box is no house), '?' where it is not certain: next
-- to a number, or a year that may be the street's or the house's.
CREATE OR REPLACE TEMP MACRO house_head(s) AS CASE
  WHEN regexp_matches(s, '^(?:POSTBUS|PB|P\.? ?O\.? ?BOX|ANTWOORDN)') THEN {number: '', tail: ''}
  WHEN regexp_matches(s, '^(?:T/?O|T\.O\.|TEGENOVER|BIJ|BY|NAAST|ACHTER)[ .]*[0-9]') THEN {number: '?', tail: ''}
  WHEN regexp_matches(s, street_line()) THEN
    list_transform([regexp_extract(s, street_line(), ['number', 'tail'])],
      lambda found: CASE WHEN regexp_full_match(found.number, '1[5-9][0-9]{2}|20[0-9]{2}') THEN {number: '?', tail: ''} ELSE found END)[1]
  WHEN regexp_matches(s, '^[0-9]') THEN regexp_extract(s, '^0*(?P<number>[0-9]*)(?:\.0+$)?(?P<tail>(?s:.*))$', ['number', 'tail'])
  ELSE {number: '', tail: ''} END;

-- house_split(v): a text with a house number as the struct of parse_house. A long word
-- and then another number throws doubt on the first: 5 Meilaan 12.
CREATE OR REPLACE TEMP MACRO house_split(v) AS
  list_transform(list_transform(list_transform([house_text(v)],
    lambda line: house_head(line)),
    lambda head: {number: head.number, tail: house_tail(head.tail), raw: head.tail}),
    lambda parts: CASE
      WHEN parts.number IS NULL OR parts.number = '' OR length(parts.number) > 5 THEN house_none('no-number')
      WHEN parts.number = '?' OR regexp_matches(parts.raw, house_letter() || '{5,}.*[0-9]') THEN house_none('ambiguous')
      WHEN house_range(parts.number, parts.raw) OR parts.tail.addition = '?'
        THEN house(parts.number, CASE WHEN parts.tail.addition = '?' THEN parts.tail.letter END, NULL, 'ambiguous')
      WHEN length(parts.tail.addition) > 4 THEN house(parts.number, parts.tail.letter, NULL, 'addition-too-long')
      ELSE house(parts.number, parts.tail.letter, nullif(parts.tail.addition, ''), 'ok') END)[1];

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
-- addition VARCHAR, code VARCHAR). First the columns of a source that keeps them apart, the
-- number perhaps filled up with blanks, then a number with letters behind it (48A, 12 hs), then everything else.
CREATE OR REPLACE TEMP MACRO parse_house(number, letter, addition) AS CASE
  WHEN regexp_full_match(number, ' *[1-9][0-9]{0,4} *') AND regexp_full_match(coalesce(letter, ''), '[A-Z]?')
       AND regexp_full_match(coalesce(addition, ''), '[A-Z0-9]{0,4}')
    THEN house(number, nullif(letter, ''), nullif(addition, ''), 'ok')
  WHEN coalesce(number, '') = '' AND coalesce(letter, '') = '' AND coalesce(addition, '') = '' THEN house_none('empty')
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
