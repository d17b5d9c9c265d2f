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
CREATE TABLE circulation_by_owner AS FROM (VALUES (DATE '2024-02-01', 1, 700, 130, 680), (DATE '2024-02-01', 2, 109, 50, 109), (DATE '2024-03-01', 1, 600, 120, 590), (DATE '2024-03-01', 0, 270, 60, 260)) t(month, branch_no, loans, active_borrowers, loans_of_known);
-- of the members of March's end, in five-year classes of age
CREATE TABLE residents AS FROM (VALUES ('2711', 3, 'F', 60), ('2711', 7, 'M', 50), ('2711', 40, 'F', 200), ('2711', 41, 'X', 2), ('2712', 4, 'M', 90), ('2712', 33, 'M', 291), ('2713', -1, '?', 8), ('1011', 30, 'F', 21), ('?', 20, 'F', 11)) t(pc4, age, sex, persons);
CREATE TABLE catchments AS FROM (VALUES ('2711', 1, 300), ('2711', 3, 12), ('2712', 2, 281), ('2712', 1, 100), ('2713', 1, 8), ('1011', 1, 21), ('?', 1, 10), ('?', 0, 1)) t(pc4, branch_no, persons);
CREATE TABLE activity AS FROM (VALUES (0, 1, 0, 0), (1, 439, 150, 1800), (2, 281, 80, 720), (3, 12, 6, 30)) t(branch_no, members, borrowers, loans);
CREATE TABLE survival AS FROM (VALUES (DATE '2024-04-01', DATE '2024-01-01', 3, 19), (DATE '2024-05-01', DATE '2024-02-01', 3, 16), (DATE '2024-06-01', DATE '2024-03-01', 3, 20)) t(month, registered, after, still);
