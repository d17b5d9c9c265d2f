INSERT INTO permission.grp_tree VALUES (1, 'Users', NULL), (2, 'Patrons', 1), (3, 'Staff', 1), (4, 'Catalogers', 3), (5, 'Data Review', 4);
INSERT INTO actor.org_unit VALUES (1, NULL, 1, 'CONS', 'Consortium', 'MARK'), (2, 1, 2, 'SYS', 'System', 'MARK'), (4, 2, 3, 'BR1', 'Branch "1", north', 'MARK'),
  (5, 4, 5, 'BKM', 'Bookmobile', 'MARK'), (6, 4, 4, 'LOC', 'Local history', 'MARK'), (7, 2, 6, 'DEPOT', 'Depot', 'MARK');
INSERT INTO actor.org_unit_type VALUES (6, 'Storage', 'MARK', 2, 2, true, false);
INSERT INTO actor.usr_address VALUES (1, 10, '1e Jan Steenstraat 5 bis', 'MARK', 'Nederland', '2711 EC'), (2, 11, '12 Highway 20', 'MARK', 'USA', '30303'), (3, 11, 'MARK', 'MARK', 'MARK', 'MARK');
INSERT INTO actor.usr VALUES
  (10, 2, 'MARK', 'MARK', 'MARK', NULL, 1, 4, '1980-02-29', false, false, '2020-01-01 00:30:00+01', '2026-01-01 00:00:00+01', NULL),
  (11, 2, 'MARK', 'MARK', 'MARK', 2, 3, 4, '2015-06-01', false, true, '2024-01-01 12:00:00+01', NULL, '2025-01-01 12:00:00+01'),
  (12, 2, '12-PURGED-x', 'MARK', '12-PURGED-x', NULL, NULL, 1, '1975-01-01', true, false, '2010-01-01 12:00:00+01', '2024-01-01 12:00:00+01', '2024-05-01 12:00:00+02'),
  (13, 4, 'MARK', 'MARK', 'MARK', NULL, NULL, 1, NULL, false, false, '2010-01-01 12:00:00+01', '2030-01-01 12:00:00+01', NULL),
  (14, 99, 'MARK', 'MARK', 'MARK', NULL, NULL, 99, '1990-01-01', false, false, NULL, NULL, NULL);
INSERT INTO asset.copy VALUES (100, 4, 7, 'book'), (101, 1, 8, '');
INSERT INTO action.circulation VALUES
  (1, 10, '2025-03-30 01:30:00+00', 100, 4, '2025-04-01 10:00:00+02', NULL), (2, 10, '2025-04-20 10:00:00+02', 100, 4, NULL, 1), (3, 11, '2025-05-01 10:00:00+02', -1, 99, NULL, NULL);
INSERT INTO action.aged_circulation VALUES (4, 'MARK', 1950, '2024-05-01 10:00:00+02', 101, 1, '2024-05-02 10:00:00+02', NULL, 4, 8);
