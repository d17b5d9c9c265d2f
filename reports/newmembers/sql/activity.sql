-- Members on the last day of the period, and how many of them borrowed in the year before.
-- Key: branch_no. Class: small counts.
SELECT branch_no, members, borrowers, loans FROM activity;
