-- Text: what is white space, what says nothing, what is damaged.

-- invisible() is the inside of an RE2 character class: white space of every kind (a
-- no-break space comes with every copy from a web page), control characters, NUL,
-- byte order marks, marks of writing direction.
CREATE OR REPLACE TEMP MACRO invisible() AS
  '\s\x{00}-\x{1F}\x{7F}-\x{A0}\x{1680}\x{2000}-\x{200F}\x{2028}-\x{202F}\x{205F}-\x{206F}\x{3000}\x{FEFF}';

-- strip_space(v): v without invisible characters at either end; NULL stays NULL.
-- Most values are plain ASCII and pass the first test, which copies nothing.
CREATE OR REPLACE TEMP MACRO strip_space(v) AS
  CASE WHEN regexp_full_match(v, '(?s)[!-~](?:.*[!-~])?') THEN v
       ELSE regexp_replace(v, '^[' || invisible() || ']+|[' || invisible() || ']+$', '', 'g') END;

-- says_nothing(s): whether a stripped text is empty or one of the words that people
-- and programs write into a field that has no value (\N, here in lower case, is a
-- database's NULL).
CREATE OR REPLACE TEMP MACRO says_nothing(s) AS
  s = '' OR lower(s) IN ('-', '--', '.', '?', 'n.v.t.', 'n.v.t', 'nvt', 'n/a', '#n/a', 'null', 'none', 'nan', 'nat',
                         'geen', 'onbekend', 'unknown', '\n');

-- single_byte(c): the byte, as two hexadecimal digits, that stands for one character
-- in Windows-1252; for a character that is not in it something that is no hexadecimal.
-- The five bytes that Windows-1252 leaves open are the control characters of Latin-1.
CREATE OR REPLACE TEMP MACRO single_byte(c) AS
  CASE WHEN unicode(c) <= 255 THEN printf('%02X', unicode(c))
       ELSE coalesce(printf('%02X', 127 + nullif(strpos(
         -- The characters of the bytes 80 to 9F, in order.
         '€' || chr(129) || '‚ƒ„…†‡ˆ‰Š‹Œ' || chr(141) || 'Ž' || chr(143) || chr(144) || '‘’“”•–—˜™š›œ' || chr(157) || 'žŸ',
         c), 0)), 'no') END;

-- decode_hex(h): the text whose UTF-8 bytes the hexadecimal digits h are; NULL if they are no
-- UTF-8. The form is tested first, since one value that fails in TRY makes DuckDB go through
-- all values beside it once for each of them.
CREATE OR REPLACE TEMP MACRO decode_hex(h) AS
  CASE WHEN regexp_full_match(h, '(?:[0-7][0-9A-F]|(?:C[2-9A-F]|D[0-9A-F])[89AB][0-9A-F]'
         || '|(?:E0[AB][0-9A-F]|E[1-9A-CEF][89AB][0-9A-F]|ED[89][0-9A-F])[89AB][0-9A-F]'
         || '|(?:F0[9AB][0-9A-F]|F[1-3][89AB][0-9A-F]|F48[0-9A-F])(?:[89AB][0-9A-F]){2})*')
       THEN decode(unhex(h)) END;

-- undouble(v): v with UTF-8 that was read as Windows-1252 and written as UTF-8 again
-- (CafÃ©) turned back (Café). A text is turned back only if the whole of it consists
-- of such bytes and these are valid UTF-8; any other text comes back as it is.
CREATE OR REPLACE TEMP MACRO undouble(v) AS
  CASE WHEN regexp_matches(v, '[\x{C2}-\x{F4}][\x{80}-\x{BF}\x{152}-\x{2122}]')
       THEN coalesce(decode_hex(array_to_string(
              list_transform(string_split(v, ''), lambda character: single_byte(character)), '')), v)
       ELSE v END;

-- unprintable() is the inside of an RE2 class: control characters that are not white
-- space, and invisible marks. The joiners U+200C and U+200D belong to some scripts.
CREATE OR REPLACE TEMP MACRO unprintable() AS
  '\x{00}-\x{08}\x{0E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}';

-- clean_text(v): the text as a person meant it: double encoding repaired, control
-- characters, NULs, direction marks and byte order marks taken out, white space folded
-- to one space inside and none at the ends. NULL if nothing is left.
CREATE OR REPLACE TEMP MACRO clean_text(v) AS
  CASE WHEN regexp_full_match(v, '[!-~]+(?: [!-~]+)*') THEN v
       WHEN v IS NULL OR v = '' THEN NULL
       ELSE nullif(trim(regexp_replace(regexp_replace(undouble(v),
              '[' || unprintable() || ']+', '', 'g'),
              '[\s\x{0B}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]+', ' ', 'g')), '') END;

-- text_code(v): 'empty', 'double-encoded', 'control-characters' or 'ok', the first that
-- is true of v.
CREATE OR REPLACE TEMP MACRO text_code(v) AS
  CASE WHEN regexp_full_match(v, '[!-~]+(?: [!-~]+)*') THEN 'ok'
       WHEN clean_text(v) IS NULL THEN 'empty'
       WHEN undouble(v) <> v THEN 'double-encoded'
       WHEN regexp_matches(v, '[' || unprintable() || ']') THEN 'control-characters'
       ELSE 'ok' END;
