-- A library of three branches in three months, written down by hand. Month by month:
--   January holds survivors only; February was frozen; March is exact.
CREATE TABLE months AS SELECT *, true AS moves_known FROM (VALUES (DATE '2024-01-01', DATE '2024-01-31', 'lower_bound'), (DATE '2024-02-01', DATE '2024-02-29', 'frozen'), (DATE '2024-03-01', DATE '2024-03-31', 'exact')) t(month, last_on, basis);
CREATE TABLE branches AS FROM (VALUES (0, '?', NULL, NULL), (1, 'A', 'Forum', 'NL-0823451001'), (2, 'B', 'Aan "de" Vaart', NULL), (3, 'C', '=Bus', 'NL-0823452101'), (4, 'D', 'Gesloten', NULL)) t(branch_no, branch, name, isil);
CREATE TABLE balance AS FROM (VALUES
    (DATE '2024-01-01', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), (DATE '2024-01-01', 1, 400, 12, 3, 0, 0, 0, 415, 1, 0), (DATE '2024-01-01', 2, 250, 7, 0, 0, 0, 0, 257, 0, 0), (DATE '2024-01-01', 3, 9, 1, 0, 0, 0, 0, 10, 0, 0), (DATE '2024-01-01', 4, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (DATE '2024-02-01', 0, 0, 1, 0, 0, 0, 0, 1, 0, 0), (DATE '2024-02-01', 1, 431, 9, 2, 3, 11, 0, 434, 0, 1), (DATE '2024-02-01', 2, 270, 6, 0, 0, 4, 2, 270, 0, 0), (DATE '2024-02-01', 3, 12, 2, 0, 0, 1, 1, 12, 0, 0), (DATE '2024-02-01', 4, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (DATE '2024-03-01', 0, 1, 0, 0, 0, 0, 0, 1, 0, 0), (DATE '2024-03-01', 1, 434, 14, 6, 0, 8, 7, 439, 0, 0), (DATE '2024-03-01', 2, 270, 5, 1, 7, 2, 0, 281, 0, 0), (DATE '2024-03-01', 3, 12, 0, 0, 0, 0, 0, 12, 0, 0), (DATE '2024-03-01', 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
) t(month, branch_no, begin_members, new, re_registered, moved_in, lapsed, moved_out, end_members, gap_unknown, first_unknown);
CREATE TABLE movements AS FROM (VALUES (DATE '2024-02-01', 2, 1, 2), (DATE '2024-02-01', 3, 1, 1), (DATE '2024-03-01', 1, 2, 7)) t(month, from_branch_no, to_branch_no, persons);
-- of one of January's new members at the Forum, and of February's at no known branch, nothing more is told
CREATE TABLE new_members AS FROM (VALUES
    (DATE '2024-01-01', 1, 0, 'F', 'youth', 'Jeugd', '2711', 6), (DATE '2024-01-01', 1, 18, 'M', 'adult', 'Basis', '2712', 5),
    (DATE '2024-01-01', 2, 0, 'M', 'youth', 'Jeugd', '2712', 7), (DATE '2024-01-01', 3, -1, '?', 'unknown', '?', '?', 1),
    (DATE '2024-02-01', 1, 0, 'F', 'youth', 'Jeugd', '2711', 4), (DATE '2024-02-01', 1, 18, 'X', 'adult', 'Compleet', '2711', 5),
    (DATE '2024-02-01', 2, 0, 'F', 'youth', 'Jeugd', '2712', 3), (DATE '2024-02-01', 2, 18, 'F', 'adult', 'Basis', '2712', 3), (DATE '2024-02-01', 3, 0, 'M', 'youth', 'Jeugd', '2711', 2),
    (DATE '2024-03-01', 1, 0, 'M', 'youth', 'Jeugd', '2711', 8), (DATE '2024-03-01', 1, 18, 'F', 'adult', 'Basis', '2713', 6), (DATE '2024-03-01', 2, 18, 'M', 'other', 'Basis', '2712', 5)
) t(month, branch_no, age_from, sex, subscription_class, subscription, pc4, persons);
CREATE TABLE circulation AS FROM (VALUES
    (DATE '2024-02-01', 1, 500, 100, 480), (DATE '2024-02-01', 2, 300, 60, 300), (DATE '2024-02-01', 3, 9, 3, 9), (DATE '2024-02-01', NULL, 809, 150, 789),
    (DATE '2024-03-01', 1, 510, 104, 500), (DATE '2024-03-01', 2, 320, 70, 310), (DATE '2024-03-01', 3, 40, 8, 40), (DATE '2024-03-01', NULL, 870, 160, 850)
) t(month, branch_no, loans, active_borrowers, loans_of_known);
CREATE TABLE survival AS FROM (VALUES (DATE '2024-02-01', 3, 18, 16)) t(month, after, new, still);
