-- A row for each trap.
INSERT INTO systempreferences VALUES ('Version', '25.1100000'), ('AnonymousPatron', '999'), ('item-level_itypes', '1');
INSERT INTO branches VALUES
  ('FORUM', 'Forum', 'MARK', 'NL-0823451000'), ('ROKK', 'Rokkeveen', 'MARK', 'not an ISIL'), ('CAF', 'Café CafÃ© م\tb', 'MARK', NULL);
INSERT INTO categories VALUES
  ('V', 'Volwassenen', 'A'), ('J', 'Jeugd', 'C'), ('PROF', 'Docent', 'P'), ('INST', 'School', 'I'), ('ST', 'Personeel', 'S'), ('STAT', 'Raadpleging', 'X');
INSERT INTO borrowers (borrowernumber, cardnumber, surname, streetnumber, address, zipcode, country, dateofbirth, branchcode, categorycode, dateenrolled, dateexpiry, date_renewed, sex, password, anonymized, updated_on) VALUES
  (1, 'MARK1', 'MARK-Jansen', '12 a', 'Kerkstraat', '2711 EC', 'NL', '1980-02-29', 'FORUM', 'V', '2020-03-01', '2026-03-01', '2025-02-01', 'F', 'MARK', 0, '2025-01-01 10:00:00'),
  (2, 'MARK2', 'MARK', '', 'Plein 1940-1945 12', '2711EC', '', '1995-00-00', 'ROKK', 'V', '0000-00-00', NULL, NULL, '', 'MARK', 0, '2025-01-01 10:00:00'),
  (3, 'MARK3', 'MARK', NULL, '1e Jan Steenstraat 5 bis', 'nvt', NULL, '0000-00-00', 'ROKK', 'J', '2024-05-05', '0000-00-00', NULL, 'v', 'MARK', 0, '2025-01-01 10:00:00'),
  (4, 'MARK4', 'aX9_kd03Lq', 'aX9_kd03Lq', 'aX9_kd03Lq 7', 'aX9_kd03Lq', 'aX9_kd03Lq', '1999-09-09', 'FORUM', 'V', '2010-01-01', '2019-01-01', NULL, 'M', 'MARK', 1, '2025-01-01 10:00:00'),
  (5, 'MARK5', 'MARK', NULL, 'Postbus 123', '2700 AA', NULL, NULL, 'FORUM', 'INST', '2015-01-01', '2030-01-01', NULL, NULL, 'MARK', 0, '2025-01-01 10:00:00'),
  (6, 'MARK6', 'MARK', NULL, 'a,b "quoted"\r\nline 9', CONCAT('2711', CHAR(0xC2A0 USING utf8mb4), 'EC'), '=1+1', '1753-01-01', 'GONE', 'WEG', '2030-01-01', '2031-01-01', NULL, 'O', 'MARK', 0, '2025-01-01 10:00:00'),
  (7, 'MARK7', 'MARK', NULL, 'Balie', NULL, NULL, NULL, 'FORUM', 'STAT', '2000-01-01', '2099-01-01', NULL, NULL, 'MARK', 0, '2025-01-01 10:00:00'),
  (8, 'MARK8', 'MARK', NULL, 'Balie', NULL, NULL, NULL, 'FORUM', 'ST', '2000-01-01', '2099-01-01', NULL, NULL, 'MARK', 0, '2025-01-01 10:00:00'),
  (999, 'MARK9', 'Anonymous', NULL, NULL, NULL, NULL, NULL, 'FORUM', 'V', '2000-01-01', '2099-01-01', NULL, NULL, 'MARK', 0, '2025-01-01 10:00:00');
INSERT INTO deletedborrowers (borrowernumber, surname, streetnumber, address, zipcode, dateofbirth, branchcode, categorycode, dateenrolled, dateexpiry, sex, updated_on) VALUES
  (20, 'MARK', '3', 'Dorp', '2712AB', '1970-01-01', 'FORUM', 'V', '2018-01-01', '2026-01-01', 'M', '2024-12-31 23:30:00'),
  (20, 'MARK', '3', 'Dorp', '2712AB', '1970-01-01', 'FORUM', 'V', '2018-01-01', '2026-01-01', 'M', '2023-06-01 12:00:00'),
  (1, 'MARK', '12', 'Kerkstraat', '2711EC', '1980-02-29', 'FORUM', 'V', '2020-03-01', '2024-03-01', 'F', '2024-01-01 12:00:00');
UPDATE deletedborrowers SET updated_on = '2024-12-31 23:30:00' WHERE borrowernumber = 20 AND updated_on > '2024-06-01';
INSERT INTO items VALUES (100, 10, 10, 'FORUM', 'BK', 'JFIC'), (101, 11, 11, 'ROKK', 'VM', NULL);
INSERT INTO deleteditems VALUES (102, 12, 12, 'ROKK', 'CR', NULL);
INSERT INTO biblioitems VALUES (10, 'TITLE10'), (11, 'TITLE11');
INSERT INTO deletedbiblioitems VALUES (12, 'TITLE12');
INSERT INTO statistics (datetime, branch, type, itemnumber, itemtype, borrowernumber, ccode, other, value) VALUES
  ('2025-03-30 02:30:00', 'FORUM', 'issue', 100, 'BK', 1, 'AFIC', 'MARK', 0),
  ('2025-03-30 02:30:00', 'FORUM', 'issue', 100, 'BK', 1, 'AFIC', 'MARK', 0),
  ('2025-03-30 02:30:00', 'OPACRenew', 'renew', 101, '', 2, NULL, 'MARK', 0),
  ('2025-12-31 23:59:59', NULL, 'issue', 102, '', 999, NULL, 'MARK', 0),
  ('2026-01-01 00:00:00', '', 'return', 103, NULL, NULL, '', 'MARK', 0),
  ('0000-00-00 00:00:00', 'MERGED', 'localuse', 100, 'BK', 7, NULL, 'MARK', 0),
  ('2025-05-05 12:00:00', 'ROKK', 'onsite_checkout', 101, 'VM', 777, NULL, 'MARK', 0),
  ('2025-05-05 12:00:00', 'ROKK', 'payment', NULL, NULL, 1, NULL, 'MARK', 5),
  ('2025-05-05 12:00:00', 'ROKK', 'item_lost', 101, NULL, 1, NULL, 'MARK', 0);
INSERT INTO issues VALUES (1, 1, 100, 'FORUM', '2025-03-30 02:30:00', NULL, '2025-04-01 09:00:00', 2, 0, '2025-04-01 09:00:00');
INSERT INTO old_issues VALUES
  (2, 999, 101, 'ROKK', '2025-02-01 10:00:00', '2025-02-20 10:00:00', NULL, 0, 0, '2025-02-20 10:00:00'),
  (3, NULL, NULL, 'GONE', '2025-02-01 10:00:00', '2025-02-01 10:05:00', NULL, 0, 1, '2025-02-20 10:00:00');
INSERT INTO checkout_renewals (checkout_id, timestamp) VALUES (1, '2025-03-31 22:30:00'), (1, '2025-04-01 07:00:00');
