-- loans: the loan events that can be counted. Key: none, duplicates are legal.
-- Class: pseudonymous.
CREATE VIEW loans AS
SELECT mk, borrower, branch_no, owner_branch_no, material, audience, genre, kind, loaned_on, school, title
FROM loans_read WHERE loaned_on IS NOT NULL;
