-- The tables of Evergreen that matter here, with columns that must never be read.
CREATE SCHEMA actor; CREATE SCHEMA permission; CREATE SCHEMA action; CREATE SCHEMA asset;
CREATE TABLE permission.grp_tree (id int PRIMARY KEY, name text NOT NULL, parent int);
CREATE TABLE actor.org_unit_type (id int PRIMARY KEY, name text NOT NULL, opac_label text NOT NULL, depth int NOT NULL, parent int, can_have_vols bool NOT NULL DEFAULT true, can_have_users bool NOT NULL DEFAULT true);
-- as Evergreen installs them
INSERT INTO actor.org_unit_type VALUES (1, 'Consortium', 'MARK', 0, NULL, false, false), (2, 'System', 'MARK', 1, 1, false, false), (3, 'Branch', 'MARK', 2, 2, true, true), (4, 'Sub-library', 'MARK', 3, 3, true, true), (5, 'Bookmobile', 'MARK', 3, 3, true, true);
CREATE TABLE actor.org_unit (id int PRIMARY KEY, parent_ou int, ou_type int, shortname text, name text, email text);
CREATE TABLE actor.usr_address (id int PRIMARY KEY, usr int, street1 text, city text, country text, post_code text);
CREATE TABLE actor.usr (id int PRIMARY KEY, profile int, usrname text, passwd text, family_name text, mailing_address int, billing_address int, home_ou int, dob date,
  deleted bool NOT NULL DEFAULT false, juvenile bool NOT NULL DEFAULT false, create_date timestamptz, expire_date timestamptz, last_update_time timestamptz);
CREATE TABLE asset.copy (id int PRIMARY KEY, circ_lib int, call_number int, circ_modifier text);
CREATE TABLE action.circulation (id int PRIMARY KEY, usr int, xact_start timestamptz, target_copy int, circ_lib int, checkin_time timestamptz, parent_circ int);
CREATE TABLE action.aged_circulation (id int PRIMARY KEY, usr_post_code text, usr_birth_year int, xact_start timestamptz, target_copy int, circ_lib int, checkin_time timestamptz,
  parent_circ int, copy_circ_lib int, copy_call_number int);
