-- A library of 1,500 members and 6,000 events in two years, as it arrives in the
-- warehouse of a run on 1 February 2025.
INSERT INTO branches VALUES (0, '?', NULL, NULL, NULL, NULL, NULL), (1, '0101', 'Centrum', 'NL-0823451001', 'vestiging', NULL, NULL),
    (2, '0102', 'West', 'NL-0823451002', 'vestiging', NULL, NULL), (3, 'BUS', 'Bus', NULL, 'bus', NULL, NULL), (4, '0199', 'Nooit gebruikt', NULL, 'vestiging', NULL, NULL);

INSERT INTO members
SELECT i, 'person', 'F', '2711', CASE WHEN i % 300 = 0 THEN 0 WHEN i % 60 = 1 THEN 3 ELSE 1 + i % 2 END, 'x', 'adult', false, CASE WHEN i % 13 = 0 THEN DATE '2024-09-01' ELSE DATE '2024-12-31' - (i * 67 % 3000)::INTEGER END, false
FROM range(1, 1501) t(i);

INSERT INTO stays
SELECT mk, branch_no, 'x', first_on, CASE WHEN mk % 17 = 0 AND first_on < DATE '2024-08-01' THEN DATE '2024-08-01' + (mk % 150)::INTEGER END, 'new',
    CASE WHEN mk % 17 = 0 AND first_on < DATE '2024-08-01' THEN 'lapsed' END, false, false, NULL
FROM members;

INSERT INTO age_spans
SELECT mk, on_date, on_date, CASE WHEN mk % 59 = 0 THEN NULL ELSE mk * 79 % 60 - CASE WHEN year(on_date) = 2023 THEN 1 ELSE 0 END END FROM members CROSS JOIN reference_dates;

INSERT INTO loans_read
SELECT NULL, 'anonymous', CASE WHEN i % 997 = 0 THEN 0 ELSE 1 + i % 3 END, NULL, ['book', 'book', 'book', 'book', 'audiovisual', 'sheetmusic', 'magazine', 'game', 'other'][1 + i * 89 % 9],
    CASE WHEN i % 101 = 0 THEN 'unknown' WHEN i * 97 % 5 < 3 THEN 'youth' ELSE 'adult' END, CASE WHEN i % 53 = 0 THEN 'unknown' WHEN i * 103 % 11 < 7 THEN 'fiction' ELSE 'nonfiction' END,
    ['loan', 'loan', 'loan', 'loan', 'renewal', 'return', 'reservation', 'ill_in', 'ill_out', 'unknown'][1 + i * 107 % (CASE WHEN i % 40 = 0 THEN 10 ELSE 9 END)],
    DATE '2023-01-01' + (i * 109 % 731)::INTEGER, i * 113 % 19 = 0, NULL, NULL, NULL, NULL, NULL, NULL
FROM range(6000) t(i);
