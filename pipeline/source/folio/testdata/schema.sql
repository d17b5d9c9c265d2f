-- The tables of FOLIO's modules that matter here, of one tenant.
CREATE SCHEMA t1_mod_users; CREATE SCHEMA t1_mod_circulation_storage; CREATE SCHEMA t1_mod_inventory_storage;
CREATE TABLE t1_mod_users.users (id uuid PRIMARY KEY, jsonb jsonb NOT NULL);
CREATE TABLE t1_mod_users.groups (LIKE t1_mod_users.users);
CREATE TABLE t1_mod_circulation_storage.loan (LIKE t1_mod_users.users);
CREATE TABLE t1_mod_circulation_storage.audit_loan (LIKE t1_mod_users.users);
CREATE TABLE t1_mod_inventory_storage.service_point (LIKE t1_mod_users.users);
CREATE TABLE t1_mod_inventory_storage.location (LIKE t1_mod_users.users);
CREATE TABLE t1_mod_inventory_storage.item (LIKE t1_mod_users.users);
CREATE TABLE t1_mod_inventory_storage.material_type (LIKE t1_mod_users.users);
