-- Persons by item, age group, year and branch, as counted.
SELECT year, item, branch_no, age_group, persons FROM wsob_members ORDER BY ALL
