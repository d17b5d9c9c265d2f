-- membership_rows: one row a row of the memberships. Key: its place in the source.
-- member_id or valid_from is NULL where it cannot be read: a reject. Class: identifying.
-- Reads: memberships.
SELECT parse_id(member_id) AS member_id, upper(trim(branch)) AS branch, clean_text(subscription) AS subscription,
    parse_date(valid_from) AS valid_from, parse_date(valid_to) AS valid_to
FROM {{relation}}
