-- Loans and borrowers of a year by the table that loans are read from and by the other one.
-- Anonymisation takes the borrower out of one and not out of the other; a clean-up of one
-- leaves the other as it was.
-- needs: statistics datetime type borrowernumber
-- needs: issues issuedate borrowernumber onsite_checkout
-- needs: old_issues issuedate borrowernumber onsite_checkout
SELECT year, {{if .FromIssues}}SUM(i), SUM(ib), SUM(s), SUM(sb){{else}}SUM(s), SUM(sb), SUM(i), SUM(ib){{end}}
FROM (
    SELECT YEAR(datetime) AS year, COUNT(*) AS s, COUNT(DISTINCT NULLIF(borrowernumber, {{.AnonymousPatron}})) AS sb, 0 AS i, 0 AS ib
    FROM statistics WHERE type = 'issue' GROUP BY 1
    UNION ALL
    SELECT YEAR(issuedate), 0, 0, COUNT(*), COUNT(DISTINCT NULLIF(borrowernumber, {{.AnonymousPatron}}))
    FROM (SELECT issuedate, borrowernumber, onsite_checkout FROM issues UNION ALL SELECT issuedate, borrowernumber, onsite_checkout FROM old_issues) e
    WHERE onsite_checkout = 0 GROUP BY 1
) q
WHERE year > 0
GROUP BY year
ORDER BY year DESC
LIMIT 5
