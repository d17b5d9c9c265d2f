-- The branch at which most members of a postcode area are registered. Key: pc4. Class:
-- small counts.
SELECT pc4, branch_no FROM catchments WHERE pc4 <> '?'
QUALIFY row_number() OVER (PARTITION BY pc4 ORDER BY branch_no = 0, persons DESC, branch_no) = 1;
