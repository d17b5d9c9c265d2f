-- Sex, yes and no, identifiers, ISIL.

-- sex_word(v): the text as it is compared: lower case, without dots.
CREATE OR REPLACE TEMP MACRO sex_word(v) AS rtrim(lower(strip_space(v)), '.');

-- parse_sex(v) → VARCHAR 'M', 'F', 'X' (neither) or NULL. 1 and 2 are those of CBS and ISO 5218.
CREATE OR REPLACE TEMP MACRO parse_sex(v) AS
  CASE WHEN v IN ('M', 'F', 'X') THEN v
       WHEN v = 'V' THEN 'F'
       WHEN v IS NULL OR v = '' THEN NULL
       ELSE list_transform([sex_word(v)], lambda word: CASE
         WHEN word IN ('m', 'man', 'mannelijk', 'male', 'jongen', 'dhr', 'heer', '1') THEN 'M'
         WHEN word IN ('v', 'vr', 'vrouw', 'vrouwelijk', 'f', 'female', 'w', 'woman', 'meisje', 'mevr', 'mevrouw', 'mw', '2') THEN 'F'
         WHEN word IN ('x', 'anders', 'other', 'non-binair', 'nonbinair', 'non binair', 'non-binary', 'nonbinary',
                       'genderneutraal', 'divers') THEN 'X' END)[1] END;

-- sex_code(v): 'ok' exactly where parse_sex(v) is not NULL, else why not. O is onbekend
-- in one system and other in the next: unknown either way.
CREATE OR REPLACE TEMP MACRO sex_code(v) AS
  CASE WHEN parse_sex(v) IS NOT NULL THEN 'ok'
       ELSE list_transform([sex_word(v)], lambda word: CASE
         WHEN word IN ('o', 'u', 'onb', 'onbekend', 'unknown', 'niet opgegeven', 'not specified', 'geen opgave', '-', '?', '0', '9') THEN 'unknown'
         WHEN word IN ('i', 'inst', 'instelling', 'institution', 'instituut', 'organisatie', 'bedrijf') THEN 'institution'
         WHEN word IS NULL OR says_nothing(word) THEN 'empty'
         ELSE 'invalid' END)[1] END;

-- parse_bool(v) → BOOLEAN.
CREATE OR REPLACE TEMP MACRO parse_bool(v) AS
  CASE WHEN v = 'false' THEN false
       WHEN v = 'true' THEN true
       WHEN v IS NULL OR v = '' THEN NULL
       ELSE list_transform([lower(strip_space(v))], lambda word: CASE
         WHEN word IN ('true', 't', 'yes', 'y', 'ja', 'j', 'waar', '1', '1.0') THEN true
         WHEN word IN ('false', 'f', 'no', 'n', 'nee', 'neen', 'onwaar', '0', '0.0') THEN false END)[1] END;

-- parse_id(v) → VARCHAR: an identifier as text, so that leading zeros stay. A whole
-- number that a spreadsheet wrote as 123.0 loses its fraction. One that it wrote as
-- 1.23E+12 has lost digits, and several persons may share it: NULL.
CREATE OR REPLACE TEMP MACRO parse_id(v) AS
  CASE WHEN regexp_full_match(v, '[0-9A-Za-z-]+') AND v <> '-' AND (strlen(v) <> 4 OR lower(v) <> 'null') THEN v
       WHEN v IS NULL OR v = '' THEN NULL
       ELSE list_transform([strip_space(v)], lambda stripped: CASE
         WHEN stripped = '' OR lower(stripped) IN ('-', 'null', '\n', '#n/a', 'n/a')
              OR regexp_full_match(stripped, '[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+') THEN NULL
         ELSE regexp_replace(stripped, '^(-?[0-9]+)[.,]0+$', '\1') END)[1] END;

-- member_ref(v) → VARCHAR: parse_id, but NULL where the loan is anonymised: zero or a
-- negative number.
CREATE OR REPLACE TEMP MACRO member_ref(v) AS
  CASE WHEN regexp_full_match(v, '[1-9][0-9A-Za-z]*') THEN v
       WHEN v IS NULL OR v = '' THEN NULL
       ELSE list_transform([parse_id(v)], lambda id: CASE WHEN NOT regexp_full_match(id, '0+|-[0-9]+') THEN id END)[1] END;

-- isil_code(v): the structure of a Dutch public library's ISIL: NL-, type 08 (public
-- library), 07 (provincial body) or 01 (KB), four digits of the organisation, four of
-- the location; location 0000 is the organisation itself.
CREATE OR REPLACE TEMP MACRO isil_code(v) AS
  list_transform([upper(strip_space(v))], lambda isil: CASE
    WHEN isil IS NULL OR says_nothing(isil) THEN 'empty'
    WHEN NOT regexp_full_match(isil, 'NL-0[178][0-9]{8}') THEN 'invalid'
    WHEN ends_with(isil, '0000') THEN 'ok-organisation' ELSE 'ok-location' END)[1];

-- isil_organisation(v) → VARCHAR: the ISIL of the organisation; NULL if v is not valid.
CREATE OR REPLACE TEMP MACRO isil_organisation(v) AS
  list_transform([upper(strip_space(v))], lambda isil:
    CASE WHEN regexp_full_match(isil, 'NL-0[178][0-9]{8}') THEN left(isil, 9) || '0000' END)[1];
