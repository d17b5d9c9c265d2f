-- The members have crossed and the CBS file is made: of the vault only what the loans are
-- joined to is needed still. The rest goes first, so that the memory is there for them.
CREATE TABLE kept_pids AS SELECT i.mk, i.pid FROM pids i JOIN retained r USING (mk);
DROP VIEW outgoing_age_spans;
DROP VIEW outgoing_stays;
DROP VIEW outgoing_members;
DROP VIEW members;
DROP VIEW persons;
DROP VIEW person_keys;
DROP VIEW records;
DROP TABLE population;
DROP TABLE stays;
DROP TABLE episodes;
DROP TABLE retained;
DROP TABLE subjects;
DROP TABLE register;
DROP TABLE member_keys;
DROP TABLE pids;
DROP TABLE history;
DROP TABLE history_slices;
DROP TABLE membership_rows;
DROP TABLE record_rows;
