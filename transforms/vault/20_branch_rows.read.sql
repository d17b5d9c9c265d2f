-- branch_rows: one row a row of the branches. Key: its place in the source.
-- Class: public. Reads: branches.
SELECT parse_id(branch) AS branch, clean_text(name) AS name, text_code(name) = 'double-encoded' AS garbled,
    CASE WHEN isil_code(isil) IN ('ok-location', 'ok-organisation') THEN upper(trim(isil)) END AS isil,
    upper(trim(type)) AS type, parse_date(opened_on) AS opened_on, parse_date(closed_on) AS closed_on, parse_id(merged_into) AS merged_into
FROM {{relation}}
