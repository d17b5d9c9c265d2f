-- A row a branch and month: stands and flows. Key: month, branch_no. Class: small counts.
SELECT month, branch_no, begin_members, new, re_registered, moved_in, lapsed, moved_out, end_members, gap_unknown, first_unknown
FROM balance WHERE month >= ?::DATE AND month < ?::DATE;
