// Package parse turns the text that library systems and spreadsheets deliver into
// typed values, as DuckDB macros: text in, a type out, and no error on any text. What
// is not understood is NULL, never a guess; the macro whose name ends in _code says
// why. [Install] creates the macros; from then on they are functions in every
// statement of that instance:
//
//	SELECT parse_date(birth_date) AS birth_date, date_code(birth_date) AS birth_date_code FROM raw
//
// # Dates and times
//
//	parse_date(v)        DATE
//	date_code(v)         ok, empty, placeholder, year-only, invalid
//	parse_birth_year(v)  SMALLINT
//	parse_time(v)        TIMESTAMP, local wall-clock time of the library
//	completed_years(birth DATE, on_date DATE)  INTEGER
//
// A date is written 2024-05-03, 2024/5/3, 03-05-2024, 3/5/2024, 03.05.2024 (day before
// month, always), 20240503, 3 mei 2024, 12-mrt-2024 (Dutch or English names), or as the
// day number of a spreadsheet, 45415 (20000 to 60000: 1954 to 2064). A time of day may
// follow a T or a space: 10:20, 10:20:30, 10:20:30.5, and then an offset from UTC.
//
// With an offset, the value is the date and time in the library's zone at that moment.
// Without one it stays as it stands, even 02:30 in the night that clocks skip it. A date
// alone is its midnight; 24:00 is no time.
//
// A date lies in the years 1902 to 2099. Outside them 1 January, 30 and 31 December and
// days of zeros are placeholders for "unknown" or "no end": 1753-01-01, 1899-12-30,
// 1900-01-01, 01-01-1901, 9999-12-31, 0000-00-00. Any other day outside them is invalid,
// as are days that do not exist and years of two digits. 1970-01-01 is a date, since
// people were born then; it is not a time, where it is a computer clock at zero:
// parse_time begins at 1970-01-02.
//
// year-only is 1995, 1995-06, 1995-00-00, 00-00-1995 or 1995-06-00: not a date, and no
// day is invented; parse_birth_year knows the year.
//
// completed_years counts birthdays; who was born on 29 February has one on 1 March of a
// common year. It is NULL before birth.
//
// # Addresses
//
//	parse_postcode(v)  VARCHAR, as 2711EC
//	postcode_code(v)   ok, empty, pc4-only, forbidden-letters, foreign, invalid
//	parse_pc4(v)       VARCHAR, as 2711
//	parse_house(number, letter, addition)
//	                   STRUCT(number INTEGER, letter VARCHAR, addition VARCHAR, code VARCHAR)
//
// A Dutch postcode has four digits, the first not 0, and two letters, never SA, SD or SS.
// Capitals, spaces of any kind, dots, dashes and NL before it do not matter. parse_pc4 also
// reads the digits alone; those may be Belgian: see the country. foreign is the shape of
// another country's postcode, five digits among them.
//
// A house number has up to five digits, a letter A to Z, and an addition of up to four
// letters and digits, in capitals. The number column may hold all of it: a letter is what
// stands alone behind the digits (48A, 12 a-bis, 19p-8), the rest is the addition (44-bis,
// 3-0072, 12 hs). A street may precede it (Plein 1940-1945 12, 1e Jan Steenstraat 5). A
// letter or addition column that says something wins over what was split off; a letter
// column with more than a letter is an addition. The codes:
//
//	ok
//	empty              nothing in the number, nor in the others
//	no-number          text without a house number, a post office box, more than five digits
//	ambiguous          with a number: 12-14 or 12 t/m 14 (perhaps a row: even steps up to ten), 12 1-2, 12½;
//	                   the addition is NULL. Without: Plein 1945, 5 Meilaan 12, t/o 12
//	addition-too-long  12 souterrain: the number and letter hold, the addition is NULL
//
// # Codes and identifiers
//
//	parse_sex(v)          VARCHAR M, F or X (neither)
//	sex_code(v)           ok, empty, institution, unknown (it says so), invalid
//	parse_bool(v)         BOOLEAN
//	parse_id(v)           VARCHAR
//	member_ref(v)         VARCHAR
//	isil_code(v)          ok-organisation, ok-location, empty, invalid
//	isil_organisation(v)  VARCHAR, the ISIL with location 0000
//
// Sexes are Dutch or English words and letters, and 1 and 2 as CBS and ISO 5218 have them.
// O is onbekend in one system and other in the next, so it is unknown. An identifier is
// trimmed; 123.0 is 123, zeros in front stay; 1.23E+12 is NULL, because a spreadsheet has
// dropped digits and several persons would share it. member_ref is the identifier of a
// loan's member: NULL as well for zero and negative numbers, which stand for anonymised
// loans. An ISIL is NL-, type 08 (public library), 07 (provincial body) or 01 (KB), four
// digits of the organisation and four of the location.
//
// # Text
//
//	clean_text(v)  VARCHAR
//	text_code(v)   ok, empty, double-encoded, control-characters
//
// Clean text has no control characters, NULs or marks of writing direction, one space
// where there was white space, none at its ends, and is NULL if nothing is left. UTF-8 that
// was read as Windows-1252 and encoded once more (CafÃ©) is repaired if the whole text
// is of that kind; a text that is that as well has the code double-encoded.
//
// # Empty
//
// Empty is NULL, white space, or a word for it: nvt, n.v.t., -, ?, null, geen, onbekend and
// the like (says_nothing in text.sql). Exceptions: for a sex, onbekend, - and ? are unknown;
// an identifier is empty only for -, null, n/a and \N, since geen or nat may be somebody's
// code; a text is empty only without characters.
//
// # Cost
//
// The common forms cost two to three times a bare TRY_CAST: some 0.1 microsecond a value
// on one core for a date (2024-05-03, 03-05-2024), a time (2024-05-03 10:20:30), an
// identifier or a plain house number. A time with an offset costs 0.5, a postcode with a
// space 0.3, anything else 1 to 5. NULL costs next to nothing. DuckDB computes a macro
// anew wherever it stands, so a statement over many rows should name the result once, in
// a subquery, and ask for the code of the NULLs only:
//
//	SELECT d, CASE WHEN d IS NOT NULL THEN 'ok' ELSE date_code(birth_date) END
//	FROM (SELECT birth_date, parse_date(birth_date) AS d FROM raw)
//
// parse_house returns a struct for the same reason: take its fields from a subquery.
package parse
