-- Users with their primary address. FOLIO knows no home branch and no sex; a deleted user
-- leaves no trace.
-- needs: {{.Users}}.users id jsonb
-- needs: {{.Users}}.groups id jsonb
{{- if .HomeBranch}}
-- group: left(id::text, 3) of {{.Users}}.users
{{- end}}
-- changed: SELECT max(jsonb->'metadata'->>'updatedDate') FROM {{.Users}}.users
-- codes subscription_class: SELECT jsonb->>'group' FROM {{.Users}}.groups
{{- if not .HomeBranch}}
-- needs: {{.Circulation}}.loan jsonb
-- needs: {{.Inventory}}.service_point id jsonb
{{- end}}
SELECT
{{- if .HomeBranch}}
    -- since: left(u.id::text, 3) AS peil_1,
{{- end}}
    u.id AS member_id, u.jsonb->>'type' AS kind,
    left(u.jsonb->'personal'->>'dateOfBirth', 10) AS birth_date,
    a.address->>'postalCode' AS postcode, a.address->>'countryId' AS country,
    -- In front of the street, as in English, or at its end, as in Dutch.
    coalesce(substring(a.address->>'addressLine1' FROM '^[0-9]+(?=[[:space:]])'), substring(a.address->>'addressLine1' FROM
        '[[:space:]]([0-9]{1,5}(?:[[:space:]]?[a-zA-Z]{1,4}|[-/ ]?[a-zA-Z][-/ ]?[0-9]{1,4}|[-/][a-zA-Z0-9]{1,4})?)[[:space:]]*$')) AS house_number,
    {{if .HomeBranch}}u.jsonb->'customFields'->>{{.HomeBranch}}{{else}}f.branch{{end}} AS branch,
    g.jsonb->>'group' AS subscription,
    coalesce(u.jsonb->>'enrollmentDate', u.jsonb->'metadata'->>'createdDate') AS first_registered_on,
    coalesce(u.jsonb->>'enrollmentDate', u.jsonb->'metadata'->>'createdDate') AS last_registered_on,
    u.jsonb->>'expirationDate' AS valid_until
FROM {{.Users}}.users u
LEFT JOIN {{.Users}}.groups g ON g.id::text = u.jsonb->>'patronGroup'
LEFT JOIN LATERAL (
    SELECT address FROM jsonb_array_elements(CASE jsonb_typeof(u.jsonb->'personal'->'addresses') WHEN 'array' THEN u.jsonb->'personal'->'addresses' END)
        WITH ORDINALITY AS x (address, nr)
    ORDER BY coalesce(address->>'primaryAddress', 'false') DESC, nr LIMIT 1
) a ON true
{{- if not .HomeBranch}}
LEFT JOIN (
    SELECT DISTINCT ON (l.jsonb->>'userId') l.jsonb->>'userId' AS user_id, s.jsonb->>'code' AS branch
    FROM {{.Circulation}}.loan l
    JOIN {{.Inventory}}.service_point s ON s.id::text = l.jsonb->>'checkoutServicePointId'
    WHERE l.jsonb->>'userId' IS NOT NULL
    ORDER BY l.jsonb->>'userId', l.jsonb->>'loanDate'
) f ON f.user_id = u.id::text
{{- end}}
ORDER BY member_id
