-- Loans and who borrowed, per branch that owns what was lent. Key: month, branch_no. Class:
-- small counts.
SELECT month, branch_no, loans, active_borrowers, loans_of_known
FROM circulation_by_owner WHERE month >= ?::DATE AND month < ?::DATE;
