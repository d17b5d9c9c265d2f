-- Types of columns that hold one of a few codes: a byte a row instead of a text.
CREATE TYPE sex_type AS ENUM ('M', 'F', 'X');
CREATE TYPE borrower_code AS ENUM ('anonymous', 'institution', 'person', 'unknown');
CREATE TYPE code_type AS ENUM ('ok', 'empty', 'placeholder', 'year-only', 'invalid', 'pc4-only', 'foreign', 'forbidden-letters', 'no-number', 'ambiguous', 'addition-too-long');

-- code_map: what a source's own codes mean. Key: list, code. Class: public.
-- Codes are compared in upper case without outer blanks. The configuration's codes
-- replace these rows; what neither knows is counted, reported and never guessed.
CREATE TABLE code_map (list VARCHAR, code VARCHAR, value VARCHAR);

INSERT INTO code_map VALUES
    ('member_kind', 'PERSON', 'person'), ('member_kind', 'PERSOON', 'person'), ('member_kind', 'P', 'person'),
    ('member_kind', 'INSTITUTION', 'institution'), ('member_kind', 'INSTELLING', 'institution'), ('member_kind', 'I', 'institution'),
    ('member_kind', 'SCHOOL', 'institution'), ('member_kind', 'ORGANISATION', 'institution'), ('member_kind', 'ORGANISATIE', 'institution'),

    ('subscription_class', 'YOUTH', 'youth'), ('subscription_class', 'JEUGD', 'youth'), ('subscription_class', 'J', 'youth'),
    ('subscription_class', 'JUNIOR', 'youth'), ('subscription_class', 'ADULT', 'adult'), ('subscription_class', 'VOLWASSEN', 'adult'),
    ('subscription_class', 'VOLWASSENE', 'adult'), ('subscription_class', 'VOLWASSENEN', 'adult'), ('subscription_class', 'VOLW', 'adult'),
    ('subscription_class', 'V', 'adult'), ('subscription_class', 'OTHER', 'other'), ('subscription_class', 'OVERIG', 'other'),
    ('subscription_class', 'ANDERS', 'other'),

    ('material', 'BOOK', 'book'), ('material', 'BOOKS', 'book'), ('material', 'BOEK', 'book'), ('material', 'BOEKEN', 'book'), ('material', 'BK', 'book'), ('material', 'STRIP', 'book'), ('material', 'STRIPBOEK', 'book'), ('material', 'GROOTLETTER', 'book'), ('material', 'GROTELETTER', 'book'),
    ('material', 'AUDIOVISUAL', 'audiovisual'), ('material', 'AV', 'audiovisual'), ('material', 'DVD', 'audiovisual'), ('material', 'CD', 'audiovisual'),
    ('material', 'BLURAY', 'audiovisual'), ('material', 'BLU-RAY', 'audiovisual'), ('material', 'LUISTERBOEK', 'audiovisual'), ('material', 'AUDIOBOEK', 'audiovisual'),
    ('material', 'VIDEO', 'audiovisual'), ('material', 'SHEETMUSIC', 'sheetmusic'), ('material', 'BLADMUZIEK', 'sheetmusic'), ('material', 'MUZIEK', 'sheetmusic'),
    ('material', 'MAGAZINE', 'magazine'), ('material', 'TIJDSCHRIFT', 'magazine'), ('material', 'TIJDSCHRIFTEN', 'magazine'), ('material', 'TS', 'magazine'),
    ('material', 'GAME', 'game'), ('material', 'GAMES', 'game'), ('material', 'SPEL', 'game'), ('material', 'OTHER', 'other'),
    ('material', 'OVERIG', 'other'), ('material', 'ANDERS', 'other'),

    ('audience', 'YOUTH', 'youth'), ('audience', 'JEUGD', 'youth'), ('audience', 'J', 'youth'), ('audience', 'JUV', 'youth'),
    ('audience', 'ADULT', 'adult'), ('audience', 'VOLW', 'adult'), ('audience', 'VOLWASSEN', 'adult'), ('audience', 'VOLWASSENEN', 'adult'), ('audience', 'V', 'adult'),

    ('genre', 'FICTION', 'fiction'), ('genre', 'FICTIE', 'fiction'), ('genre', 'FIC', 'fiction'), ('genre', 'F', 'fiction'), ('genre', 'ROMAN', 'fiction'),
    ('genre', 'NONFICTION', 'nonfiction'), ('genre', 'NON-FICTION', 'nonfiction'), ('genre', 'NONFICTIE', 'nonfiction'), ('genre', 'NON-FICTIE', 'nonfiction'),
    ('genre', 'NON', 'nonfiction'), ('genre', 'NF', 'nonfiction'), ('genre', 'N', 'nonfiction'), ('genre', 'INFORMATIEF', 'nonfiction'),

    ('loan_kind', 'LOAN', 'loan'), ('loan_kind', 'UITLENING', 'loan'), ('loan_kind', 'UITLEEN', 'loan'), ('loan_kind', 'ISSUE', 'loan'), ('loan_kind', 'U', 'loan'),
    ('loan_kind', 'RENEWAL', 'renewal'), ('loan_kind', 'VERLENGING', 'renewal'), ('loan_kind', 'RENEW', 'renewal'),
    ('loan_kind', 'RETURN', 'return'), ('loan_kind', 'INNAME', 'return'), ('loan_kind', 'RETOUR', 'return'),
    ('loan_kind', 'INHOUSE', 'inhouse'), ('loan_kind', 'RAADPLEGING', 'inhouse'), ('loan_kind', 'LOCALUSE', 'inhouse'),
    ('loan_kind', 'ILL_IN', 'ill_in'), ('loan_kind', 'IBL_IN', 'ill_in'), ('loan_kind', 'ILL_OUT', 'ill_out'), ('loan_kind', 'IBL_UIT', 'ill_out'), ('loan_kind', 'IBL_OUT', 'ill_out'),
    ('loan_kind', 'RESERVATION', 'reservation'), ('loan_kind', 'RESERVERING', 'reservation'), ('loan_kind', 'HOLD', 'reservation'),

    ('branch_type', 'VESTIGING', 'vestiging'), ('branch_type', 'SERVICEPUNT', 'servicepunt'), ('branch_type', 'BUS', 'bus'),
    ('branch_type', 'BIBLIOBUS', 'bus'), ('branch_type', 'SCHOOL', 'school'), ('branch_type', 'OTHER', 'other'), ('branch_type', 'OVERIG', 'other');
