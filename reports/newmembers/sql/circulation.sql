-- Loans and who borrowed, per branch; -1 is the organisation. Key: month, branch_no.
-- Class: small counts.
SELECT month, coalesce(branch_no, -1), loans, active_borrowers, loans_of_known
FROM circulation WHERE month >= ?::DATE AND month < ?::DATE;
