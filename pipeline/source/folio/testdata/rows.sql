INSERT INTO t1_mod_inventory_storage.service_point VALUES
  ('00000000-0000-4000-8000-0000000000a1', '{"code": "cd1", "name": "Circ Desk 1"}'), ('00000000-0000-4000-8000-0000000000a2', '{"code": "cd2", "name": "Circ Desk 2"}');
INSERT INTO t1_mod_inventory_storage.location VALUES ('00000000-0000-4000-8000-0000000000b1', '{"code": "KU/CC/DI/M", "primaryServicePoint": "00000000-0000-4000-8000-0000000000a2"}');
INSERT INTO t1_mod_inventory_storage.material_type VALUES ('00000000-0000-4000-8000-0000000000c1', '{"name": "book"}');
INSERT INTO t1_mod_inventory_storage.item VALUES ('00000000-0000-4000-8000-0000000000d1', '{"materialTypeId": "00000000-0000-4000-8000-0000000000c1", "holdingsRecordId": "H1", "barcode": "MARK"}');
INSERT INTO t1_mod_users.groups VALUES ('00000000-0000-4000-8000-0000000000e1', '{"group": "volwassen", "desc": "MARK"}');
INSERT INTO t1_mod_users.users VALUES
  ('00000000-0000-4000-8000-000000000001', '{"type": "patron", "username": "MARK", "patronGroup": "00000000-0000-4000-8000-0000000000e1", "enrollmentDate": "2020-01-01T23:30:00.000+00:00", "expirationDate": "2026-01-01",
     "customFields": {"thuis": "cd2", "geslacht": "MARK"},
     "personal": {"lastName": "MARK", "email": "MARK", "dateOfBirth": "1980-02-29T00:00:00.000+00:00", "addresses": [{"addressLine1": "MARK", "postalCode": "MARK"}, {"primaryAddress": true, "addressLine1": "Kerkstraat 12 a", "postalCode": "2711 EC", "countryId": "NL", "city": "MARK"}]}}'),
  ('00000000-0000-4000-8000-000000000002', '{"type": "staff", "personal": {"lastName": "MARK", "addresses": []}, "metadata": {"createdDate": "2021-05-05T10:00:00Z"}}'),
  ('00000000-0000-4000-8000-000000000003', '{"personal": {"lastName": "MARK", "addresses": null}}'),
  ('00000000-0000-4000-8000-000000000004', '{}');
INSERT INTO t1_mod_circulation_storage.loan VALUES
  ('00000000-0000-4000-8000-0000000000f1', '{"userId": "00000000-0000-4000-8000-000000000001", "itemId": "00000000-0000-4000-8000-0000000000d1", "checkoutServicePointId": "00000000-0000-4000-8000-0000000000a1", "itemEffectiveLocationIdAtCheckOut": "00000000-0000-4000-8000-0000000000b1", "loanDate": "2025-03-30T01:30:00Z", "renewalCount": 2, "action": "renewed"}'),
  ('00000000-0000-4000-8000-0000000000f2', '{"userId": "00000000-0000-4000-8000-000000000001", "checkoutServicePointId": "00000000-0000-4000-8000-0000000000a2", "loanDate": "2025-05-01T10:00:00.000+02:00", "returnDate": "2025-05-09T10:00:00Z", "systemReturnDate": "2025-05-10T10:00:00Z"}'),
  ('00000000-0000-4000-8000-0000000000f3', '{"itemId": "no uuid", "checkoutServicePointId": "00000000-0000-4000-8000-00000000dead", "loanDate": "2024-05-01T10:00:00Z"}');
INSERT INTO t1_mod_circulation_storage.audit_loan VALUES
  ('00000000-0000-4000-8000-000000000101', '{"createdDate": "2025-03-30T01:30:00Z", "loan": {"id": "f1", "action": "checkedout", "userId": "00000000-0000-4000-8000-000000000001"}}'),
  ('00000000-0000-4000-8000-000000000102', '{"createdDate": "2025-04-10T09:00:00Z", "loan": {"id": "f1", "action": "renewed", "renewalCount": 1, "userId": "00000000-0000-4000-8000-000000000001", "checkoutServicePointId": "00000000-0000-4000-8000-0000000000a1", "itemId": "00000000-0000-4000-8000-0000000000d1"}}'),
  ('00000000-0000-4000-8000-000000000103', '{"createdDate": "2025-04-20T09:00:00Z", "loan": {"id": "f1", "action": "renewedThroughOverride", "renewalCount": 2, "userId": "00000000-0000-4000-8000-000000000001"}}'),
  ('00000000-0000-4000-8000-000000000104', '{"createdDate": "2025-04-21T09:00:00Z", "loan": {"id": "f1", "action": "renewedThroughOverride", "renewalCount": 2}}');
