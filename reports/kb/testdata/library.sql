-- A library of 900 members and 20,000 events in two months, as it arrives in the warehouse.
INSERT INTO branches VALUES (0, '?', NULL, NULL, NULL, NULL, NULL), (1, '0101', 'Centrum', 'NL-0823451001', 'vestiging', NULL, NULL),
    (2, '0102', 'West', 'NL-0823451002', 'vestiging', NULL, NULL), (3, 'BUS', 'Bus', 'NL-0823450000', 'bus', NULL, NULL), (4, '0103', 'Centrum, jeugd', 'NL-0823451001', 'vestiging', NULL, NULL);

INSERT INTO members
SELECT i, CASE WHEN i % 90 = 0 THEN 'institution' ELSE 'person' END, CASE WHEN i * 37 % 53 = 0 THEN NULL ELSE ['F', 'M', 'F', 'X'][1 + (i * 31 % 41) % 4 * (i % 3) % 4] END,
    CASE WHEN i * 41 % 61 = 0 THEN NULL ELSE '' || (2711 + i * 43 % 5) END, CASE WHEN i * 47 % 97 = 0 THEN 0 ELSE 1 + (i * 53 % 7) // 2 END, 'x',
    CASE WHEN i * 59 % 19 < 8 THEN 'youth' WHEN i * 59 % 19 = 8 THEN 'other' ELSE 'adult' END, false,
    CASE WHEN i * 61 % 67 = 0 THEN NULL ELSE DATE '2024-12-20' - (i * 67 % 5000)::INTEGER END, false
FROM range(1, 901) t(i);

INSERT INTO stays
SELECT mk, branch_no, 'x', first_on, CASE WHEN mk % 29 = 0 THEN DATE '2025-01-02' END, CASE WHEN first_on IS NOT NULL THEN 'new' END,
    CASE WHEN mk % 29 = 0 THEN 'lapsed' END, false, false, NULL
FROM members WHERE kind = 'person';

INSERT INTO age_spans
SELECT mk, on_date, on_date, CASE WHEN mk * 71 % 73 = 0 THEN NULL WHEN subscription_class = 'youth' THEN mk * 79 % 18 ELSE 30 + mk * 83 % 37 END
FROM members CROSS JOIN reference_dates WHERE kind = 'person';

INSERT INTO loans_read
SELECT CASE WHEN i % 17 > 0 AND mk % 90 > 0 THEN mk END, 'person', b, NULL, ['book', 'book', 'book', 'audiovisual', 'magazine', 'game'][1 + i * 89 % 6],
    CASE WHEN i * 97 % 51 = 0 THEN 'unknown' WHEN mk * 59 % 19 < 8 THEN 'youth' ELSE 'adult' END, ['fiction', 'fiction', 'nonfiction'][1 + i * 101 % 3],
    ['loan', 'loan', 'loan', 'renewal', 'return', 'reservation', 'ill_in', 'inhouse'][1 + (i // 3) % 8], DATE '2024-11-25' + (i * 103 % 42)::INTEGER, false, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT i, (1 + i * 107 % 450)::INTEGER AS mk, CASE WHEN i * 109 % 211 = 0 THEN 0 ELSE 1 + (i * 113 % 5) // 2 END AS b FROM range(20000) t(i));
