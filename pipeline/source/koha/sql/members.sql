-- Members, from the table of the live or that of the deleted. An anonymised member keeps
-- dates, branch and category; the rest is cleared or, where Koha demands a value, random
-- letters. Dates are read as text, so that 0000-00-00 and 1995-00-00 arrive as they are.
-- A renewed membership keeps its registration date: Koha extends the expiry date.
-- needs: {{.Table}} borrowernumber branchcode categorycode dateofbirth sex zipcode streetnumber address country dateenrolled dateexpiry updated_on anonymized
-- needs: categories categorycode description category_type
-- needs: systempreferences variable value
-- group: borrowernumber DIV 50 of {{.Table}}
-- codes sex: SELECT DISTINCT sex FROM {{.Table}}
-- codes subscription_class: SELECT DISTINCT categorycode FROM {{.Table}}
-- codes branch: SELECT DISTINCT branchcode FROM {{.Table}}
-- changed: SELECT CONCAT(MAX(updated_on), ' UTC') FROM {{.Table}}
SELECT
    -- since: b.borrowernumber DIV 50 AS peil_1,
    b.borrowernumber AS member_id, b.categorycode AS kind,
    IF(b.anonymized = 1, NULL, CAST(b.dateofbirth AS CHAR)) AS birth_date,
    IF(b.anonymized = 1, NULL, b.sex) AS sex,
    IF(b.anonymized = 1, NULL, b.zipcode) AS postcode,
    -- The number stands in its own column or at the end of the address: 'Plein 1940-1945
    -- 12', '1e Jan Steenstraat 5 bis'. The number of a PO box is no house number.
    IF(b.anonymized = 1, NULL, COALESCE(NULLIF(TRIM(b.streetnumber), ''),
        IF(b.address REGEXP '^[[:space:]]*postbus', NULL, NULLIF(TRIM(REGEXP_SUBSTR(b.address,
            '[[:space:]][0-9]{1,5}([[:space:]]?[a-zA-Z]{1,4}|[-/ ]?[a-zA-Z][-/ ]?[0-9]{1,4}|[-/][a-zA-Z0-9]{1,4})?[[:space:]]*$')), '')))) AS house_number,
    IF(b.anonymized = 1, NULL, b.country) AS country,
    b.branchcode AS branch, COALESCE(c.description, b.categorycode) AS subscription, b.categorycode AS subscription_class,
    CAST(b.dateenrolled AS CHAR) AS first_registered_on, CAST(b.dateenrolled AS CHAR) AS last_registered_on,
    CAST(b.dateexpiry AS CHAR) AS valid_until,
{{- if eq .Table "deletedborrowers"}}
    -- The day of the deletion, in UTC: Koha sets it on the move.
    CONCAT(CAST(b.updated_on AS CHAR), 'Z') AS ended_on, 'true' AS deleted
{{- else}}
    'false' AS deleted
{{- end}}
FROM {{.Table}} b
LEFT JOIN categories c ON c.categorycode = b.categorycode
WHERE b.borrowernumber <> {{.AnonymousPatron}}
ORDER BY member_id{{if eq .Table "deletedborrowers"}}, ended_on DESC{{end}}
